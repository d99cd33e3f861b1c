//! Base64 in pieces of any size, with the result of doing it at once.
//!
//! Encoding each piece by itself puts padding in the middle, which strict readers refuse. So what does
//! not fill a group (up to 2 bytes, or 3 symbols) is carried to the next piece.

use crate::base64::{self, decode_group, judge};
use crate::{DecodeError, DecodeErrorKind, SizeError};

/// Bytes in, text out.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    carry: Carry<3>,
}

impl Encoder {
    /// The length of the text that [`Self::update`] will write for so many bytes.
    pub fn update_len(&self, byte_count: usize) -> Option<usize> {
        (self.carry.len.checked_add(byte_count)? / 3).checked_mul(4)
    }

    /// Takes bytes and writes the text that is certain; `text` has exactly [`Self::update_len`] bytes.
    ///
    /// # Errors
    /// If `text` has another length; nothing was taken then.
    pub fn update(&mut self, bytes: &[u8], text: &mut [u8]) -> Result<(), SizeError> {
        if self.update_len(bytes.len()) != Some(text.len()) {
            return Err(SizeError);
        }
        let (head, bytes) = self.carry.fill(bytes);
        let (first, rest) = text.split_at_mut(if head.is_some() { 4 } else { 0 });
        if let Some(triple) = head {
            base64::encode(&triple, first)?;
        }
        let body = bytes.len() - bytes.len() % 3;
        base64::encode(&bytes[..body], rest)?;
        self.carry.keep(&bytes[body..]);
        Ok(())
    }

    /// The last group with its padding, if there is one; the encoder is as new afterwards.
    pub fn finish(&mut self) -> Option<[u8; 4]> {
        let mut last = [0; 4];
        let carry = std::mem::take(&mut self.carry);
        let wrote = !carry.is_empty() && base64::encode(carry.bytes(), &mut last).is_ok();
        wrote.then_some(last)
    }
}

/// Text in, bytes out.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    carry: Carry<4>,
    /// Symbols of whole groups taken so far: where the carry begins in the whole text.
    position: usize,
    /// Where padding was met, after which nothing may follow.
    padded_at: Option<usize>,
    failed: Option<DecodeError>,
}

impl Decoder {
    /// The number of bytes that [`Self::update`] will write for this text.
    pub fn update_len(&self, text: &[u8]) -> usize {
        let group_count = (self.carry.len + text.len()) / 4;
        // The end of the last whole group; its first symbols may be in the carry, its padding may not.
        let end = (group_count * 4).saturating_sub(self.carry.len);
        let at = |back: usize| match end.checked_sub(back) {
            Some(index) => text.get(index).copied(),
            None => self.carry.bytes().iter().rev().nth(back - end - 1).copied(),
        };
        let padding = match (at(2), at(1)) {
            _ if group_count == 0 => 0,
            (Some(b'='), Some(b'=')) => 2,
            (_, Some(b'=')) => 1,
            _ => 0,
        };
        group_count * 3 - padding
    }

    /// Takes text and writes the bytes that are certain; `bytes` has exactly [`Self::update_len`] bytes.
    ///
    /// # Errors
    /// At the first bad symbol, counted from the start of the whole text; then again on every call
    /// until [`Self::finish`].
    pub fn update(&mut self, text: &[u8], bytes: &mut [u8]) -> Result<(), DecodeError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let done = self.try_update(text, bytes);
        self.failed = done.err();
        done
    }

    fn try_update(&mut self, text: &[u8], bytes: &mut [u8]) -> Result<(), DecodeError> {
        if let (Some(offset), false) = (self.padded_at, text.is_empty()) {
            return Err(DecodeError { offset, kind: DecodeErrorKind::Padding });
        }
        if self.update_len(text) != bytes.len() {
            return Err(DecodeError { offset: self.position, kind: DecodeErrorKind::OutputSize });
        }
        let (head, text) = self.carry.fill(text);
        let mut rest = bytes;
        if let Some(group) = head {
            let count = self.take_head(group, text.is_empty(), rest)?;
            rest = &mut rest[count..];
        }
        let (body, tail) = text.split_at(text.len() - text.len() % 4);
        self.take_body(body, tail.is_empty(), rest)?;
        self.carry.keep(tail);
        Ok(())
    }

    fn take_head(&mut self, group: [u8; 4], is_last: bool, out: &mut [u8]) -> Result<usize, DecodeError> {
        let start = self.position;
        judge(&group, is_last).map_err(|error| error.moved_by(start))?;
        let (triple, count) = decode_group(group).map_err(|error| error.moved_by(start))?;
        // Not longer than what `update_len` counted for it: padding in it was only let pass as the last.
        out[..count].copy_from_slice(&triple[..count]);
        self.advance(&group);
        Ok(count)
    }

    fn take_body(&mut self, body: &[u8], is_last: bool, out: &mut [u8]) -> Result<(), DecodeError> {
        let start = self.position;
        base64::decode(body, out).map_err(|error| error.moved_by(start))?;
        self.advance(body);
        match (self.padded_at, is_last) {
            (Some(offset), false) => Err(DecodeError { offset, kind: DecodeErrorKind::Padding }),
            _ => Ok(()),
        }
    }

    fn advance(&mut self, groups: &[u8]) {
        let pad = groups.len().saturating_sub(2);
        let pad = groups[pad..].iter().position(|&symbol| symbol == b'=').map(|index| pad + index);
        self.padded_at = self.padded_at.or(pad.map(|index| self.position + index));
        // Wraps only after more text than memory could ever hold at once; then offsets are moot.
        self.position = self.position.wrapping_add(groups.len());
    }

    /// Checks that the text ended with a whole group; the decoder is as new afterwards.
    ///
    /// # Errors
    /// As [`Self::update`], or if the text ended inside a group.
    pub fn finish(&mut self) -> Result<(), DecodeError> {
        let Self { carry, position, failed, .. } = std::mem::take(self);
        match failed {
            Some(error) => Err(error),
            None if carry.is_empty() => Ok(()),
            None => judge(carry.bytes(), true).map_err(|error| error.moved_by(position)),
        }
    }
}

impl DecodeError {
    /// The same fault in a text of which this one is a part.
    const fn moved_by(self, start: usize) -> Self {
        Self { offset: self.offset.wrapping_add(start), kind: self.kind }
    }
}

/// Less than a group of N, waiting for the rest of it.
#[derive(Clone, Debug)]
struct Carry<const N: usize> {
    group: [u8; N],
    len: usize,
}

impl<const N: usize> Default for Carry<N> {
    fn default() -> Self {
        Self { group: [0; N], len: 0 }
    }
}

impl<const N: usize> Carry<N> {
    fn bytes(&self) -> &[u8] {
        &self.group[..self.len]
    }

    const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Completes the group from the front of the input: the group, if there was one, and what is left.
    fn fill<'a>(&mut self, input: &'a [u8]) -> (Option<[u8; N]>, &'a [u8]) {
        if self.is_empty() {
            return (None, input);
        }
        let (front, rest) = input.split_at(input.len().min(N - self.len));
        self.keep(front);
        if self.len < N {
            return (None, rest);
        }
        self.len = 0;
        (Some(self.group), rest)
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.group[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}
