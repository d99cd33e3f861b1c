//! The finished `input_audio_buffer.append` message, written in one pass.
//!
//! The plain way builds an object, puts the base64 text into it and serialises: three copies of the
//! audio and a search for characters to escape in a text that cannot have any. Everything around the
//! audio is constant but the `event_id`, which is judged once instead of escaped.

use crate::level::Meter;
use crate::{Backend, Coding, EventIdError, SizeError, Source};

const OPEN_ID: &[u8] = b"{\"event_id\":\"";
const AFTER_ID: &[u8] = b"\",\"type\":\"input_audio_buffer.append\",\"audio\":\"";
const OPEN: &[u8] = b"{\"type\":\"input_audio_buffer.append\",\"audio\":\"";
pub(crate) const CLOSE: &[u8] = b"\"}";

/// The API's limit for an event id that a client chooses.
const EVENT_ID_LIMIT_BYTES: usize = 512;

/// An `event_id` that needs no escaping.
#[derive(Clone, Copy, Debug)]
pub struct EventId<'a>(&'a str);

impl<'a> EventId<'a> {
    /// The id, if it has 1 to 512 printable ASCII characters without quote or backslash.
    ///
    /// # Errors
    /// At the first character that is none of these.
    pub fn new(id: &'a str) -> Result<Self, EventIdError> {
        let is_bad = |byte: u8| !matches!(byte, 0x20..=0x7e) || byte == b'"' || byte == b'\\';
        match id.bytes().take(EVENT_ID_LIMIT_BYTES).position(is_bad) {
            Some(offset) => Err(EventIdError { offset }),
            None if id.is_empty() => Err(EventIdError { offset: 0 }),
            None if id.len() > EVENT_ID_LIMIT_BYTES => Err(EventIdError { offset: EVENT_ID_LIMIT_BYTES }),
            None => Ok(Self(id)),
        }
    }

    /// The id itself.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

/// The length of the message with so many samples, or `None` if no `usize` holds it.
pub fn append_len(sample_count: usize, coding: Coding, event_id: Option<EventId<'_>>) -> Option<usize> {
    let open = match event_id {
        None => OPEN.len(),
        Some(id) => OPEN_ID.len() + id.0.len() + AFTER_ID.len(),
    };
    coding.text_len(sample_count)?.checked_add(open + CLOSE.len())
}

/// Writes the message; `out` has exactly [`append_len`] bytes. No samples make a valid, empty one.
///
/// # Errors
/// If `out` has another length.
pub fn write_append(
    source: &impl Source,
    coding: Coding,
    event_id: Option<EventId<'_>>,
    out: &mut [u8],
) -> Result<(), SizeError> {
    write_append_with(Backend::current(), source, coding, event_id, out)
}

/// As [`write_append`], with that backend.
#[doc(hidden)]
pub fn write_append_with(
    backend: Backend,
    source: &impl Source,
    coding: Coding,
    event_id: Option<EventId<'_>>,
    out: &mut [u8],
) -> Result<(), SizeError> {
    coding.write_text_with(backend, source, write_around(event_id, out)?)
}

/// As [`write_append`], and measures what is sent on its way.
///
/// # Errors
/// If `out` has another length.
pub fn write_append_metered(
    source: &impl Source,
    coding: Coding,
    event_id: Option<EventId<'_>>,
    meter: &mut Meter,
    out: &mut [u8],
) -> Result<(), SizeError> {
    write_append_metered_with(Backend::current(), source, coding, event_id, meter, out)
}

/// As [`write_append_metered`], with that backend.
#[doc(hidden)]
pub fn write_append_metered_with(
    backend: Backend,
    source: &impl Source,
    coding: Coding,
    event_id: Option<EventId<'_>>,
    meter: &mut Meter,
    out: &mut [u8],
) -> Result<(), SizeError> {
    coding.write_text_metered(backend, source, meter, write_around(event_id, out)?)
}

/// Writes all but the audio's text, and gives the place for that.
pub(crate) fn write_around<'a>(
    event_id: Option<EventId<'_>>,
    out: &'a mut [u8],
) -> Result<&'a mut [u8], SizeError> {
    let text = match event_id {
        None => after(out, OPEN)?,
        Some(id) => after(after(after(out, OPEN_ID)?, id.0.as_bytes())?, AFTER_ID)?,
    };
    let (text, close) = text.split_last_chunk_mut::<{ CLOSE.len() }>().ok_or(SizeError)?;
    close.copy_from_slice(CLOSE);
    Ok(text)
}

/// Writes a part at the front and gives what is left behind it.
fn after<'a>(out: &'a mut [u8], part: &[u8]) -> Result<&'a mut [u8], SizeError> {
    let (front, rest) = out.split_at_mut_checked(part.len()).ok_or(SizeError)?;
    front.copy_from_slice(part);
    Ok(rest)
}
