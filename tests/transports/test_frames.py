"""The first bytes of a frame, with the library as the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from trunkline.transports.frames import MASKED, MEDIUM, PONG, TEXT, header, ping

LENGTHS = (0, 1, 125, 126, 127, 65_535, 65_536, 70_000)


def frame(length: int, *, mask: bool = False) -> bytes:
    return Frame(Opcode.TEXT, b"x" * length).serialize(mask=mask)


@pytest.mark.parametrize("length", LENGTHS)
def test_header_and_payload_are_the_frame(length):
    written = frame(length)
    head, size = header(memoryview(written), 0, len(written))
    assert (written[0], size, head + size) == (TEXT, length, len(written))


@given(st.sampled_from(LENGTHS), st.integers(0, 12), st.integers(0, 20))
def test_of_a_beginning_there_is_no_header_or_the_whole_one(length, end, before):
    written = frame(length)
    head, _ = header(memoryview(written), 0, len(written))
    data = bytes(before) + written
    end = min(before + end, len(data))
    assert header(memoryview(data), before, end) == (
        (head, length) if end - before >= head else (0, 0)
    )


def test_a_mask_is_not_part_of_the_length():
    written = frame(5, mask=True)
    assert written[1] & MASKED
    assert header(memoryview(written), 0, len(written)) == (2, 5)
    assert frame(MEDIUM)[1] == MEDIUM


@given(st.binary(max_size=125), st.binary(min_size=4, max_size=4))
def test_a_ping_is_what_the_library_writes(payload: bytes, key: bytes):
    written = ping(payload, key)
    assert written[2:6] == key
    expected = Frame(Opcode.PING, payload).serialize(mask=False)
    assert (written[0], written[1]) == (expected[0], MASKED | len(payload))
    assert bytes(byte ^ key[at % 4] for at, byte in enumerate(written[6:])) == payload


def test_a_pong_begins_as_the_library_writes_it():
    assert Frame(Opcode.PONG, b"").serialize(mask=False)[0] == PONG
