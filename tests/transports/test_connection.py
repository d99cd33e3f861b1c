"""The short way of a frame against the library's: same messages, same pongs, same bytes out, same end, for any cut."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.exceptions import WebSocketException

from transports.frames import (
    LIMIT_BYTES,
    UPGRADE,
    Stream,
    connected,
    cut_up,
    frame,
    oracle,
    played,
    unmasked,
    upgraded,
)
from transports.frames import delta as audio
from trunkline.protocol.closure import Fault
from trunkline.transports.base import Listener
from trunkline.transports.connection import TURN
from trunkline.transports.gate import closure_of

TEXT, BINARY, CONT, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


# Any frames, any cut.

_payloads = st.one_of(
    st.binary(max_size=8),
    st.binary(min_size=120, max_size=130),
    st.sampled_from((200, LIMIT_BYTES)).map(lambda size: b"\xc3" * size),
    # Who loses count of where frames begin takes these for some.
    st.sampled_from((5, 20, 60)).map(lambda count: frame(TEXT, b"trap") * count),
)
_controls = st.builds(frame, st.sampled_from((PING, PONG)), st.binary(max_size=125))
_audio = st.sampled_from((0, 1, 20, 300, LIMIT_BYTES)).map(audio)
_texts = st.builds(
    frame, st.just(TEXT), st.one_of(_payloads, _audio), wide=st.sampled_from((0, 0, 2, 8))
)


@st.composite
def _fragmented(draw) -> list[bytes]:
    """A message in fragments, with control frames between them."""
    count = draw(st.integers(2, 4))
    frames = []
    for number in range(count):
        opcode = draw(st.sampled_from((TEXT, BINARY))) if not number else CONT
        frames.append(frame(opcode, draw(st.binary(max_size=200)), fin=number == count - 1))
        if number < count - 1:
            frames += draw(st.lists(_controls, max_size=1))
    return frames


_lawful = st.one_of(
    _texts.map(lambda one: [one]),
    _texts.map(lambda one: [one]),
    _controls.map(lambda one: [one]),
    st.builds(frame, st.just(BINARY), _payloads).map(lambda one: [one]),
    _fragmented(),
)
_odd = st.one_of(
    st.builds(
        frame,
        st.sampled_from((TEXT, BINARY, CONT, PING, CLOSE, 3, 11)),
        _payloads,
        fin=st.booleans(),
        reserved=st.sampled_from((0, 0x40, 0x20, 0x10)),
    ),
    st.builds(frame, st.just(TEXT), _payloads, mask=st.just(b"abcd")),
    st.builds(frame, st.just(TEXT), _payloads, fin=st.just(False)),
    st.just(frame(TEXT, b"*" * (LIMIT_BYTES + 1))),
    st.builds(
        lambda code, reason: frame(CLOSE, code.to_bytes(2, "big") + reason.encode()),
        st.sampled_from((1000, 1001, 1005, 1011, 3000, 4999, 999)),
        st.text(max_size=10),
    ),
    st.binary(max_size=4),
)


def _joined(*parts: list) -> list[bytes]:
    return [one for part in parts for some in part for one in some]


streams = st.builds(
    _joined,
    st.lists(_lawful, max_size=5),
    st.lists(_odd.map(lambda one: [one]), max_size=1),
    st.lists(_lawful, max_size=4),
)


@settings(max_examples=400, deadline=None)
@given(frames=streams, cuts=st.lists(st.floats(0, 1), max_size=8), ends=st.booleans())
@example(frames=[b"\x81"], cuts=[], ends=True)
@example(frames=[b"\xc1"], cuts=[], ends=True)
def test_any_frames_in_any_pieces_do_what_they_do_to_the_library(frames, cuts, ends):
    expected, pieces = oracle(b"".join(frames), ends=ends), cut_up(frames, cuts)
    for noted in (False, True):
        assert played(pieces, ends=ends, noted=noted) == expected
        # As they mostly come: each in a read of its own.
        assert played(frames, ends=ends, noted=noted) == expected


def test_what_follows_the_answer_to_the_upgrade_may_come_with_it_or_a_part_of_it():
    data = frame(TEXT, b"a" * 200) + frame(PING, b"p") + frame(TEXT, b"b")
    whole, expected = UPGRADE + data, oracle(data, ends=True)
    for at in range(len(whole) + 1):
        assert played([whole[:at], whole[at:]], ends=True, upgraded=False) == expected


# A read that is one frame to whoever has lost count: the short way asks for no more than its first bytes.
TRAP = frame(TEXT, b"trap" * 50)


@pytest.mark.parametrize(
    "pieces",
    [
        [frame(TEXT, b"a", fin=False), TRAP],
        [frame(TEXT, TRAP)[:4], TRAP],
        [frame(TEXT, TRAP)[:3], frame(TEXT, TRAP)[3:4], TRAP],
        [frame(BINARY, TRAP)[:4], TRAP, TRAP],
        [frame(BINARY, b"b" + TRAP + b"c")[:5], TRAP, b"c", TRAP],
        [frame(CLOSE, b"\x03\xe8"), TRAP],
        [frame(PING, reserved=0x40), TRAP],
    ],
)
def test_a_read_that_looks_like_a_whole_frame_may_be_part_of_something_else(pieces):
    for trap in (TRAP, frame(TEXT, audio(100))):
        told = [piece.replace(TRAP, trap) for piece in pieces]
        expected = oracle(b"".join(told), ends=True)
        for noted in (False, True):
            assert played(told, ends=True, noted=noted) == expected


def test_each_message_with_ordinary_audio_that_comes_by_itself_is_noted():
    frames = [frame(TEXT, audio(20)), frame(PONG, b"p"), frame(TEXT, b"{}"), frame(TEXT, audio(30))]
    told = played(frames, ends=True, noted=True)
    assert told == oracle(b"".join(frames), ends=True)
    assert told.noted_count == 2


@pytest.mark.parametrize("at", range(len(UPGRADE) - 5, len(UPGRADE) + 1))
def test_the_empty_line_of_the_answer_may_come_in_two_parts(at):
    data = frame(TEXT, TRAP)
    pieces = [UPGRADE[:at], UPGRADE[at:] + data[:4], TRAP]
    assert played(pieces, ends=True, upgraded=False) == oracle(data, ends=True)


def test_what_answered_is_kept_without_what_followed():
    async def scenario():
        connection, stream = connected()
        shaking = asyncio.ensure_future(connection.handshake((), "test"))
        await asyncio.sleep(0)
        stream.read(connection, UPGRADE[:50])
        stream.read(connection, UPGRADE[50:] + frame(TEXT, b"hello"))
        await shaking
        assert connection.head == UPGRADE

    run(scenario())


def test_every_cut_of_a_lively_stream_gives_the_same():
    data = b"".join(
        (
            frame(TEXT, b"a" * 200),
            frame(PING, b"beat"),
            frame(TEXT, b"b", fin=False),
            frame(PONG, b"late"),
            frame(CONT, b"c"),
            frame(TEXT, b""),
            frame(BINARY, b"\x00" * 130),
            frame(CLOSE, b"\x03\xe8bye"),
            frame(TEXT, b"behind the goodbye"),
        )
    )
    expected = oracle(data, ends=True)
    assert expected.events == [
        ("message", b"a" * 200),
        ("pong", b"late"),
        ("message", b"bc"),
        ("message", b""),
        ("message", b"\x00" * 130),
    ]
    for at in range(len(data) + 1):
        assert played([data[:at], data[at:]], ends=True) == expected
    assert played([data[at : at + 1] for at in range(len(data))], ends=True) == expected


# Who reads, and how much at once.


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 10))


def test_what_came_before_anybody_read_is_given_first():
    async def scenario():
        connection, stream = await upgraded()
        stream.read(connection, frame(TEXT, b"early"))
        got: list[bytes] = []
        reading = asyncio.ensure_future(connection.deliver(got.extend))
        await asyncio.sleep(0)
        stream.read(connection, frame(TEXT, b"late"))
        reading.cancel()
        assert got == [b"early", b"late"]

    run(scenario())


def test_a_flood_is_given_in_turns_and_not_read_meanwhile():
    async def scenario():
        connection, stream = await upgraded()
        turns: list[int] = []
        reading = asyncio.ensure_future(connection.deliver(lambda some: turns.append(len(some))))
        await asyncio.sleep(0)
        stream.read(connection, frame(TEXT, b"x") * (3 * TURN + 1))
        assert (turns, stream.paused) == ([TURN], True)
        await asyncio.sleep(0)
        assert turns == [TURN, TURN]
        while len(turns) < 4:
            await asyncio.sleep(0)
        assert (turns[2:], stream.paused) == ([TURN, 1], False)
        reading.cancel()

    run(scenario())


def test_a_flood_that_nobody_reads_stops_the_reading():
    async def scenario():
        connection, stream = await upgraded()
        stream.read(connection, frame(TEXT, b"x") * (TURN + 1))
        assert stream.paused
        got: list[bytes] = []
        reading = asyncio.ensure_future(connection.deliver(got.extend))
        while stream.paused:
            await asyncio.sleep(0)
        reading.cancel()
        assert len(got) == TURN + 1

    run(scenario())


def test_all_is_given_before_the_end_is_told():
    async def scenario():
        connection, stream = await upgraded()
        got: list[bytes] = []
        reading = asyncio.ensure_future(connection.deliver(got.extend))
        await asyncio.sleep(0)
        stream.read(connection, frame(TEXT, b"x") * (2 * TURN) + frame(CLOSE, b"\x03\xe8"))
        connection.connection_lost(None)
        await reading
        assert len(got) == 2 * TURN
        assert closure_of(connection.end()).code == 1000

    run(scenario())


def test_a_reader_that_fails_is_told_so_and_gets_no_more():
    async def scenario():
        connection, stream = await upgraded()
        got: list[bytes] = []

        def take(messages):
            got.extend(messages)
            raise ValueError(messages)

        reading = asyncio.ensure_future(connection.deliver(take))
        await asyncio.sleep(0)
        stream.read(connection, frame(TEXT, b"1") + frame(PING) + frame(TEXT, b"2"))
        with pytest.raises(ValueError, match="1"):
            await reading
        assert got == [b"1"]

    run(scenario())


def test_what_a_reader_that_left_did_not_get_the_next_one_does():
    async def scenario():
        connection, stream = await upgraded()
        reading = asyncio.ensure_future(connection.deliver([].extend))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
        stream.read(connection, frame(TEXT, b"kept"))
        got: list[bytes] = []
        reading = asyncio.ensure_future(connection.deliver(got.extend))
        await asyncio.sleep(0)
        reading.cancel()
        assert got == [b"kept"]

    run(scenario())


def test_a_read_of_nothing_is_nothing():
    async def scenario():
        connection, stream = await upgraded()
        connection.listener = Listener(pong=lambda _: None, writable=lambda: None)
        connection.buffer_updated(0)
        assert not stream.out

    run(scenario())


# What goes out.


def test_a_message_goes_out_as_one_frame_with_a_key_of_its_own():
    async def scenario():
        connection, stream = await upgraded()
        for _ in range(2):
            connection.write_text(b"x" * 300)
        half = len(stream.out) // 2
        first, second = bytes(stream.out[:half]), bytes(stream.out[half:])
        assert first != second
        assert unmasked(first) == unmasked(second) == [(0x80 | TEXT, b"x" * 300)]

    run(scenario())


def test_nothing_is_written_behind_a_goodbye_but_pings_until_the_end():
    async def scenario():
        connection, stream = await upgraded()
        closing = asyncio.ensure_future(connection.close(1000, ""))
        await asyncio.sleep(0)
        connection.write_text(b"too late")
        connection.write_ping(b"p")
        assert unmasked(bytes(stream.out)) == [(0x80 | CLOSE, b"\x03\xe8"), (0x80 | PING, b"p")]
        connection.connection_lost(None)
        await closing
        stream.out.clear()
        connection.write_text(b"too late")
        connection.write_ping(b"p")
        assert not stream.out

    run(scenario())


def test_the_write_limit_is_told_both_ways():
    async def scenario():
        connection, stream = await upgraded()
        told: list[bool] = []
        connection.pause_writing()
        assert connection.full
        connection.resume_writing()
        connection.listener = Listener(
            pong=lambda _: None, writable=lambda: told.append(connection.full)
        )
        connection.pause_writing()
        connection.resume_writing()
        assert (stream.limit, told) == (1000, [False])

    run(scenario())


# The end.


async def _later(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """The loop's clock, moved: what was planned for then happens now."""
    now = loop.time() + seconds
    loop.time = lambda: now
    await asyncio.sleep(0)


def test_a_goodbye_that_is_not_answered_is_cut_at_its_deadline():
    async def scenario():
        connection, stream = await upgraded()
        closing = asyncio.ensure_future(connection.close(1000, "over"))
        await asyncio.sleep(0)
        await _later(asyncio.get_running_loop(), 1.9)
        assert not stream.aborted
        await _later(asyncio.get_running_loop(), 0.2)
        while not stream.aborted:
            await asyncio.sleep(0)
        connection.connection_lost(None)
        await closing
        assert closure_of(connection.end()).by_us

    run(scenario())


def test_a_server_that_says_goodbye_and_hangs_on_is_cut_at_the_deadline():
    async def scenario():
        connection, stream = await upgraded()
        stream.read(connection, frame(CLOSE, b"\x03\xf3"))
        assert unmasked(bytes(stream.out)) == [(0x80 | CLOSE, b"\x03\xf3")]
        await _later(asyncio.get_running_loop(), 2.1)
        while not stream.aborted:
            await asyncio.sleep(0)
        connection.connection_lost(None)
        assert closure_of(connection.end()).code == 1011

    run(scenario())


def test_a_stream_that_breaks_tells_how():
    async def scenario():
        connection, _ = await upgraded()
        connection.connection_lost(ConnectionResetError())
        return closure_of(connection.end())

    closure = run(scenario())
    assert (closure.code, closure.fault) == (1006, Fault.RESET)


def test_a_stream_without_halves_is_closed_whole():
    async def scenario():
        connection, stream = await upgraded(Stream(half_closes=False))
        connection.eof_received()
        assert (stream.closed, stream.half_closed) == (True, False)

    run(scenario())


def test_a_half_that_cannot_be_ended_any_more_is_no_error():
    class Gone(Stream):
        def write_eof(self) -> None:
            raise RuntimeError("the stream is gone")

    async def scenario():
        connection, _ = await upgraded(Gone())
        connection.eof_received()

    run(scenario())


def test_a_stream_that_ends_without_an_answer_ends_the_handshake():
    async def scenario():
        connection, _ = connected()
        shaking = asyncio.ensure_future(connection.handshake((), "test"))
        await asyncio.sleep(0)
        connection.connection_lost(None)
        with pytest.raises((WebSocketException, EOFError)):
            await shaking
        assert not connection.head

    run(scenario())


def test_an_answer_that_is_none_ends_the_handshake_before_the_stream_ends():
    async def scenario():
        connection, stream = connected()
        shaking = asyncio.ensure_future(connection.handshake((), "test"))
        await asyncio.sleep(0)
        stream.read(connection, b"SSH-2.0-OpenSSH_9.9\r\n\r\nmore")
        with pytest.raises((WebSocketException, ValueError)):
            await shaking
        assert connection.head.startswith(b"SSH-2.0")

    run(scenario())


def test_two_loops_have_a_buffer_each():
    async def scenario():
        connection, _ = connected()
        return connection.get_buffer(-1).obj

    assert run(scenario()) is not run(scenario())
