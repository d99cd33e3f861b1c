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

pub mod arrivals;
mod backend;
pub mod base64;
mod coding;
pub mod delta;
mod error;
pub mod frame;
pub mod g711;
mod kernels;
mod layout;
pub mod level;
mod memory;
pub mod message;
pub mod notes;
pub mod pcm;
pub mod resample;
mod samples;
pub mod stream;

pub use backend::Backend;
pub use coding::Coding;
pub use error::{
    DecodeError, DecodeErrorKind, Error, EventIdError, PartialSample, SizeError, UnknownBackend, UnknownLaw,
    UnknownRates,
};
pub use layout::{LayoutError, SampleForm};
pub use memory::{Memory, Shared};
pub use samples::{PIECE_SAMPLES, Samples, Source};
