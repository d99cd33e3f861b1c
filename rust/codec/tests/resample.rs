//! The resampler: what a filter must do, measured, and that the cut of the input does not matter.

mod oracle;

use std::f64::consts::TAU;

use oracle::noise;
use trunkline_codec::resample::Resampler;
use trunkline_codec::{Error, SampleForm, Samples, SizeError, UnknownRates};

const PAIRS: [(u32, u32); 14] = [
    (8_000, 24_000),
    (16_000, 24_000),
    (44_100, 24_000),
    (48_000, 24_000),
    (24_000, 8_000),
    (24_000, 16_000),
    (24_000, 44_100),
    (24_000, 48_000),
    (16_000, 8_000),
    (44_100, 8_000),
    (48_000, 8_000),
    (8_000, 16_000),
    (8_000, 44_100),
    (8_000, 48_000),
];

fn feed(resampler: &mut Resampler, pcm: &[u8]) -> Vec<u8> {
    let samples = Samples::new(pcm, SampleForm::Int16).unwrap();
    let mut out = vec![0; resampler.feed_len(samples.count()).unwrap()];
    resampler.feed(&samples, &mut out).unwrap();
    out
}

fn flush(resampler: &mut Resampler) -> Vec<u8> {
    let mut out = vec![0; resampler.flush_len()];
    resampler.flush(&mut out).unwrap();
    out
}

/// All at once, with the tail.
fn convert(source_hz: u32, target_hz: u32, pcm: &[u8]) -> Vec<u8> {
    let mut resampler = Resampler::new(source_hz, target_hz).unwrap();
    let mut out = feed(&mut resampler, pcm);
    out.extend(flush(&mut resampler));
    out
}

fn tone(rate_hz: u32, hz: f64, amplitude: f64) -> Vec<u8> {
    let sample = |index: u32| (amplitude * (TAU * hz * f64::from(index) / f64::from(rate_hz)).sin()).round();
    #[expect(clippy::cast_possible_truncation, reason = "in range by the amplitude")]
    (0..rate_hz / 5).flat_map(|index| (sample(index) as i16).to_le_bytes()).collect()
}

fn ints(pcm: &[u8]) -> Vec<f64> {
    pcm.as_chunks().0.iter().map(|sample| f64::from(i16::from_le_bytes(*sample))).collect()
}

/// The RMS of the middle half, relative to a sine of that amplitude, in decibels.
fn gain_db(samples: &[f64], amplitude: f64) -> f64 {
    let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let mean = middle.iter().map(|sample| sample * sample).sum::<f64>() / middle.len() as f64;
    20.0 * (mean.sqrt() * 2_f64.sqrt() / amplitude).log10()
}

/// The amplitude of one frequency, relative to another amplitude, in decibels (by a Hann window).
fn gain_at_db(samples: &[f64], radians: f64, amplitude: f64) -> f64 {
    let middle = &samples[samples.len() / 8..samples.len() * 7 / 8];
    let (mut cosine, mut sine, mut weights) = (0.0, 0.0, 0.0);
    for (sample, index) in middle.iter().zip(0..) {
        let at = f64::from(index);
        let weight = 1.0 - (TAU * at / f64::from(u32::try_from(middle.len()).unwrap())).cos();
        cosine += weight * sample * (radians * at).cos();
        sine += weight * sample * (radians * at).sin();
        weights += weight;
    }
    20.0 * (2.0 * cosine.hypot(sine) / weights / amplitude).log10()
}

#[test]
fn the_cut_of_the_input_does_not_matter_to_the_bit() {
    let pcm = noise(11, 2 * 3_000);
    for (source_hz, target_hz) in PAIRS {
        let whole = convert(source_hz, target_hz, &pcm);
        let mut resampler = Resampler::new(source_hz, target_hz).unwrap();
        for seed in 0..6_u64 {
            let (mut rest, mut out) = (&pcm[..], Vec::new());
            for byte in noise(seed, 10_000) {
                let count = usize::from(byte) * [0, 1, 1, 2, 9, 40][usize::try_from(seed).unwrap()];
                let size = rest.len().min(2 * (count % 1_300 + usize::from(seed == 0)));
                let (piece, after) = rest.split_at(size);
                out.extend(feed(&mut resampler, piece));
                rest = after;
            }
            out.extend(feed(&mut resampler, rest));
            out.extend(flush(&mut resampler));
            assert!(out == whole, "{source_hz} to {target_hz}, seed {seed}");
        }
    }
}

#[test]
fn a_tone_below_nine_tenths_of_the_band_passes_within_a_tenth_of_a_decibel() {
    for (source_hz, target_hz) in PAIRS {
        let band = f64::from(source_hz.min(target_hz)) / 2.0;
        for part in [0.02, 0.11, 0.3, 0.52, 0.77, 0.85, 0.88, 0.9] {
            let out = ints(&convert(source_hz, target_hz, &tone(source_hz, band * part, 20_000.0)));
            let gain = gain_at_db(&out, TAU * band * part / f64::from(target_hz), 20_000.0);
            assert!(gain.abs() < 0.1, "{source_hz} to {target_hz}, {part} of band: {gain} dB");
        }
    }
}

#[test]
fn a_tone_above_the_transition_is_seventy_decibels_down() {
    for (source_hz, target_hz) in PAIRS.into_iter().filter(|(source, target)| source > target) {
        let (band, end) = (f64::from(target_hz) / 2.0, f64::from(source_hz) / 2.0);
        // See resample/kernel.rs: at 8 kHz the transition is symmetric to the band's end.
        let first = if target_hz == 8_000 { 1.1 * band } else { band * 1.0005 };
        for step in 0..60 {
            let hz = first + (end - first) * f64::from(step) / 60.0;
            let out = ints(&convert(source_hz, target_hz, &tone(source_hz, hz, 32_000.0)));
            let gain = gain_db(&out, 32_000.0);
            assert!(gain < -70.0, "{source_hz} to {target_hz}, {hz} Hz: {gain} dB");
        }
    }
}

#[test]
fn an_impulse_is_answered_after_the_delay_and_symmetrically() {
    for (source_hz, target_hz) in PAIRS {
        let resampler = Resampler::new(source_hz, target_hz).unwrap();
        assert!(resampler.delay_ms() < 2.0);
        let mut pcm = vec![0; 2 * 2_000];
        pcm[2 * 1_000..][..2].copy_from_slice(&i16::MAX.to_le_bytes());
        let out = ints(&convert(source_hz, target_hz, &pcm));
        let at = |index: f64| index / f64::from(target_hz) * 1e3;
        let moments = out.iter().zip(0..).map(|(value, index)| (value, value * at(f64::from(index))));
        let (sum, moment) = moments.fold((0.0, 0.0), |sums, next| (sums.0 + next.0, sums.1 + next.1));
        let delay = moment / sum - 1_000.0 / f64::from(source_hz) * 1e3;
        assert!((delay - resampler.delay_ms()).abs() < 0.02, "{source_hz} to {target_hz}: {delay} ms");
    }
}

#[test]
fn a_constant_stays_one_and_full_scale_clips_instead_of_wrapping() {
    for (source_hz, target_hz) in PAIRS {
        let pcm: Vec<u8> = (0..2_000).flat_map(|_| 12_345_i16.to_le_bytes()).collect();
        let out = ints(&convert(source_hz, target_hz, &pcm));
        let middle = &out[out.len() / 3..out.len() * 2 / 3];
        assert!(middle.iter().all(|sample| (sample - middle[0]).abs() <= 1.0));
        assert!((middle[0] / 12_345.0).log10().abs() * 20.0 < 0.1);
        let square = |index: u32| if (index / 40).is_multiple_of(2) { i16::MAX } else { i16::MIN };
        let pcm: Vec<u8> = (0..2_000).flat_map(|index| square(index).to_le_bytes()).collect();
        let out = ints(&convert(source_hz, target_hz, &pcm));
        assert!(out.contains(&32_767.0) && out.contains(&-32_768.0));
        assert!(out.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 60_000.0));
    }
}

#[test]
fn flush_gives_the_tail_and_a_used_stream_is_as_a_new_one() {
    let pcm = noise(2, 2 * 700);
    let mut resampler = Resampler::new(44_100, 24_000).unwrap();
    assert_eq!(flush(&mut resampler), []);
    let first = [feed(&mut resampler, &pcm), flush(&mut resampler)].concat();
    // 700 samples and 113 of tail (62 periods of 24 kHz), at 24 of 44.1 kHz.
    assert_eq!(first.len() / 2, (700 + 113_usize).mul_ceil(80, 147));
    assert_eq!(flush(&mut resampler), []);
    assert_eq!([feed(&mut resampler, &pcm), flush(&mut resampler)].concat(), first);
    feed(&mut resampler, &pcm);
    resampler.reset();
    assert_eq!([feed(&mut resampler, &pcm), flush(&mut resampler)].concat(), first);
}

trait MulCeil {
    fn mul_ceil(self, up: Self, down: Self) -> Self;
}

impl MulCeil for usize {
    fn mul_ceil(self, up: Self, down: Self) -> Self {
        (self * up).div_ceil(down)
    }
}

#[test]
fn one_rate_to_itself_changes_and_delays_nothing() {
    let pcm = noise(4, 2 * 5_000);
    for rate_hz in [8_000, 24_000] {
        assert_eq!(convert(rate_hz, rate_hz, &pcm), pcm);
        assert!(Resampler::new(rate_hz, rate_hz).unwrap().delay_ms() <= 0.0);
    }
}

#[test]
fn other_rates_are_refused() {
    for (source_hz, target_hz) in [(0, 24_000), (24_000, 22_050), (48_000, 16_000), (44_100, 44_100)] {
        let refused = Resampler::new(source_hz, target_hz).unwrap_err();
        assert_eq!(refused, UnknownRates { source_hz, target_hz });
        assert!(Error::from(refused).to_string().starts_with(&format!("no way from {source_hz} to")));
    }
}

#[test]
fn an_output_of_another_size_is_refused_and_takes_nothing() {
    let pcm = noise(9, 2 * 100);
    let mut resampler = Resampler::new(48_000, 24_000).unwrap();
    let expected = feed(&mut resampler, &pcm);
    resampler.reset();
    let samples = Samples::new(&pcm, SampleForm::Int16).unwrap();
    assert_eq!(resampler.feed(&samples, &mut [0; 98]), Err(SizeError));
    assert_eq!(resampler.flush(&mut [0; 2]), Err(SizeError));
    assert_eq!(resampler.feed_len(usize::MAX), None);
    assert_eq!(Resampler::new(8_000, 24_000).unwrap().feed_len(usize::MAX), None);
    assert_eq!(feed(&mut resampler, &pcm), expected);
}
