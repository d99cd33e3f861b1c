//! Base64 by RFC 4648 §4: standard alphabet, with padding, nothing else.
//!
//! The usual codec forgives: line breaks, missing padding, bits left over. Then two texts stand for
//! the same bytes, a damaged message may pass for a sound one, and an offset in an error means
//! nothing. Here every text but the canonical one is refused at its first wrong symbol.
//!
//! A fast kernel does whole blocks and stops before the first one it doubts; `judge` alone says what is
//! wrong, so that errors are the same on every backend. Left out on purpose: the URL alphabet and line
//! breaks, which the protocol never uses.

use crate::{Backend, DecodeError, DecodeErrorKind, SizeError, kernels};

pub(crate) const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD: u8 = b'=';

/// Above the 24 bits of a group, so that one OR over four look-ups tells whether all were symbols.
const INVALID: u32 = 1 << 24;

/// Two symbols for 12 bits: half the look-ups of a table of 64, and at 8 KiB it still fits the L1 cache.
static PAIRS: [[u8; 2]; 4096] = pairs();

/// For each of a group's four places, a byte's six bits where they belong, or `INVALID`.
static PLACES: [[u32; 256]; 4] = [places(18), places(12), places(6), places(0)];

const fn pairs() -> [[u8; 2]; 4096] {
    let mut table = [[0; 2]; 4096];
    let mut bits = 0;
    while bits < 4096 {
        table[bits] = [ALPHABET[bits >> 6], ALPHABET[bits & 63]];
        bits += 1;
    }
    table
}

const fn places(shift: u32) -> [u32; 256] {
    let mut table = [INVALID; 256];
    let mut value = 0;
    while value < 64 {
        #[expect(clippy::cast_possible_truncation, reason = "below 64")]
        let sextet = value as u32;
        table[ALPHABET[value] as usize] = sextet << shift;
        value += 1;
    }
    table
}

/// The length of the text for so many bytes, or `None` if no `usize` holds it.
pub const fn encoded_len(byte_count: usize) -> Option<usize> {
    byte_count.div_ceil(3).checked_mul(4)
}

/// The number of bytes that this text stands for, by its length and padding alone.
///
/// # Errors
/// If the text ends inside a group; its first bad symbol, if there is one, is what is reported.
pub fn decoded_len(text: &[u8]) -> Result<usize, DecodeError> {
    match text {
        _ if !text.len().is_multiple_of(4) => Err(locate(text, 0)),
        [.., PAD, PAD] => Ok(text.len() / 4 * 3 - 2),
        [.., PAD] => Ok(text.len() / 4 * 3 - 1),
        _ => Ok(text.len() / 4 * 3),
    }
}

/// Writes the text for these bytes; `text` has exactly [`encoded_len`] bytes.
///
/// # Errors
/// If `text` has another length.
pub fn encode(bytes: &[u8], text: &mut [u8]) -> Result<(), SizeError> {
    encode_with(Backend::current(), bytes, text)
}

/// As [`encode`], with that backend.
#[doc(hidden)]
pub fn encode_with(backend: Backend, bytes: &[u8], text: &mut [u8]) -> Result<(), SizeError> {
    if encoded_len(bytes.len()) != Some(text.len()) {
        return Err(SizeError);
    }
    let done = kernels::encode(backend, bytes, text);
    encode_scalar(&bytes[done..], &mut text[done / 3 * 4..]);
    Ok(())
}

/// Writes the bytes that this text stands for; `bytes` has exactly [`decoded_len`] bytes.
///
/// # Errors
/// At the first symbol that cannot stand where it stands. What was written until then is undefined.
pub fn decode(text: &[u8], bytes: &mut [u8]) -> Result<(), DecodeError> {
    decode_with(Backend::current(), text, bytes)
}

/// As [`decode`], with that backend.
#[doc(hidden)]
pub fn decode_with(backend: Backend, text: &[u8], bytes: &mut [u8]) -> Result<(), DecodeError> {
    if decoded_len(text)? != bytes.len() {
        return Err(DecodeError { offset: text.len(), kind: DecodeErrorKind::OutputSize });
    }
    let done = kernels::decode(backend, text, bytes);
    decode_scalar(&text[done..], &mut bytes[done / 4 * 3..])
        .map_err(|group_start| locate(text, done + group_start))
}

fn encode_scalar(bytes: &[u8], text: &mut [u8]) {
    let (triples, tail) = bytes.as_chunks::<3>();
    let (groups, _) = text.as_chunks_mut::<4>();
    for (group, triple) in groups.iter_mut().zip(triples) {
        *group = group_of(*triple);
    }
    if let Some(last) = groups.last_mut() {
        match *tail {
            [first] => *last = padded(group_of([first, 0, 0]), 2),
            [first, second] => *last = padded(group_of([first, second, 0]), 3),
            _ => {}
        }
    }
}

fn group_of([first, second, third]: [u8; 3]) -> [u8; 4] {
    let high = usize::from(first) << 4 | usize::from(second) >> 4;
    let low = usize::from(second & 15) << 8 | usize::from(third);
    let ([a, b], [c, d]) = (PAIRS[high], PAIRS[low]);
    [a, b, c, d]
}

fn padded(mut group: [u8; 4], from: usize) -> [u8; 4] {
    group[from..].fill(PAD);
    group
}

/// Fails with the start of a group that is not sound.
fn decode_scalar(text: &[u8], bytes: &mut [u8]) -> Result<(), usize> {
    let (groups, _) = text.as_chunks::<4>();
    let Some((last, body)) = groups.split_last() else {
        return Ok(());
    };
    // Only the last group may have padding, and then fewer bytes of output are left for it.
    let (triples, _) = bytes.as_chunks_mut::<3>();
    for (index, (triple, group)) in triples.iter_mut().zip(body).enumerate() {
        *triple = triple_of(*group).ok_or(index * 4)?;
    }
    let rest = &mut bytes[body.len() * 3..];
    let (triple, count) = decode_group(*last).map_err(|_| body.len() * 4)?;
    rest.copy_from_slice(&triple[..count]);
    Ok(())
}

/// The three bytes of a group without padding.
fn triple_of(group: [u8; 4]) -> Option<[u8; 3]> {
    let [a, b, c, d] = group.map(usize::from);
    let bits = PLACES[0][a] | PLACES[1][b] | PLACES[2][c] | PLACES[3][d];
    let [_, first, second, third] = bits.to_be_bytes();
    (bits < INVALID).then_some([first, second, third])
}

/// The bytes of a text's last group, and how many of the three there are.
pub(crate) fn decode_group(group: [u8; 4]) -> Result<([u8; 3], usize), DecodeError> {
    if let Some(triple) = triple_of(group) {
        return Ok((triple, 3));
    }
    judge(&group, true)?;
    let [a, b, c, d] = group;
    let count = if c == PAD { 1 } else { 2 };
    let bare = [a, b, if c == PAD { b'A' } else { c }, if d == PAD { b'A' } else { d }];
    Ok((triple_of(bare).unwrap_or_default(), count))
}

/// What is first wrong in a text that is known to be wrong from that group on, or in its length.
fn locate(text: &[u8], from: usize) -> DecodeError {
    let length = DecodeError { offset: text.len(), kind: DecodeErrorKind::Length };
    first_fault(text, from).unwrap_or(length)
}

/// What is first wrong in a text, from that group on.
pub(crate) fn first_fault(text: &[u8], from: usize) -> Option<DecodeError> {
    let last_start = text.len().saturating_sub(1) / 4 * 4;
    (from..text.len()).step_by(4).find_map(|start| {
        let group = &text[start..text.len().min(start + 4)];
        let fault = judge(group, start == last_start).err()?;
        Some(DecodeError { offset: start + fault.offset, kind: fault.kind })
    })
}

/// What is first wrong in one group of one to four symbols; `is_last` tells whether padding may stand in it.
pub(crate) fn judge(group: &[u8], is_last: bool) -> Result<(), DecodeError> {
    let fault = |offset, kind| Err(DecodeError { offset, kind });
    let mut pad = None;
    for (offset, &symbol) in group.iter().enumerate() {
        match (pad, symbol) {
            (None, PAD) if offset >= 2 => pad = Some(offset),
            (None, PAD) => return fault(offset, DecodeErrorKind::Padding),
            (Some(_), PAD) => {}
            (Some(first), _) => return fault(first, DecodeErrorKind::Padding),
            (None, _) if sextet(symbol) == INVALID => {
                return fault(offset, DecodeErrorKind::Symbol(symbol));
            }
            (None, _) => {}
        }
    }
    if group.len() < 4 {
        return fault(group.len(), DecodeErrorKind::Length);
    }
    match pad {
        Some(2) if sextet(group[1]) & 0b1111 != 0 => fault(1, DecodeErrorKind::TrailingBits),
        Some(3) if sextet(group[2]) & 0b11 != 0 => fault(2, DecodeErrorKind::TrailingBits),
        Some(first) if !is_last => fault(first, DecodeErrorKind::Padding),
        _ => Ok(()),
    }
}

fn sextet(symbol: u8) -> u32 {
    PLACES[3][usize::from(symbol)]
}
