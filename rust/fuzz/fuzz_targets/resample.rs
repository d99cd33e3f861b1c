//! Any rates, any samples, any cuts: the pieces' outputs are those of all at once, and a resampler that was
//! flushed or reset is as new.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use trunkline_codec::resample::Resampler;
use trunkline_codec::{SampleForm, Samples, UnknownRates};
use trunkline_fuzz::{pieces, written};

const RATES_HZ: [u32; 5] = [8_000, 16_000, 24_000, 44_100, 48_000];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    source: Rate,
    target: Rate,
    is_float: bool,
    sizes: Vec<u16>,
    bytes: &'a [u8],
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Rate {
    Known(u8),
    Any(u32),
}

impl Rate {
    fn hz(self) -> u32 {
        match self {
            Self::Known(index) => RATES_HZ[usize::from(index) % RATES_HZ.len()],
            Self::Any(hz) => hz,
        }
    }
}

fuzz_target!(|input: Input<'_>| {
    let (source_hz, target_hz) = (input.source.hz(), input.target.hz());
    let mut resampler = match Resampler::new(source_hz, target_hz) {
        Ok(resampler) => resampler,
        Err(error) => {
            assert_eq!(error, UnknownRates { source_hz, target_hz });
            assert!(!is_served(source_hz, target_hz));
            return;
        }
    };
    let form = if input.is_float { SampleForm::Float32 } else { SampleForm::Int16 };
    let whole = input.bytes.len() / form.sample_bytes() * form.sample_bytes();
    let bytes = &input.bytes[..whole];
    let sizes: Vec<usize> =
        input.sizes.iter().map(|count| usize::from(*count) * form.sample_bytes()).collect();
    let cut = pieces(bytes, &sizes);
    let expected = convert(&mut resampler.clone(), &[bytes], form);
    assert_eq!(convert(&mut resampler, &cut, form), expected);
    assert_eq!(convert(&mut resampler, &cut, form), expected, "after a flush");
    feed(&mut resampler, cut[0], form);
    resampler.reset();
    assert_eq!(convert(&mut resampler, &cut, form), expected, "after a reset");
    if source_hz == target_hz {
        check_identity(bytes, form, &expected);
    }
});

/// As the documentation says it.
fn is_served(source_hz: u32, target_hz: u32) -> bool {
    let both = [source_hz, target_hz];
    both.iter().all(|hz| RATES_HZ.contains(hz)) && (both.contains(&8_000) || both.contains(&24_000))
}

fn convert(resampler: &mut Resampler, pieces: &[&[u8]], form: SampleForm) -> Vec<u8> {
    let mut pcm: Vec<u8> = pieces.iter().flat_map(|piece| feed(resampler, piece, form)).collect();
    let size = resampler.flush_len();
    pcm.extend(written(size, 0, |out| resampler.flush(out)).unwrap());
    pcm
}

fn feed(resampler: &mut Resampler, bytes: &[u8], form: SampleForm) -> Vec<u8> {
    let samples = Samples::new(bytes, form).unwrap();
    let size = resampler.feed_len(samples.count()).unwrap();
    written(size, 0, |out| resampler.feed(&samples, out)).unwrap()
}

/// Of one rate to itself nothing is changed.
fn check_identity(bytes: &[u8], form: SampleForm, found: &[u8]) {
    let samples = Samples::new(bytes, form).unwrap();
    let pcm = written(samples.pcm_len(), 0, |out| samples.write_pcm(out)).unwrap();
    assert_eq!(found, pcm);
}
