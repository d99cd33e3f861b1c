//! Kernels for AVX-512 with VBMI, whose byte permutations reach over a whole register of 64.
//!
//! In the pictures a register is drawn from its lowest byte on, in lanes of four; `A0 A1 A2` are the
//! bytes of a base64 group and `a b c d` its sextets, and `x . . .` a lane with one byte that counts.
//!
//! All arithmetic is safe code; `unsafe` is left for loads and stores, whose bounds are in the types.
#![allow(clippy::wildcard_imports, reason = "each name is an instruction, known by its prefix")]

use std::arch::x86_64::*;

use super::Measure;
use crate::base64::ALPHABET;

/// A whole register.
type Row = [u8; 64];

/// 48 bytes to 64 symbols a turn.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn encode(bytes: &[u8], text: &mut [u8]) -> usize {
    const GROUPS: Row = encoder_order(1, 0);
    let (blocks, _) = bytes.as_chunks::<48>();
    let (texts, _) = text.as_chunks_mut::<64>();
    let mut done = 0;
    for (block, text) in blocks.iter().zip(texts) {
        // A0 A1 A2 B0 | B1 B2 C0 C1 | ... , 48 bytes, then zeros
        let bytes = load_48(block);
        // A1 A0 A2 A1 | B1 B0 B2 B1 | ... , 64 bytes
        let groups = _mm512_permutexvar_epi8(load(&GROUPS), bytes);
        store(text, symbols(groups));
        done += block.len();
    }
    done
}

/// 48 floats to 128 symbols a turn: pcm is never in memory, nor even packed.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn encode_floats(floats: &[u8], text: &mut [u8]) -> usize {
    // Samples 0 to 23 lie in the first two registers, 24 to 47 in the last two.
    const FRONT: Row = encoder_order(2, 0);
    const BACK: Row = encoder_order(2, 8);
    let (blocks, _) = floats.as_chunks::<64>().0.as_chunks::<3>();
    let (texts, _) = text.as_chunks_mut::<64>().0.as_chunks_mut::<2>();
    let mut done = 0;
    for ([first, second, third], [front, back]) in blocks.iter().zip(texts) {
        // Each a sample in the low half of a lane: s0 s0 . . | s1 s1 . . | ...
        let (first, second, third) = (samples(first), samples(second), samples(third));
        // As in `encode`: A1 A0 A2 A1 | B1 B0 B2 B1 | ... , with A0 A1 = s0, A2 B0 = s1, B1 B2 = s2
        let groups = _mm512_permutex2var_epi8(first, load(&FRONT), second);
        store(front, symbols(groups));
        let groups = _mm512_permutex2var_epi8(second, load(&BACK), third);
        store(back, symbols(groups));
        done += 3 * 64;
    }
    done
}

/// 128 symbols to 96 bytes a turn.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn decode(text: &[u8], bytes: &mut [u8]) -> usize {
    const FIRST_64: Row = decoder_order(0);
    const LAST_32: Row = decoder_order(64);
    let (blocks, _) = text.as_chunks::<64>().0.as_chunks::<2>();
    let (outs, _) = bytes.as_chunks_mut::<32>().0.as_chunks_mut::<3>();
    let mut done = 0;
    for (block, [low, high, rest]) in blocks.iter().zip(outs) {
        let Some((front, back)) = groups(block) else {
            return done;
        };
        // A2 A1 A0 . | B2 B1 B0 . | ...  ->  A0 A1 A2 B0 | B1 B2 C0 C1 | ... , 64 of the 96 bytes
        let bytes = _mm512_permutex2var_epi8(front, load(&FIRST_64), back);
        store_32(low, _mm512_castsi512_si256(bytes));
        store_32(high, _mm512_extracti64x4_epi64::<1>(bytes));
        // The same order, the last 32 bytes.
        let bytes = _mm512_permutex2var_epi8(front, load(&LAST_32), back);
        store_32(rest, _mm512_castsi512_si256(bytes));
        done += 2 * 64;
    }
    done
}

/// 128 symbols to 48 floats a turn.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn decode_floats(text: &[u8], floats: &mut [u8]) -> usize {
    const SAMPLES: [Row; 3] = [decoder_samples(0), decoder_samples(16), decoder_samples(32)];
    let (blocks, _) = text.as_chunks::<64>().0.as_chunks::<2>();
    let (outs, _) = floats.as_chunks_mut::<64>().0.as_chunks_mut::<3>();
    let mut done = 0;
    for (block, out) in blocks.iter().zip(outs) {
        let Some((front, back)) = groups(block) else {
            return done;
        };
        for (out, order) in out.iter_mut().zip(&SAMPLES) {
            // A2 A1 A0 . | B2 B1 B0 . | ...  ->  0 0 A0 A1 | 0 0 A2 B0 | ...
            let high = _mm512_maskz_permutex2var_epi8(HIGH_HALVES, front, load(order), back);
            store(out, floats_of(high));
        }
        done += 2 * 64;
    }
    done
}

/// 32 floats a turn.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn floats_to_pcm(floats: &[u8], pcm: &mut [u8]) -> usize {
    const LOW_HALVES: Row = low_halves();
    let (blocks, _) = floats.as_chunks::<64>().0.as_chunks::<2>();
    let (outs, _) = pcm.as_chunks_mut::<64>();
    let mut done = 0;
    for ([first, second], out) in blocks.iter().zip(outs) {
        // s0 s0 . . | s1 s1 . . | ... and s16 s16 . . | ...  ->  s0 s0 s1 s1 | ... , 32 samples
        let packed = _mm512_permutex2var_epi8(samples(first), load(&LOW_HALVES), samples(second));
        store(out, packed);
        done += 2 * 64;
    }
    done
}

/// 32 samples a turn.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn pcm_to_floats(pcm: &[u8], floats: &mut [u8]) -> usize {
    const HALVES: [Row; 2] = [high_halves(0), high_halves(16)];
    let (blocks, _) = pcm.as_chunks::<64>();
    let (outs, _) = floats.as_chunks_mut::<64>().0.as_chunks_mut::<2>();
    let mut done = 0;
    for (block, out) in blocks.iter().zip(outs) {
        let pcm = load(block);
        for (out, order) in out.iter_mut().zip(&HALVES) {
            // s0 s0 s1 s1 | ...  ->  0 0 s0 s0 | 0 0 s1 s1 | ...
            let high = _mm512_maskz_permutexvar_epi8(HIGH_HALVES, load(order), pcm);
            store(out, floats_of(high));
        }
        done += block.len();
    }
    done
}

/// 32 samples a turn.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn measure(pcm: &[u8]) -> (usize, Measure) {
    let (blocks, _) = pcm.as_chunks::<64>();
    let [mut both, mut odd, mut peaks] = [_mm512_setzero_si512(); 3];
    for block in blocks {
        let samples = load(block);
        // Two squares a lane of 32 bits, at most 2³¹: right when read without a sign.
        let pairs = _mm512_madd_epi16(samples, samples);
        // Lane 0 + 2³² · lane 1, which may overflow: as long as the sum of lane 0 does not, it can be told.
        both = _mm512_add_epi64(both, pairs);
        odd = _mm512_add_epi64(odd, _mm512_srli_epi64::<32>(pairs));
        // |-32768| is 0x8000: right when read without a sign, too.
        peaks = _mm512_max_epu16(peaks, _mm512_abs_epi16(samples));
    }
    let even = _mm512_sub_epi64(both, _mm512_slli_epi64::<32>(odd));
    let squares = _mm512_reduce_add_epi64(_mm512_add_epi64(even, odd)).cast_unsigned();
    let peaks = _mm256_max_epu16(_mm512_castsi512_si256(peaks), _mm512_extracti64x4_epi64::<1>(peaks));
    let peak = greatest(peaks);
    (blocks.len() * 64, Measure { squares, peak })
}

/// The greatest of 16 magnitudes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn greatest(magnitudes: __m256i) -> u16 {
    let eight = _mm_max_epu16(_mm256_castsi256_si128(magnitudes), _mm256_extracti128_si256::<1>(magnitudes));
    // There is an instruction for the least of eight only: of the complements, that of the greatest.
    let least = _mm_minpos_epu16(_mm_xor_si128(eight, _mm_set1_epi16(-1)));
    let [low, high, ..] = _mm_cvtsi128_si32(least).to_le_bytes();
    !u16::from_le_bytes([low, high])
}

/// `A1 A0 A2 A1` in each lane to the four symbols `a b c d` of the group.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn symbols(groups: __m512i) -> __m512i {
    // As a number the lane is A1 A2 A0 A1 from the top bit on, so that a begins at bit 10, b at 4, c at 22
    // and d at 16; the second lane of a quadword has them 32 further up.
    let starts = _mm512_set1_epi64(0x3036_242a_1016_040a);
    // a b c d | a b c d | ... with two foreign bits above each, which the look-up ignores
    let sextets = _mm512_multishift_epi64_epi8(starts, groups);
    _mm512_permutexvar_epi8(sextets, load(ALPHABET))
}

/// Two rows of symbols to the 24 bits of each group, `A2 A1 A0 .` in each lane; none if there is another byte.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn groups([front, back]: &[Row; 2]) -> Option<(__m512i, __m512i)> {
    let (front, back) = (load(front), load(back));
    let (low, high) = (load(&SEXTETS[0]), load(&SEXTETS[1]));
    // The look-up sees seven bits of a symbol; the eighth is looked at here, with the table's mark.
    let front_sextets = _mm512_permutex2var_epi8(low, front, high);
    let back_sextets = _mm512_permutex2var_epi8(low, back, high);
    let doubts = _mm512_or_si512(_mm512_or_si512(front, front_sextets), _mm512_or_si512(back, back_sextets));
    if _mm512_movepi8_mask(doubts) != 0 {
        return None;
    }
    Some((bits_of(front_sextets), bits_of(back_sextets)))
}

/// Four sextets in a lane to their 24 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn bits_of(sextets: __m512i) -> __m512i {
    // a b c d  ->  a·64 + b, c·64 + d, 12 bits each
    let pairs = _mm512_maddubs_epi16(sextets, _mm512_set1_epi32(0x0140_0140));
    // ->  ab·4096 + cd: from the lowest byte on A2 A1 A0 .
    _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x0001_1000))
}

/// 16 floats to samples, each in the low half of its lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn samples(floats: &Row) -> __m512i {
    let floats = _mm512_castsi512_ps(load(floats));
    let numbers = _mm512_cmp_ps_mask::<_CMP_ORD_Q>(floats, floats);
    let scaled = _mm512_maskz_mul_ps(numbers, floats, _mm512_set1_ps(32768.0));
    let clipped = _mm512_min_ps(scaled, _mm512_set1_ps(32767.0));
    let clipped = _mm512_max_ps(clipped, _mm512_set1_ps(-32768.0));
    _mm512_cvt_roundps_epi32::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(clipped)
}

/// 16 samples, each in the high half of its lane above zeros, to floats.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn floats_of(high: __m512i) -> __m512i {
    // 2⁻¹⁶ for the place in the lane, 2⁻¹⁵ for full scale: exact.
    let scale = _mm512_set1_ps(1.0 / 2_147_483_648.0);
    _mm512_castps_si512(_mm512_mul_ps(_mm512_cvtepi32_ps(high), scale))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn load(row: &Row) -> __m512i {
    // SAFETY: the reference is to 64 readable bytes; no alignment is asked for.
    unsafe { _mm512_loadu_si512(row.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn load_48(bytes: &[u8; 48]) -> __m512i {
    // SAFETY: the mask names the 48 bytes that the reference is to; others are not read.
    unsafe { _mm512_maskz_loadu_epi8((1 << 48) - 1, bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn store(out: &mut Row, row: __m512i) {
    // SAFETY: the reference is to 64 bytes of our own; no alignment is asked for.
    unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), row) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn store_32(out: &mut [u8; 32], half: __m256i) {
    // SAFETY: the reference is to 32 bytes of our own; no alignment is asked for.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), half) }
}

/// The upper two bytes of each lane.
const HIGH_HALVES: u64 = 0xcccc_cccc_cccc_cccc;

/// Sextets of the first and the second 64 bytes of ASCII; the top bit marks what is no symbol.
static SEXTETS: [Row; 2] = sextets();

const fn sextets() -> [Row; 2] {
    let mut table = [[0x80; 64]; 2];
    let mut sextet = 0;
    while sextet < 64 {
        let symbol = ALPHABET[sextet as usize] as usize;
        table[symbol / 64][symbol % 64] = sextet;
        sextet += 1;
    }
    table
}

/// Where the bytes `A1 A0 A2 A1`, `B1 B0 B2 B1`, ... are. `spread` is 1 if bytes follow each other, and 2 if
/// they are pairs at the start of each lane; `first` is the sample that the first byte belongs to.
const fn encoder_order(spread: u8, first: u8) -> Row {
    const IN_GROUP: [u8; 4] = [1, 0, 2, 1];
    let mut order = [0; 64];
    let mut place = 0;
    while place < 64 {
        let byte = place / 4 * 3 + IN_GROUP[place as usize % 4];
        order[place as usize] = (byte / 2 + first) * 2 * spread + byte % 2;
        place += 1;
    }
    order
}

/// Where byte number `number` is, if each lane has a group as `A2 A1 A0 .`.
const fn place_of(number: u8) -> u8 {
    number / 3 * 4 + 2 - number % 3
}

/// Where 64 bytes from `first` on are; behind the 96th there is nothing, and anything may be taken.
const fn decoder_order(first: u8) -> Row {
    let mut order = [0; 64];
    let mut place = 0;
    while place < 64 {
        order[place as usize] = place_of((first + place) % 96);
        place += 1;
    }
    order
}

/// Where the bytes of 16 samples from `first` on are, for the high half of each lane.
const fn decoder_samples(first: u8) -> Row {
    let mut order = high_halves(first);
    let mut place = 0;
    while place < 64 {
        order[place] = if place % 4 < 2 { 0 } else { place_of(order[place]) };
        place += 1;
    }
    order
}

/// The numbers of the bytes of 16 samples from `first` on, in the high half of each lane.
const fn high_halves(first: u8) -> Row {
    let mut order = [0; 64];
    let mut lane = 0;
    while lane < 16 {
        order[lane as usize * 4 + 2] = (first + lane) * 2;
        order[lane as usize * 4 + 3] = (first + lane) * 2 + 1;
        lane += 1;
    }
    order
}

/// Where the low halves of 32 lanes are.
const fn low_halves() -> Row {
    let mut order = [0; 64];
    let mut place = 0;
    while place < 64 {
        order[place as usize] = place / 2 * 4 + place % 2;
        place += 1;
    }
    order
}
