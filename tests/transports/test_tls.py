"""TLS between two buffers, on real sockets with real certificates, and under both event loops."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme

from trunkline.transports import reading
from trunkline.transports.tls import TlsStream

AUTHORITY = trustme.CA()
CERTIFICATE = AUTHORITY.issue_cert("127.0.0.1")
LONG = bytes(range(256)) * 20_000
COUNT = 100
LOOPS = ["asyncio", "uvloop"]


@pytest.fixture(autouse=True, params=[True, False], ids=["read with all", "read by itself"])
def together(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether one call reads the sockets of all, or the loop's transport this one."""
    if not request.param:
        monkeypatch.setattr(reading, "_PLAIN", frozenset())
    elif sys.platform != "linux":
        pytest.skip("NOT PROVEN: only Linux has epoll")
    return request.param


def _served(newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = newest
    CERTIFICATE.configure_cert(context)
    return context


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


class Ear(asyncio.BufferedProtocol):
    """Remembers what it was told; its buffer is smaller than what comes."""

    def __init__(self, room: int = 20_000) -> None:
        self.buffer = bytearray(room)
        self.heard = bytearray()
        self.told: list[object] = []
        self.transport: TlsStream | None = None
        self.over = asyncio.get_running_loop().create_future()
        self.news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, TlsStream)
        self.transport = transport
        self.told.append("made")

    def get_buffer(self, sizehint: int) -> bytearray:
        return memoryview(self.buffer)

    def buffer_updated(self, nbytes: int) -> None:
        self.heard += self.buffer[:nbytes]
        self.news.set()

    def eof_received(self) -> None:
        self.told.append("eof")

    def pause_writing(self) -> None:
        self.told.append("full")

    def resume_writing(self) -> None:
        self.told.append("free")
        self.news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append(type(exc))
        self.over.set_result(None)

    async def until(self, count: int) -> bytes:
        while len(self.heard) < count:
            self.news.clear()
            await self.news.wait()
        return bytes(self.heard)


async def _dialed(port: int, ear: asyncio.BaseProtocol, context: ssl.SSLContext | None = None):
    stream = TlsStream(ear, context or _trusting(), "127.0.0.1")
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: stream, "127.0.0.1", port)
    await stream.handshake()
    return stream


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def _listening(serve: Serve, context: ssl.SSLContext | None):
    """A server on loopback, gone with all that it served; gives its port."""
    serving: set[asyncio.Task[None]] = set()

    async def handle(reader, writer):
        serving.add(asyncio.current_task())
        with contextlib.suppress(OSError):
            await serve(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async with await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]
        if serving:
            await asyncio.wait(serving)


def _server(serve: Serve, context: ssl.SSLContext | None = None):
    return _listening(serve, context or _served())


def _run(scenario: Callable[[], Awaitable[object]], loop: str = "asyncio"):
    factory = None
    if loop == "uvloop":
        factory = pytest.importorskip(
            "uvloop", reason="NOT PROVEN without uvloop: TLS under it"
        ).new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(asyncio.wait_for(scenario(), 20))


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(30_000):
        writer.write(data)
        await writer.drain()


# What comes and goes.


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("loop", LOOPS)
def test_long_and_short_messages_come_back_as_they_went(loop: str, newest: ssl.TLSVersion):
    async def scenario():
        async with _server(_echo, _served(newest)) as port:
            ear = Ear()
            stream = await _dialed(port, ear)
            for data in (b"a", bytearray(b"bc"), memoryview(LONG), b"", b"z" * 16_384):
                stream.write(data)
            whole = b"abc" + LONG + b"z" * 16_384
            assert await ear.until(len(whole)) == whole
            assert stream.get_extra_info("ssl_object").version() == newest.name.replace("_", ".")
            stream.close()
            await ear.over
            return ear.told

    told = _run(scenario, loop)
    assert told[0] == "made"
    assert told[-1] is type(None)
    assert {"eof"}.isdisjoint(told)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_protocol_that_is_given_bytes_gets_them(loop: str):
    class Plain(asyncio.Protocol):
        def __init__(self) -> None:
            self.heard = bytearray()
            self.over = asyncio.get_running_loop().create_future()

        def data_received(self, data: bytes) -> None:
            assert isinstance(data, bytes)
            self.heard += data

        def connection_lost(self, exc: Exception | None) -> None:
            self.over.set_result(exc)

    async def talk(_reader, writer):
        writer.write(LONG)
        await writer.drain()

    async def scenario():
        async with _server(talk) as port:
            plain = Plain()
            await _dialed(port, plain)
            assert await plain.over is None
            return bytes(plain.heard)

    assert _run(scenario, loop) == LONG


def _drip(port: int, count: int):
    """A listener before the server that lets so many bytes through at a time."""

    async def pour(reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(count):
                writer.write(data)
                await writer.drain()
                # Else the kernel puts them together again.
                await asyncio.sleep(0)
        writer.close()

    async def handle(reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pour(reader, back), pour(there, writer))

    return _listening(handle, None)


@pytest.mark.parametrize("count", [1, 7, 1000])
def test_records_may_be_cut_anywhere_in_the_handshake_as_well(count: int):
    async def scenario():
        async with _server(_echo) as port, _drip(port, count) as dripping:
            ear = Ear()
            stream = await _dialed(dripping, ear)
            stream.write(LONG[: 2000 * count])
            assert await ear.until(2000 * count) == LONG[: 2000 * count]
            stream.close()
            await ear.over

    _run(scenario)


def test_streams_of_a_loop_do_not_mix_what_they_read():
    async def scenario():
        async with _server(_echo) as port:
            ears = [Ear(room=1000 + at) for at in range(8)]
            streams = [await _dialed(port, ear) for ear in ears]
            for at, stream in enumerate(streams):
                stream.write(bytes([at]) * 200_000)
            for at, ear in enumerate(ears):
                assert await ear.until(200_000) == bytes([at]) * 200_000
            for stream, ear in zip(streams, ears, strict=True):
                stream.abort()
                await ear.over

    _run(scenario)


# Back-pressure.


@pytest.mark.parametrize("loop", LOOPS)
def test_who_does_not_read_holds_up_the_peer_and_loses_nothing(loop: str):
    async def scenario():
        sent = 0

        async def flood(_reader, writer):
            nonlocal sent
            while sent < 40:
                writer.write(LONG[:1_000_000])
                sent += 1
                await writer.drain()

        class Full(Ear):
            def buffer_updated(self, nbytes: int) -> None:
                super().buffer_updated(nbytes)
                if len(self.heard) > 100_000 and not self.told.count("paused"):
                    self.told.append("paused")
                    self.transport.pause_reading()
                    self.transport.pause_reading()

        async with _server(flood) as port:
            ear = Full()
            stream = await _dialed(port, ear)
            await ear.until(100_000)
            await asyncio.sleep(0.2)
            held, before = len(ear.heard), sent
            assert held < 100_000 + len(ear.buffer) + 1
            # What the kernel holds for both is no more than that.
            assert before < 25
            assert not stream.is_reading()
            stream.resume_reading()
            stream.resume_reading()
            assert await ear.until(40_000_000) == LONG[:1_000_000] * 40
            await ear.over
            return ear.told

    assert _run(scenario, loop) == ["made", "paused", "eof", type(None)]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_peer_that_does_not_read_is_told_to_the_protocol(loop: str):
    async def scenario():
        go_on = asyncio.Event()

        async def slow(reader, _writer):
            await go_on.wait()
            while await reader.read(1 << 20):
                pass

        async with _server(slow) as port:
            ear = Ear()
            stream = await _dialed(port, ear)
            stream.set_write_buffer_limits(32 * 1024)
            for _ in range(4):
                stream.write(LONG)
            assert ear.told == ["made", "full"]
            assert stream.get_write_buffer_size() > 32 * 1024
            go_on.set()
            while "free" not in ear.told:
                ear.news.clear()
                await ear.news.wait()
            stream.close()
            stream.close()
            stream.write(b"too late")
            await ear.over
            return ear.told

    assert _run(scenario, loop) == ["made", "full", "free", type(None)]


def test_what_is_held_back_when_the_peer_says_farewell_is_read_first():
    async def bye(_reader, writer):
        writer.write(b"last words")

    class Shy(Ear):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.transport.pause_reading()

    async def scenario():
        async with _server(bye) as port:
            ear = Shy()
            stream = await _dialed(port, ear)
            await asyncio.sleep(0.1)
            assert (ear.heard, ear.told) == (b"", ["made"])
            stream.resume_reading()
            await ear.over
            return bytes(ear.heard), ear.told

    assert _run(scenario) == (b"last words", ["made", "eof", type(None)])


def test_an_end_that_is_heard_while_nobody_reads_comes_behind_what_is_held_back():
    def serve(secured: ssl.SSLSocket, below: socket.socket) -> None:
        secured.sendall(b"held")
        below.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            secured.recv(1)

    class Shy(Ear):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.transport.pause_reading()

    async def scenario(port: int):
        ear = Shy()
        stream = await _dialed(port, ear)
        # As a loop would that reads on for its own reasons.
        stream._raw.resume_reading()
        await asyncio.sleep(0.1)
        assert (ear.heard, ear.told) == (b"", ["made"])
        stream.resume_reading()
        await ear.over
        return bytes(ear.heard), ear.told

    with _by_hand(serve) as (port, _):
        assert _run(lambda: scenario(port)) == (b"held", ["made", "eof", type(None)])


# The end.


@contextlib.contextmanager
def _by_hand(serve: Callable[[ssl.SSLSocket, socket.socket], None], **settings):
    """A server in a thread, with its socket below TLS beside it: it says what asyncio's does not."""
    served = _served(**settings)
    failed: list[BaseException] = []

    def work(listening: socket.socket) -> None:
        plain, _ = listening.accept()
        below = plain.dup()
        try:
            with below, served.wrap_socket(plain, server_side=True) as secured:
                serve(secured, below)
        except (OSError, ssl.SSLError) as error:
            failed.append(error)
        finally:
            plain.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=work, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1], failed
        thread.join(5)


async def _heard_of(port: int) -> tuple[bytes, list[object]]:
    ear = Ear()
    await _dialed(port, ear)
    await ear.over
    return bytes(ear.heard), ear.told


def test_our_farewell_reaches_the_peer():
    heard = []

    def serve(secured: ssl.SSLSocket, _below: socket.socket) -> None:
        # A stream without a farewell would be an error here.
        secured.suppress_ragged_eofs = False
        heard.extend([secured.recv(10), secured.recv(10)])

    async def scenario(port: int):
        ear = Ear()
        stream = await _dialed(port, ear)
        stream.write(b"x")
        stream.close()
        assert stream.is_closing()
        await ear.over

    with _by_hand(serve) as (port, failed):
        _run(lambda: scenario(port))
    assert (heard, failed) == ([b"x", b""], [])


def test_a_stream_that_ends_without_a_farewell_ends_like_any_other():
    def serve(secured: ssl.SSLSocket, below: socket.socket) -> None:
        secured.sendall(b"cut")
        below.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            secured.recv(1)

    with _by_hand(serve) as (port, _):
        assert _run(lambda: _heard_of(port)) == (b"cut", ["made", "eof", type(None)])


def test_a_reset_is_told_as_one():
    def serve(secured: ssl.SSLSocket, _below: socket.socket) -> None:
        secured.recv(1)
        secured.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def scenario(port: int):
        ear = Ear()
        stream = await _dialed(port, ear)
        stream.write(b"x")
        # Until the other thread has closed all of its descriptors.
        await ear.over
        return ear.told

    with _by_hand(serve) as (port, _):
        assert _run(lambda: scenario(port)) == ["made", ConnectionResetError]


def test_what_is_no_record_ends_the_stream_after_what_came_before():
    def serve(secured: ssl.SSLSocket, below: socket.socket) -> None:
        secured.sendall(b"before")
        below.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
        secured.recv(1)

    with _by_hand(serve) as (port, failed):
        heard, told = _run(lambda: _heard_of(port))
    assert heard == b"before"
    assert told[0] == "made"
    assert told[-1] is ssl.SSLError
    # And the peer was told what was wrong with it.
    assert "bad record mac" in str(failed[0]).lower()


def test_an_alert_after_a_goodbye_leaves_the_goodbye_to_be_read():
    def serve(secured: ssl.SSLSocket, below: socket.socket) -> None:
        secured.sendall(b"goodbye")
        below.sendall(b"\x15\x03\x03\x00\x02\x02\x50")
        with contextlib.suppress(OSError):
            secured.recv(1)

    with _by_hand(serve) as (port, _):
        heard, told = _run(lambda: _heard_of(port))
    assert heard == b"goodbye"
    assert told[-1] is ssl.SSLError


def test_what_the_protocol_raises_ends_the_stream_also_when_it_was_held_back():
    class Faulty(Ear):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.transport.pause_reading()

        def buffer_updated(self, nbytes: int) -> None:
            raise ValueError("a mistake")

    async def talk(reader, writer):
        writer.write(b"x")
        await reader.read()

    async def scenario():
        async with _server(talk) as port:
            ear = Faulty()
            stream = await _dialed(port, ear)
            await asyncio.sleep(0.05)
            stream.resume_reading()
            await ear.over
            return ear.told

    assert _run(scenario) == ["made", ValueError]


@pytest.mark.parametrize("loop", LOOPS)
def test_what_the_protocol_raises_while_it_reads_ends_the_stream_and_is_told_to_the_loop(loop: str):
    class Faulty(Ear):
        def buffer_updated(self, nbytes: int) -> None:
            raise ValueError("a mistake")

    async def scenario():
        complaints = []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
        async with _server(_echo) as port:
            ear = Faulty()
            stream = await _dialed(port, ear)
            stream.write(b"x")
            await ear.over
        return ear.told, [what["exception"] for what in complaints]

    told, raised = _run(scenario, loop)
    assert told == ["made", ValueError]
    assert [str(error) for error in raised] == ["a mistake"]


# Who reads below.


@pytest.mark.parametrize("loop", LOOPS)
def test_once_it_is_open_the_loop_s_transport_reads_no_more_where_all_are_read_at_once(
    loop: str, together: bool
):
    async def scenario():
        here = asyncio.get_running_loop()
        async with _server(_echo) as port:
            ear = Ear()
            stream = await _dialed(port, ear)
            stream.write(b"x")
            await ear.until(1)
            assert stream._raw.is_reading() is not together
            assert stream.is_reading()
            assert (here in reading._pollers) is together
            stream.pause_reading()
            assert here not in reading._pollers
            stream.resume_reading()
            stream.write(b"y")
            await ear.until(2)
            stream.close()
            assert here not in reading._pollers
            await ear.over

    _run(scenario, loop)


@pytest.mark.parametrize("loop", LOOPS)
def test_what_the_kernel_does_not_take_goes_by_the_loop_s_transport_and_in_order(
    loop: str, together: bool
):
    async def slow(reader, _writer):
        await asyncio.sleep(0.2)
        got.append(await reader.readexactly(len(sent)))

    async def scenario():
        async with _server(slow) as port:
            ear = Ear()
            stream = await _dialed(port, ear)
            stream.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
            queued = []
            for at in range(0, len(sent), 1000):
                stream.write(sent[at : at + 1000])
                queued.append(stream._reading.is_queued)
            assert queued[0] is not together
            assert queued[-1]
            while not got:
                await asyncio.sleep(0.01)
            stream.write(b"more")
            assert stream._reading.is_queued is not together
            stream.close()
            await ear.over

    sent, got = os.urandom(5_000_000), []
    _run(scenario, loop)
    assert got == [sent]


def test_an_error_that_the_kernel_told_who_reads_for_all_is_the_stream_s(together: bool):
    async def scenario():
        async with _server(_echo) as port:
            ear = Ear()
            stream = await _dialed(port, ear)
            if together:
                stream.has_ended(104)
            stream._raw.get_extra_info("socket").shutdown(socket.SHUT_RD)
            await ear.over
            return ear.told

    assert _run(scenario) == ["made", "eof", ConnectionResetError if together else type(None)]


# The handshake.


def test_a_peer_we_do_not_trust_is_told_so():
    async def scenario(port: int):
        ear = Ear()
        with pytest.raises(ssl.SSLCertVerificationError):
            await _dialed(port, ear, ssl.create_default_context())
        return ear.told

    with _by_hand(lambda secured, _: secured.recv(1)) as (port, failed):
        assert _run(lambda: scenario(port)) == []
    assert "unknown ca" in str(failed[0]).lower()


@pytest.mark.parametrize("farewell", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
@pytest.mark.parametrize("loop", LOOPS)
def test_a_handshake_that_is_none_is_refused_and_nobody_is_told_of_a_connection(
    loop: str, farewell: bytes
):
    async def scenario():
        async def hang_up(reader, writer):
            await reader.read(1)
            writer.write(farewell)
            writer.close()

        async with _listening(hang_up, None) as port:
            ear = Ear()
            with pytest.raises(ssl.SSLError if farewell else ConnectionResetError):
                await _dialed(port, ear)
            await asyncio.sleep(0.05)
            return ear.told

    assert _run(scenario, loop) == []


def test_a_stream_that_is_lost_in_the_handshake_says_so():
    async def scenario():
        stream = TlsStream(Ear(), _trusting(), "127.0.0.1")
        stream.connection_lost(None)
        with pytest.raises(ConnectionResetError):
            await stream.handshake()
        assert stream.is_closing()
        assert stream.get_extra_info("socket", "none") == "none"
        assert stream.get_write_buffer_size() == 0

    _run(scenario)


# Keys that are renewed, by OpenSSL's own server, since Python's cannot.


@contextlib.contextmanager
def _openssl(tmp_path: Path, *options: str):
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("NOT PROVEN without openssl: that keys may be renewed")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    CERTIFICATE.cert_chain_pems[0].write_to_path(chain)
    CERTIFICATE.private_key_pem.write_to_path(key)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [program, "s_server", "-accept", f"127.0.0.1:{port}", "-cert", chain, "-key", key]
    with subprocess.Popen(
        [*command, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        while b"ACCEPT" not in (line := process.stdout.readline()):
            assert line, "openssl s_server does not start"
        os.set_blocking(process.stdout.fileno(), False)
        yield port, process
        process.kill()


@pytest.mark.parametrize(
    ("version", "command"), [("-tls1_3", b"K\n"), ("-tls1_2", b"r\n")], ids=["renewal", "anew"]
)
def test_keys_are_renewed_when_the_server_asks_and_nothing_is_lost(
    tmp_path: Path, version: str, command: bytes
):
    async def scenario(port: int, process: subprocess.Popen[bytes]):
        assert process.stdin is not None
        printed = b""
        # Slowly, so that much is said while the keys change.
        async with _drip(port, 5) as dripping:
            ear = Ear()
            stream = await _dialed(dripping, ear)
            process.stdin.write(command)
            process.stdin.flush()
            for at in range(COUNT):
                stream.write(b"<%d>" % at)
                await asyncio.sleep(0.002)
                printed += process.stdout.read() or b""
            process.stdin.write(b"and back\n")
            process.stdin.flush()
            heard = await ear.until(len(b"and back\n"))
            while b"<%d>" % (COUNT - 1) not in printed:
                await asyncio.sleep(0.01)
                printed += process.stdout.read() or b""
            stream.close()
            await ear.over
            return heard, printed

    with _openssl(tmp_path, version) as (port, process):
        heard, printed = _run(lambda: scenario(port, process))
    assert heard == b"and back\n"
    assert re.findall(rb"<(\d+)>", printed) == [b"%d" % at for at in range(COUNT)]


# What it costs.


def test_a_stream_has_no_large_buffer_of_its_own():
    async def scenario():
        async with _server(_echo) as port:
            context = _trusting()
            first = Ear(1000)
            kept = [await _dialed(port, first, context)]
            tracemalloc.start()
            try:
                before, _ = tracemalloc.get_traced_memory()
                for _ in range(20):
                    stream = TlsStream(first, context, "127.0.0.1")
                    kept.append(stream)
                return (tracemalloc.get_traced_memory()[0] - before) / 20
            finally:
                tracemalloc.stop()
                kept[0].abort()
                await first.over

    assert _run(scenario) < 8_000
