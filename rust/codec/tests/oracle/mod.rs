//! Slow and obvious versions of everything, written from the standards and not from the kernels.
#![allow(dead_code, reason = "each test binary uses its own part")]

use trunkline_codec::{Backend, DecodeError, DecodeErrorKind};

pub const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Runs a test on every backend that this machine has, and says which.
pub fn on_every_backend(test: impl Fn(Backend)) {
    for backend in Backend::available() {
        println!("backend: {}", backend.name());
        test(backend);
    }
}

/// Bytes that look random and are the same in every run (xorshift64, seed in the argument).
pub fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..count).map(|_| next()).collect()
}

/// RFC 4648 §4, a bit at a time.
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let mut text: Vec<u8> = bits
        .chunks(6)
        .map(|six| (0..6).fold(0, |value, bit| value << 1 | six.get(bit).copied().unwrap_or(0)))
        .map(|value: u8| ALPHABET[usize::from(value)])
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push(b'=');
    }
    text
}

/// The only text for bytes is the canonical one; the fault is the first symbol that no canonical text
/// with the same beginning could have there.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let fail = |offset, kind| Err(DecodeError { offset, kind });
    let mut bytes = Vec::new();
    for start in (0..text.len()).step_by(4) {
        let group = &text[start..text.len().min(start + 4)];
        let body: Vec<u8> = group.iter().copied().take_while(|symbol| *symbol != b'=').collect();
        if let Some(index) = body.iter().position(|symbol| !ALPHABET.contains(symbol)) {
            return fail(start + index, DecodeErrorKind::Symbol(body[index]));
        }
        let is_padded = body.len() < group.len();
        if is_padded && (body.len() < 2 || group[body.len()..].iter().any(|symbol| *symbol != b'=')) {
            return fail(start + body.len(), DecodeErrorKind::Padding);
        }
        if group.len() < 4 {
            return fail(text.len(), DecodeErrorKind::Length);
        }
        let value = |symbol: &u8| ALPHABET.iter().position(|other| other == symbol).unwrap();
        let bits: Vec<usize> =
            body.iter().flat_map(|symbol| (0..6).rev().map(move |bit| value(symbol) >> bit & 1)).collect();
        let whole = bits.len() / 8 * 8;
        if bits[whole..].contains(&1) {
            return fail(start + body.len() - 1, DecodeErrorKind::TrailingBits);
        }
        if is_padded && start + 4 < text.len() {
            return fail(start + body.len(), DecodeErrorKind::Padding);
        }
        bytes.extend(
            bits[..whole]
                .chunks(8)
                .map(|eight| u8::try_from(eight.iter().fold(0, |value, bit| value << 1 | bit)).unwrap()),
        );
    }
    Ok(bytes)
}

/// Scaled in double precision, where the product is exact, and rounded half to even by comparison.
#[expect(clippy::cast_possible_truncation, reason = "clipped before")]
pub fn sample_from_float(float: f32) -> i16 {
    let scaled = f64::from(float) * 32768.0;
    if scaled.is_nan() {
        return 0;
    }
    let clipped = scaled.clamp(-32768.0, 32767.0);
    let below = clipped.floor();
    let is_up = match (clipped - below).total_cmp(&0.5) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => below as i32 % 2 != 0,
    };
    (below as i32 + i32::from(is_up)) as i16
}

pub const CANARY: u8 = 0xa5;
const MARGIN: usize = 64;

/// Calls `write` with an output of that size at every offset in a row, and looks for stray writes.
pub fn guarded(size: usize, offset: usize, write: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut memory = vec![CANARY; MARGIN + offset + size + MARGIN];
    let (front, rest) = memory.split_at_mut(MARGIN + offset);
    let (out, back) = rest.split_at_mut(size);
    write(out);
    assert!(front.iter().chain(back.iter()).all(|byte| *byte == CANARY), "a stray write");
    out.to_vec()
}
