//! Float samples to 16-bit ones and back.
//!
//! A float in [-1, 1) stands for itself times 32768, rounded half to even: that is what IEEE 754 and
//! every vector unit do without being asked, so all backends and numpy's `rint` agree to the bit.
//! Scaling by 32767 would make the way back inexact. +1.0 and beyond clip to 32767, -1.0 and below to
//! -32768; NaN is silence. Left out on purpose: dither, which speech at 24 kHz does not need.

use crate::{Backend, Error, PartialSample, SizeError, base64, kernels};

const FULL_SCALE: f32 = 32768.0;

/// 1.5 · 2²³: a float of this size has a step of exactly 1, so adding it rounds half to even, and the
/// low 16 bits of the sum are the integer in two's complement. No instruction beyond SSE2 is needed.
const ROUNDER: f32 = 12_582_912.0;

/// One float sample as a 16-bit one.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low 16 bits are what is wanted")]
pub fn sample_from_float(float: f32) -> i16 {
    let clipped = (float * FULL_SCALE).clamp(-32768.0, 32767.0);
    let rounded = (clipped + ROUNDER).to_bits() as i16;
    if float.is_nan() { 0 } else { rounded }
}

/// One 16-bit sample as a float in [-1, 1); exact.
#[inline]
pub fn float_from_sample(sample: i16) -> f32 {
    f32::from(sample) / FULL_SCALE
}

/// Converts little-endian float32 into pcm of half the size.
///
/// # Errors
/// If `pcm` is not half as long as `floats`, or either is not whole samples.
pub fn floats_to_pcm(floats: &[u8], pcm: &mut [u8]) -> Result<(), SizeError> {
    floats_to_pcm_with(Backend::current(), floats, pcm)
}

/// As [`floats_to_pcm`], with that backend.
#[doc(hidden)]
pub fn floats_to_pcm_with(backend: Backend, floats: &[u8], pcm: &mut [u8]) -> Result<(), SizeError> {
    let done = kernels::floats_to_pcm(backend, floats, pcm);
    let (from, to) = pair_up::<4, 2>(&floats[done..], &mut pcm[done / 2..])?;
    for (sample, float) in to.iter_mut().zip(from) {
        *sample = sample_from_float(f32::from_le_bytes(*float)).to_le_bytes();
    }
    Ok(())
}

/// The number of bytes of float32 for this pcm, or `None` if no `usize` holds it.
pub const fn floats_len(pcm: &[u8]) -> Option<usize> {
    pcm.len().checked_mul(2)
}

/// Converts pcm into little-endian float32 of twice the size.
///
/// # Errors
/// If `floats` is not twice as long as `pcm`, or either is not whole samples.
pub fn pcm_to_floats(pcm: &[u8], floats: &mut [u8]) -> Result<(), SizeError> {
    pcm_to_floats_with(Backend::current(), pcm, floats)
}

/// As [`pcm_to_floats`], with that backend.
#[doc(hidden)]
pub fn pcm_to_floats_with(backend: Backend, pcm: &[u8], floats: &mut [u8]) -> Result<(), SizeError> {
    let done = kernels::pcm_to_floats(backend, pcm, floats);
    let (from, to) = pair_up::<2, 4>(&pcm[done..], &mut floats[done * 2..])?;
    for (float, sample) in to.iter_mut().zip(from) {
        *float = float_from_sample(i16::from_le_bytes(*sample)).to_le_bytes();
    }
    Ok(())
}

/// The number of bytes of pcm that this base64 text stands for.
///
/// # Errors
/// As [`base64::decoded_len`]; if the bytes are not whole samples, at the symbol where the last one begins.
pub fn decoded_len(text: &[u8]) -> Result<usize, Error> {
    let size = base64::decoded_len(text)?;
    match size.checked_sub(1) {
        // Three bytes are four symbols; the text was in memory, so its length overflows nothing.
        Some(last) if last % 2 == 0 => {
            // A wrong symbol may be why, and comes first, as if the text were decoded first.
            let partial = PartialSample { offset: last / 3 * 4 + last % 3, sample_bytes: 2 };
            Err(base64::first_fault(text, 0).map_or(partial.into(), Error::Decode))
        }
        _ => Ok(size),
    }
}

/// The number of bytes of float32 that this base64 text stands for.
///
/// # Errors
/// As [`decoded_len`].
pub fn decoded_floats_len(text: &[u8]) -> Result<usize, Error> {
    decoded_len(text)?.checked_mul(2).ok_or(Error::Size(SizeError))
}

/// Writes the float32 that this text stands for; `floats` has exactly [`decoded_floats_len`] bytes.
///
/// # Errors
/// As [`decoded_len`] and [`base64::decode`].
pub fn decode_floats(text: &[u8], floats: &mut [u8]) -> Result<(), Error> {
    decode_floats_with(Backend::current(), text, floats)
}

/// As [`decode_floats`], with that backend.
#[doc(hidden)]
pub fn decode_floats_with(backend: Backend, text: &[u8], floats: &mut [u8]) -> Result<(), Error> {
    if decoded_floats_len(text)? != floats.len() {
        return Err(SizeError.into());
    }
    let done = kernels::decode_floats(backend, text, floats);
    // What is left: less than a block, or all from a fault on.
    let (rest, mut out) = (&text[done..], &mut floats[done / 4 * 6..]);
    let mut block = [0; DECODED_BLOCK_BYTES];
    let texts = rest.chunks(DECODED_BLOCK_BYTES / 3 * 4);
    let last = texts.len().saturating_sub(1);
    for (index, text_block) in texts.enumerate() {
        let size = out.len().min(DECODED_BLOCK_BYTES * 2);
        let pcm = &mut block[..size / 2];
        let is_sound = (index == last || !text_block.ends_with(b"="))
            && base64::decode_with(backend, text_block, pcm).is_ok();
        if !is_sound {
            return Err(base64::first_fault(text, done).map_or(SizeError.into(), Error::Decode));
        }
        let (front, back) = out.split_at_mut(size);
        pcm_to_floats_with(backend, pcm, front)?;
        out = back;
    }
    Ok(())
}

/// Bytes decoded at a time on the way to floats: whole groups, whole samples, and still in the L1 cache when
/// they are read again.
const DECODED_BLOCK_BYTES: usize = 384;

type Pair<'a, const FROM: usize, const TO: usize> = (&'a [[u8; FROM]], &'a mut [[u8; TO]]);

fn pair_up<'a, const FROM: usize, const TO: usize>(
    from: &'a [u8],
    to: &'a mut [u8],
) -> Result<Pair<'a, FROM, TO>, SizeError> {
    match (from.as_chunks(), to.as_chunks_mut()) {
        ((from, []), (to, [])) if from.len() == to.len() => Ok((from, to)),
        _ => Err(SizeError),
    }
}
