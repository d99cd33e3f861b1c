//! One rate to another while the audio arrives: 8, 16, 44.1 and 48 kHz from and to 24 kHz, and from and to 8.
//!
//! A resampler for files looks at tens of milliseconds on each side of a sample, which in a live call all have
//! to be waited for. This one is a linear-phase filter of less than 4 ms, so that it delays by less than 2,
//! in polyphase form: of the taps that lie between the source's samples only those that meet one are
//! ever computed, a row of them for each position that a target sample can have between two of the source.
//!
//! Every output sample is the same sum in the same order however the input was cut into pieces, so the result
//! does not depend on it, to the bit. Sums are in f32, whose error is 40 dB below that of 16 bits. Left out on
//! purpose: dither, and arbitrary rates, which would need a row for every position.

mod kernel;

use crate::pcm::{float_from_sample, sample_from_float};
use crate::{Samples, SizeError, Source, UnknownRates};

use kernel::Kernel;

const PHONE_HZ: u32 = 8_000;
const LINE_HZ: u32 = 24_000;
const RATES_HZ: [u32; 5] = [PHONE_HZ, 16_000, LINE_HZ, 44_100, 48_000];

/// Samples taken at a time: with the taps they stay in the L1 cache, and the window never grows.
const BLOCK: usize = 512;

/// Products summed side by side: a row is padded to a multiple, and the order of the sum is fixed.
const LANES: usize = 8;

/// A stream on its way from one rate to another.
#[derive(Clone, Debug)]
pub struct Resampler {
    filter: Filter,
    /// The last samples of what came, and a block of what comes.
    window: Vec<f32>,
    /// Where the newest sample for the next output is, counted from what comes.
    next: usize,
    /// How far behind that sample the next output is, in parts of a source period.
    phase: usize,
    is_new: bool,
}

impl Resampler {
    /// A stream at its start. Of one rate to itself: nothing is changed or delayed.
    ///
    /// # Errors
    /// If there is no filter for these rates.
    pub fn new(source_hz: u32, target_hz: u32) -> Result<Self, UnknownRates> {
        let filter = Filter::new(source_hz, target_hz)?;
        let window = vec![0.0; filter.memory() + BLOCK];
        Ok(Self { filter, window, next: 0, phase: 0, is_new: true })
    }

    /// How much later than it came audio leaves, in milliseconds; the same for all frequencies.
    pub const fn delay_ms(&self) -> f64 {
        self.filter.delay_ms
    }

    /// The number of bytes that [`Self::feed`] writes for so many samples, or `None` if no `usize` holds it.
    pub fn feed_len(&self, sample_count: usize) -> Option<usize> {
        let Filter { up, down, .. } = self.filter;
        let positions = sample_count.saturating_sub(self.next).checked_mul(up)?;
        positions.saturating_sub(self.phase).div_ceil(down).checked_mul(2)
    }

    /// Takes samples and writes the pcm that is certain by now, exactly [`Self::feed_len`] bytes.
    ///
    /// # Errors
    /// If `pcm` has another length; nothing was taken then.
    pub fn feed(&mut self, source: &impl Source, pcm: &mut [u8]) -> Result<(), SizeError> {
        if self.feed_len(source.count()) != Some(pcm.len()) {
            return Err(SizeError);
        }
        self.is_new &= source.count() == 0;
        let mut out = pcm.as_chunks_mut().0.iter_mut();
        source.for_each_piece(|piece| {
            piece.chunks(BLOCK).try_for_each(|chunk| self.feed_block(chunk, &mut out))
        })
    }

    fn feed_block<'a>(
        &mut self,
        chunk: Samples<'_>,
        out: &mut impl Iterator<Item = &'a mut [u8; 2]>,
    ) -> Result<(), SizeError> {
        let mut block = [0; BLOCK * 2];
        let block = block.get_mut(..chunk.pcm_len()).ok_or(SizeError)?;
        chunk.write_pcm(block)?;
        let memory = self.filter.memory();
        for (float, sample) in self.window[memory..].iter_mut().zip(block.as_chunks().0) {
            *float = float_from_sample(i16::from_le_bytes(*sample));
        }
        self.take(chunk.count(), out);
        Ok(())
    }

    /// The number of bytes that [`Self::flush`] writes.
    pub fn flush_len(&self) -> usize {
        let tail = if self.is_new { 0 } else { self.filter.taps - 1 };
        self.feed_len(tail).unwrap_or_default()
    }

    /// Writes the filter's tail, twice the delay long; the resampler is as new afterwards.
    ///
    /// # Errors
    /// If `pcm` has not exactly [`Self::flush_len`] bytes; nothing has changed then.
    pub fn flush(&mut self, pcm: &mut [u8]) -> Result<(), SizeError> {
        if self.flush_len() != pcm.len() {
            return Err(SizeError);
        }
        let memory = self.filter.memory();
        self.window[memory..].fill(0.0);
        let tail = if self.is_new { 0 } else { self.filter.taps - 1 };
        self.take(tail, &mut pcm.as_chunks_mut().0.iter_mut());
        self.reset();
        Ok(())
    }

    /// Forgets what came.
    pub fn reset(&mut self) {
        self.window.fill(0.0);
        (self.next, self.phase, self.is_new) = (0, 0, true);
    }

    /// Writes all outputs for which the so many samples in the window's block are enough.
    fn take<'a>(&mut self, count: usize, out: &mut impl Iterator<Item = &'a mut [u8; 2]>) {
        let Filter { up, down, .. } = self.filter;
        while self.next < count {
            let sum = self.filter.sum(self.phase, &self.window[self.next..]);
            if let Some(sample) = out.next() {
                *sample = sample_from_float(sum).to_le_bytes();
            }
            self.phase += down;
            self.next += self.phase / up;
            self.phase %= up;
        }
        self.next -= count;
        self.window.copy_within(count..count + self.filter.memory(), 0);
    }
}

/// The taps for one pair of rates.
#[derive(Clone, Debug)]
struct Filter {
    /// Positions that an output can have between two samples of the source.
    up: usize,
    /// Positions from one output to the next.
    down: usize,
    /// How many samples of the source an output is made of.
    taps: usize,
    /// The taps of each position, oldest sample first, padded in front.
    rows: Vec<f32>,
    delay_ms: f64,
}

impl Filter {
    fn new(source_hz: u32, target_hz: u32) -> Result<Self, UnknownRates> {
        if !is_served(source_hz, target_hz) {
            return Err(UnknownRates { source_hz, target_hz });
        }
        if source_hz == target_hz {
            return Ok(Self { up: 1, down: 1, taps: 1, rows: padded(&[1.0]).collect(), delay_ms: 0.0 });
        }
        let kernel = if source_hz.min(target_hz) == PHONE_HZ { kernel::PHONE } else { kernel::WIDE };
        let divisor = common_divisor(source_hz, target_hz);
        let (up, down) = (target_hz / divisor, source_hz / divisor);
        let low_hz = f64::from(source_hz.min(target_hz));
        let step = low_hz / f64::from(source_hz) / f64::from(up);
        // Half a step from the kernel's beginning, so that the taps lie symmetrically.
        let delay_ms = (kernel.width - step) / 2.0 / low_hz * 1e3;
        let rows = (0..up).map(|phase| row(&kernel, phase, up, step)).collect::<Vec<_>>();
        let taps = rows.first().map_or(1, Vec::len);
        let rows = rows.iter().flat_map(|row| padded(row)).collect();
        Ok(Self { up: up as usize, down: down as usize, taps, rows, delay_ms })
    }

    const fn row_len(&self) -> usize {
        self.taps.next_multiple_of(LANES)
    }

    /// Samples before the newest that an output needs.
    const fn memory(&self) -> usize {
        self.row_len() - 1
    }

    fn sum(&self, phase: usize, samples: &[f32]) -> f32 {
        let (row, _) = self.rows[phase * self.row_len()..][..self.row_len()].as_chunks::<LANES>();
        let mut lanes = [0.0; LANES];
        for (taps, samples) in row.iter().zip(samples.as_chunks::<LANES>().0) {
            for (lane, (tap, sample)) in lanes.iter_mut().zip(taps.iter().zip(samples)) {
                *lane += tap * sample;
            }
        }
        lanes.iter().sum()
    }
}

fn is_served(source_hz: u32, target_hz: u32) -> bool {
    let is_known = RATES_HZ.contains(&source_hz) && RATES_HZ.contains(&target_hz);
    is_known && [PHONE_HZ, LINE_HZ].into_iter().any(|rate| source_hz == rate || target_hz == rate)
}

const fn common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The taps of one position, newest sample first; all positions have the same sum, so a constant stays one.
fn row(kernel: &Kernel, phase: u32, up: u32, step: f64) -> Vec<f64> {
    let mut taps = Vec::new();
    let mut place = f64::from(phase) + 0.5;
    // All rows have as many taps as the first, the longest.
    let mut end = 0.5;
    while end * step <= kernel.width {
        taps.push(kernel.at(place * step));
        place += f64::from(up);
        end += f64::from(up);
    }
    let scale = kernel.gain() / taps.iter().sum::<f64>();
    taps.iter().map(|tap| tap * scale).collect()
}

/// A row as it is multiplied: oldest sample first, with zeros in front.
#[expect(clippy::cast_possible_truncation, reason = "24 bits are 40 dB more than a sample has")]
fn padded(row: &[f64]) -> impl Iterator<Item = f32> {
    let zeros = row.len().next_multiple_of(LANES) - row.len();
    let taps = row.iter().rev().map(|tap| *tap as f32);
    std::iter::repeat_n(0.0, zeros).chain(taps)
}
