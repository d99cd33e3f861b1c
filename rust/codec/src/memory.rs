//! Samples in foreign memory: some that nobody writes to any more, some that others may write to at any time.
//!
//! A Rust slice promises that its bytes do not change. Where that cannot be promised no slice may exist, not
//! even for a moment; so such memory is copied, a piece at a time, to where the kernels find it in the L1 cache.
//! A change meanwhile gives a mixture of old and new samples, never a kernel whose input changes.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::slice;

use crate::{PIECE_SAMPLES, PartialSample, SampleForm, Samples, SizeError, Source};

/// The largest piece: of floats.
const PIECE_BYTES: usize = PIECE_SAMPLES * 4;

/// Where whole samples are.
#[derive(Clone, Copy, Debug)]
pub enum Memory<'a> {
    /// Where nobody writes.
    Fixed(Samples<'a>),
    /// Where others may write while they are read.
    Shared(Shared<'a>),
}

/// Bytes that others may write to.
#[derive(Clone, Copy, Debug)]
pub struct Shared<'a> {
    start: *const u8,
    size: usize,
    form: SampleForm,
    lives: PhantomData<&'a ()>,
}

// SAFETY: the address is only copied from, which any thread may do while the memory lives.
unsafe impl Send for Shared<'_> {}
// SAFETY: as above.
unsafe impl Sync for Shared<'_> {}

impl Shared<'_> {
    /// Bytes of samples of that form.
    ///
    /// # Safety
    /// From `start` on, `size` bytes can be read as long as the lifetime lasts.
    pub const unsafe fn new(start: *const u8, size: usize, form: SampleForm) -> Self {
        Self { start, size, form, lives: PhantomData }
    }

    /// A copy of all.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn to_vec(self) -> Result<Vec<u8>, SizeError> {
        let mut copy = Vec::new();
        copy.try_reserve_exact(self.size).map_err(|_| SizeError)?;
        self.for_each_copy(|piece| {
            copy.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(copy)
    }

    /// Calls `work` with copies of whole samples, from first to last.
    fn for_each_copy(self, mut work: impl FnMut(&[u8]) -> Result<(), SizeError>) -> Result<(), SizeError> {
        let mut piece = [MaybeUninit::<u8>::uninit(); PIECE_BYTES];
        let step = PIECE_SAMPLES * self.form.sample_bytes();
        for offset in (0..self.size).step_by(step) {
            let size = (self.size - offset).min(step).min(PIECE_BYTES);
            // SAFETY: `offset + size` is at most the size that `new` was promised, `size` at most the piece,
            // which nobody else knows, and the bytes of it that are looked at are those just written.
            let copy = unsafe {
                self.start.add(offset).copy_to_nonoverlapping(piece.as_mut_ptr().cast(), size);
                slice::from_raw_parts(piece.as_ptr().cast(), size)
            };
            work(copy)?;
        }
        Ok(())
    }
}

impl<'a> Memory<'a> {
    /// Whole samples of shared bytes.
    ///
    /// # Errors
    /// If the last sample is cut.
    pub fn shared(bytes: Shared<'a>) -> Result<Self, PartialSample> {
        bytes.form.count_of(bytes.size).map(|_| Self::Shared(bytes))
    }

    /// The same samples in pieces of so many, the last one shorter; none if `count` is 0.
    pub fn chunks(self, count: usize) -> impl Iterator<Item = Self> {
        let all = if count == 0 { 0 } else { self.count() };
        (0..all).step_by(count.max(1)).map(move |first| self.part(first, count.min(all - first)))
    }

    /// So many from that one on; both are within.
    fn part(self, first: usize, count: usize) -> Self {
        match self {
            Self::Fixed(samples) => Self::Fixed(samples.part(first, count)),
            Self::Shared(bytes) => {
                let sample_bytes = bytes.form.sample_bytes();
                // Within the memory, since both are; so the promise holds for the part.
                let start = bytes.start.wrapping_add(first * sample_bytes);
                Self::Shared(Shared { start, size: count * sample_bytes, ..bytes })
            }
        }
    }
}

impl Source for Memory<'_> {
    fn count(&self) -> usize {
        match self {
            Self::Fixed(samples) => samples.count(),
            Self::Shared(bytes) => bytes.size / bytes.form.sample_bytes(),
        }
    }

    fn for_each_piece(
        &self,
        mut work: impl FnMut(Samples<'_>) -> Result<(), SizeError>,
    ) -> Result<(), SizeError> {
        match self {
            Self::Fixed(samples) => work(*samples),
            Self::Shared(bytes) => {
                bytes.for_each_copy(|piece| work(Samples::new(piece, bytes.form).map_err(|_| SizeError)?))
            }
        }
    }
}
