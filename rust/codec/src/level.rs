//! How loud audio is: RMS, peak and clipping.

use crate::kernels::{self, Measure};
use crate::{Backend, Samples, SizeError, Source};

/// From this many full-scale samples in a row on they are taken for clipped: one or two are legal.
const CLIPPED_RUN: u64 = 3;
const FULL_SCALE: u16 = 32767;

/// Pcm measured at a time: 40 ms at 24 kHz, in the L1 cache with its floats and its text. A quarter of it
/// would double the time of the fastest kernel; more gains nothing.
pub(crate) const BLOCK_BYTES: usize = 960;

/// What was measured, in units of an int16 sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Root of the mean square, 0 to 32768; 0 for no samples.
    pub rms: f64,
    /// Greatest magnitude, 0 to 32768.
    pub peak: u16,
    /// Samples at ±32767 or -32768 in runs of three and more, whatever their signs.
    pub clipped: u64,
    /// Samples measured.
    pub count: u64,
}

/// The level of these samples, as int16 and so as they are sent.
pub fn measure(samples: Samples<'_>) -> Level {
    measure_with(Backend::current(), samples)
}

/// As [`measure`], with that backend.
#[doc(hidden)]
pub fn measure_with(backend: Backend, samples: Samples<'_>) -> Level {
    let mut meter = Meter::default();
    meter.take_with(backend, samples);
    meter.level()
}

/// Measures pcm that comes in pieces.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    squares: u128,
    peak: u16,
    clipped: u64,
    run: u64,
    count: u64,
}

impl Meter {
    /// Takes more samples; never fails with a source that hands out what it has.
    ///
    /// # Errors
    /// Those of the source.
    pub fn take(&mut self, source: &impl Source) -> Result<(), SizeError> {
        let backend = Backend::current();
        source.for_each_piece(|piece| {
            self.take_with(backend, piece);
            Ok(())
        })
    }

    fn take_with(&mut self, backend: Backend, samples: Samples<'_>) {
        // Adding never fails, and the blocks are of the right size by construction.
        let _ = samples.for_each_pcm_block::<BLOCK_BYTES>(backend, |pcm| {
            self.add(backend, pcm);
            Ok(())
        });
    }

    /// Takes whole samples, a block at a time: runs are looked for only where there can be one.
    pub(crate) fn add(&mut self, backend: Backend, pcm: &[u8]) {
        for block in pcm.chunks(BLOCK_BYTES) {
            let Measure { squares, peak } = measure_block(backend, block);
            self.squares += u128::from(squares);
            self.count += block.len() as u64 / 2;
            self.peak = self.peak.max(peak);
            if peak < FULL_SCALE {
                self.run = 0;
            } else {
                for sample in block.as_chunks().0 {
                    self.follow_run(magnitude(*sample));
                }
            }
        }
    }

    fn follow_run(&mut self, magnitude: u16) {
        if magnitude < FULL_SCALE {
            self.run = 0;
            return;
        }
        self.run += 1;
        self.clipped += match self.run {
            CLIPPED_RUN => CLIPPED_RUN,
            run if run > CLIPPED_RUN => 1,
            _ => 0,
        };
    }

    #[expect(clippy::cast_precision_loss, reason = "a part in 2⁵³ of a level is nothing")]
    /// The level of all that was taken.
    pub fn level(&self) -> Level {
        let mean = if self.count == 0 { 0.0 } else { self.squares as f64 / self.count as f64 };
        Level { rms: mean.sqrt(), peak: self.peak, clipped: self.clipped, count: self.count }
    }
}

/// At most a block's samples, so that no sum overflows.
fn measure_block(backend: Backend, block: &[u8]) -> Measure {
    let (done, found) = kernels::measure(backend, block);
    let (rest, _) = block[done..].as_chunks::<2>();
    let peak = rest.iter().map(|sample| magnitude(*sample)).max().unwrap_or(0);
    let squares = rest.iter().map(|sample| square(*sample)).sum::<u64>();
    Measure { squares: found.squares + squares, peak: found.peak.max(peak) }
}

fn magnitude(sample: [u8; 2]) -> u16 {
    i16::from_le_bytes(sample).unsigned_abs()
}

fn square(sample: [u8; 2]) -> u64 {
    let magnitude = u32::from(magnitude(sample));
    u64::from(magnitude * magnitude)
}
