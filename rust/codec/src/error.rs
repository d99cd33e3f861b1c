//! What can be wrong with an input, as facts; the words are made on demand.

use std::fmt;

use crate::LayoutError;

/// Base64 text that is not strict RFC 4648.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// Index of the first symbol that cannot stand where it stands; the text's length if one is missing.
    pub offset: usize,
    /// What is wrong with it.
    pub kind: DecodeErrorKind,
}

/// What is wrong with a symbol of base64 text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// Not one of the 64 symbols, nor `=`.
    Symbol(u8),
    /// A `=` where none may stand: not at the end, or in the first half of a group.
    Padding,
    /// The last symbol before the padding carries bits that no byte takes (RFC 4648 §3.5).
    TrailingBits,
    /// The text ends inside a group of four.
    Length,
    /// The output is not of the exact size: the caller's mistake, never the text's.
    OutputSize,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            DecodeErrorKind::Symbol(byte @ 0x21..=0x7e) => {
                write!(out, "'{}' is not a base64 symbol", char::from(byte))
            }
            DecodeErrorKind::Symbol(byte) => {
                write!(out, "byte 0x{byte:02x} is not a base64 symbol")
            }
            DecodeErrorKind::Padding => out.write_str("base64 padding before the end"),
            DecodeErrorKind::TrailingBits => out.write_str("base64 with bits left over"),
            DecodeErrorKind::Length => out.write_str("base64 ends inside a group of four"),
            DecodeErrorKind::OutputSize => out.write_str("the output has not the exact size"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Audio that ends inside a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialSample {
    /// Index of the first byte of the sample that is cut.
    pub offset: usize,
    /// How many bytes a sample has.
    pub sample_bytes: usize,
}

impl fmt::Display for PartialSample {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "audio ends inside a sample of {} bytes", self.sample_bytes)
    }
}

impl std::error::Error for PartialSample {}

/// An `event_id` that could not stand in a message as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventIdError {
    /// Index of the first bad byte; 0 for an empty id, the limit for one that is too long.
    pub offset: usize,
}

impl fmt::Display for EventIdError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("event_id must be 1 to 512 printable ASCII characters without quote or backslash")
    }
}

impl std::error::Error for EventIdError {}

/// A size that overflows, or an output that is not of the exact size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeError;

impl fmt::Display for SizeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the result would be too large, or the output has not the exact size")
    }
}

impl std::error::Error for SizeError {}

/// A backend's name that this machine does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownBackend;

impl fmt::Display for UnknownBackend {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("this machine has no such backend")
    }
}

impl std::error::Error for UnknownBackend {}

/// A G.711 law's name that there is none of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLaw;

impl fmt::Display for UnknownLaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a G.711 law is 'ulaw' or 'alaw'")
    }
}

impl std::error::Error for UnknownLaw {}

/// A pair of rates that no filter is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownRates {
    /// Samples a second that come.
    pub source_hz: u32,
    /// Samples a second that are wanted.
    pub target_hz: u32,
}

impl fmt::Display for UnknownRates {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source_hz, target_hz } = self;
        write!(out, "no way from {source_hz} to {target_hz} Hz: both must be of 8000, 16000, 24000, ")?;
        out.write_str("44100 and 48000, and one of them 8000 or 24000")
    }
}

impl std::error::Error for UnknownRates {}

/// Everything that this crate can fail with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// Base64 text that is not strict.
    Decode(DecodeError),
    /// Audio that ends inside a sample.
    PartialSample(PartialSample),
    /// An event id that cannot be written as it is.
    EventId(EventIdError),
    /// A buffer that does not hold samples as they are taken.
    Layout(LayoutError),
    /// A size that no memory has.
    Size(SizeError),
    /// A backend that this machine does not have.
    Backend(UnknownBackend),
    /// A law that there is none of.
    Law(UnknownLaw),
    /// Rates that no filter is made for.
    Rates(UnknownRates),
}

impl Error {
    /// Index of the first bad byte of the input, where there is one.
    pub const fn offset(&self) -> Option<usize> {
        match self {
            Self::Decode(DecodeError { offset, .. })
            | Self::PartialSample(PartialSample { offset, .. })
            | Self::EventId(EventIdError { offset }) => Some(*offset),
            Self::Layout(_) | Self::Size(_) | Self::Backend(_) | Self::Law(_) | Self::Rates(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(out),
            Self::PartialSample(error) => error.fmt(out),
            Self::EventId(error) => error.fmt(out),
            Self::Layout(error) => error.fmt(out),
            Self::Size(error) => error.fmt(out),
            Self::Backend(error) => error.fmt(out),
            Self::Law(error) => error.fmt(out),
            Self::Rates(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for Error {}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<PartialSample> for Error {
    fn from(error: PartialSample) -> Self {
        Self::PartialSample(error)
    }
}

impl From<EventIdError> for Error {
    fn from(error: EventIdError) -> Self {
        Self::EventId(error)
    }
}

impl From<LayoutError> for Error {
    fn from(error: LayoutError) -> Self {
        Self::Layout(error)
    }
}

impl From<SizeError> for Error {
    fn from(error: SizeError) -> Self {
        Self::Size(error)
    }
}

impl From<UnknownBackend> for Error {
    fn from(error: UnknownBackend) -> Self {
        Self::Backend(error)
    }
}

impl From<UnknownLaw> for Error {
    fn from(error: UnknownLaw) -> Self {
        Self::Law(error)
    }
}

impl From<UnknownRates> for Error {
    fn from(error: UnknownRates) -> Self {
        Self::Rates(error)
    }
}
