"""Frames as a server may send them, well-formed or not; and two ways to read them: ours, and the library's alone."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import fcntl
import hashlib
import itertools
import math
import socket
import struct
import sys
import termios
from collections.abc import Iterable
from dataclasses import dataclass, field

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from trunkline.audio.short_way import Notes
from trunkline.protocol.closure import Closure
from trunkline.protocol.events import AudioDelta
from trunkline.transports.base import Listener
from trunkline.transports.connection import Connection
from trunkline.transports.gate import closure_of

LIMIT_BYTES = 1000
KEY = base64.b64encode(b"sixteen bytes ok").decode()
_ACCEPT = base64.b64encode(
    hashlib.sha1(f"{KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
)
UPGRADE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    + _ACCEPT
    + b"\r\n\r\n"
)


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    mask: bytes | None = None,
    wide: int = 0,
) -> bytes:
    """One frame; `wide` writes the length in more bytes than it needs."""
    size, head = len(payload), bytearray([(0x80 if fin else 0) | reserved | opcode])
    masked = 0 if mask is None else 0x80
    if size > 65_535 or wide == 8:
        head += struct.pack("!BQ", masked | 127, size)
    elif size > 125 or wide == 2:
        head += struct.pack("!BH", masked | 126, size)
    else:
        head.append(masked | size)
    return bytes(head) + (mask or b"") + payload


def unmasked(data: bytes) -> list[tuple[int, bytes]]:
    """First byte and payload of what a client sent: its keys are chance."""
    found, at = [], 0
    while at < len(data):
        size, head = data[at + 1] & 0x7F, 2
        if size > 125:
            head = 4 if size == 126 else 10
            size = int.from_bytes(data[at + 2 : at + head], "big")
        key, start = data[at + head : at + head + 4], at + head + 4
        payload = bytes(
            byte ^ key[index % 4] for index, byte in enumerate(data[start : start + size])
        )
        found.append((data[at], payload))
        at = start + size
    return found


@dataclass
class Told:
    """What came of a stream of bytes."""

    events: list[tuple[str, bytes]] = field(default_factory=list)
    """Messages and pongs, in order."""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """Frames that went out."""
    half_closed: bool = False
    closure: Closure | None = None
    """How it ended, if it did."""
    noted_count: int = field(default=0, compare=False)
    """How many of the messages went the short way."""

    def noted(self, message: bytes) -> None:
        self.events.append(("message", message))
        self.noted_count += 1


class Stream(asyncio.Transport):
    """A transport that keeps what is written, and reads what it is told."""

    def __init__(self, *, half_closes: bool = True) -> None:
        super().__init__()
        self.out = bytearray()
        self.half_closed = self.closed = self.aborted = self.paused = False
        self._half_closes = half_closes

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.limit = high

    def write(self, data: bytes) -> None:
        self.out += data

    def can_write_eof(self) -> bool:
        return self._half_closes

    def write_eof(self) -> None:
        self.half_closed = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.closed or self.aborted

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def read(self, connection: Connection, data: bytes) -> None:
        """As the event loop does: into the protocol's buffer, as much as that takes."""
        while data:
            buffer = connection.get_buffer(-1)
            size = min(len(buffer), len(data))
            buffer[:size] = data[:size]
            data = data[size:]
            connection.buffer_updated(size)


def protocol(limit_bytes: int = LIMIT_BYTES) -> ClientProtocol:
    made = ClientProtocol(parse_uri("ws://127.0.0.1/"), max_size=limit_bytes)
    made.key = KEY
    return made


def connected(
    stream: Stream | None = None, *, limit_bytes: int = LIMIT_BYTES
) -> tuple[Connection, Stream]:
    """A connection on a stream that is there; needs a running loop."""
    stream = stream or Stream()
    made = Connection(
        protocol(limit_bytes), limit_bytes=limit_bytes, write_limit_bytes=1000, close_timeout=2.0
    )
    made.connection_made(stream)
    return made, stream


async def upgraded(stream: Stream | None = None) -> tuple[Connection, Stream]:
    """A connection whose upgrade was answered."""
    connection, stream = connected(stream)
    shaking = asyncio.ensure_future(connection.handshake((), "test"))
    await asyncio.sleep(0)
    stream.read(connection, UPGRADE)
    await shaking
    stream.out.clear()
    return connection, stream


def delta(samples: int) -> bytes:
    """A message with ordinary audio."""
    audio = base64.b64encode(bytes(2 * samples)).decode()
    return (
        '{"type":"response.output_audio.delta","event_id":"e","response_id":"r","item_id":"a",'
        f'"output_index":0,"content_index":0,"delta":"{audio}"}}'
    ).encode()


def _notes() -> Notes:
    """Which take such messages."""
    slots = ("response_id", "item_id", "output_index", "content_index", "pcm")
    notes = Notes(AudioDelta, slots, law=None, longest_bytes=1 << 20)
    notes.sums = True
    notes.open_deltas(1, "r", "a", left=1 << 40, ran_at=math.inf, lag=math.inf, until=math.inf)
    return notes


async def _played(
    pieces: Iterable[bytes], *, ends: bool, is_upgraded: bool, limit_bytes: int, is_noted: bool
) -> Told:
    told = Told()
    connection, stream = connected(limit_bytes=limit_bytes)
    connection.listener = listening(told, is_noted=is_noted)
    shaking = asyncio.ensure_future(connection.handshake((), "test"))
    reading = asyncio.ensure_future(
        connection.deliver(lambda all_: told.events.extend(("message", one) for one in all_))
    )
    await asyncio.sleep(0)
    stream.out.clear()
    if is_upgraded:
        stream.read(connection, UPGRADE)
    for piece in pieces:
        stream.read(connection, piece)
        while stream.paused:
            await asyncio.sleep(0)
    await shaking
    if ends:
        connection.eof_received()
        connection.connection_lost(None)
        await reading
        told.closure = closure_of(connection.end())
    reading.cancel()
    told.answers, told.half_closed = unmasked(bytes(stream.out)), stream.half_closed
    return told


def played(
    pieces: Iterable[bytes],
    *,
    ends: bool,
    upgraded: bool = True,
    limit_bytes: int = LIMIT_BYTES,
    noted: bool = False,
) -> Told:
    """What our connection makes of the pieces; then the stream ends, or goes on.

    With `noted`, messages of `delta` go the short way where they can.
    """
    playing = _played(
        pieces, ends=ends, is_upgraded=upgraded, limit_bytes=limit_bytes, is_noted=noted
    )
    return asyncio.run(playing)


def cut_up(frames: Iterable[bytes], cuts: Iterable[float]) -> list[bytes]:
    """The stream of frames in pieces that end at these shares of it."""
    data = b"".join(frames)
    places = sorted({round(cut * len(data)) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


def listening(told: Told, *, is_noted: bool) -> Listener:
    """Who writes down what comes."""
    return Listener(
        pong=lambda payload: told.events.append(("pong", payload)),
        writable=lambda: None,
        notes=_notes() if is_noted else None,
        epoch=1,
        heard=lambda event: told.noted(delta(len(event.pcm) // 2)),
    )


def unread(sock: socket.socket) -> int:
    """Bytes that came and were not read."""
    return int.from_bytes(fcntl.ioctl(sock, termios.FIONREAD, bytes(4)), sys.byteorder)


def said(sock: socket.socket) -> tuple[bytes, bool]:
    """What the other end of a socket said until now, and whether it ended its half."""
    data = bytearray()
    with contextlib.suppress(BlockingIOError):
        while piece := sock.recv(1 << 16):
            data += piece
        return bytes(data), True
    return bytes(data), False


async def opened(
    told: Told,
    *,
    is_noted: bool = True,
    sockets: tuple[socket.socket, socket.socket] | None = None,
    limit_bytes: int = LIMIT_BYTES,
) -> tuple[Connection, socket.socket, socket.socket]:
    """A connection over real sockets whose upgrade was answered: with its own one, and the server's."""
    near, far = sockets or socket.socketpair()
    far.setblocking(False)
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: Connection(
            protocol(), limit_bytes=limit_bytes, write_limit_bytes=1000, close_timeout=2.0
        ),
        sock=near,
    )
    connection.listener = listening(told, is_noted=is_noted)
    shaking = asyncio.ensure_future(connection.handshake((), "test"))
    await asyncio.sleep(0)
    far.send(UPGRADE)
    await shaking
    said(far)
    return connection, near, far


async def _read_over_sockets(pieces: Iterable[bytes], *, ends: bool, is_noted: bool) -> Told:
    told = Told()
    connection, near, far = await opened(told, is_noted=is_noted)
    reading = asyncio.ensure_future(
        connection.deliver(lambda all_: told.events.extend(("message", one) for one in all_))
    )
    await asyncio.sleep(0)
    for piece in pieces:
        far.send(piece)
        # One that hears no more reads no more: it has closed its own end.
        while near.fileno() >= 0 and unread(near):
            await asyncio.sleep(0)
        # Messages of a flood have turns of their own.
        while connection._is_behind:
            await asyncio.sleep(0)
    if ends:
        far.shutdown(socket.SHUT_WR)
        await reading
        told.closure = closure_of(connection.end())
    reading.cancel()
    written, told.half_closed = said(far)
    told.answers = unmasked(written)
    connection.abort()
    await asyncio.sleep(0)
    far.close()
    return told


def read_over_sockets(pieces: Iterable[bytes], *, ends: bool, noted: bool) -> Told:
    """The same over real sockets, read as `reading.py` has them read."""
    return asyncio.run(_read_over_sockets(pieces, ends=ends, is_noted=noted))


def oracle(data: bytes, *, ends: bool, limit_bytes: int = LIMIT_BYTES) -> Told:
    """What the library's sans-I/O protocol makes of the same bytes, all at once."""
    told, parts = Told(), bytearray()
    library = protocol(limit_bytes)
    library.send_request(library.connect())
    library.data_to_send()
    library.receive_data(UPGRADE)
    library.receive_data(data)
    for event in library.events_received():
        if isinstance(event, Response):
            continue
        assert isinstance(event, Frame)
        if event.opcode is Opcode.PONG:
            told.events.append(("pong", bytes(event.data)))
        elif event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            parts += event.data
            if event.fin:
                told.events.append(("message", bytes(parts)))
                parts.clear()
    if ends:
        library.receive_eof()
        told.closure = closure_of(library.close_exc)
    writes = library.data_to_send()
    told.half_closed = b"" in writes
    told.answers = unmasked(b"".join(writes))
    return told
