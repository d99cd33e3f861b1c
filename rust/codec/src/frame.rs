//! Whole WebSocket frames as a client sends them (RFC 6455 §5.2): header, mask and payload in one pass.
//!
//! A client masks every payload with four bytes of its own choice for each frame, against proxies that take
//! a payload for HTTP (§10.3): the key must not be guessed, so it comes from the caller, who owns the dice.
//! Here a piece of the payload is masked while it is still in the L1 cache. Left out on purpose: fragments,
//! other opcodes and extensions, which are not met often enough to be fast.

use crate::message::{self, CLOSE, EventId};
use crate::samples::PIECE_SAMPLES;
use crate::{Coding, SizeError, Source};

/// The four bytes that a payload is masked with, over and over.
pub type Key = [u8; 4];

/// FIN, and the opcode of text.
const TEXT: u8 = 0x81;
/// FIN, and the opcode of a pong.
const PONG: u8 = 0x8a;
/// Tells that the payload is masked.
const MASKED: u8 = 0x80;
/// Lengths up to here stand in the second byte; else two or eight bytes follow it.
const SHORT_BYTES: usize = 125;
const MEDIUM_BYTES: usize = 0xffff;
const MEDIUM: u8 = 0x7e;
const LONG: u8 = 0x7f;
/// As the second byte: unmasked.
const SERVER_MEDIUM: u8 = MEDIUM;

/// The length of the frame around so many bytes, or `None` if no `usize` holds it.
pub const fn frame_len(payload_len: usize) -> Option<usize> {
    payload_len.checked_add(header_len(payload_len))
}

const fn header_len(payload_len: usize) -> usize {
    if payload_len <= SHORT_BYTES {
        6
    } else if payload_len <= MEDIUM_BYTES {
        8
    } else {
        14
    }
}

/// The payload, if these bytes begin with a whole frame of a server's with text of medium length, and what follows it.
///
/// That is unmasked, with its length in two bytes: what a message with audio of 2 ms to 1 s is. None for all others.
pub fn usual_payload(stream: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[TEXT, SERVER_MEDIUM, high, low], rest) = stream.split_first_chunk()? else { return None };
    rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))
}

/// How many bytes the last of these frames of a server lacks; 0 if it is whole, or its header is not.
pub fn missing_bytes(frames: &[u8]) -> usize {
    let mut rest = frames;
    while let Some(size) = frame_size(rest) {
        let Some(behind) = rest.get(size..) else { return size - rest.len() };
        rest = behind;
    }
    0
}

/// The first frame of a server's, if it is whole, and what follows it.
pub fn first_frame(frames: &[u8]) -> Option<(&[u8], &[u8])> {
    frames.split_at_checked(frame_size(frames)?)
}

/// The length of a frame that these bytes begin, once its header is there.
fn frame_size(stream: &[u8]) -> Option<usize> {
    let ([_, size], rest) = stream.split_first_chunk()?;
    // A mask, which a server's frame must not have, is counted as payload, as where frames are cut.
    match size & !MASKED {
        MEDIUM => rest.first_chunk().map(|size| 4 + usize::from(u16::from_be_bytes(*size))),
        LONG => usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?.checked_add(10),
        size => Some(2 + usize::from(size)),
    }
}

/// The payload, if these bytes begin with a whole pong of a server's, and what follows it.
pub fn pong_payload(stream: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[PONG, size], rest) = stream.split_first_chunk()? else { return None };
    // Longer ones are against the protocol (§5.5), and a masked one's size has the highest bit.
    if usize::from(size) > SHORT_BYTES { None } else { rest.split_at_checked(usize::from(size)) }
}

/// Writes a text message as one frame; `out` has exactly [`frame_len`] bytes.
///
/// # Errors
/// If `out` has another length.
pub fn write_frame(message: &[u8], key: Key, out: &mut [u8]) -> Result<(), SizeError> {
    if frame_len(message.len()) != Some(out.len()) {
        return Err(SizeError);
    }
    let payload = write_header(message.len(), key, out)?;
    for (place, (from, to)) in
        message.chunks(PIECE_SAMPLES).zip(payload.chunks_mut(PIECE_SAMPLES)).enumerate()
    {
        to.copy_from_slice(from);
        mask(to, key, place * PIECE_SAMPLES);
    }
    Ok(())
}

/// The length of the frame with the append message of so many samples.
pub fn append_frame_len(sample_count: usize, coding: Coding, event_id: Option<EventId<'_>>) -> Option<usize> {
    frame_len(message::append_len(sample_count, coding, event_id)?)
}

/// Writes the append message as one frame; `out` has exactly [`append_frame_len`] bytes.
///
/// # Errors
/// If `out` has another length.
pub fn write_append_frame(
    source: &impl Source,
    coding: Coding,
    event_id: Option<EventId<'_>>,
    key: Key,
    out: &mut [u8],
) -> Result<(), SizeError> {
    let size = message::append_len(source.count(), coding, event_id).ok_or(SizeError)?;
    if frame_len(size) != Some(out.len()) {
        return Err(SizeError);
    }
    let payload = write_header(size, key, out)?;
    let text_len = message::write_around(event_id, payload)?.len();
    let (open, text) = payload.split_at_mut(size - CLOSE.len() - text_len);
    let (text, close) = text.split_at_mut(text_len);
    let (mut rest, mut place) = (text, open.len());
    source.for_each_piece(|piece| {
        // A slice is one piece however long it is: masked at its end, it would have left the cache.
        for piece in piece.chunks(PIECE_SAMPLES) {
            let size = coding.text_len(piece.count()).ok_or(SizeError)?;
            let text = rest.split_off_mut(..size).ok_or(SizeError)?;
            coding.write_text(&piece, text)?;
            mask(text, key, place);
            place += size;
        }
        Ok(())
    })?;
    mask(open, key, 0);
    mask(close, key, place);
    Ok(())
}

/// Writes the header and gives the place of the payload.
fn write_header(payload_len: usize, key: Key, out: &mut [u8]) -> Result<&mut [u8], SizeError> {
    let (header, payload) = out.split_at_mut_checked(header_len(payload_len)).ok_or(SizeError)?;
    let bytes = (payload_len as u64).to_be_bytes();
    let (length, room) = header.split_last_chunk_mut::<4>().ok_or(SizeError)?;
    *room = key;
    match length {
        [first, second] => (*first, *second) = (TEXT, MASKED | bytes[7]),
        [first, second, medium @ ..] if medium.len() == 2 => {
            (*first, *second) = (TEXT, MASKED | MEDIUM);
            medium.copy_from_slice(&bytes[6..]);
        }
        [first, second, long @ ..] if long.len() == 8 => {
            (*first, *second) = (TEXT, MASKED | LONG);
            long.copy_from_slice(&bytes);
        }
        _ => return Err(SizeError),
    }
    Ok(payload)
}

/// Masks bytes that begin at that place of the payload. By blocks, so that the compiler sees vectors.
fn mask(bytes: &mut [u8], mut key: Key, place: usize) {
    key.rotate_left(place % 4);
    let mut wide = [0; 32];
    wide.as_chunks_mut::<4>().0.fill(key);
    let (blocks, tail) = bytes.as_chunks_mut::<32>();
    for block in blocks {
        for (byte, key) in block.iter_mut().zip(wide) {
            *byte ^= key;
        }
    }
    for (byte, key) in tail.iter_mut().zip(wide) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Samples;

    #[test]
    fn a_message_of_any_length_is_framed_as_the_rfc_says() {
        for size in (0..300).chain([65_535, 65_536, 70_001]) {
            let message: Vec<u8> = (0..size).map(|index: u32| index.to_le_bytes()[0]).collect();
            let mut out = vec![0; frame_len(message.len()).unwrap()];
            let key = [0x37, 0xfa, 0x21, 0x3d];
            write_frame(&message, key, &mut out).unwrap();
            let (header, payload) = out.split_at(out.len() - message.len());
            let length = match header.len() {
                6 => vec![u8::try_from(size).unwrap() | 0x80],
                8 => [&[0xfe], &u16::try_from(size).unwrap().to_be_bytes()[..]].concat(),
                _ => [&[0xff], &u64::from(size).to_be_bytes()[..]].concat(),
            };
            assert_eq!(header, [&[0x81], &length[..], &key].concat());
            let unmasked = payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key);
            assert!(unmasked.eq(message));
        }
    }

    #[test]
    fn the_example_of_the_rfc_is_met() {
        let mut out = [0; 11];
        write_frame(b"Hello", [0x37, 0xfa, 0x21, 0x3d], &mut out).unwrap();
        assert_eq!(out, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    }

    #[test]
    fn an_append_is_framed_as_its_message_is() {
        let id = EventId::new("event_7").unwrap();
        for coding in Coding::ALL {
            for count in [0, 1, 2, 100, 767, 768, 769, 5000] {
                let pcm: Vec<u8> = (0..count * 2).map(|index: u32| index.to_le_bytes()[0]).collect();
                let samples = Samples::of_pcm(&pcm);
                for event_id in [None, Some(id)] {
                    let mut message =
                        vec![0; message::append_len(samples.count(), coding, event_id).unwrap()];
                    message::write_append(&samples, coding, event_id, &mut message).unwrap();
                    let mut expected = vec![0; frame_len(message.len()).unwrap()];
                    write_frame(&message, [1, 2, 3, 4], &mut expected).unwrap();
                    let mut out = vec![0; append_frame_len(samples.count(), coding, event_id).unwrap()];
                    write_append_frame(&samples, coding, event_id, [1, 2, 3, 4], &mut out).unwrap();
                    assert_eq!(out, expected);
                }
            }
        }
    }

    #[test]
    fn only_a_whole_unmasked_text_frame_of_medium_length_is_usual() {
        for size in [0, 1, 125, 126, 1000, 65_535] {
            let message = vec![7; size];
            let frame = [&[0x81, 0x7e], &u16::try_from(size).unwrap().to_be_bytes()[..], &message].concat();
            assert_eq!(usual_payload(&frame), Some((&message[..], &[][..])));
            for end in 0..frame.len().min(200) {
                assert_eq!(usual_payload(&frame[..end]), None);
            }
            let more = [&frame[..], &[0x81, 3]].concat();
            assert_eq!(usual_payload(&more), Some((&message[..], &[0x81, 3][..])));
            for (first, second) in [(0x01, 0x7e), (0x82, 0x7e), (0xc1, 0x7e), (0x81, 0xfe), (0x81, 0x7f)] {
                assert_eq!(usual_payload(&[&[first, second], &frame[2..]].concat()), None);
            }
        }
    }

    #[test]
    fn what_the_last_frame_lacks_is_told_once_its_header_is_there() {
        let frames: Vec<Vec<u8>> = [(0x81, 3), (0x81, 300), (0x02, 0), (0x8a, 125), (0x81, 70_000)]
            .map(|(first, size): (u8, usize)| {
                let size_bytes = match size {
                    ..126 => vec![u8::try_from(size).unwrap()],
                    126..65_536 => [&[0x7e][..], &u16::try_from(size).unwrap().to_be_bytes()].concat(),
                    _ => [&[0x7f][..], &(size as u64).to_be_bytes()].concat(),
                };
                [&[first][..], &size_bytes, &vec![0x81; size]].concat()
            })
            .into();
        let stream = frames.concat();
        let mut begin = 0;
        for (frame, header) in frames.iter().zip([2, 4, 2, 2, 10]) {
            for have in (0..frame.len()).step_by(if frame.len() < 1000 { 1 } else { 997 }) {
                let expected = if have < header { 0 } else { frame.len() - have };
                assert_eq!(missing_bytes(&stream[..begin + have]), expected, "{have} of {}", frame.len());
            }
            assert_eq!(first_frame(&stream[begin..]), Some((&frame[..], &stream[begin + frame.len()..])));
            assert_eq!(first_frame(&frame[..frame.len() - 1]), None);
            begin += frame.len();
            assert_eq!(missing_bytes(&stream[..begin]), 0);
        }
        assert_eq!(missing_bytes(&[&[0x81, 0x7f][..], &[0xff; 8]].concat()), 0);
        // Against the protocol, and counted as its payload.
        assert_eq!(missing_bytes(&[0x81, 0x82, 1, 2]), 0);
        assert_eq!(missing_bytes(&[0x81, 0x82, 1]), 1);
    }

    #[test]
    fn a_whole_pong_is_one_and_nothing_else() {
        assert_eq!(pong_payload(b"\x8a\x02ab"), Some((&b"ab"[..], &[][..])));
        assert_eq!(pong_payload(b"\x8a\x00\x81"), Some((&[][..], &[0x81][..])));
        let long = [&[0x8a, 125][..], &[7; 126]].concat();
        assert_eq!(pong_payload(&long), Some((&long[2..127], &[7][..])));
        for other in
            [&b""[..], b"\x8a", b"\x8a\x02a", b"\x89\x02ab", b"\x0a\x02ab", b"\x8a\x82abcdef", b"\x8a\x7e"]
        {
            assert_eq!(pong_payload(other), None);
        }
        assert_eq!(pong_payload(&[&[0x8a, 126][..], &[0; 300]].concat()), None);
    }

    #[test]
    fn an_output_of_another_size_is_refused() {
        for out in [&mut [][..], &mut [0; 5], &mut [0; 12]] {
            assert_eq!(write_frame(b"Hello", [0; 4], out), Err(SizeError));
            let none = Samples::of_pcm(&[]);
            assert_eq!(write_append_frame(&none, Coding::Pcm, None, [0; 4], out), Err(SizeError));
        }
    }
}
