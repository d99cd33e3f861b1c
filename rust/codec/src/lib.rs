//! PCM16, base64 and Realtime message kernels: bytes in, bytes out, no Python.
//!
//! Audio reaches this crate as little-endian bytes and never as `&[i16]` or `&[f32]`: what comes from
//! a foreign buffer or a socket has no alignment to rely on. Every function that writes takes an
//! output of exactly the size that its `…_len` companion computes, so a caller allocates once.
//!
//! A kernel with a faster form per machine has two entries: the plain one uses [`Backend::current`],
//! the hidden `…_with` one is told, so that tests and benches can force each.

#![deny(unsafe_code)]
#![deny(missing_docs)]

mod backend;
pub mod base64;
pub mod delta;
mod error;
pub mod g711;
mod kernels;
mod layout;
pub mod level;
pub mod message;
pub mod pcm;
pub mod resample;
mod samples;
pub mod stream;

pub use backend::Backend;
pub use error::{
    DecodeError, DecodeErrorKind, Error, EventIdError, PartialSample, SizeError, UnknownBackend, UnknownLaw,
    UnknownRates,
};
pub use layout::{LayoutError, SampleForm};
pub use samples::Samples;
