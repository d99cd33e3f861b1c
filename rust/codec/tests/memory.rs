//! Shared memory, read in copies: what is made of it is what is made of a slice, whole or in parts.
#![allow(unsafe_code)]

mod oracle;

use oracle::noise;
use trunkline_codec::frame::{append_frame_len, write_append_frame};
use trunkline_codec::level::Meter;
use trunkline_codec::message::{append_len, write_append, write_append_metered};
use trunkline_codec::resample::Resampler;
use trunkline_codec::{
    Coding, Memory, PIECE_SAMPLES, PartialSample, SampleForm, Samples, Shared, SizeError, Source,
};

const FORMS: [SampleForm; 2] = [SampleForm::Int16, SampleForm::Float32];
const COUNTS: [usize; 9] =
    [0, 1, 2, 480, PIECE_SAMPLES - 1, PIECE_SAMPLES, PIECE_SAMPLES + 1, 3 * PIECE_SAMPLES, 4001];

fn samples_of(form: SampleForm, count: usize) -> Vec<u8> {
    let pcm = noise(29, count * 2);
    match form {
        SampleForm::Int16 => pcm,
        SampleForm::Float32 => {
            let float = |pair: &[u8; 2]| f32::from(i16::from_le_bytes(*pair)) / 30_000.0;
            pcm.as_chunks().0.iter().flat_map(|pair| float(pair).to_le_bytes()).collect()
        }
    }
}

/// The bytes as memory that others could write to, not aligned to anything.
fn shared(bytes: &[u8], form: SampleForm) -> Shared<'_> {
    // SAFETY: the slice lives as long as what is returned.
    unsafe { Shared::new(bytes.as_ptr(), bytes.len(), form) }
}

fn for_each_pair(mut check: impl FnMut(Samples<'_>, Memory<'_>)) {
    for form in FORMS {
        for count in COUNTS {
            let mut bytes = vec![0; 1];
            bytes.extend(samples_of(form, count));
            let whole = Samples::new(&bytes[1..], form).unwrap();
            let memory = Memory::shared(shared(&bytes[1..], form)).unwrap();
            assert_eq!(memory.count(), count);
            check(whole, memory);
            check(whole, Memory::Fixed(whole));
        }
    }
}

fn written(size: usize, write: impl FnOnce(&mut [u8]) -> Result<(), SizeError>) -> Vec<u8> {
    let mut out = vec![0; size];
    write(&mut out).unwrap();
    out
}

#[test]
fn a_message_of_shared_memory_is_that_of_a_slice_and_so_is_its_level() {
    for_each_pair(|whole, memory| {
        for coding in Coding::ALL {
            let size = append_len(whole.count(), coding, None).unwrap();
            let expected = written(size, |out| write_append(&whole, coding, None, out));
            assert_eq!(written(size, |out| write_append(&memory, coding, None, out)), expected);
            let (mut meter, mut measured) = (Meter::default(), Meter::default());
            let metered = written(size, |out| write_append_metered(&memory, coding, None, &mut meter, out));
            assert_eq!(metered, expected);
            measured.take(&whole).unwrap();
            assert_eq!(meter.level(), measured.level());
            let bytes = coding.byte_len(whole.count()).unwrap();
            let expected = written(bytes, |out| coding.write(&whole, out));
            assert_eq!(written(bytes, |out| coding.write(&memory, out)), expected);
        }
    });
}

#[test]
fn a_frame_of_shared_memory_is_that_of_a_slice() {
    for_each_pair(|whole, memory| {
        for coding in Coding::ALL {
            let size = append_frame_len(whole.count(), coding, None).unwrap();
            let frame =
                |source| written(size, |out| write_append_frame(source, coding, None, [9, 8, 7, 6], out));
            let of_whole = written(size, |out| write_append_frame(&whole, coding, None, [9, 8, 7, 6], out));
            assert_eq!(frame(&memory), of_whole);
        }
    });
}

#[test]
fn shared_memory_is_resampled_as_a_slice_is() {
    for_each_pair(|whole, memory| {
        let mut resamplers =
            [Resampler::new(48_000, 24_000).unwrap(), Resampler::new(48_000, 24_000).unwrap()];
        let size = resamplers[0].feed_len(whole.count()).unwrap();
        let expected = written(size, |out| resamplers[0].feed(&whole, out));
        assert_eq!(written(size, |out| resamplers[1].feed(&memory, out)), expected);
    });
}

#[test]
fn the_parts_of_memory_are_those_of_a_slice() {
    for_each_pair(|whole, memory| {
        for size in [0, 1, 7, 480, PIECE_SAMPLES, 5000, usize::MAX] {
            let pcm = |source: Memory<'_>| written(source.count() * 2, |out| Coding::Pcm.write(&source, out));
            let parts: Vec<_> = memory.chunks(size).map(pcm).collect();
            let expected: Vec<_> = whole.chunks(size).map(|part| pcm(Memory::Fixed(part))).collect();
            assert_eq!(parts, expected);
        }
    });
}

#[test]
fn bytes_are_copied_and_a_cut_sample_is_refused() {
    let bytes = noise(31, 5001);
    let memory = shared(&bytes, SampleForm::Int16);
    assert_eq!(memory.to_vec(), Ok(bytes.clone()));
    let cut = PartialSample { offset: 5000, sample_bytes: 2 };
    assert_eq!(Memory::shared(memory).err(), Some(cut));
}

#[test]
fn an_output_of_another_size_is_refused() {
    for_each_pair(|_, memory| {
        for coding in Coding::ALL {
            let size = coding.byte_len(memory.count()).unwrap();
            assert_eq!(coding.write(&memory, &mut vec![0; size + 1]), Err(SizeError));
            let size = coding.text_len(memory.count()).unwrap();
            assert_eq!(coding.write_text(&memory, &mut vec![0; size + 4]), Err(SizeError));
        }
    });
}
