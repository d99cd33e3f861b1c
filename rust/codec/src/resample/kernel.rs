//! The two low-pass filters, as continuous functions of time, from which every pair of rates takes its taps.
//!
//! A filter may delay by 2 ms, and half its length is its delay. At 70 dB and 0.1 dB, a window (Kaiser's)
//! needs a length of 4.3 / Δf for a transition Δf wide, the best possible (equiripple) 2.8 / Δf. So no window
//! will do at 8 kHz, where Δf is 400 Hz between 0.9 of the band and its end: even the best one would delay
//! by 3.5 ms. There the transition is twice as wide and symmetric to the band's end: what is above it
//! folds into the uppermost tenth and never below.
//!
//! An equiripple filter of 13 000 taps (80 phases of 44.1 kHz) is not to be had by exchange of extremes, but
//! all taps are samples of one short function: a cosine series of 20 or 36 terms over the filter's length,
//! whose spectrum is a sum of sincs. `docs/design_resampler.py` fits the terms to the least greatest error
//! and prints them with what they reach: ±0.081 dB and -70.5 dB, ±0.067 dB and -71.5 dB. Left out on purpose:
//! a minimum phase, which would allow a narrower transition, but delay each frequency differently.

use std::f64::consts::TAU;

/// A filter, in units of a period of the lower one of two rates.
pub(super) struct Kernel {
    /// How long it is; its delay is half of that.
    pub(super) width: f64,
    terms: &'static [f64],
}

/// Flat to 0.9 of the band, down from 1.1 on.
#[rustfmt::skip]
pub(super) const PHONE: Kernel = Kernel {
    width: 31.0,
    terms: &[
        0.031_959_318_183, 0.065_097_278_231, 0.063_988_729_701, 0.064_960_543_993,
        0.064_181_012_845, 0.064_722_617_426, 0.064_447_705_563, 0.064_442_325_720,
        0.064_722_761_296, 0.064_190_059_859, 0.064_937_342_613, 0.064_029_722_418,
        0.065_032_394_683, 0.064_052_203_221, 0.063_491_038_429, 0.038_270_440_167,
        0.007_490_412_517, 0.000_049_224_144, 0.000_006_745_399, 0.000_006_266_740,
    ],
};

/// Flat to 0.9 of the band, down from its end on.
#[rustfmt::skip]
pub(super) const WIDE: Kernel = Kernel {
    width: 62.0,
    terms: &[
        0.016_006_150_166, 0.032_502_478_905, 0.032_017_691_133, 0.032_491_731_027,
        0.032_033_727_808, 0.032_470_510_037, 0.032_059_990_074, 0.032_439_391_036,
        0.032_095_736_373, 0.032_399_295_430, 0.032_139_850_998, 0.032_351_548_012,
        0.032_190_785_687, 0.032_297_933_801, 0.032_246_507_023, 0.032_240_744_277,
        0.032_304_457_832, 0.032_182_808_201, 0.032_361_533_116, 0.032_127_509_016,
        0.032_414_093_449, 0.032_078_927_965, 0.032_456_452_113, 0.032_044_233_005,
        0.032_483_164_756, 0.032_026_522_733, 0.032_486_779_878, 0.032_065_122_253,
        0.031_593_691_795, 0.018_600_148_207, 0.003_347_954_354, 0.000_008_192_159,
        -0.000_000_985_529, 0.000_006_918_542, -0.000_007_492_745, 0.000_007_206_210,
    ],
};

impl Kernel {
    /// Its value at a time after its beginning; nothing before and behind.
    pub(super) fn at(&self, time: f64) -> f64 {
        if !(0.0..=self.width).contains(&time) {
            return 0.0;
        }
        // Clenshaw's recurrence: one cosine for the whole series, since cos(kθ) is a polynomial in cos θ.
        let cosine = (TAU * (time / self.width - 0.5)).cos();
        let (mut next, mut after) = (0.0, 0.0);
        for term in self.terms.iter().skip(1).rev() {
            (next, after) = (term + 2.0 * cosine * next - after, next);
        }
        self.first() + cosine * next - after
    }

    /// What becomes of a constant: within the ripple of 1. No other term has a mean.
    pub(super) fn gain(&self) -> f64 {
        self.width * self.first()
    }

    fn first(&self) -> f64 {
        self.terms.first().copied().unwrap_or_default()
    }
}
