//! Kernels for AVX2, whose byte shuffles stay within the two halves of a register of 32.
//!
//! In the pictures a register is drawn from its lowest byte on, in lanes of four, with `||` between the
//! halves; `A0 A1 A2` are the bytes of a base64 group and `a b c d` its sextets, `.` a zero.
//!
//! All arithmetic is safe code; `unsafe` is left for loads and stores, whose bounds are in the types.
#![allow(clippy::wildcard_imports, reason = "each name is an instruction, known by its prefix")]

use std::arch::x86_64::*;

use super::Measure;

/// A whole register.
type Row = [u8; 32];

/// 24 bytes to 32 symbols a turn.
#[target_feature(enable = "avx2")]
pub(super) fn encode(bytes: &[u8], text: &mut [u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<24>();
    let (texts, _) = text.as_chunks_mut::<32>();
    // The upper half was loaded from byte 8 on, so that its groups begin 4 bytes further up than below.
    #[rustfmt::skip]
    let order = _mm256_setr_epi8(
        1, 0, 2, 1,  4, 3, 5, 4,  7, 6, 8, 7,  10, 9, 11, 10,
        5, 4, 6, 5,  8, 7, 9, 8,  11, 10, 12, 11,  14, 13, 15, 14,
    );
    let mut done = 0;
    for (block, text) in blocks.iter().zip(texts) {
        // A0 A1 A2 B0 | B1 B2 C0 C1 | C2 D0 D1 D2 | E0 E1 E2 F0 || C2 D0 D1 D2 | E0 E1 E2 F0 | ... H2
        // ->  A1 A0 A2 A1 | B1 B0 B2 B1 | C1 C0 C2 C1 | D1 D0 D2 D1 || E1 E0 E2 E1 | ...
        let groups = _mm256_shuffle_epi8(load_24(block), order);
        store(text, symbols(groups));
        done += block.len();
    }
    done
}

/// 24 floats to 64 symbols a turn: pcm is never in memory.
#[target_feature(enable = "avx2")]
pub(super) fn encode_floats(floats: &[u8], text: &mut [u8]) -> usize {
    let (blocks, _) = floats.as_chunks::<32>().0.as_chunks::<3>();
    let (texts, _) = text.as_chunks_mut::<32>().0.as_chunks_mut::<2>();
    #[rustfmt::skip]
    let order = _mm256_setr_epi8(
        1, 0, 2, 1,  4, 3, 5, 4,  7, 6, 8, 7,  10, 9, 11, 10,
        1, 0, 2, 1,  4, 3, 5, 4,  7, 6, 8, 7,  10, 9, 11, 10,
    );
    let mut done = 0;
    for ([first, second, third], [front, back]) in blocks.iter().zip(texts) {
        // Bytes 0 to 15, 16 to 31 and 32 to 47 of the pcm.
        let (first, second, third) = (samples(first), samples(second), samples(third));
        // 0 to 11 (and 4 more) || 12 to 23 (and 4 more)
        let bytes = _mm256_set_m128i(_mm_alignr_epi8::<12>(second, first), first);
        // ->  A1 A0 A2 A1 | B1 B0 B2 B1 | C1 C0 C2 C1 | D1 D0 D2 D1 || E1 E0 E2 E1 | ...
        store(front, symbols(_mm256_shuffle_epi8(bytes, order)));
        // 24 to 35 (and 4 more) || 36 to 47 (and 4 zeros)
        let bytes = _mm256_set_m128i(_mm_srli_si128::<4>(third), _mm_alignr_epi8::<8>(third, second));
        store(back, symbols(_mm256_shuffle_epi8(bytes, order)));
        done += 3 * 32;
    }
    done
}

/// 32 symbols to 24 bytes a turn.
#[target_feature(enable = "avx2")]
pub(super) fn decode(text: &[u8], bytes: &mut [u8]) -> usize {
    let (blocks, _) = text.as_chunks::<32>();
    let (outs, _) = bytes.as_chunks_mut::<8>().0.as_chunks_mut::<3>();
    let mut done = 0;
    for (block, [low, high, rest]) in blocks.iter().zip(outs) {
        let Some(bytes) = groups(block) else {
            return done;
        };
        let front = _mm256_castsi256_si128(bytes);
        store_8(low, front);
        store_8(high, _mm_unpackhi_epi64(front, front));
        store_8(rest, _mm256_extracti128_si256::<1>(bytes));
        done += block.len();
    }
    done
}

/// 32 symbols to 12 floats a turn.
#[target_feature(enable = "avx2")]
pub(super) fn decode_floats(text: &[u8], floats: &mut [u8]) -> usize {
    let (blocks, _) = text.as_chunks::<32>();
    let (outs, _) = floats.as_chunks_mut::<16>().0.as_chunks_mut::<3>();
    let mut done = 0;
    for (block, [low, high, rest]) in blocks.iter().zip(outs) {
        let Some(bytes) = groups(block) else {
            return done;
        };
        // s0 s0 s1 s1 | ... | s6 s6 s7 s7 || s8 s8 s9 s9 | s10 s10 s11 s11 | zeros
        let eight = floats_of(_mm256_castsi256_si128(bytes));
        store_16(low, _mm256_castsi256_si128(eight));
        store_16(high, _mm256_extracti128_si256::<1>(eight));
        let four = floats_of(_mm256_extracti128_si256::<1>(bytes));
        store_16(rest, _mm256_castsi256_si128(four));
        done += block.len();
    }
    done
}

/// 8 floats a turn.
#[target_feature(enable = "avx2")]
pub(super) fn floats_to_pcm(floats: &[u8], pcm: &mut [u8]) -> usize {
    let (blocks, _) = floats.as_chunks::<32>();
    let (outs, _) = pcm.as_chunks_mut::<16>();
    let mut done = 0;
    for (block, out) in blocks.iter().zip(outs) {
        store_16(out, samples(block));
        done += block.len();
    }
    done
}

/// 8 samples a turn.
#[target_feature(enable = "avx2")]
pub(super) fn pcm_to_floats(pcm: &[u8], floats: &mut [u8]) -> usize {
    let (blocks, _) = pcm.as_chunks::<16>();
    let (outs, _) = floats.as_chunks_mut::<32>();
    let mut done = 0;
    for (block, out) in blocks.iter().zip(outs) {
        store(out, floats_of(load_16(block)));
        done += block.len();
    }
    done
}

/// 16 samples a turn.
#[target_feature(enable = "avx2")]
pub(super) fn measure(pcm: &[u8]) -> (usize, Measure) {
    let (blocks, _) = pcm.as_chunks::<32>();
    let (mut squares, mut peaks) = (_mm256_setzero_si256(), _mm256_setzero_si256());
    let low = _mm256_set1_epi64x(0xffff_ffff);
    for block in blocks {
        let samples = load(block);
        // Two squares a lane of 32 bits, at most 2³¹: right when read without a sign.
        let pairs = _mm256_madd_epi16(samples, samples);
        squares = _mm256_add_epi64(squares, _mm256_and_si256(pairs, low));
        squares = _mm256_add_epi64(squares, _mm256_srli_epi64::<32>(pairs));
        // |-32768| is 0x8000: right when read without a sign, too.
        peaks = _mm256_max_epu16(peaks, _mm256_abs_epi16(samples));
    }
    let halves = _mm_add_epi64(_mm256_castsi256_si128(squares), _mm256_extracti128_si256::<1>(squares));
    let squares = _mm_cvtsi128_si64(_mm_add_epi64(halves, _mm_unpackhi_epi64(halves, halves)));
    let (squares, peak) = (squares.cast_unsigned(), greatest(peaks));
    (blocks.len() * 32, Measure { squares, peak })
}

/// The greatest of 16 magnitudes.
#[inline]
#[target_feature(enable = "avx2")]
fn greatest(magnitudes: __m256i) -> u16 {
    let eight = _mm_max_epu16(_mm256_castsi256_si128(magnitudes), _mm256_extracti128_si256::<1>(magnitudes));
    // There is an instruction for the least of eight only: of the complements, that of the greatest.
    let least = _mm_minpos_epu16(_mm_xor_si128(eight, _mm_set1_epi16(-1)));
    let [low, high, ..] = _mm_cvtsi128_si32(least).to_le_bytes();
    !u16::from_le_bytes([low, high])
}

/// `A1 A0 A2 A1` in each lane to the four symbols `a b c d` of the group.
#[inline]
#[target_feature(enable = "avx2")]
fn symbols(groups: __m256i) -> __m256i {
    // As words of 16 bits, A0A1 and A1A2: a is 10 bits up in the first, c 6 bits up in the second. There is
    // no shift by a number a word, so they are multiplied by 2¹⁶⁻ⁿ and the upper half of the product kept.
    let a_and_c = _mm256_and_si256(groups, _mm256_set1_epi32(0x0fc0_fc00));
    let a_and_c = _mm256_mulhi_epu16(a_and_c, _mm256_set1_epi32(0x0400_0040)); // a . | c .
    // b is 4 bits up in the first word, d at the bottom of the second: shifted left into the upper byte.
    let b_and_d = _mm256_and_si256(groups, _mm256_set1_epi32(0x003f_03f0));
    let b_and_d = _mm256_mullo_epi16(b_and_d, _mm256_set1_epi32(0x0100_0010)); // . b | . d
    let sextets = _mm256_or_si256(a_and_c, b_and_d); // a b c d

    // The alphabet has five ranges; each symbol is its sextet and an offset of the range. 0-25 become row
    // 13, 26-51 row 0, 52-61 rows 1-10, 62 row 11, 63 row 12.
    let rows = _mm256_subs_epu8(sextets, _mm256_set1_epi8(51));
    let is_upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), sextets);
    let rows = _mm256_or_si256(rows, _mm256_and_si256(is_upper, _mm256_set1_epi8(13)));
    #[rustfmt::skip]
    let offsets = _mm_setr_epi8(
        71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0,
    );
    let offsets = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(offsets), rows);
    _mm256_add_epi8(sextets, offsets)
}

/// A row of symbols to the 24 bytes it stands for and 8 zeros; none if there is another byte.
#[inline]
#[target_feature(enable = "avx2")]
fn groups(row: &Row) -> Option<__m256i> {
    let text = load(row);
    // By the two digits of a symbol's code. Each bit is a set of rows of the code table that a lower digit
    // is wrong in, and of those an upper digit belongs to; a bit in common is a fault.
    #[rustfmt::skip]
    let wrong_low = _mm_setr_epi8(
        0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a,
    );
    #[rustfmt::skip]
    let wrong_high = _mm_setr_epi8(
        0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
    );
    // From a symbol to its sextet, by the upper digit; '/' shares one with '+' and takes row 1.
    #[rustfmt::skip]
    let offsets = _mm_setr_epi8(
        0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0,
    );
    // A shuffle takes the lowest four bits of an index and gives zero if the top one is set; the bits
    // between do nothing, so that one mask serves for both digits and is '/', too.
    let slash = _mm256_set1_epi8(0x2f);
    let high = _mm256_and_si256(_mm256_srli_epi32::<4>(text), slash);
    let low = _mm256_and_si256(text, slash);
    let low_faults = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(wrong_low), low);
    let high_faults = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(wrong_high), high);
    if _mm256_testz_si256(low_faults, high_faults) == 0 {
        return None;
    }
    let rows = _mm256_add_epi8(_mm256_cmpeq_epi8(text, slash), high);
    let sextets = _mm256_add_epi8(text, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(offsets), rows));

    // a b c d  ->  a·64 + b, c·64 + d, 12 bits each
    let pairs = _mm256_maddubs_epi16(sextets, _mm256_set1_epi32(0x0140_0140));
    // ->  ab·4096 + cd: from the lowest byte on A2 A1 A0 .
    let bits = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x0001_1000));
    #[rustfmt::skip]
    let order = _mm_setr_epi8(
        2, 1, 0,  6, 5, 4,  10, 9, 8,  14, 13, 12,  -1, -1, -1, -1,
    );
    // A0 A1 A2 B0 | B1 B2 C0 C1 | C2 D0 D1 D2 | zeros || E0 E1 E2 F0 | ... | zeros
    let halves = _mm256_shuffle_epi8(bits, _mm256_broadcastsi128_si256(order));
    // A0 A1 A2 B0 | ... | C2 D0 D1 D2 | E0 E1 E2 F0 || F1 F2 G0 G1 | G2 H0 H1 H2 | zeros | zeros
    Some(_mm256_permutevar8x32_epi32(halves, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7)))
}

/// 8 floats to samples.
#[inline]
#[target_feature(enable = "avx2")]
fn samples(floats: &Row) -> __m128i {
    let floats = _mm256_castsi256_ps(load(floats));
    let numbers = _mm256_and_ps(floats, _mm256_cmp_ps::<_CMP_ORD_Q>(floats, floats));
    let scaled = _mm256_mul_ps(numbers, _mm256_set1_ps(32768.0));
    // Rounds half to even. What is below any int32 becomes the least one, and so needs no clipping here.
    let whole = _mm256_cvtps_epi32(_mm256_min_ps(scaled, _mm256_set1_ps(32767.0)));
    _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256::<1>(whole))
}

/// 8 samples to floats.
#[inline]
#[target_feature(enable = "avx2")]
fn floats_of(samples: __m128i) -> __m256i {
    let floats = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(samples));
    _mm256_castps_si256(_mm256_mul_ps(floats, _mm256_set1_ps(1.0 / 32768.0)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(row: &Row) -> __m256i {
    // SAFETY: the reference is to 32 readable bytes; no alignment is asked for.
    unsafe { _mm256_loadu_si256(row.as_ptr().cast()) }
}

/// Bytes 0 to 15 and 8 to 23.
#[inline]
#[target_feature(enable = "avx2")]
fn load_24(bytes: &[u8; 24]) -> __m256i {
    let [low @ .., _, _, _, _, _, _, _, _] = bytes;
    let [_, _, _, _, _, _, _, _, high @ ..] = bytes;
    _mm256_set_m128i(load_16(high), load_16(low))
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_16(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: the reference is to 16 readable bytes; no alignment is asked for.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(out: &mut Row, row: __m256i) {
    // SAFETY: the reference is to 32 bytes of our own; no alignment is asked for.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), row) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_16(out: &mut [u8; 16], half: __m128i) {
    // SAFETY: the reference is to 16 bytes of our own; no alignment is asked for.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), half) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_8(out: &mut [u8; 8], half: __m128i) {
    // SAFETY: the reference is to 8 bytes of our own; no alignment is asked for.
    unsafe { _mm_storel_epi64(out.as_mut_ptr().cast(), half) }
}
