//! Base64 in pieces: whatever the bytes and wherever they are cut, the result is that of doing it at once,
//! faults and their offsets included.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use trunkline_codec::DecodeError;
use trunkline_codec::stream::{Decoder, Encoder};
use trunkline_fuzz::{oracle, pieces, written};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    sizes: Vec<u8>,
    bytes: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let sizes: Vec<usize> = input.sizes.iter().copied().map(usize::from).collect();
    let text = oracle::encode(input.bytes);
    // Twice: finishing leaves them as new, after a fault as well.
    let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
    for _ in 0..2 {
        assert_eq!(encode(&mut encoder, &pieces(input.bytes, &sizes)), text);
        assert_eq!(decode(&mut decoder, &pieces(&text, &sizes)).as_deref(), Ok(input.bytes));
        assert_eq!(decode(&mut decoder, &pieces(input.bytes, &sizes)), oracle::decode(input.bytes));
    }
});

fn encode(encoder: &mut Encoder, pieces: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::new();
    for piece in pieces {
        let size = encoder.update_len(piece.len()).unwrap();
        text.extend(written(size, 0, |out| encoder.update(piece, out)).unwrap());
    }
    text.extend(encoder.finish().iter().flatten());
    text
}

fn decode(decoder: &mut Decoder, pieces: &[&[u8]]) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::new();
    for piece in pieces {
        match written(decoder.update_len(piece), 0, |out| decoder.update(piece, out)) {
            Ok(more) => bytes.extend(more),
            Err(error) => {
                assert_eq!(decoder.finish(), Err(error));
                return Err(error);
            }
        }
    }
    decoder.finish().map(|()| bytes)
}
