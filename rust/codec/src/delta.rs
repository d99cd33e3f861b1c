//! The audio delta, recognised by its shape.
//!
//! A JSON parser looks at each of a delta's characters to find out what the server always writes in
//! the same way: seven keys in one order, ids without escapes, the audio. Here the message is compared
//! with that shape, and the audio is a span that the base64 kernel judges while it decodes.
//!
//! Strictness makes it safe: whatever is not exactly one of the known shapes is not recognised and
//! goes the ordinary way, so this reader may miss a delta but never reads one differently. Left out on
//! purpose: skipping white space, unescaping, unknown keys. Each would need what a parser does.

use std::str;

/// What a recognised message says; the audio is not yet decoded, and so not yet judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delta<'a> {
    /// The server's id of this event.
    pub event_id: &'a str,
    /// The response the audio belongs to.
    pub response_id: &'a str,
    /// The conversation item the audio belongs to.
    pub item_id: &'a str,
    /// The item's index in the response.
    pub output_index: u32,
    /// The content part's index in the item.
    pub content_index: u32,
    /// The base64 text. May hold anything, even a quote: decoding it is part of recognising.
    pub audio: &'a [u8],
}

impl Delta<'_> {
    /// Where the audio belongs, kept beyond the message.
    pub fn place(&self) -> Place {
        let ids = [self.event_id, self.response_id, self.item_id];
        Place::new(ids, self.output_index, self.content_index)
    }
}

/// Where a delta's audio belongs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Event, response and item, one behind the other: one allocation instead of three.
    ids: Box<str>,
    ends: [usize; 2],
    /// The item's index in the response.
    pub output_index: u32,
    /// The content part's index in the item.
    pub content_index: u32,
}

impl Place {
    /// Of the ids of event, response and item.
    pub fn new(ids: [&str; 3], output_index: u32, content_index: u32) -> Self {
        let ends = [ids[0].len(), ids[0].len() + ids[1].len()];
        Self { ids: ids.concat().into(), ends, output_index, content_index }
    }

    /// The server's id of the event.
    pub fn event_id(&self) -> &str {
        self.ids.get(..self.ends[0]).unwrap_or_default()
    }

    /// The response the audio belongs to.
    pub fn response_id(&self) -> &str {
        self.ids.get(self.ends[0]..self.ends[1]).unwrap_or_default()
    }

    /// The conversation item the audio belongs to.
    pub fn item_id(&self) -> &str {
        self.ids.get(self.ends[1]..).unwrap_or_default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Type,
    EventId,
    ResponseId,
    ItemId,
    OutputIndex,
    ContentIndex,
    Delta,
}

use Key::{ContentIndex, Delta as Audio, EventId, ItemId, OutputIndex, ResponseId, Type};

/// The orders that are met: the one of `OpenAI` and Azure; the beta's, and servers written after its
/// documentation; the fields of the official SDK's model, by servers that dump it.
const ORDERS: [[Key; 7]; 3] = [
    [Type, EventId, ResponseId, ItemId, OutputIndex, ContentIndex, Audio],
    [EventId, Type, ResponseId, ItemId, OutputIndex, ContentIndex, Audio],
    [ContentIndex, Audio, EventId, ItemId, OutputIndex, ResponseId, Type],
];

/// The delta that this message is, if it has one of the known shapes.
///
/// The caller takes it as a delta only if the audio decodes.
pub fn recognise(message: &[u8]) -> Option<Delta<'_>> {
    ORDERS.into_iter().find_map(|order| read(message, order))
}

fn read(message: &[u8], order: [Key; 7]) -> Option<Delta<'_>> {
    let mut rest = message.strip_prefix(b"{")?.strip_suffix(b"}")?;
    let mut found =
        Delta { event_id: "", response_id: "", item_id: "", output_index: 0, content_index: 0, audio: b"" };
    let spaced = rest.strip_prefix(order[0].text())?.starts_with(b": ");
    for (place, key) in order.into_iter().enumerate() {
        if place > 0 {
            rest = rest.strip_prefix(if spaced { &b", "[..] } else { b"," })?;
        }
        rest = rest.strip_prefix(key.text())?.strip_prefix(if spaced { &b": "[..] } else { b":" })?;
        rest = match key {
            Type => rest
                .strip_prefix(b"\"response.output_audio.delta\"")
                .or_else(|| rest.strip_prefix(b"\"response.audio.delta\""))?,
            EventId => text(rest, &mut found.event_id)?,
            ResponseId => text(rest, &mut found.response_id)?,
            ItemId => text(rest, &mut found.item_id)?,
            OutputIndex => index(rest, &mut found.output_index)?,
            ContentIndex => index(rest, &mut found.content_index)?,
            Audio => audio(rest, place == order.len() - 1, &mut found.audio)?,
        };
    }
    rest.is_empty().then_some(found)
}

impl Key {
    const fn text(self) -> &'static [u8] {
        match self {
            Type => b"\"type\"",
            EventId => b"\"event_id\"",
            ResponseId => b"\"response_id\"",
            ItemId => b"\"item_id\"",
            OutputIndex => b"\"output_index\"",
            ContentIndex => b"\"content_index\"",
            Audio => b"\"delta\"",
        }
    }
}

/// A string of printable ASCII without escapes.
fn text<'a>(rest: &'a [u8], value: &mut &'a str) -> Option<&'a [u8]> {
    let rest = rest.strip_prefix(b"\"")?;
    let is_plain = |byte: u8| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
    // Eight at a time without a branch between them: three ids are as long as all the keys.
    let is_block_plain = |block: &&[u8; 8]| block.iter().fold(true, |so_far, byte| so_far & is_plain(*byte));
    let start = rest.as_chunks().0.iter().take_while(is_block_plain).count() * 8;
    let end = start + rest[start..].iter().position(|byte| !is_plain(*byte))?;
    let (found, rest) = rest.split_at(end);
    *value = str::from_utf8(found).ok()?;
    rest.strip_prefix(b"\"")
}

/// An integer as JSON writes it: no sign, no leading zero, no fraction.
fn index<'a>(rest: &'a [u8], value: &mut u32) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, rest) = rest.split_at(end);
    if digits.len() > 1 && digits[0] == b'0' {
        return None;
    }
    *value = str::from_utf8(digits).ok()?.parse().ok()?;
    Some(rest)
}

/// The audio's span. At the end of the message its end is known without a search.
fn audio<'a>(rest: &'a [u8], is_last: bool, value: &mut &'a [u8]) -> Option<&'a [u8]> {
    let rest = rest.strip_prefix(b"\"")?;
    let end =
        if is_last { rest.len().checked_sub(1)? } else { rest.iter().position(|&byte| byte == b'"')? };
    let (found, rest) = rest.split_at(end);
    *value = found;
    rest.strip_prefix(b"\"")
}
