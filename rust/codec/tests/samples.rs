//! Sample conversion, messages and levels on every backend against the oracle.

mod oracle;

use oracle::{guarded, noise, on_every_backend};
use trunkline_codec::level::{Meter, measure_with};
use trunkline_codec::message::{EventId, append_len, write_append_metered_with, write_append_with};
use trunkline_codec::pcm::{decode_floats_with, decoded_floats_len, floats_to_pcm_with, pcm_to_floats_with};
use trunkline_codec::{Backend, Coding, Error, SampleForm, Samples, SizeError, base64};

fn le_bytes(floats: &[f32]) -> Vec<u8> {
    floats.iter().flat_map(|float| float.to_le_bytes()).collect()
}

fn to_pcm(backend: Backend, floats: &[f32]) -> Vec<i16> {
    let mut pcm = vec![0; floats.len() * 2];
    floats_to_pcm_with(backend, &le_bytes(floats), &mut pcm).unwrap();
    pcm.as_chunks().0.iter().map(|sample| i16::from_le_bytes(*sample)).collect()
}

/// Floats of every exponent, dense around the steps of 16 bits, and all that is special.
fn floats_of_every_class() -> Vec<f32> {
    let mut floats = vec![0.0, -0.0, 1.0, -1.0, f32::MIN_POSITIVE, f32::MAX, f32::MIN, f32::INFINITY];
    floats.extend([f32::NEG_INFINITY, f32::NAN, -f32::NAN, f32::from_bits(0x7f80_0001), f32::from_bits(1)]);
    floats.extend((0..=u32::MAX).step_by(65_521).map(f32::from_bits));
    for sample in i16::MIN..=i16::MAX {
        for part in [0.0, 0.25, 0.5, 0.75] {
            let middle = (f32::from(sample) + part) / 32768.0;
            floats.extend([middle.next_down(), middle, middle.next_up()]);
        }
    }
    floats
}

#[test]
fn floats_of_every_class_are_rounded_as_the_oracle_rounds_them() {
    let floats = floats_of_every_class();
    let expected: Vec<i16> = floats.iter().map(|float| oracle::sample_from_float(*float)).collect();
    on_every_backend(|backend| {
        for (index, sample) in to_pcm(backend, &floats).into_iter().enumerate() {
            assert_eq!(sample, expected[index], "{:e}", floats[index]);
        }
    });
}

#[test]
fn floats_of_every_class_are_encoded_in_one_pass_as_in_two() {
    // One more float each time moves every value through every lane, and the last ones into the tail.
    let floats = le_bytes(&floats_of_every_class());
    on_every_backend(|backend| {
        for shift in (0..49).step_by(if cfg!(debug_assertions) { 7 } else { 1 }) {
            let samples = Samples::new(&floats[shift * 4..], SampleForm::Float32).unwrap();
            let mut pcm = vec![0; samples.pcm_len()];
            samples.write_pcm_with(Backend::SCALAR, &mut pcm).unwrap();
            let (mut expected, mut text) = (vec![0; samples.encoded_len().unwrap()], Vec::new());
            base64::encode_with(Backend::SCALAR, &pcm, &mut expected).unwrap();
            text.resize(expected.len(), 0);
            samples.encode_with(backend, &mut text).unwrap();
            assert!(text == expected, "shift {shift}");
        }
    });
}

#[test]
fn conversions_of_every_length_and_offset_are_those_of_the_scalar_code() {
    let mut source = noise(21, 4 * 300 + 16);
    // Now and then a number that is no number, or beyond full scale.
    source.chunks_mut(28).for_each(|chunk| chunk.last_mut().into_iter().for_each(|byte| *byte = 0x7f));
    on_every_backend(|backend| {
        for length in 0..=300 {
            let offset = length % 16;
            let (floats, pcm) = (&source[offset..][..length * 4], &source[offset..][..length * 2]);
            let both = |to: &dyn Fn(Backend, &mut [u8]), size| {
                assert_eq!(
                    guarded(size, offset, |out| to(backend, out)),
                    guarded(size, 0, |out| to(Backend::SCALAR, out))
                );
            };
            both(&|backend, out| floats_to_pcm_with(backend, floats, out).unwrap(), length * 2);
            both(&|backend, out| pcm_to_floats_with(backend, pcm, out).unwrap(), length * 4);
            let samples = Samples::new(floats, SampleForm::Float32).unwrap();
            let size = samples.encoded_len().unwrap();
            both(&|backend, out| samples.encode_with(backend, out).unwrap(), size);
            assert_eq!(measure_with(backend, samples), measure_with(Backend::SCALAR, samples));
        }
    });
}

/// `cargo test --release -- --ignored`
#[test]
#[ignore = "4 thousand million floats: some seconds a backend in release"]
fn every_float_there_is_is_rounded_as_the_scalar_code_rounds_it() {
    on_every_backend(|backend| {
        for high in 0..=u16::MAX {
            let floats: Vec<u8> = (0..=u16::MAX)
                .flat_map(|low| (u32::from(high) << 16 | u32::from(low)).to_le_bytes())
                .collect();
            let samples = Samples::new(&floats, SampleForm::Float32).unwrap();
            let (mut found, mut expected) = (vec![0; samples.pcm_len()], vec![0; samples.pcm_len()]);
            samples.write_pcm_with(backend, &mut found).unwrap();
            samples.write_pcm_with(Backend::SCALAR, &mut expected).unwrap();
            assert!(found == expected, "above {high:04x}");
        }
    });
}

#[test]
fn every_int16_sample_becomes_the_same_float_from_text() {
    let pcm: Vec<u8> = (i16::MIN..=i16::MAX).flat_map(i16::to_le_bytes).collect();
    let mut expected = vec![0; pcm.len() * 2];
    pcm_to_floats_with(Backend::SCALAR, &pcm, &mut expected).unwrap();
    on_every_backend(|backend| {
        // Cut at the front so that each sample takes every place in a group.
        for start in [0, 2, 4] {
            let mut text = vec![0; base64::encoded_len(pcm.len() - start).unwrap()];
            base64::encode_with(backend, &pcm[start..], &mut text).unwrap();
            let mut floats = vec![0; decoded_floats_len(&text).unwrap()];
            decode_floats_with(backend, &text, &mut floats).unwrap();
            assert!(floats == expected[start * 2..]);
        }
    });
}

#[test]
fn every_int16_sample_survives_the_way_to_float_and_back() {
    let samples: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    let pcm: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    on_every_backend(|backend| {
        let mut floats = vec![0; pcm.len() * 2];
        pcm_to_floats_with(backend, &pcm, &mut floats).unwrap();
        let floats: Vec<f32> = floats.as_chunks().0.iter().map(|float| f32::from_le_bytes(*float)).collect();
        assert!(
            floats
                .iter()
                .zip(&samples)
                .all(|(float, sample)| float.to_bits() == (f32::from(*sample) / 32768.0).to_bits())
        );
        assert_eq!(to_pcm(backend, &floats), samples);
    });
}

#[test]
fn messages_of_every_length_hold_the_encoded_samples_and_nothing_else() {
    let floats: Vec<f32> = (0..300_i16).map(|step| f32::from(step - 150) / 149.0).collect();
    let bytes = le_bytes(&floats);
    on_every_backend(|backend| {
        for length in 0..=300 {
            let pcm: Vec<u8> = floats[..length]
                .iter()
                .flat_map(|float| oracle::sample_from_float(*float).to_le_bytes())
                .collect();
            let audio = String::from_utf8(oracle::encode(&pcm)).unwrap();
            let plain = format!(r#"{{"type":"input_audio_buffer.append","audio":"{audio}"}}"#);
            let named =
                format!(r#"{{"event_id":"tk1","type":"input_audio_buffer.append","audio":"{audio}"}}"#);
            let id = EventId::new("tk1").unwrap();
            for (source, form) in [(&bytes[..length * 4], SampleForm::Float32), (&pcm, SampleForm::Int16)] {
                let samples = Samples::new(source, form).unwrap();
                for (id, expected) in [(None, &plain), (Some(id), &named)] {
                    let size = append_len(samples.count(), Coding::Pcm, id).unwrap();
                    let message = guarded(size, length % 32, |out| {
                        write_append_with(backend, &samples, Coding::Pcm, id, out).unwrap();
                    });
                    assert_eq!(String::from_utf8(message).as_ref(), Ok(expected));
                    let message = guarded(size, length % 32, |out| {
                        let mut meter = Meter::default();
                        write_append_metered_with(backend, &samples, Coding::Pcm, id, &mut meter, out)
                            .unwrap();
                        assert_eq!(meter.level(), measure_with(backend, samples));
                    });
                    assert_eq!(String::from_utf8(message).as_ref(), Ok(expected));
                }
            }
        }
    });
}

#[test]
fn text_of_every_length_decodes_to_the_floats_of_its_samples() {
    on_every_backend(|backend| {
        for length in (0..1000).step_by(2) {
            let pcm = noise(3, length);
            let text = oracle::encode(&pcm);
            let floats = guarded(decoded_floats_len(&text).unwrap(), length % 32, |out| {
                decode_floats_with(backend, &text, out).unwrap();
            });
            let mut expected = vec![0; length * 2];
            pcm_to_floats_with(backend, &pcm, &mut expected).unwrap();
            assert_eq!(floats, expected);
        }
    });
}

#[test]
fn a_fault_in_text_for_floats_is_reported_as_the_oracle_reports_it() {
    let text = oracle::encode(&noise(5, 1000));
    on_every_backend(|backend| {
        for position in (0..text.len()).chain([509, 510, 511, 512, 1023]) {
            for symbol in *b"!=" {
                let mut damaged = text.clone();
                damaged[position] = symbol;
                let fault = decoded_floats_len(&damaged)
                    .and_then(|size| decode_floats_with(backend, &damaged, &mut vec![0; size]));
                match oracle::decode(&damaged) {
                    Err(error) => assert_eq!(fault, Err(Error::Decode(error))),
                    Ok(_) => assert_eq!(damaged, text),
                }
            }
        }
        assert_eq!(decode_floats_with(backend, b"AAAAAAAA", &mut [0; 3]), Err(SizeError.into()));
    });
}

#[test]
fn text_of_an_odd_number_of_bytes_is_refused_at_the_symbol_where_the_last_one_begins() {
    for length in (1..20).step_by(2) {
        let error = decoded_floats_len(&oracle::encode(&vec![0; length])).unwrap_err();
        assert_eq!(error.offset(), Some((length - 1) * 8 / 6));
    }
}

#[test]
fn a_cut_sample_is_refused_where_it_begins() {
    assert_eq!(Samples::new(&[0; 5], SampleForm::Int16).unwrap_err().offset, 4);
    let error = Samples::new(&[0; 11], SampleForm::Float32).unwrap_err();
    assert_eq!((error.offset, error.to_string().as_str()), (8, "audio ends inside a sample of 4 bytes"));
}

#[test]
fn chunks_are_of_the_size_asked_for_and_the_last_is_what_is_left() {
    let samples = Samples::new(&[0; 14], SampleForm::Int16).unwrap();
    let counts = |count| samples.chunks(count).map(Samples::count).collect::<Vec<_>>();
    assert_eq!(counts(3), [3, 3, 1]);
    assert_eq!(counts(usize::MAX), [7]);
    assert_eq!(counts(0), []);
}

#[test]
fn outputs_of_another_size_are_refused() {
    let samples = Samples::new(&[0; 4], SampleForm::Int16).unwrap();
    let floats = Samples::new(&[0; 4], SampleForm::Float32).unwrap();
    on_every_backend(|backend| {
        assert_eq!(samples.write_pcm_with(backend, &mut [0; 3]), Err(SizeError));
        assert_eq!(floats.write_pcm_with(backend, &mut [0; 3]), Err(SizeError));
        assert_eq!(samples.encode_with(backend, &mut [0; 4]), Err(SizeError));
        assert_eq!(write_append_with(backend, &samples, Coding::Pcm, None, &mut [0; 4]), Err(SizeError));
        let meter = &mut Meter::default();
        let refused = write_append_metered_with(backend, &samples, Coding::Pcm, None, meter, &mut [0; 4]);
        assert_eq!(refused, Err(SizeError));
        assert_eq!(pcm_to_floats_with(backend, &[0; 3], &mut [0; 6]), Err(SizeError));
    });
}

#[test]
fn an_event_id_that_would_need_escaping_is_refused_at_its_first_bad_character() {
    let offset = |id: &str| EventId::new(id).err().map(|error| error.offset);
    assert_eq!(EventId::new(" ~ok").unwrap().as_str(), " ~ok");
    assert_eq!(offset(&"x".repeat(512)), None);
    assert_eq!(offset(&"x".repeat(513)), Some(512));
    for (id, at) in [("", 0), ("a\"", 1), ("ab\\", 2), ("\n", 0), ("aé", 1), ("a\u{7f}", 1)] {
        assert_eq!(offset(id), Some(at), "{id:?}");
    }
}

#[test]
fn levels_are_those_of_the_oracle_whatever_the_length_and_where_runs_lie() {
    on_every_backend(|backend| {
        for length in (0..=300).chain([1023, 1024, 1025, 4801]) {
            let samples: Vec<i16> = noise(11, length)
                .iter()
                .map(|byte| match byte % 8 {
                    0..4 => i16::MAX,
                    4 => i16::MIN,
                    5 => -i16::MAX,
                    _ => i16::from(*byte) * 90,
                })
                .collect();
            let pcm: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
            let found = measure_with(backend, Samples::new(&pcm, SampleForm::Int16).unwrap());
            let is_full = |sample: &i16| sample.unsigned_abs() >= 32767;
            let runs = samples.chunk_by(|left, right| is_full(left) == is_full(right));
            let clipped =
                runs.filter(|run| run.len() >= 3 && is_full(&run[0])).map(<[i16]>::len).sum::<usize>();
            // Exact: integers far below 2⁵³. The sum of no floats is -0.0.
            let squares: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
            let rms = (squares / f64::from(u32::try_from(length.max(1)).unwrap())).sqrt();
            assert_eq!(found.clipped, clipped as u64);
            assert_eq!(found.peak, samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0));
            assert_eq!((found.rms.to_bits(), found.count), (rms.abs().to_bits(), length as u64));
        }
    });
}

#[test]
fn a_clipped_run_is_followed_over_the_edge_of_a_block_of_floats() {
    let mut floats = vec![0.0; 191];
    floats.extend([1.0; 3]);
    let bytes = le_bytes(&floats);
    on_every_backend(|backend| {
        let found = measure_with(backend, Samples::new(&bytes, SampleForm::Float32).unwrap());
        assert_eq!((found.clipped, found.peak, found.count), (3, 32767, 194));
    });
}
