//! Kernels for NEON, whose loads and stores part bytes by threes and fours, and whose look-ups reach over
//! four registers of 16.
//!
//! In the pictures a register is drawn from its lowest byte on; `A0 A1 A2` are the bytes of a base64 group
//! and `a b c d` its sextets, those of the second group are `B…` and `e f g h`.
//!
//! All arithmetic is safe code; `unsafe` is left for loads and stores, whose bounds are in the types.
#![allow(clippy::wildcard_imports, reason = "each name is an instruction, known by its prefix")]

use std::arch::aarch64::*;

use super::Measure;
use crate::base64::ALPHABET;

/// 48 bytes to 64 symbols a turn.
#[target_feature(enable = "neon")]
pub(super) fn encode(bytes: &[u8], text: &mut [u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<48>();
    let (texts, _) = text.as_chunks_mut::<64>();
    let mut done = 0;
    for (block, text) in blocks.iter().zip(texts) {
        // A0 B0 C0 ... , A1 B1 C1 ... , A2 B2 C2 ...
        store_by_4(text, symbols(load_by_3(block)));
        done += block.len();
    }
    done
}

/// 24 floats to 64 symbols a turn: pcm is never in memory.
#[target_feature(enable = "neon")]
pub(super) fn encode_floats(floats: &[u8], text: &mut [u8]) -> usize {
    const BY_3: [[u8; 16]; 3] = [every_third(0), every_third(1), every_third(2)];
    let (blocks, _) = floats.as_chunks::<32>().0.as_chunks::<3>();
    let (texts, _) = text.as_chunks_mut::<64>();
    let mut done = 0;
    for ([first, second, third], text) in blocks.iter().zip(texts) {
        // A0 A1 A2 B0 B1 B2 ... over three registers
        let bytes = uint8x16x3_t(samples(first), samples(second), samples(third));
        // ->  A0 B0 C0 ... , A1 B1 C1 ... , A2 B2 C2 ...
        let by_3 = uint8x16x3_t(
            vqtbl3q_u8(bytes, load(&BY_3[0])),
            vqtbl3q_u8(bytes, load(&BY_3[1])),
            vqtbl3q_u8(bytes, load(&BY_3[2])),
        );
        store_by_4(text, symbols(by_3));
        done += 3 * 32;
    }
    done
}

/// 64 symbols to 48 bytes a turn.
#[target_feature(enable = "neon")]
pub(super) fn decode(text: &[u8], bytes: &mut [u8]) -> usize {
    let (blocks, _) = text.as_chunks::<64>();
    let (outs, _) = bytes.as_chunks_mut::<48>();
    let mut done = 0;
    for (block, out) in blocks.iter().zip(outs) {
        let Some(by_3) = groups(block) else {
            return done;
        };
        store_by_3(out, by_3);
        done += block.len();
    }
    done
}

/// 64 symbols to 24 floats a turn.
#[target_feature(enable = "neon")]
pub(super) fn decode_floats(text: &[u8], floats: &mut [u8]) -> usize {
    const IN_ROW: [[u8; 16]; 3] = [in_row(0), in_row(16), in_row(32)];
    let (blocks, _) = text.as_chunks::<64>();
    let (outs, _) = floats.as_chunks_mut::<32>().0.as_chunks_mut::<3>();
    let mut done = 0;
    for (block, out) in blocks.iter().zip(outs) {
        let Some(by_3) = groups(block) else {
            return done;
        };
        for (out, order) in out.iter_mut().zip(&IN_ROW) {
            // A0 B0 C0 ... , A1 B1 C1 ... , A2 B2 C2 ...  ->  A0 A1 A2 B0 B1 B2 ... : 8 samples
            store_floats(out, vqtbl3q_u8(by_3, load(order)));
        }
        done += block.len();
    }
    done
}

/// 8 floats a turn.
#[target_feature(enable = "neon")]
pub(super) fn floats_to_pcm(floats: &[u8], pcm: &mut [u8]) -> usize {
    let (blocks, _) = floats.as_chunks::<32>();
    let (outs, _) = pcm.as_chunks_mut::<16>();
    let mut done = 0;
    for (block, out) in blocks.iter().zip(outs) {
        store(out, samples(block));
        done += block.len();
    }
    done
}

/// 8 samples a turn.
#[target_feature(enable = "neon")]
pub(super) fn pcm_to_floats(pcm: &[u8], floats: &mut [u8]) -> usize {
    let (blocks, _) = pcm.as_chunks::<16>();
    let (outs, _) = floats.as_chunks_mut::<32>();
    let mut done = 0;
    for (block, out) in blocks.iter().zip(outs) {
        store_floats(out, load(block));
        done += block.len();
    }
    done
}

/// 8 samples a turn.
#[target_feature(enable = "neon")]
pub(super) fn measure(pcm: &[u8]) -> (usize, Measure) {
    let (blocks, _) = pcm.as_chunks::<16>();
    let (mut squares, mut peaks) = (vdupq_n_u64(0), vdupq_n_u16(0));
    for block in blocks {
        // |-32768| is 0x8000: right when read without a sign.
        let magnitudes = vreinterpretq_u16_s16(vabsq_s16(vreinterpretq_s16_u8(load(block))));
        let low = vmull_u16(vget_low_u16(magnitudes), vget_low_u16(magnitudes));
        // Each square is at most 2³⁰, so that the sum of two has room in 32 bits.
        let pairs = vmlal_u16(low, vget_high_u16(magnitudes), vget_high_u16(magnitudes));
        squares = vpadalq_u32(squares, pairs);
        peaks = vmaxq_u16(peaks, magnitudes);
    }
    (blocks.len() * 16, Measure { squares: vaddvq_u64(squares), peak: vmaxvq_u16(peaks) })
}

/// `A0 B0 …`, `A1 B1 …`, `A2 B2 …` to the symbols `a e …`, `b f …`, `c g …`, `d h …`.
#[inline]
#[target_feature(enable = "neon")]
fn symbols(uint8x16x3_t(first, second, third): uint8x16x3_t) -> uint8x16x4_t {
    let six = vdupq_n_u8(0b11_1111);
    let a = vshrq_n_u8::<2>(first);
    // Shifts left and takes in the upper bits of the next byte from the right.
    let b = vandq_u8(vsliq_n_u8::<4>(vshrq_n_u8::<4>(second), first), six);
    let c = vandq_u8(vsliq_n_u8::<2>(vshrq_n_u8::<6>(third), second), six);
    let d = vandq_u8(third, six);
    let alphabet = table(ALPHABET);
    uint8x16x4_t(
        vqtbl4q_u8(alphabet, a),
        vqtbl4q_u8(alphabet, b),
        vqtbl4q_u8(alphabet, c),
        vqtbl4q_u8(alphabet, d),
    )
}

/// 64 symbols to `A0 B0 …`, `A1 B1 …`, `A2 B2 …`; none if there is another byte.
#[inline]
#[target_feature(enable = "neon")]
fn groups(text: &[u8; 64]) -> Option<uint8x16x3_t> {
    // a e ... , b f ... , c g ... , d h ...
    let uint8x16x4_t(a, b, c, d) = load_by_4(text);
    let (a, b, c, d) = (sextets(a), sextets(b), sextets(c), sextets(d));
    let doubts = vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d));
    if vmaxvq_u8(doubts) >= 0x80 {
        return None;
    }
    let first = vsliq_n_u8::<2>(vshrq_n_u8::<4>(b), a);
    let second = vsliq_n_u8::<4>(vshrq_n_u8::<2>(c), b);
    let third = vsliq_n_u8::<6>(d, c);
    Some(uint8x16x3_t(first, second, third))
}

/// The sextet of each symbol; the top bit marks what is none.
#[inline]
#[target_feature(enable = "neon")]
fn sextets(symbols: uint8x16_t) -> uint8x16_t {
    // A look-up beyond its table gives zero, or leaves what was there: each of the two halves of ASCII
    // fills its own part in, and what is in neither keeps its top bit.
    let beyond = vandq_u8(symbols, vdupq_n_u8(0x80));
    let low = vqtbx4q_u8(beyond, table(&SEXTETS[0]), symbols);
    vqtbx4q_u8(low, table(&SEXTETS[1]), vsubq_u8(symbols, vdupq_n_u8(64)))
}

/// 8 floats to samples.
#[inline]
#[target_feature(enable = "neon")]
fn samples(floats: &[u8; 32]) -> uint8x16_t {
    let (low, high) = load_floats(floats);
    // Rounds half to even, saturates, and makes NaN zero, all as wanted.
    let low = vcvtnq_s32_f32(vmulq_n_f32(low, 32768.0));
    let high = vcvtnq_s32_f32(vmulq_n_f32(high, 32768.0));
    vreinterpretq_u8_s16(vqmovn_high_s32(vqmovn_s32(low), high))
}

#[inline]
#[target_feature(enable = "neon")]
fn load(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: the reference is to 16 readable bytes; no alignment is asked for.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn load_floats(floats: &[u8; 32]) -> (float32x4_t, float32x4_t) {
    let [low @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = floats;
    let [_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, high @ ..] = floats;
    (vreinterpretq_f32_u8(load(low)), vreinterpretq_f32_u8(load(high)))
}

#[inline]
#[target_feature(enable = "neon")]
fn table(bytes: &[u8; 64]) -> uint8x16x4_t {
    // SAFETY: the reference is to 64 readable bytes; no alignment is asked for.
    unsafe { vld1q_u8_x4(bytes.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn load_by_3(bytes: &[u8; 48]) -> uint8x16x3_t {
    // SAFETY: the reference is to 48 readable bytes; no alignment is asked for.
    unsafe { vld3q_u8(bytes.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn load_by_4(bytes: &[u8; 64]) -> uint8x16x4_t {
    // SAFETY: the reference is to 64 readable bytes; no alignment is asked for.
    unsafe { vld4q_u8(bytes.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(out: &mut [u8; 16], row: uint8x16_t) {
    // SAFETY: the reference is to 16 bytes of our own; no alignment is asked for.
    unsafe { vst1q_u8(out.as_mut_ptr(), row) }
}

/// 8 samples as floats.
#[inline]
#[target_feature(enable = "neon")]
fn store_floats(out: &mut [u8; 32], samples: uint8x16_t) {
    let samples = vreinterpretq_s16_u8(samples);
    let scale = vdupq_n_f32(1.0 / 32768.0);
    let low = vmulq_f32(vcvtq_f32_s32(vmovl_s16(vget_low_s16(samples))), scale);
    let high = vmulq_f32(vcvtq_f32_s32(vmovl_high_s16(samples)), scale);
    let [front @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = out;
    store(front, vreinterpretq_u8_f32(low));
    let [_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, back @ ..] = out;
    store(back, vreinterpretq_u8_f32(high));
}

#[inline]
#[target_feature(enable = "neon")]
fn store_by_3(out: &mut [u8; 48], rows: uint8x16x3_t) {
    // SAFETY: the reference is to 48 bytes of our own; no alignment is asked for.
    unsafe { vst3q_u8(out.as_mut_ptr(), rows) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store_by_4(out: &mut [u8; 64], rows: uint8x16x4_t) {
    // SAFETY: the reference is to 64 bytes of our own; no alignment is asked for.
    unsafe { vst4q_u8(out.as_mut_ptr(), rows) }
}

/// Sextets of the first and the second 64 bytes of ASCII; the top bit marks what is no symbol.
static SEXTETS: [[u8; 64]; 2] = sextet_tables();

const fn sextet_tables() -> [[u8; 64]; 2] {
    let mut table = [[0x80; 64]; 2];
    let mut sextet = 0;
    while sextet < 64 {
        let symbol = ALPHABET[sextet as usize] as usize;
        table[symbol / 64][symbol % 64] = sextet;
        sextet += 1;
    }
    table
}

/// Where each group's byte of that number is in a row.
const fn every_third(number: u8) -> [u8; 16] {
    let mut order = [0; 16];
    let mut group = 0;
    while group < 16 {
        order[group as usize] = group * 3 + number;
        group += 1;
    }
    order
}

/// Where 16 bytes from `first` on are, if bytes are parted by threes.
const fn in_row(first: u8) -> [u8; 16] {
    let mut order = [0; 16];
    let mut place = 0;
    while place < 16 {
        order[place as usize] = (first + place) % 3 * 16 + (first + place) / 3;
        place += 1;
    }
    order
}
