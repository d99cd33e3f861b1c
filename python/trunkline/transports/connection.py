"""One WebSocket on a stream of bytes: the usual frame goes a short way, everything else the library's.

The problem: nearly all that a session sends and gets are whole text frames of a kilobyte. The asyncio connection of
`websockets` spends more on one than the kernel does on moving it: a step of a generator for every field, a frame, a
queue, a task that wakes.

Our way: the library's sans-I/O protocol does the handshake, and reads and answers whatever is not usual: fragments,
control frames (but our pings, and a pong by itself), binary, reserved bits and opcodes, wrong masks, messages that are
too long, the goodbye. It is given them byte for byte, and its verdicts are its own. A whole, unmasked text frame, not
too long and in no fragmented message is cut out of the receive buffer here. The library need not see it: between two
frames it remembers nothing but an unfinished message. What we send is one masked frame of the codec's. And ordinary
audio needs no step of Python's: `ShortWay`, our base, has it noted and gives it on; what it leaves comes to `was_read`.

Who reads the socket, the loop's transport or one call for all links, is `reading.py`'s. There is one receive buffer for
each event loop: what a read brings is cut, or kept, before the next. At most `TURN`
messages are handed over before other links have their turn; meanwhile this one is not read: a flood costs its sender.

Left out: judging whether text is UTF-8. A message that is none is malformed to whoever reads it, and is survived.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State

from trunkline.audio.codec import text_frame
from trunkline.audio.short_way import ShortWay
from trunkline.transports.cutting import Cutter
from trunkline.transports.frames import PONG, ping
from trunkline.transports.loop import buffer_of, clock_of
from trunkline.transports.masking import next_key
from trunkline.transports.reading import Reading, broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from websockets.client import ClientProtocol

    from trunkline.transports.base import Listener

__all__ = ["TURN", "Connection"]

TURN = 16
"""Messages that are handed over at once: half a millisecond of work, if they are no audio."""
# Looked up once: an attribute of an enum costs as much as the rest.
_OPEN = State.OPEN
_HEAD_END = b"\r\n\r\n"


class Connection(ShortWay, asyncio.BufferedProtocol):
    """A client's connection; `websocket.py` is its only caller.

    `protocol` is the library's, before its request; `limit_bytes` is the longest message that it takes.
    """

    transport: asyncio.Transport

    def __init__(
        self,
        protocol: ClientProtocol,
        *,
        limit_bytes: int,
        write_limit_bytes: int,
        close_timeout: float,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._protocol = protocol
        self._limit_bytes = limit_bytes
        self._write_limit_bytes = write_limit_bytes
        self._close_timeout = close_timeout
        buffer = buffer_of(self._loop)
        self._view = memoryview(buffer)
        self.read_into(buffer, self._view)
        self.listener: Listener | None = None
        self.full = False
        """Whether more than the write limit waits in the event loop."""
        self.response: Response | None = None
        """Of the upgrade, once it came whole."""
        self.head = bytearray()
        """What came before the first frame: the answer to the upgrade, or what else somebody said."""
        self._answered: asyncio.Future[None] = self._loop.create_future()
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._error: BaseException | None = None
        """Why the stream ended, where the protocol does not know."""
        self._deadline: asyncio.TimerHandle | None = None
        self._cutter = Cutter(
            limit_bytes=limit_bytes, turn=TURN, feed=self._feed, hand_over=self._hand_over
        )
        self._is_behind = False
        """Whether there may be more messages in what is kept than one turn's."""
        self._is_going = False
        self._waiting: list[bytes] = []
        self._take: Callable[[Sequence[bytes]], None] | None = None
        self._reader: asyncio.Future[None] | None = None

    # The handshake, and the end.

    async def handshake(self, headers: Iterable[tuple[str, str]], user_agent: str) -> None:
        """Upgrades the stream. Raises what the library finds wrong with the answer."""
        request = self._protocol.connect()
        request.headers.update(headers)
        request.headers.setdefault("User-Agent", user_agent)
        self._protocol.send_request(request)
        self._flush()
        await self._answered
        if self._protocol.handshake_exc is not None:
            raise self._protocol.handshake_exc

    async def close(self, code: int, reason: str) -> None:
        """Says goodbye, if nobody has, and waits for the end; after the close timeout the stream is cut."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self._settle()
        await asyncio.shield(self._lost)

    def _overdue(self) -> None:
        self._error = self._error or TimeoutError("timed out while closing connection")
        self.abort()

    def end(self) -> Exception:
        """How the connection ended, as the library tells it; asked after the end."""
        error = self._protocol.close_exc
        if self._error is not None:
            error.__cause__ = self._error
        return error

    # What goes out.

    def write_text(self, message: bytes) -> None:
        """Sends a text message; after the end, or a goodbye, it does nothing."""
        # Whoever reads is told of the end, so the writer need not be.
        if self._protocol.state is _OPEN:
            self._write(text_frame(message, next_key()))

    def write_ping(self, payload: bytes) -> None:
        """Sends a ping without a look at what waits; after the end it does nothing."""
        # The library remembers nothing of a ping, nor of a pong.
        if self._protocol.state in (_OPEN, State.CLOSING):
            self._write(ping(payload, next_key()))

    def _write(self, data: bytes) -> None:
        if not self.send_frame(data):
            self.is_queued = True
            self.transport.write(data)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._write(data)
            elif self.transport.can_write_eof():
                # A stream that is gone already has no half to end; uvloop says so by a RuntimeError.
                with contextlib.suppress(OSError, RuntimeError):
                    self.transport.write_eof()
            else:
                self._reading.leave()
                self.transport.close()

    # Who reads.

    async def deliver(self, take: Callable[[Sequence[bytes]], None]) -> None:
        """Gives messages to `take` as they come, until the connection has ended and all are given.

        What `take` raises is raised here, and ends the delivery.
        """
        self._take, self._reader = take, self._loop.create_future()
        try:
            self._go_on()
            self._go_short()
            await self._reader
        finally:
            self._go_long()
            self._take = self._reader = None

    def _go_short(self) -> None:
        """From here on, if who listens has notes for it: nothing waits before what comes next."""
        listener = self.listener
        if listener and listener.notes and listener.heard and self._take:
            self.open_way(
                listener.notes,
                listener.epoch,
                limit_bytes=self._limit_bytes,
                clock=clock_of(self._loop),
                hear=listener.heard,
                write=self.transport.write,
                next_key=next_key,
                socket=self._reading.go_short(),
                waiting=self.transport.get_write_buffer_size,
                pong=listener.pong,
            )

    def _go_long(self) -> None:
        self.close_way()
        self._reading.go_back()

    def _hand_over(self, messages: list[bytes]) -> None:
        """Gives messages to the reader, or keeps them until there is one, which holds up the reading."""
        if self._take is not None and not self._waiting:
            self._give(messages)
            return
        self._waiting += messages
        if len(self._waiting) > TURN:
            self._reading.pause()

    def _go_on(self) -> None:
        """The next turn: what waits, or what is in what was kept."""
        self._is_going = False
        if self._take is None or self._reader is None:
            return
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._give(waiting)
        elif self._is_behind:
            self._catch_up()
        if self._is_behind:
            self._go_on_soon()
        elif self._lost.done():
            self._leave()
        elif not self.transport.is_closing():
            self._reading.resume()

    def _go_on_soon(self) -> None:
        if not self._is_going:
            self._is_going = True
            self._loop.call_soon(self._go_on)

    def _give(self, messages: list[bytes]) -> None:
        assert self._take is not None
        try:
            self._take(messages)
        except Exception as error:  # noqa: BLE001 - it belongs to the reader, and not to the loop's transport
            self._take = None
            self._go_long()
            if self._reader is not None and not self._reader.done():
                self._reader.set_exception(error)

    def _leave(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    # What comes in.

    def was_read(self, nbytes: int) -> None:
        """So many bytes are in the loop's buffer, and did not go the short way."""
        self._was_read(self._view[:nbytes])

    def was_given(self, data: bytes) -> None:
        """The same of what was read for all links at once."""
        self._was_read(memoryview(data))

    def has_ended(self, number: int) -> None:
        """The stream that was read for all links at once ended, or broke: the transport finds out how.

        A break that happened in between has told its number already, and will not tell it again.
        """
        self._error = self._error or broken(number)
        self._go_long()

    def has_failed(self, error: Exception) -> None:
        """Taking what was read raised it: as where the transport reads, that ends the link."""
        self._reading.tell_failure(error)
        self._error = self._error or error
        self.abort()

    def abort(self) -> None:
        """The stream is cut; what is unsent is thrown away."""
        self.close_way()
        self._reading.leave()
        self.transport.abort()

    def _was_read(self, data: memoryview) -> None:
        nbytes = len(data)
        is_pong = 2 <= nbytes <= 127 and data[0] == PONG and data[1] == nbytes - 2
        if is_pong and self.is_usual and self.listener:
            self.listener.pong(bytes(data[2:]))
            return
        self._read(self._read_answer(data) if self.response is None else data)
        self.is_usual, self.owed = self._cutter.is_between, self._cutter.owed

    def _read_answer(self, data: memoryview) -> memoryview:
        """Gives the library the answer to the upgrade, as far as its empty line, and gives back what is left."""
        before = len(self.head)
        self.head += data
        # The empty line may have begun in an earlier read.
        at = self.head.find(_HEAD_END, max(0, before - len(_HEAD_END) + 1))
        used = len(data) if at < 0 else at + len(_HEAD_END) - before
        del self.head[before + used :]
        self._feed(data[:used])
        return data[used:]

    def _read(self, data: memoryview) -> None:
        if self._cutter.read(data):
            self._is_behind = True
            self._reading.pause()
            self._go_on_soon()

    def _catch_up(self) -> None:
        """Another turn's messages, of what is kept."""
        self._is_behind = False
        self._read(memoryview(b""))

    def _feed(self, data: memoryview) -> None:
        """Bytes of the library's."""
        # It only adds them to its own buffer.
        self._protocol.receive_data(cast("bytes", data))
        self._settle()

    def _settle(self) -> None:
        """Does what the library makes of what came, or of what we asked."""
        protocol = self._protocol
        events = protocol.events_received()
        self._flush()
        for event in events:
            self._process(event)
        if protocol.handshake_exc is not None:
            self._tell_answer()
        is_deaf = protocol.parser_exc is not None or protocol.close_rcvd is not None
        self._cutter.is_blind = (
            self.response is None or protocol.handshake_exc is not None or is_deaf
        )
        self._look_whether_free()
        if self._deadline is None and protocol.close_expected():
            # It is the server's to end the stream (RFC 6455 §7.1.1), but not to keep us waiting.
            self._deadline = self._loop.call_later(self._close_timeout, self._overdue)

    def _process(self, event: Any) -> None:
        if isinstance(event, Response):
            self.response = event
            self._tell_answer()
        elif isinstance(event, Frame):
            self._process_frame(event)

    def _process_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG and self.listener is not None:
            self.listener.pong(bytes(frame.data))
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            parts = bytearray() if self._cutter.parts is None else self._cutter.parts
            parts += frame.data
            self._cutter.parts = None if frame.fin else parts
            if frame.fin:
                self._hand_over([bytes(parts)])

    def _tell_answer(self) -> None:
        if not self._answered.done():
            self._answered.set_result(None)

    def _look_whether_free(self) -> None:
        self.is_free = self._protocol.state is _OPEN and not self.full

    # What the event loop's transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The stream is there."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(self._write_limit_bytes)
        self._reading = Reading(self.transport, self)

    def pause_writing(self) -> None:
        """The write limit is exceeded."""
        self.full, self.is_free = True, False

    def resume_writing(self) -> None:
        """Most of what waited has gone."""
        self.full = False
        self._look_whether_free()
        if self.listener is not None:
            self.listener.writable()

    def eof_received(self) -> None:
        """The peer ended its half; the loop ends ours."""
        self._end_stream()
        self._settle()

    def connection_lost(self, exc: Exception | None) -> None:
        """The stream is gone."""
        self.close_way()
        self._reading.leave()
        self._end_stream()
        self._error = self._error or exc
        if self._deadline is not None:
            self._deadline.cancel()
        self._lost.set_result(None)
        self._tell_answer()
        if not self._waiting:
            self._leave()

    def _end_stream(self) -> None:
        while self._is_behind:
            self._catch_up()
        if rest := self._cutter.take_rest():
            # What a frame's beginning means at the end is the library's to say.
            self._protocol.receive_data(rest)
        self._protocol.receive_eof()
        self._look_whether_free()
