"""Who reads a link's socket: over real ones, with the transport's own reading beside it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import socket
import struct
import sys
import warnings
import weakref

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transports.frames import (
    LIMIT_BYTES,
    Told,
    cut_up,
    delta,
    frame,
    opened,
    oracle,
    read_over_sockets,
    said,
    unmasked,
)
from transports.test_connection import TEXT, streams
from trunkline.audio.codec import append_message
from trunkline.transports import reading
from trunkline.transports.connection import TURN

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="NOT PROVEN: only Linux has epoll")
AUDIO = frame(TEXT, delta(300))
SHORT = frame(TEXT, delta(30))
LONG = frame(TEXT, delta(1000))
CHUNK = bytes(960)


@settings(max_examples=150, deadline=None)
@given(frames=streams, cuts=st.lists(st.floats(0, 1), max_size=8), ends=st.booleans())
@example(frames=[b"\x81"], cuts=[], ends=True)
def test_any_frames_in_any_pieces_do_what_they_do_to_the_library(frames, cuts, ends):
    expected, pieces = oracle(b"".join(frames), ends=ends), cut_up(frames, cuts)
    for noted in (False, True):
        assert read_over_sockets(pieces, ends=ends, noted=noted) == expected
    assert read_over_sockets(frames, ends=ends, noted=True) == expected


def run(scenario, *, loop: str = "asyncio") -> None:
    factory = asyncio.new_event_loop
    if loop == "uvloop":
        uvloop = pytest.importorskip("uvloop", reason="NOT PROVEN without uvloop: reading under it")
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(asyncio.wait_for(scenario(), 20))


@contextlib.asynccontextmanager
async def link(told: Told, *, limit_bytes: int = LIMIT_BYTES):
    """A connection that is delivered from, with its own socket and the server's; its audio may go the short way."""
    connection, near, far = await opened(told, limit_bytes=limit_bytes)
    connection.listener.notes.open_chunks(len(CHUNK), 1 << 40, until=float("inf"))
    task = asyncio.ensure_future(
        connection.deliver(lambda all_: told.events.extend(("message", one) for one in all_))
    )
    await asyncio.sleep(0)
    try:
        yield connection, near, far
    finally:
        task.cancel()
        connection.abort()
        await asyncio.sleep(0.01)
        far.close()


async def until(is_so) -> None:
    while not is_so():
        await asyncio.sleep(0.001)


async def comes(far: socket.socket, told: Told, data: bytes, messages: list[bytes]) -> None:
    """What the server sends comes to the reader as these messages."""
    far.sendall(data)
    await until(lambda: len(told.events) == len(messages))
    assert [message for _, message in told.events] == messages


LOOPS = pytest.mark.parametrize("loop", ["asyncio", "uvloop"])


@LOOPS
def test_audio_comes_and_goes_without_the_loops_transport(loop):
    async def scenario():
        told = Told()
        async with link(told) as (connection, _, far):
            far.send(AUDIO)
            await until(lambda: told.noted_count)
            assert not connection.transport.is_reading()
            connection.is_queued = False
            assert connection.send_chunk(CHUNK)
            assert not connection.is_queued
            ((opcode, message),) = unmasked(said(far)[0])
            assert (opcode, message[:9]) == (0x81, b'{"type":"')

    run(scenario, loop=loop)


@LOOPS
def test_pings_and_messages_go_without_the_loops_transport_too_if_nothing_waits(loop):
    async def scenario():
        async with link(Told()) as (connection, _, far):
            assert connection.is_queued
            connection.write_ping(b"1")
            connection.write_text(b"{}")
            assert not connection.is_queued
            # What the transport would write the kernel has at once as well: that nothing was given to it shows above.
            assert unmasked(said(far)[0]) == [(0x89, b"1"), (0x81, b"{}")]
            connection.full = True
            connection._look_whether_free()
            connection.write_ping(b"2")
            assert connection.is_queued
            await until(lambda: connection.transport.get_write_buffer_size() == 0)
            assert unmasked(said(far)[0]) == [(0x89, b"2")]

    run(scenario, loop=loop)


@LOOPS
def test_what_is_no_audio_comes_the_same_way(loop):
    async def scenario():
        told = Told()
        async with link(told) as (_, _, far):
            far.send(frame(TEXT, b"one") + frame(0xA, b"pong"))
            await until(lambda: len(told.events) == 2)
            assert told.events == [("message", b"one"), ("pong", b"pong")]

    run(scenario, loop=loop)


def test_deltas_that_came_together_are_heard_one_by_one_and_the_rest_is_no_audio():
    async def scenario():
        told = Told()
        async with link(told) as (_, _, far):
            sent = AUDIO * 3 + frame(TEXT, b"one") + AUDIO
            await comes(far, told, sent, [*[delta(300)] * 3, b"one", delta(300)])
            # Behind what is none they go the long way, to keep their order.
            assert told.noted_count == 3

    run(scenario)


def test_what_must_be_asked_about_goes_by_itself_and_what_follows_is_heard():
    async def scenario():
        told = Told()
        async with link(told) as (_, _, far):
            await comes(far, told, frame(TEXT, b"one") + AUDIO * 3, [b"one", *[delta(300)] * 3])
            assert told.noted_count == 3

    run(scenario)


def test_where_who_is_asked_wants_no_more_what_follows_waits_behind_it():
    async def scenario():
        told = Told()
        async with link(told) as (connection, _, far):
            take = connection._take

            def taken(messages):
                take(messages)
                connection._reading.pause()

            connection._take = taken
            await comes(far, told, frame(TEXT, b"one") + AUDIO * 3, [b"one", *[delta(300)] * 3])
            assert told.noted_count == 0

    run(scenario)


def test_all_of_what_waited_is_heard_although_reads_end_within_frames():
    async def scenario():
        told = Told()
        async with link(told, limit_bytes=3000) as (_, _, far):
            # 16 KiB are read at once: eleven and a half of them.
            await comes(far, told, LONG * 40, [delta(1000)] * 40)
            assert told.noted_count == 40

    run(scenario)


def test_behind_a_frame_that_came_in_pieces_what_waited_is_heard_again():
    async def scenario():
        told = Told()
        async with link(told, limit_bytes=3000) as (connection, _, far):
            far.send(LONG[:100])
            await until(lambda: not connection.is_usual)
            assert connection.owed == len(LONG) - 100
            await comes(far, told, LONG[100:] + LONG * 40, [delta(1000)] * 41)
            # Those of its own read go the long way, to keep their order.
            assert told.noted_count == 41 - (16_384 - len(LONG) + 100) // len(LONG) - 2
            assert connection.owed == 0

    run(scenario)


def test_no_more_deltas_are_heard_in_one_go_than_are_handed_over_in_a_turn():
    async def scenario():
        told = Told()
        async with link(told) as (_, _, far):
            far.send(SHORT * 20)
            await until(lambda: len(told.events) == 20)
            assert told.noted_count == TURN

    run(scenario)


def test_where_the_way_ends_while_deltas_are_heard_the_rest_goes_the_long_way():
    async def scenario():
        told = Told()
        async with link(told) as (connection, _, far):

            def noted(message: bytes) -> None:
                Told.noted(told, message)
                connection._go_long()

            told.noted = noted
            far.send(AUDIO * 3)
            await until(lambda: len(told.events) == 3)
            assert told.noted_count == 1

    run(scenario)


def test_a_loop_whose_links_have_gone_has_nothing_of_ours():
    async def scenario():
        loop = asyncio.get_running_loop()
        async with link(Told()), link(Told()):
            poller = reading._pollers[loop]()
            assert len(poller) == 2
        number = poller.fileno()
        assert loop not in reading._pollers
        assert not loop.remove_reader(number)

    run(scenario)


def test_a_loop_that_is_closed_under_its_links_is_nobodys_any_more():
    loop = asyncio.new_event_loop()
    told = Told()

    async def scenario():
        connection, near, far = await opened(told)
        connection._take = lambda _: None
        connection._go_short()
        far.send(AUDIO)
        await until(lambda: told.noted_count)
        running = asyncio.get_running_loop()
        return near, far, weakref.ref(reading._pollers[running]())

    near, far, poller = loop.run_until_complete(scenario())
    gone = weakref.ref(loop)
    with warnings.catch_warnings():
        # So does asyncio say that nobody closed it.
        warnings.simplefilter("ignore", ResourceWarning)
        loop.close()
        del loop
        near.close()
        far.close()
        gc.collect()
    assert (gone(), poller()) == (None, None)


def test_what_is_held_up_stays_in_the_kernel_and_comes_later():
    async def scenario():
        told = Told()
        async with link(told) as (connection, _, far):
            connection._reading.pause()
            connection._reading.pause()
            far.send(AUDIO)
            await asyncio.sleep(0.01)
            assert told.noted_count == 0
            connection._reading.resume()
            await until(lambda: told.noted_count)
            assert not connection.transport.is_reading()

    run(scenario)


# How it ends.


async def _over_tcp(told: Told, end) -> None:
    """A link over TCP, which alone can be reset, and what its server does to it in the end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
        near.setblocking(False)
    connection, _, _ = await opened(told, sockets=(near, far))
    task = asyncio.ensure_future(connection.deliver(lambda _: None))
    await asyncio.sleep(0)
    end(far)
    await task
    told.closure = connection.end()


def _reset(far: socket.socket) -> None:
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    far.close()


@LOOPS
@pytest.mark.parametrize("end", [_reset, socket.socket.close])
def test_an_end_is_told_as_the_transport_tells_it(end, loop, monkeypatch):
    ends = []
    for plain in (reading._PLAIN, frozenset()):
        monkeypatch.setattr(reading, "_PLAIN", plain)
        told = Told()
        run(lambda told=told: _over_tcp(told, end), loop=loop)
        cause = told.closure.__cause__
        ends.append((type(told.closure), str(told.closure), type(cause), str(cause)))
    assert ends[0] == ends[1]
    assert (ends[0][2] is ConnectionResetError) is (end is _reset)


def test_an_error_that_the_kernel_told_us_is_told_on():
    async def scenario():
        told = Told()
        async with link(told) as (connection, _, far):
            connection.has_ended(104)
            far.close()
            await connection._lost
            assert isinstance(connection.end().__cause__, ConnectionResetError)

    run(scenario)


def test_what_came_before_a_link_was_cut_is_not_read_after_it_and_nothing_is_sent():
    async def scenario():
        told = Told()
        async with link(told) as (connection, _, far):
            far.send(AUDIO)
            connection.abort()
            connection.is_free, connection.is_queued = True, False
            assert not connection.send_chunk(CHUNK)
            assert not connection.send_frame(b"x")
            await connection._lost
            assert told.events == []

    run(scenario)


@pytest.mark.parametrize("how", ["abort", "lost", "closed"])
def test_a_number_that_is_anothers_by_now_is_not_written_to(how):
    async def scenario():
        async with link(Told()) as (connection, near, far):
            number, lost, sent = near.fileno(), connection.connection_lost, []

            def closing(error: Exception | None) -> None:
                # The transport closes the socket behind this.
                lost(error)
                connection.is_free, connection.is_queued = True, False
                sent.append(connection.send_chunk(CHUNK) or connection.send_frame(b"x"))

            connection.connection_lost = closing
            {"abort": connection.abort, "lost": far.close, "closed": connection.transport.close}[
                how
            ]()
            await until(lambda: sent)
            await until(lambda: near.fileno() == -1)
            pairs = [socket.socketpair() for _ in range(3)]
            assert number in {sock.fileno() for pair in pairs for sock in pair}
            assert sent == [False]
            for sock in itertools.chain(*pairs):
                sock.close()

    run(scenario)


def test_a_link_that_went_is_watched_no_more():
    async def scenario():
        loop = asyncio.get_running_loop()
        async with link(Told()), link(Told()) as (connection, _, _far):
            lost, watched = connection.connection_lost, []
            connection.connection_lost = lambda error: (
                lost(error), watched.append(len(reading._pollers[loop]())),
            )  # fmt: skip
            connection.transport.close()
            await until(lambda: watched)
            assert watched == [1]

    run(scenario)


def test_who_cannot_take_what_came_ends_its_own_link_and_no_other():
    async def scenario():
        broken, told, complaints = Told(), Told(), []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
        async with link(broken) as (bad, _, bad_far), link(told) as (_, _, far):
            bad.was_given = lambda data: int("x")
            bad_far.send(frame(TEXT, b"one"))
            far.send(AUDIO)
            await until(lambda: told.noted_count)
            await bad._lost
            assert isinstance(bad.end().__cause__, ValueError)
            far.send(AUDIO)
            await until(lambda: told.noted_count == 2)
        (complaint,) = complaints
        assert complaint["protocol"] is bad

    run(scenario)


# What goes out.


async def drained(connection, far, got: bytearray) -> None:
    """Until nothing waits in the event loop."""
    while connection.transport.get_write_buffer_size():
        got += said(far)[0]
        await asyncio.sleep(0)
    got += said(far)[0]


@LOOPS
def test_what_the_kernel_does_not_take_goes_by_the_transport_and_in_order(loop):
    async def scenario():
        told, sent, got = Told(), [], bytearray()
        async with link(told) as (connection, near, far):
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            connection.transport.set_write_buffer_limits(1 << 20)
            for number in range(300):
                if number % 7 == 3:
                    sent.append(b'{"number":%d}' % number)
                    connection.write_text(sent[-1])
                else:
                    chunk = number.to_bytes(2, "little") * (len(CHUNK) // 2)
                    assert connection.send_chunk(chunk)
                    sent.append(append_message(chunk))
                if number % 50 == 49:
                    # The one that reads catches up, and the way is free again.
                    await asyncio.sleep(0)
                    got += said(far)[0]
                if number == 199:
                    await drained(connection, far, got)
            await drained(connection, far, got)
        assert [message for _, message in unmasked(bytes(got))] == sent

    run(scenario, loop=loop)


def test_a_chunk_goes_behind_what_the_loop_still_has_although_the_kernel_has_room():
    async def scenario():
        sent, got = [], bytearray()
        async with link(Told()) as (connection, near, far):
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            connection.transport.set_write_buffer_limits(1 << 20)
            connection.is_queued = False
            while not connection.transport.get_write_buffer_size():
                sent.append(b"[%b]" % (b"1" * 1000))
                connection.write_text(sent[-1])
            got += said(far)[0]
            assert connection.send_chunk(CHUNK)
            sent.append(append_message(CHUNK))
            await drained(connection, far, got)
        assert [message for _, message in unmasked(bytes(got))] == sent

    run(scenario)


def test_a_full_link_is_told_so():
    async def scenario():
        async with link(Told()) as (connection, near, _):
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            for _ in range(300):
                if not connection.send_chunk(CHUNK):
                    break
            assert connection.full
            assert connection.transport.get_write_buffer_size() > 1000

    run(scenario)


# Who reads by itself.


def _transport(module: str, **known) -> asyncio.Transport:
    kind = type("Some", (asyncio.Transport,), {"__module__": module})
    return kind(extra=known)


def test_only_what_leaves_the_bytes_as_they_are_is_read_for_all():
    near, far = socket.socketpair()
    with near, far:
        assert reading._plain_socket(_transport("uvloop.loop", socket=near)) == near.fileno()
        assert reading._plain_socket(_transport("uvloop.loop", socket=near, ssl_object=1)) is None
        assert reading._plain_socket(_transport("trunkline.transports.tls", socket=near)) is None
        assert reading._plain_socket(_transport("asyncio.selector_events")) is None
    assert reading._plain_socket(_transport("uvloop.loop", socket=near)) is None
