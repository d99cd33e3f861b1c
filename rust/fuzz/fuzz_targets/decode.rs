//! Any text: every backend decodes it as the slow oracle does, or refuses it with the same words at the same
//! place; and what it stands for has no other text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trunkline_codec::base64::{decode_with, decoded_len, encode_with};
use trunkline_codec::g711::{Law, decoded_text_len};
use trunkline_codec::pcm::{decode_floats_with, decoded_floats_len, pcm_to_floats_with};
use trunkline_codec::{Backend, DecodeError, Error, PartialSample};
use trunkline_fuzz::{Placed, oracle, written};

type Decoded = Result<Vec<u8>, DecodeError>;

fuzz_target!(|input: &[u8]| {
    let Some(text) = Placed::from_input(input) else {
        return;
    };
    let expected = oracle::decode(&text);
    for backend in Backend::available() {
        check_bytes(backend, &text, &expected);
        check_floats(backend, &text, &expected);
        check_conversion(backend, &text);
        check_codes(backend, &text, &expected);
    }
});

fn check_bytes(backend: Backend, text: &Placed, expected: &Decoded) {
    let offset = text.offset();
    let found =
        decoded_len(text).and_then(|size| written(size, offset, |out| decode_with(backend, text, out)));
    assert_eq!(&found, expected, "{}", backend.name());
    if let Ok(bytes) = found {
        let bytes = Placed::new(&bytes, offset);
        let again = written(text.len(), offset, |out| encode_with(backend, &bytes, out));
        assert_eq!(again.as_deref(), Ok(&**text), "{}", backend.name());
    }
}

fn check_floats(backend: Backend, text: &Placed, expected: &Decoded) {
    let found = decoded_floats_len(text)
        .and_then(|size| written(size, text.offset(), |out| decode_floats_with(backend, text, out)));
    assert_eq!(found, floats_of_text(expected), "{}", backend.name());
}

/// The text's own bytes taken for pcm, so that no sample is out of reach of the fuzzer.
fn check_conversion(backend: Backend, bytes: &Placed) {
    let pcm = Placed::new(&bytes[..bytes.len() / 2 * 2], bytes.offset());
    let found = written(pcm.len() * 2, pcm.offset(), |out| pcm_to_floats_with(backend, &pcm, out));
    assert_eq!(found, Ok(floats_of(&pcm)), "{}", backend.name());
}

fn check_codes(backend: Backend, text: &Placed, expected: &Decoded) {
    // These have no entry that is told the backend; a fuzzer has one thread.
    Backend::force(Some(backend));
    for law in Law::ALL {
        let found = decoded_text_len(text)
            .and_then(|size| written(size, text.offset(), |out| law.decode_text(text, out)));
        let samples =
            |codes: &Vec<u8>| codes.iter().flat_map(|code| law.sample(*code).to_le_bytes()).collect();
        assert_eq!(found, expected.as_ref().map(samples).map_err(|error| (*error).into()));
    }
    Backend::force(None);
}

/// A cut sample is refused at the symbol that holds the first bit of its first byte.
fn floats_of_text(expected: &Decoded) -> Result<Vec<u8>, Error> {
    let pcm = expected.as_ref().map_err(|error| Error::Decode(*error))?;
    match pcm.len() % 2 {
        0 => Ok(floats_of(pcm)),
        _ => Err(PartialSample { offset: (pcm.len() - 1) * 8 / 6, sample_bytes: 2 }.into()),
    }
}

fn floats_of(pcm: &[u8]) -> Vec<u8> {
    let float = |sample: &[u8; 2]| (f32::from(i16::from_le_bytes(*sample)) / 32768.0).to_le_bytes();
    pcm.as_chunks().0.iter().flat_map(float).collect()
}
