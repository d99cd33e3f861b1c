//! How a session's samples are bytes on the wire, before base64: pcm, or the codes of a law.

use crate::g711::{self, Law};
use crate::{Backend, Error, Samples, SizeError, Source, UnknownLaw, base64, level, pcm};

/// What one sample becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Two bytes: `audio/pcm`.
    Pcm,
    /// One byte: `audio/pcmu` or `audio/pcma`.
    G711(Law),
}

impl Coding {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Pcm, Self::G711(Law::Mu), Self::G711(Law::A)];

    /// That of the law of that name, or pcm.
    ///
    /// # Errors
    /// If there is no such law.
    pub fn of_law(name: Option<&str>) -> Result<Self, UnknownLaw> {
        name.map_or(Ok(Self::Pcm), |name| Law::from_name(name).map(Self::G711))
    }

    /// How many bytes so many samples are, or `None` if no `usize` holds it.
    pub const fn byte_len(self, sample_count: usize) -> Option<usize> {
        match self {
            Self::Pcm => sample_count.checked_mul(2),
            Self::G711(_) => Some(sample_count),
        }
    }

    /// The length of the text of so many samples, or `None` if no `usize` holds it.
    pub const fn text_len(self, sample_count: usize) -> Option<usize> {
        match self.byte_len(sample_count) {
            Some(size) => base64::encoded_len(size),
            None => None,
        }
    }

    /// Writes the samples' bytes; `out` has exactly [`Self::byte_len`] bytes.
    ///
    /// # Errors
    /// If `out` has another length.
    pub fn write(self, source: &impl Source, out: &mut [u8]) -> Result<(), SizeError> {
        let write = |piece: Samples<'_>, out: &mut [u8]| match self {
            Self::Pcm => piece.write_pcm(out),
            Self::G711(law) => law.encode(piece, out),
        };
        fill(source, out, |count| self.byte_len(count), write)
    }

    /// Writes the samples' base64 text; `text` has exactly [`Self::text_len`] bytes.
    ///
    /// # Errors
    /// If `text` has another length.
    pub fn write_text(self, source: &impl Source, text: &mut [u8]) -> Result<(), SizeError> {
        self.write_text_with(Backend::current(), source, text)
    }

    /// As [`Self::write_text`], with that backend.
    #[doc(hidden)]
    pub fn write_text_with(
        self,
        backend: Backend,
        source: &impl Source,
        text: &mut [u8],
    ) -> Result<(), SizeError> {
        fill(source, text, |count| self.text_len(count), |piece, text| self.encode(backend, piece, text))
    }

    /// Writes the text as [`Self::write_text_with`], and measures each piece while it is in the L1 cache.
    pub(crate) fn write_text_metered(
        self,
        backend: Backend,
        source: &impl Source,
        meter: &mut level::Meter,
        text: &mut [u8],
    ) -> Result<(), SizeError> {
        let write = |piece: Samples<'_>, text: &mut [u8]| {
            let mut rest = text;
            piece.for_each_pcm_block::<{ level::BLOCK_BYTES }>(backend, |pcm| {
                for block in pcm.chunks(level::BLOCK_BYTES) {
                    meter.add(backend, block);
                    let samples = Samples::of_pcm(block);
                    let size = self.text_len(samples.count()).ok_or(SizeError)?;
                    self.encode(backend, samples, rest.split_off_mut(..size).ok_or(SizeError)?)?;
                }
                Ok(())
            })
        };
        fill(source, text, |count| self.text_len(count), write)
    }

    fn encode(self, backend: Backend, piece: Samples<'_>, text: &mut [u8]) -> Result<(), SizeError> {
        match self {
            Self::Pcm => piece.encode_with(backend, text),
            Self::G711(law) => law.encode_text_with(backend, piece, text),
        }
    }

    /// The number of bytes of pcm that this base64 text stands for.
    ///
    /// # Errors
    /// As [`pcm::decoded_len`] or [`g711::decoded_text_len`].
    pub fn decoded_len(self, text: &[u8]) -> Result<usize, Error> {
        match self {
            Self::Pcm => pcm::decoded_len(text),
            Self::G711(_) => g711::decoded_text_len(text),
        }
    }

    /// Writes the pcm that this text stands for; `pcm` has exactly [`Self::decoded_len`] bytes.
    ///
    /// # Errors
    /// As [`base64::decode`]. What was written until then is undefined.
    pub fn decode(self, text: &[u8], pcm: &mut [u8]) -> Result<(), Error> {
        match self {
            Self::Pcm => Ok(base64::decode(text, pcm)?),
            Self::G711(law) => law.decode_text(text, pcm),
        }
    }
}

/// Fills `out` from front to end, piece by piece, each taking as much as `size` says.
pub(crate) fn fill(
    source: &impl Source,
    out: &mut [u8],
    size: impl Fn(usize) -> Option<usize>,
    mut write: impl FnMut(Samples<'_>, &mut [u8]) -> Result<(), SizeError>,
) -> Result<(), SizeError> {
    let mut rest = out;
    source.for_each_piece(|piece| {
        let size = size(piece.count()).ok_or(SizeError)?;
        write(piece, rest.split_off_mut(..size).ok_or(SizeError)?)
    })?;
    if rest.is_empty() { Ok(()) } else { Err(SizeError) }
}
