//! G.711: 8 bits a sample for telephone lines, as `audio/pcmu` (µ-law) and `audio/pcma` (A-law) carry it.
//!
//! Both laws cut the range into 16 segments of 16 equal steps, each segment twice as coarse as the one below
//! it. G.711 gives them as tables of decision values for an ideal converter: µ-law on a scale of 14 bits with
//! sign, A-law of 13. What becomes of 16-bit samples, and of one that is exactly a decision value, is told by
//! ITU-T's own program (G.191, `g711.c`), which this follows to the bit: the low 2 bits (µ-law) or 3, of which
//! no step needs more than a 4th (A-law), are cut off, and a negative sample counts by its one's complement,
//! so that every step is closed at its lower end. Python's `audioop` takes the two's complement for µ-law
//! and so puts each negative decision value one step of 14 bits away (the tests hold that relation).
//!
//! A table look-up per sample, since the tables fit the L1 cache and a sample is cheaper than its share of
//! base64; a kernel of vector code would save less than the call costs. With base64 it is one pass over
//! blocks that stay in the L1 cache.

use crate::base64::{self, first_fault};
use crate::{Backend, Error, Samples, SizeError, UnknownLaw};

/// One of the two compandings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// North America and Japan: `audio/pcmu`.
    Mu,
    /// Everywhere else, and on lines between: `audio/pcma`.
    A,
}

/// Low bits that no µ-law code can tell, and that the table is not indexed by.
const MU_CUT: u32 = 2;
const A_CUT: u32 = 4;

static MU_CODES: [u8; 1 << (16 - MU_CUT)] = mu_codes();
static A_CODES: [u8; 1 << (16 - A_CUT)] = a_codes();
static MU_SAMPLES: [i16; 256] = samples_of(Law::Mu);
static A_SAMPLES: [i16; 256] = samples_of(Law::A);

/// Samples converted at a time between pcm and text: a multiple of 3, so that a block's text has no padding.
const BLOCK: usize = 384;

impl Law {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Mu, Self::A];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mu => "ulaw",
            Self::A => "alaw",
        }
    }

    /// The law of that name.
    ///
    /// # Errors
    /// If there is none.
    pub fn from_name(name: &str) -> Result<Self, UnknownLaw> {
        Self::ALL.into_iter().find(|law| law.name() == name).ok_or(UnknownLaw)
    }

    /// The code of a sample.
    #[inline]
    pub fn code(self, sample: i16) -> u8 {
        let bits = usize::from(sample.cast_unsigned());
        match self {
            Self::Mu => MU_CODES[bits >> MU_CUT],
            Self::A => A_CODES[bits >> A_CUT],
        }
    }

    /// The sample in the middle of a code's step.
    #[inline]
    pub fn sample(self, code: u8) -> i16 {
        match self {
            Self::Mu => MU_SAMPLES[usize::from(code)],
            Self::A => A_SAMPLES[usize::from(code)],
        }
    }

    /// Writes the codes of whole samples of pcm; `codes` has a byte for each.
    ///
    /// # Errors
    /// If `codes` has another length.
    pub fn encode(self, samples: Samples<'_>, codes: &mut [u8]) -> Result<(), SizeError> {
        self.encode_with(Backend::current(), samples, codes)
    }

    fn encode_with(self, backend: Backend, samples: Samples<'_>, codes: &mut [u8]) -> Result<(), SizeError> {
        if samples.count() != codes.len() {
            return Err(SizeError);
        }
        let mut block = [0; BLOCK * 2];
        for (samples, codes) in samples.chunks(BLOCK).zip(codes.chunks_mut(BLOCK)) {
            let pcm = &mut block[..codes.len() * 2];
            samples.write_pcm_with(backend, pcm)?;
            for (code, sample) in codes.iter_mut().zip(pcm.as_chunks().0) {
                *code = self.code(i16::from_le_bytes(*sample));
            }
        }
        Ok(())
    }

    /// Writes the pcm that these codes stand for; `pcm` has exactly [`decoded_len`] bytes.
    ///
    /// # Errors
    /// If `pcm` has another length.
    pub fn decode(self, codes: &[u8], pcm: &mut [u8]) -> Result<(), SizeError> {
        if decoded_len(codes.len()) != Some(pcm.len()) {
            return Err(SizeError);
        }
        for (sample, code) in pcm.as_chunks_mut().0.iter_mut().zip(codes) {
            *sample = self.sample(*code).to_le_bytes();
        }
        Ok(())
    }

    /// Writes the base64 text of these samples' codes; `text` is as long as that.
    ///
    /// # Errors
    /// If `text` has another length.
    pub fn encode_text(self, samples: Samples<'_>, text: &mut [u8]) -> Result<(), SizeError> {
        self.encode_text_with(Backend::current(), samples, text)
    }

    /// As [`Self::encode_text`], with that backend.
    #[doc(hidden)]
    pub fn encode_text_with(
        self,
        backend: Backend,
        samples: Samples<'_>,
        text: &mut [u8],
    ) -> Result<(), SizeError> {
        if base64::encoded_len(samples.count()) != Some(text.len()) {
            return Err(SizeError);
        }
        let mut block = [0; BLOCK];
        for (samples, text) in samples.chunks(BLOCK).zip(text.chunks_mut(BLOCK / 3 * 4)) {
            let codes = &mut block[..samples.count()];
            self.encode_with(backend, samples, codes)?;
            base64::encode_with(backend, codes, text)?;
        }
        Ok(())
    }

    /// Writes the pcm that a delta's text stands for; `pcm` has exactly [`decoded_text_len`] bytes.
    ///
    /// # Errors
    /// As [`base64::decode`]. What was written until then is undefined.
    pub fn decode_text(self, text: &[u8], pcm: &mut [u8]) -> Result<(), Error> {
        if decoded_text_len(text)? != pcm.len() {
            return Err(SizeError.into());
        }
        let mut block = [0; BLOCK];
        let blocks = text.chunks(BLOCK / 3 * 4).zip(pcm.chunks_mut(BLOCK * 2));
        for (index, (block_text, pcm)) in blocks.enumerate() {
            let codes = &mut block[..pcm.len() / 2];
            // A block by itself may end in padding, which the whole text may only at its end.
            let ends_early = block_text.ends_with(b"=") && (index + 1) * (BLOCK / 3 * 4) < text.len();
            if ends_early || base64::decode(block_text, codes).is_err() {
                return Err(first_fault(text, 0).map_or(SizeError.into(), Error::Decode));
            }
            self.decode(codes, pcm)?;
        }
        Ok(())
    }
}

/// The number of bytes of pcm for so many codes, or `None` if no `usize` holds it.
pub const fn decoded_len(code_count: usize) -> Option<usize> {
    code_count.checked_mul(2)
}

/// The number of bytes of pcm for this text of codes.
///
/// # Errors
/// As [`base64::decoded_len`].
pub fn decoded_text_len(text: &[u8]) -> Result<usize, Error> {
    decoded_len(base64::decoded_len(text)?).ok_or(Error::Size(SizeError))
}

const fn mu_codes() -> [u8; 1 << (16 - MU_CUT)] {
    let mut table = [0; 1 << (16 - MU_CUT)];
    let half = table.len() / 2;
    let mut magnitude = 0;
    while magnitude < half {
        // 33 makes every segment begin at a power of two: 33 of them up to 63, then doubling.
        let biased = if magnitude + 33 > 0x1fff { 0x1fff } else { magnitude + 33 };
        let segment = biased.ilog2() - 5;
        let code = low_byte(((segment as usize) << 4) | ((biased >> (segment + 1)) & 15));
        // A long row of zeros would lose a line's clock, so all bits are sent inverted.
        table[magnitude] = !code;
        table[2 * half - 1 - magnitude] = !(code | 0x80);
        magnitude += 1;
    }
    table
}

const fn a_codes() -> [u8; 1 << (16 - A_CUT)] {
    let mut table = [0; 1 << (16 - A_CUT)];
    let half = table.len() / 2;
    let mut magnitude = 0;
    while magnitude < half {
        // The lowest two segments have the same step, so that there the code is the magnitude.
        let code = if magnitude < 32 {
            low_byte(magnitude)
        } else {
            let segment = magnitude.ilog2() - 3;
            low_byte(((segment as usize) << 4) | ((magnitude >> (segment - 1)) & 15))
        };
        // Every other bit is sent inverted, for the line's clock.
        table[magnitude] = (code | 0x80) ^ 0x55;
        table[2 * half - 1 - magnitude] = code ^ 0x55;
        magnitude += 1;
    }
    table
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits")]
const fn low_byte(code: usize) -> u8 {
    code as u8
}

const fn samples_of(law: Law) -> [i16; 256] {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = match law {
            Law::Mu => mu_sample(low_byte(code)),
            Law::A => a_sample(low_byte(code)),
        };
        code += 1;
    }
    table
}

const fn mu_sample(code: u8) -> i16 {
    let (segment, step) = ((!code >> 4) & 7, (!code & 15) as i16);
    let magnitude = (((2 * step + 33) << segment) - 33) << MU_CUT;
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

const fn a_sample(code: u8) -> i16 {
    let (segment, step) = (((code ^ 0x55) >> 4) & 7, ((code ^ 0x55) & 15) as i16);
    let magnitude = match segment {
        0 => (2 * step + 1) << 3,
        _ => (2 * step + 33) << (2 + segment),
    };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}
