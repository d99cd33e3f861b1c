//! G.711 against its tables, recomputed slowly from the Recommendation's text.

mod oracle;

use oracle::noise;
use trunkline_codec::g711::{Law, decoded_text_len};
use trunkline_codec::message::{EventId, append_len, write_append};
use trunkline_codec::{Coding, Error, SampleForm, Samples, SizeError, UnknownLaw, base64};

/// The positive decision values of tables 1a and 2a, on a scale of 16 bits: a step's lower end each.
fn decision_values(law: Law) -> Vec<i32> {
    let mut values = vec![0];
    let mut at = 0;
    for segment in 0..8 {
        for step in 0..16 {
            at += match (law, segment, step) {
                // Table 2a: the first step is half as wide, each segment's are twice the last one's.
                (Law::Mu, 0, 0) => 4,
                (Law::Mu, segment, _) => 8 << segment,
                // Table 1a: the first 32 steps are alike.
                (Law::A, 0, _) => 16,
                (Law::A, segment, _) => 16 << (segment - 1),
            };
            values.push(at);
        }
    }
    values
}

/// The character signal of a step, by the column "character signal" of the tables.
fn signal(law: Law, step: u8, is_negative: bool) -> u8 {
    match (law, is_negative) {
        (Law::Mu, false) => 0xff - step,
        (Law::Mu, true) => 0x7f - step,
        (Law::A, false) => (0x80 + step) ^ 0x55,
        (Law::A, true) => step ^ 0x55,
    }
}

/// The step whose interval holds the value; each is closed at its lower end, on both sides of zero.
fn expected_code(law: Law, values: &[i32], sample: i16) -> u8 {
    let (is_negative, sample) = (sample < 0, i32::from(sample));
    let inside = |pair: &[i32]| {
        let (low, high) = if is_negative { (-pair[1], -pair[0]) } else { (pair[0], pair[1]) };
        (low..high).contains(&sample)
    };
    // What is beyond the last decision value is sent as the last step.
    let step = values.windows(2).position(inside).unwrap_or(127).min(127);
    signal(law, u8::try_from(step).unwrap(), is_negative)
}

#[test]
fn every_sample_gets_the_code_of_the_step_it_is_in() {
    for law in Law::ALL {
        let values = decision_values(law);
        assert_eq!(values[128], if law == Law::Mu { 8159 * 4 } else { 4096 * 8 });
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(law.code(sample), expected_code(law, &values, sample), "{law:?} {sample}");
        }
    }
}

#[test]
fn every_code_becomes_the_middle_of_its_step() {
    for law in Law::ALL {
        let values = decision_values(law);
        for step in 0..128_u8 {
            let pair = &values[usize::from(step)..];
            // The quantised value of µ-law's first step is 0 and not its middle (table 2a, note 3).
            let middle = if (law, step) == (Law::Mu, 0) { 0 } else { i32::midpoint(pair[0], pair[1]) };
            assert_eq!(i32::from(law.sample(signal(law, step, false))), middle);
            assert_eq!(i32::from(law.sample(signal(law, step, true))), -middle);
        }
    }
}

#[test]
fn the_known_codes_of_the_reference_are_met() {
    for (sample, a, mu) in [(0, 0xd5, 0xff), (1024, 0xe5, 0xcd), (-128, 0x52, 0x6f), (-1024, 0x7a, 0x4d)] {
        assert_eq!((Law::A.code(sample), Law::Mu.code(sample)), (a, mu));
    }
}

#[test]
fn a_code_survives_the_way_there_and_back() {
    for law in Law::ALL {
        for code in 0..=255 {
            // µ-law has two zeros, and a sample only one.
            let expected = if (law, code) == (Law::Mu, 0x7f) { 0xff } else { code };
            assert_eq!(law.code(law.sample(code)), expected);
        }
    }
}

fn pcm(bytes: &[u8]) -> Samples<'_> {
    Samples::new(bytes, SampleForm::Int16).unwrap()
}

/// What `write` puts into an output of that size, and nowhere else.
fn written<E>(size: usize, write: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Vec<u8>, E> {
    let mut done = Ok(());
    let out = oracle::guarded(size, 0, |out| done = write(out));
    done.map(|()| out)
}

fn codes_of(law: Law, bytes: &[u8]) -> Vec<u8> {
    bytes.as_chunks().0.iter().map(|sample| law.code(i16::from_le_bytes(*sample))).collect()
}

fn text_of(codes: &[u8]) -> Vec<u8> {
    oracle::encode(codes)
}

#[test]
fn samples_of_any_length_become_codes_and_text_and_come_back() {
    for count in (0..300).chain([383, 384, 385, 767, 768, 769, 2000]) {
        let bytes = noise(7, count * 2);
        for law in Law::ALL {
            let codes = codes_of(law, &bytes);
            assert_eq!(written(count, |out| law.encode(pcm(&bytes), out)), Ok(codes.clone()));
            let text = text_of(&codes);
            assert_eq!(written(text.len(), |out| law.encode_text(pcm(&bytes), out)), Ok(text.clone()));
            let back: Vec<u8> = codes.iter().flat_map(|code| law.sample(*code).to_le_bytes()).collect();
            assert_eq!(written(count * 2, |out| law.decode(&codes, out)), Ok(back.clone()));
            assert_eq!(decoded_text_len(&text), Ok(count * 2));
            assert_eq!(written(count * 2, |out| law.decode_text(&text, out)), Ok(back));
        }
    }
}

#[test]
fn floats_are_converted_first() {
    let floats: Vec<u8> =
        [0.5_f32, -0.5, 2.0, f32::NAN].iter().flat_map(|float| float.to_le_bytes()).collect();
    let samples = Samples::new(&floats, SampleForm::Float32).unwrap();
    let expected = [16384, -16384, 32767, 0].map(|sample| Law::A.code(sample)).to_vec();
    assert_eq!(written(4, |out| Law::A.encode(samples, out)), Ok(expected));
}

#[test]
fn a_fault_in_the_text_is_found_where_the_base64_kernel_finds_it() {
    let text = text_of(&noise(3, 1000));
    for offset in (0..text.len()).step_by(7).chain([511, 512, 1023, 1024, text.len() - 1]) {
        for bad in [b'!', b'=', 0xff] {
            let mut text = text.clone();
            text[offset] = bad;
            let mut codes = vec![0; base64::decoded_len(&text).unwrap()];
            let expected = base64::decode(&text, &mut codes).map_err(Error::Decode);
            let mut pcm = vec![0; codes.len() * 2];
            assert_eq!(Law::Mu.decode_text(&text, &mut pcm), expected);
        }
    }
    assert!(matches!(decoded_text_len(b"AAA"), Err(Error::Decode(fault)) if fault.offset == 3));
}

#[test]
fn the_message_is_the_one_of_pcm_with_another_text() {
    for count in [0, 1, 2, 3, 160, 1000] {
        let bytes = noise(17, count * 2);
        for law in Law::ALL {
            for id in [None, Some(EventId::new("tk1").unwrap())] {
                let coding = Coding::G711(law);
                let codes = text_of(&codes_of(law, &bytes));
                let empty = written(append_len(0, coding, id).unwrap(), |out| {
                    write_append(&pcm(&[]), coding, id, out)
                });
                let mut expected = empty.unwrap();
                let close = expected.len() - 2;
                expected.splice(close..close, codes);
                let size = append_len(count, coding, id).unwrap();
                assert_eq!(written(size, |out| write_append(&pcm(&bytes), coding, id, out)), Ok(expected));
            }
        }
    }
}

#[test]
fn an_output_of_another_size_is_refused() {
    let samples = pcm(&[0, 0, 0, 0]);
    for size in [0, 1, 3, 5, 60, 200] {
        let out = &mut vec![0; size];
        assert_eq!(Law::Mu.encode(samples, out), Err(SizeError));
        assert_eq!(Law::Mu.encode_text(samples, out), Err(SizeError));
        assert_eq!(Law::Mu.decode(b"ab", out), Err(SizeError));
        assert_eq!(Law::Mu.decode_text(b"YWI=", out), Err(Error::Size(SizeError)));
        assert_eq!(write_append(&samples, Coding::G711(Law::Mu), None, out), Err(SizeError));
    }
}

#[test]
fn a_law_is_found_by_its_name() {
    assert_eq!(Law::ALL.map(|law| Law::from_name(law.name())), Law::ALL.map(Ok));
    assert_eq!(Law::from_name("opus"), Err(UnknownLaw));
    assert_eq!(Coding::of_law(Some("alaw")), Ok(Coding::G711(Law::A)));
    assert_eq!(Coding::of_law(None), Ok(Coding::Pcm));
    assert_eq!(Error::from(UnknownLaw).to_string(), "a G.711 law is 'ulaw' or 'alaw'");
}
