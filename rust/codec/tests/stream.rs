//! Base64 in pieces gives what base64 at once gives, faults and their offsets included.

mod oracle;

use oracle::{guarded, noise};
use trunkline_codec::DecodeError;
use trunkline_codec::stream::{Decoder, Encoder};

/// Cuts input at two places, and once more into pieces of each small size.
fn cuts(length: usize) -> impl Iterator<Item = Vec<usize>> {
    let pairs = (0..=length).flat_map(move |first| (first..=length).map(move |second| vec![first, second]));
    pairs.chain((1..9).map(move |size| (0..length).step_by(size).collect()))
}

fn pieces<'a>(input: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    starts.zip(cuts.iter().copied().chain([input.len()])).map(|(from, to)| &input[from..to]).collect()
}

fn encode(encoder: &mut Encoder, pieces: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::new();
    for piece in pieces {
        text.extend(guarded(encoder.update_len(piece.len()).unwrap(), 0, |out| {
            encoder.update(piece, out).unwrap();
        }));
    }
    text.extend(encoder.finish().iter().flatten());
    text
}

fn decode(decoder: &mut Decoder, pieces: &[&[u8]]) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::new();
    for piece in pieces {
        let mut failed = None;
        bytes.extend(guarded(decoder.update_len(piece), 0, |out| failed = decoder.update(piece, out).err()));
        if let Some(error) = failed {
            assert_eq!(decoder.update(b"", &mut []), Err(error), "a fault is not forgotten");
            assert_eq!(decoder.finish(), Err(error));
            return Err(error);
        }
    }
    decoder.finish()?;
    Ok(bytes)
}

#[test]
fn encoding_is_the_same_however_the_bytes_are_cut() {
    let mut encoder = Encoder::default();
    for length in 0..24 {
        let bytes = noise(13, length);
        for cuts in cuts(length) {
            assert_eq!(encode(&mut encoder, &pieces(&bytes, &cuts)), oracle::encode(&bytes), "{cuts:?}");
        }
    }
}

#[test]
fn decoding_is_the_same_however_the_text_is_cut() {
    let mut decoder = Decoder::default();
    for length in 0..20 {
        let bytes = noise(17, length);
        let text = oracle::encode(&bytes);
        for cuts in cuts(text.len()) {
            assert_eq!(decode(&mut decoder, &pieces(&text, &cuts)).as_ref(), Ok(&bytes), "{cuts:?}");
        }
    }
}

#[test]
fn a_fault_has_the_same_offset_however_the_text_is_cut() {
    let mut decoder = Decoder::default();
    let text = oracle::encode(&noise(19, 10));
    let mut wrong: Vec<Vec<u8>> = (0..text.len()).map(|end| text[..end].to_vec()).collect();
    for position in 0..text.len() {
        for symbol in *b"!=\nR\xff" {
            let mut damaged = text.clone();
            damaged[position] = symbol;
            wrong.push(damaged);
        }
    }
    wrong.extend([b"QQ==QUJD", b"QUE=QUJD", b"QR==QUJD", b"QQ======", b"====QUJD"].map(|text| text.to_vec()));
    wrong.extend([&b"QUE=!"[..], b"QQ=", b"QQ==="].map(<[u8]>::to_vec));
    for text in wrong {
        for cuts in cuts(text.len()) {
            let found = decode(&mut decoder, &pieces(&text, &cuts));
            assert_eq!(found, oracle::decode(&text), "{} {cuts:?}", text.escape_ascii());
        }
    }
}

#[test]
fn an_output_of_another_size_is_refused_and_nothing_taken() {
    let mut encoder = Encoder::default();
    assert!(encoder.update(b"abc", &mut [0; 3]).is_err());
    assert_eq!(encode(&mut encoder, &[b"abc"]), b"YWJj");
    assert!(Decoder::default().update(b"YWJj", &mut [0; 2]).is_err());
    assert_eq!(encoder.update_len(usize::MAX), None);
}
