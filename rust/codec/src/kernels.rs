//! From a backend to its kernels, and nothing else.
//!
//! A kernel does whole blocks from the front, stops before the first one it doubts, and tells how many
//! bytes of its input it has done; the scalar backend has none and does none. What is left (tails,
//! padding, faults) is the caller's, whose portable code is the only author of errors. Outputs are as
//! long as the input asks for: callers have checked, and a shorter one would only end the work early.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;

use crate::Backend;
use crate::backend::Kind;

macro_rules! dispatch {
    ($backend:ident, $kernel:ident($($argument:ident),+), scalar: $nothing:expr) => {
        match $backend.kind() {
            Kind::Scalar => $nothing,
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a backend of this kind exists only where the machine has the features.
            Kind::Avx2 => unsafe { avx2::$kernel($($argument),+) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Kind::Avx512 => unsafe { avx512::$kernel($($argument),+) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: as above.
            Kind::Neon => unsafe { neon::$kernel($($argument),+) },
        }
    };
}

/// Bytes to base64 text.
pub(crate) fn encode(backend: Backend, bytes: &[u8], text: &mut [u8]) -> usize {
    dispatch!(backend, encode(bytes, text), scalar: 0)
}

/// Float32 to the base64 text of its pcm.
pub(crate) fn encode_floats(backend: Backend, floats: &[u8], text: &mut [u8]) -> usize {
    dispatch!(backend, encode_floats(floats, text), scalar: 0)
}

/// Base64 text to bytes.
pub(crate) fn decode(backend: Backend, text: &[u8], bytes: &mut [u8]) -> usize {
    dispatch!(backend, decode(text, bytes), scalar: 0)
}

/// Base64 text of pcm to float32.
pub(crate) fn decode_floats(backend: Backend, text: &[u8], floats: &mut [u8]) -> usize {
    dispatch!(backend, decode_floats(text, floats), scalar: 0)
}

/// Float32 to pcm.
pub(crate) fn floats_to_pcm(backend: Backend, floats: &[u8], pcm: &mut [u8]) -> usize {
    dispatch!(backend, floats_to_pcm(floats, pcm), scalar: 0)
}

/// Pcm to float32.
pub(crate) fn pcm_to_floats(backend: Backend, pcm: &[u8], floats: &mut [u8]) -> usize {
    dispatch!(backend, pcm_to_floats(pcm, floats), scalar: 0)
}

/// Sum of squares and greatest magnitude of pcm.
pub(crate) fn measure(backend: Backend, pcm: &[u8]) -> (usize, Measure) {
    dispatch!(backend, measure(pcm), scalar: (0, Measure::default()))
}

/// What a level is made of, apart from runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    pub squares: u64,
    pub peak: u16,
}
