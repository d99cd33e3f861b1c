//! Base64 on every backend against the oracle.

mod oracle;

use oracle::{ALPHABET, guarded, noise, on_every_backend};
use trunkline_codec::base64::{decode_with, decoded_len, encode_with, encoded_len};
use trunkline_codec::{Backend, DecodeError, DecodeErrorKind, SizeError};

fn decode(backend: Backend, text: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = vec![0; decoded_len(text)?];
    decode_with(backend, text, &mut bytes)?;
    Ok(bytes)
}

#[test]
fn every_length_and_offset_encodes_and_decodes_as_the_oracle_does() {
    on_every_backend(|backend| {
        for length in 0..=300 {
            let bytes = noise(length as u64 + 1, length + 16);
            for offset in 0..16 {
                let bytes = &bytes[offset..offset + length];
                let text = guarded(encoded_len(length).unwrap(), offset, |out| {
                    encode_with(backend, bytes, out).unwrap();
                });
                assert_eq!(text, oracle::encode(bytes), "length {length}, offset {offset}");
                let back = guarded(decoded_len(&text).unwrap(), offset, |out| {
                    decode_with(backend, &text, out).unwrap();
                });
                assert_eq!(back, bytes, "length {length}, offset {offset}");
            }
        }
    });
}

#[test]
fn every_corruption_of_a_symbol_is_reported_where_and_as_the_oracle_reports_it() {
    on_every_backend(|backend| {
        // All bytes in a short text, and a few in one that is longer than any kernel's block.
        let few = [b'!', b'=', b'A', b'/', 0, 255];
        for (length, bytes) in [(1, 0..=255), (2, 0..=255), (3, 0..=255), (24, 0..=255), (200, 0..=5)] {
            let text = oracle::encode(&noise(7, length));
            for position in 0..text.len() {
                for byte in bytes.clone().map(|byte| if length < 200 { byte } else { few[usize::from(byte)] })
                {
                    let mut damaged = text.clone();
                    damaged[position] = byte;
                    assert_eq!(decode(backend, &damaged), oracle::decode(&damaged), "{position} {byte}");
                }
            }
        }
    });
}

#[test]
fn every_byte_at_every_place_of_a_block_is_reported_where_the_scalar_code_reports_it() {
    // Two of the longest blocks and a tail, so that each place is first, middle and last for some kernel.
    let text = oracle::encode(&noise(13, 201));
    on_every_backend(|backend| {
        let mut damaged = text.clone();
        for position in 0..text.len() {
            for byte in 0..=255 {
                damaged[position] = byte;
                let expected = decode(Backend::SCALAR, &damaged);
                assert_eq!(decode(backend, &damaged), expected, "{position} {byte}");
            }
            damaged[position] = text[position];
        }
    });
}

#[test]
fn of_two_faults_the_first_is_reported_and_nothing_is_written_outside() {
    let text = oracle::encode(&noise(15, 300));
    on_every_backend(|backend| {
        for first in 0..text.len() - 1 {
            let mut damaged = text.clone();
            damaged[first] = b'-';
            damaged[text.len() - 1] = b'_';
            guarded(300, first % 64, |out| {
                let fault = decode_with(backend, &damaged, out).unwrap_err();
                assert_eq!((fault.offset, fault.kind), (first, DecodeErrorKind::Symbol(b'-')));
            });
        }
    });
}

#[test]
fn lengths_around_many_blocks_encode_and_decode_as_the_oracle_does() {
    on_every_backend(|backend| {
        for blocks in [384, 480, 960, 4800] {
            for length in blocks - 3..=blocks + 3 {
                let bytes = noise(17, length);
                let text = guarded(encoded_len(length).unwrap(), length % 64, |out| {
                    encode_with(backend, &bytes, out).unwrap();
                });
                assert_eq!(text, oracle::encode(&bytes));
                assert_eq!(decode(backend, &text), Ok(bytes));
            }
        }
    });
}

/// `cargo test --release -- --ignored`
#[test]
#[ignore = "16 million groups: half a second a backend in release"]
fn every_group_of_symbols_stands_for_its_bits_and_back() {
    // All 64⁴ groups as one text: 24 bits counted upwards.
    let bytes: Vec<u8> = (0..1_u32 << 24).flat_map(|bits| bits.to_be_bytes().into_iter().skip(1)).collect();
    let expected: Vec<u8> = (0..1_usize << 24)
        .flat_map(|bits| [18, 12, 6, 0].map(|shift| ALPHABET[bits >> shift & 63]))
        .collect();
    on_every_backend(|backend| {
        let mut text = vec![0; expected.len()];
        encode_with(backend, &bytes, &mut text).unwrap();
        assert!(text == expected);
        assert!(decode(backend, &text).as_ref() == Ok(&bytes));
    });
}

#[test]
fn every_shortened_text_is_reported_as_the_oracle_reports_it() {
    on_every_backend(|backend| {
        for length in 0..70 {
            let text = oracle::encode(&noise(9, length));
            for end in 0..text.len() {
                assert_eq!(decode(backend, &text[..end]), oracle::decode(&text[..end]));
            }
        }
    });
}

#[test]
fn every_group_of_symbols_around_the_padding_is_judged_as_the_oracle_judges_it() {
    let symbols = b"AQg/=!";
    on_every_backend(|backend| {
        for number in 0..symbols.len().pow(5) {
            let pick = |place: u32| symbols[number / symbols.len().pow(place) % symbols.len()];
            let text: Vec<u8> = (0..5).map(pick).chain(*b"QUJDREVG").collect();
            for text in [&text[..1], &text[..2], &text[..3], &text[..4], &text[..5], &text[..8], &text[1..9]]
            {
                assert_eq!(decode(backend, text), oracle::decode(text), "{}", text.escape_ascii());
            }
        }
    });
}

#[test]
fn every_pair_of_symbols_stands_for_its_twelve_bits() {
    on_every_backend(|backend| {
        for first in ALPHABET {
            for second in ALPHABET {
                let text = [*first, *second, *second, *first];
                assert_eq!(decode(backend, &text), oracle::decode(&text));
            }
        }
    });
}

#[test]
fn an_output_of_another_size_is_refused() {
    on_every_backend(|backend| {
        assert_eq!(encode_with(backend, b"abc", &mut [0; 5]), Err(SizeError));
        let fault = decode_with(backend, b"QUJD", &mut [0; 2]).unwrap_err();
        assert_eq!(fault.kind, DecodeErrorKind::OutputSize);
    });
}

#[test]
fn a_size_that_overflows_is_none() {
    assert_eq!(encoded_len(usize::MAX), None);
    assert_eq!(encoded_len(usize::MAX / 4 * 3), Some(usize::MAX / 4 * 4));
}

#[test]
fn errors_say_in_words_what_they_met() {
    let words = |text: &[u8]| oracle::decode(text).unwrap_err().to_string();
    assert_eq!(words(b"AB!D"), "'!' is not a base64 symbol");
    assert_eq!(words(b"AB\nD"), "byte 0x0a is not a base64 symbol");
    assert_eq!(words(b"A==="), "base64 padding before the end");
    assert_eq!(words(b"QR=="), "base64 with bits left over");
    assert_eq!(words(b"QUI"), "base64 ends inside a group of four");
}
