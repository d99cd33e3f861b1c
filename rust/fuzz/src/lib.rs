//! What the fuzz targets share: the slow oracle of the codec's tests, and memory without slack.

pub mod json;
#[path = "../../codec/tests/oracle/mod.rs"]
#[allow(clippy::pedantic, reason = "written as a module of tests, where a panic needs no documentation")]
pub mod oracle;

use std::ops::Deref;

use oracle::CANARY;

/// The widest kernel's block is 64 bytes: of these offsets each is another alignment to it.
const OFFSETS: u8 = 64;

/// A copy of bytes whose memory begins some bytes before them and ends exactly with them, so that
/// `AddressSanitizer` sees a read behind them.
pub struct Placed {
    memory: Box<[u8]>,
    offset: usize,
}

impl Placed {
    /// The input's first byte says where, the others are what.
    pub fn from_input(input: &[u8]) -> Option<Self> {
        let (place, bytes) = input.split_first()?;
        Some(Self::new(bytes, usize::from(place % OFFSETS)))
    }

    /// Bytes so far behind an address that is aligned.
    pub fn new(bytes: &[u8], offset: usize) -> Self {
        let mut memory = vec![CANARY; offset + bytes.len()].into_boxed_slice();
        memory[offset..].copy_from_slice(bytes);
        Self { memory, offset }
    }

    /// How far behind an aligned address they are.
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl Deref for Placed {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[self.offset..]
    }
}

/// What `write` puts into an output of that size, at that offset and at the very end of its memory.
///
/// # Errors
/// If `write` fails, with its error.
///
/// # Panics
/// If something was written in front of the output; behind it `AddressSanitizer` sees it.
pub fn written<E>(
    size: usize,
    offset: usize,
    write: impl FnOnce(&mut [u8]) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let mut memory = vec![CANARY; offset + size].into_boxed_slice();
    let (front, out) = memory.split_at_mut(offset);
    let done = write(out);
    assert!(front.iter().all(|byte| *byte == CANARY), "a stray write");
    done.map(|()| out.to_vec())
}

/// Cuts a row into pieces of these sizes, and what is left.
pub fn pieces<'a>(row: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = row;
    let mut found = Vec::with_capacity(sizes.len() + 1);
    for size in sizes {
        let (piece, after) = rest.split_at(rest.len().min(*size));
        found.push(piece);
        rest = after;
    }
    found.push(rest);
    found
}
