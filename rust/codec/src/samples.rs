//! Samples in either form an application holds them in, and what can be made of them in one pass.

use crate::{Backend, PartialSample, SampleForm, SizeError, base64, kernels, pcm};

/// Whole mono samples as little-endian bytes, int16 or float32.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    bytes: &'a [u8],
    form: SampleForm,
}

/// Pcm converted at a time before it is encoded: a multiple of 6, so that a block is whole samples and its
/// text has no padding. With a kernel only a tail comes here; without one, doubling it gains nothing.
const BLOCK_BYTES: usize = 384;

/// Samples in a piece of a [`Source`], but the last: a multiple of 48, so that kernels take it whole and its
/// text has no padding. As floats 3 KiB, so that a piece, its pcm and its text share the L1 cache.
pub const PIECE_SAMPLES: usize = 768;

/// Whole mono samples, from first to last. They need not lie in memory that a slice can stand for: what
/// others may write to meanwhile is handed out as copies, one piece after the other.
pub trait Source {
    /// How many samples there are.
    fn count(&self) -> usize;

    /// Calls `work` with the samples in pieces, all but the last a multiple of [`PIECE_SAMPLES`] long.
    ///
    /// # Errors
    /// The first one of `work`, which ends it.
    fn for_each_piece(&self, work: impl FnMut(Samples<'_>) -> Result<(), SizeError>)
    -> Result<(), SizeError>;
}

impl Source for Samples<'_> {
    fn count(&self) -> usize {
        Samples::count(*self)
    }

    fn for_each_piece(
        &self,
        mut work: impl FnMut(Samples<'_>) -> Result<(), SizeError>,
    ) -> Result<(), SizeError> {
        work(*self)
    }
}

impl<'a> Samples<'a> {
    /// Pcm that is known to be whole; half a sample at its end is left out.
    pub(crate) const fn of_pcm(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.split_at(bytes.len() / 2 * 2).0, form: SampleForm::Int16 }
    }

    /// Samples in that form; none are fine.
    ///
    /// # Errors
    /// If the last sample is cut.
    pub fn new(bytes: &'a [u8], form: SampleForm) -> Result<Self, PartialSample> {
        form.count_of(bytes.len()).map(|_| Self { bytes, form })
    }

    /// So many of them from that one on, as far as there are any.
    #[must_use]
    pub fn part(self, first: usize, count: usize) -> Self {
        let size = self.form.sample_bytes();
        let bytes = self.bytes.get(first.saturating_mul(size)..).unwrap_or_default();
        Self { bytes: &bytes[..count.saturating_mul(size).min(bytes.len())], form: self.form }
    }

    /// How many samples there are.
    pub const fn count(self) -> usize {
        self.bytes.len() / self.form.sample_bytes()
    }

    /// How many bytes of pcm they make.
    pub const fn pcm_len(self) -> usize {
        // Cannot overflow: never more than the bytes they come from.
        self.count() * 2
    }

    /// The same samples in pieces of so many, the last one shorter; none if `count` is 0.
    pub fn chunks(self, count: usize) -> impl ExactSizeIterator<Item = Self> {
        let bytes = if count == 0 { &[][..] } else { self.bytes };
        // Saturating: a piece longer than memory is all there is.
        let size = count.max(1).saturating_mul(self.form.sample_bytes());
        bytes.chunks(size).map(move |bytes| Self { bytes, form: self.form })
    }

    /// Writes them as pcm; the output has exactly [`Self::pcm_len`] bytes.
    ///
    /// # Errors
    /// If the output has another length.
    pub fn write_pcm(self, out: &mut [u8]) -> Result<(), SizeError> {
        self.write_pcm_with(Backend::current(), out)
    }

    /// As [`Self::write_pcm`], with that backend.
    #[doc(hidden)]
    pub fn write_pcm_with(self, backend: Backend, out: &mut [u8]) -> Result<(), SizeError> {
        match self.form {
            SampleForm::Int16 if out.len() == self.bytes.len() => {
                out.copy_from_slice(self.bytes);
                Ok(())
            }
            SampleForm::Int16 => Err(SizeError),
            SampleForm::Float32 => pcm::floats_to_pcm_with(backend, self.bytes, out),
        }
    }

    /// The length of their pcm as base64 text, or `None` if no `usize` holds it.
    pub const fn encoded_len(self) -> Option<usize> {
        base64::encoded_len(self.pcm_len())
    }

    /// Writes their pcm as base64 text; the output has exactly [`Self::encoded_len`] bytes.
    ///
    /// # Errors
    /// If the output has another length.
    pub fn encode(self, text: &mut [u8]) -> Result<(), SizeError> {
        self.encode_with(Backend::current(), text)
    }

    /// As [`Self::encode`], with that backend.
    #[doc(hidden)]
    pub fn encode_with(self, backend: Backend, text: &mut [u8]) -> Result<(), SizeError> {
        if self.encoded_len() != Some(text.len()) {
            return Err(SizeError);
        }
        let done = match self.form {
            SampleForm::Int16 => 0,
            SampleForm::Float32 => kernels::encode_floats(backend, self.bytes, text),
        };
        let mut rest = &mut text[done / 6 * 4..];
        Self { bytes: &self.bytes[done..], ..self }.for_each_pcm_block::<BLOCK_BYTES>(backend, |block| {
            let size = base64::encoded_len(block.len()).ok_or(SizeError)?;
            base64::encode_with(backend, block, rest.split_off_mut(..size).ok_or(SizeError)?)
        })
    }

    /// Calls `work` with their pcm from first to last, in blocks of `SIZE`, a multiple of 6; int16 at once.
    pub(crate) fn for_each_pcm_block<const SIZE: usize>(
        self,
        backend: Backend,
        mut work: impl FnMut(&[u8]) -> Result<(), SizeError>,
    ) -> Result<(), SizeError> {
        if matches!(self.form, SampleForm::Int16) {
            return work(self.bytes);
        }
        let mut block = [0; SIZE];
        for floats in self.bytes.chunks(SIZE * 2) {
            let block = &mut block[..floats.len() / 2];
            pcm::floats_to_pcm_with(backend, floats, block)?;
            work(block)?;
        }
        Ok(())
    }
}
