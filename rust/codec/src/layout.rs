//! Which foreign buffers hold samples, told from how they describe themselves.
//!
//! A description is that of Python's buffer protocol (PEP 3118, `struct` module codes), but no Python
//! is needed to judge it. The judgement is as strict as the advice in its errors is concrete: guessing
//! at a rate, a channel or a scale would give noise instead of an error.

use std::fmt;

use crate::PartialSample;

/// The form samples are held in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleForm {
    /// Signed 16 bits, little-endian: pcm.
    Int16,
    /// IEEE 754 binary32, little-endian, in [-1, 1].
    Float32,
}

impl SampleForm {
    /// The form a buffer holds: pcm as bytes or int16, or float32; of this machine's or little endianness.
    ///
    /// `code` is that of an element, `shape` has the elements and `strides` the bytes from one to the next
    /// in each dimension; `is_contiguous` tells whether they follow each other without gaps.
    ///
    /// # Errors
    /// For any other buffer.
    pub fn of_buffer(
        code: &[u8],
        shape: &[usize],
        strides: &[isize],
        is_contiguous: bool,
    ) -> Result<Self, LayoutError> {
        match shape {
            [_] if is_contiguous => {}
            [_] => return Err(LayoutError::Strided(strides.first().copied().unwrap_or_default())),
            shape => return Err(LayoutError::Shape(shape.to_vec())),
        }
        match code {
            b"B" | b"c" | b"<h" => Ok(Self::Int16),
            b"<f" => Ok(Self::Float32),
            b"h" | b"=h" | b"@h" if cfg!(target_endian = "little") => Ok(Self::Int16),
            b"f" | b"=f" | b"@f" if cfg!(target_endian = "little") => Ok(Self::Float32),
            code => Err(LayoutError::Kind(code.escape_ascii().to_string())),
        }
    }

    /// How many samples so many bytes are.
    ///
    /// # Errors
    /// If the last one is cut.
    pub const fn count_of(self, byte_count: usize) -> Result<usize, PartialSample> {
        let sample_bytes = self.sample_bytes();
        match byte_count % sample_bytes {
            0 => Ok(byte_count / sample_bytes),
            over => Err(PartialSample { offset: byte_count - over, sample_bytes }),
        }
    }

    /// The size of one sample.
    pub const fn sample_bytes(self) -> usize {
        match self {
            Self::Int16 => 2,
            Self::Float32 => 4,
        }
    }
}

/// A buffer that does not hold samples as they are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayoutError {
    /// Elements of another kind, by their code.
    Kind(String),
    /// More than one dimension, or none.
    Shape(Vec<usize>),
    /// Elements with gaps between them, or in reversed order.
    Strided(isize),
    /// Not a buffer at all, or one that cannot be read as a row, by the name of what it is.
    NoBuffer(String),
    /// Floats where only bytes can be taken.
    NotBytes,
}

impl fmt::Display for LayoutError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(code) => describe_kind(code, out),
            Self::Shape(shape) => {
                write!(out, "samples of shape {shape:?}: pass one channel as a one-dimensional array")
            }
            Self::Strided(bytes) => {
                write!(out, "samples {bytes} bytes apart: copy with np.ascontiguousarray")
            }
            Self::NoBuffer(name) => {
                write!(out, "{name} is not a row of samples: pass bytes, or an int16 or float32 array")
            }
            Self::NotBytes => out.write_str("float32 samples: convert with to_pcm first"),
        }
    }
}

fn describe_kind(code: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let endianness = if code.starts_with(['>', '!']) { "big-endian " } else { "" };
    let (kind, advice) = match code.trim_start_matches(['<', '>', '!', '=', '@']) {
        "h" => ("int16", "convert with .astype('<i2')"),
        "f" => ("float32", "convert with .astype('<f4')"),
        "d" => ("float64", "convert with .astype(np.float32)"),
        "e" => ("float16", "convert with .astype(np.float32)"),
        "b" => ("int8", "scale to 16 bits and convert with .astype(np.int16)"),
        "H" => ("uint16", "shift to signed and convert with .astype(np.int16)"),
        "i" => ("int32", "scale to 16 bits and convert with .astype(np.int16)"),
        "l" | "q" => ("int64", "scale to 16 bits and convert with .astype(np.int16)"),
        _ => return write!(out, "samples of buffer format '{code}': pass int16 or float32"),
    };
    write!(out, "{endianness}{kind} samples: {advice}")
}

impl std::error::Error for LayoutError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(code: &str) -> Result<SampleForm, String> {
        SampleForm::of_buffer(code.as_bytes(), &[4], &[2], true).map_err(|error| error.to_string())
    }

    #[test]
    fn bytes_and_little_endian_samples_are_taken() {
        for code in ["B", "c", "<h", "h", "=h", "@h"] {
            assert_eq!(judge(code), Ok(SampleForm::Int16));
        }
        for code in ["<f", "f", "=f", "@f"] {
            assert_eq!(judge(code), Ok(SampleForm::Float32));
        }
    }

    #[test]
    fn any_other_kind_is_refused_with_its_name_and_what_would_do() {
        for (code, reason) in [
            ("d", "float64 samples: convert with .astype(np.float32)"),
            (">h", "big-endian int16 samples: convert with .astype('<i2')"),
            ("!f", "big-endian float32 samples: convert with .astype('<f4')"),
            ("e", "float16 samples: convert with .astype(np.float32)"),
            ("b", "int8 samples: scale to 16 bits and convert with .astype(np.int16)"),
            ("H", "uint16 samples: shift to signed and convert with .astype(np.int16)"),
            ("i", "int32 samples: scale to 16 bits and convert with .astype(np.int16)"),
            ("q", "int64 samples: scale to 16 bits and convert with .astype(np.int16)"),
            ("Zf", "samples of buffer format 'Zf': pass int16 or float32"),
        ] {
            assert_eq!(judge(code), Err(reason.to_owned()));
        }
    }

    #[test]
    fn samples_that_do_not_follow_each_other_in_one_row_are_refused() {
        assert_eq!(SampleForm::of_buffer(b"h", &[4], &[-2], false), Err(LayoutError::Strided(-2)));
        for shape in [&[][..], &[2, 2]] {
            let refused = SampleForm::of_buffer(b"h", shape, &[4, 2], true);
            assert_eq!(refused, Err(LayoutError::Shape(shape.to_vec())));
        }
        assert_eq!(
            LayoutError::NoBuffer("list".to_owned()).to_string(),
            "list is not a row of samples: pass bytes, or an int16 or float32 array"
        );
    }
}
