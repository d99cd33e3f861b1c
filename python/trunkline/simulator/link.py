"""One WebSocket connection: an engine driven by a socket and a clock, and the faults done to it.

Two tasks, one reading and one writing, share the engine; it never waits, so they cannot disturb
each other. The writer alone decides when the connection ends. A fault is looked for after every
message in either direction, since "after 1200 ms of audio" must not be overshot because a burst was
read in one go.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

import orjson
from aiohttp import WSMsgType

from trunkline.simulator.buffer import SAMPLES_PER_MS
from trunkline.simulator.faults import (
    Action,
    CloseLink,
    Facts,
    FaultBook,
    ResetLink,
    SendError,
    Stall,
)
from trunkline.simulator.history import Ending
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from aiohttp import WSMessage, web

    from trunkline.simulator.history import SessionHistory
    from trunkline.simulator.intake import Intake

__all__ = ["PING_INTERVAL", "Link"]

PING_INTERVAL = 20.26
"""Seconds between the server's pings, and their payload of four bytes: as measured on the live
endpoint."""
_PING_PAYLOAD = b"\x00\x00\x00\x00"
_GONE = "simulator is shutting down"


class Link:
    """Drives one session until its connection ends, by whichever side."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        transport: asyncio.Transport,
        *,
        engine: Intake,
        book: FaultBook,
        ping_interval: float = PING_INTERVAL,
    ) -> None:
        self._ws = ws
        self._transport = transport
        self._engine = engine
        self._book = book
        self._loop = asyncio.get_running_loop()
        self._opened = self._loop.time()
        self._ping_interval = ping_interval
        self._ping_at = self._opened + ping_interval
        self._wake = asyncio.Event()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._stall_timer: asyncio.TimerHandle | None = None
        self._last_words: Ending | None = None

    @property
    def history(self) -> SessionHistory:
        """The record of this connection."""
        return self._engine.history

    async def run(self) -> None:
        """Serve the session; returns once the connection has ended."""
        self._engine.opened(self._opened)
        writer = asyncio.create_task(self._write(), name=f"simulator-link-{self.history.epoch}")
        try:
            await self._read()
        finally:
            writer.cancel()
            if self._stall_timer is not None:
                self._stall_timer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            if self.history.ending is None:
                self._ended(Ending(by="client", code=self._ws.close_code or 1006))

    def act(self, action: Action) -> None:
        """Do something to the connection now."""
        match action:
            case ResetLink():
                self._reset()
            case CloseLink(code=code, reason=reason):
                self._close(Ending(by="fault", code=code, reason=reason))
            case Stall(seconds=seconds):
                self._stall(seconds)
            case SendError(message=message, type=kind, code=code_name):
                self._engine.inject_error(Refusal(message, code=code_name, kind=kind))
        self._wake.set()

    def shut_down(self) -> None:
        """End the connection because the server goes away."""
        ending = Ending(by="server", code=1001, reason=_GONE)
        if self._flowing.is_set():
            self._close(ending)
        else:
            self._ended(ending)
            self._transport.abort()
        self._let_go()

    async def _read(self) -> None:
        while True:
            message = await self._ws.receive()
            await self._flowing.wait()
            if self.history.ending is not None or not self._take(message):
                return
            self._strike()
            self._wake.set()

    def _take(self, message: WSMessage) -> bool:
        """Give a message to the engine; False if it is the last."""
        now = self._loop.time()
        if self._last_words is not None and message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            # It came after the end was decided, so for the session it never came.
            return True
        if message.type is WSMsgType.TEXT:
            self._engine.receive_text(message.data, now)
        elif message.type is WSMsgType.BINARY:
            self._engine.receive_binary(now)
        else:
            if message.type is WSMsgType.CLOSE:
                code, reason = message.data or 1005, str(message.extra or "")
                self._ended(Ending(by="client", code=code, reason=reason))
            return False
        return True

    async def _write(self) -> None:
        try:
            await self._write_until_end()
        except ConnectionError:
            # The peer is gone, which the reader finds out by itself.
            return
        except Exception:
            # A fault of the simulator: the reader must not wait for a client that gets no answer.
            self._transport.abort()
            raise

    async def _write_until_end(self) -> None:
        while self.history.ending is None:
            await self._flowing.wait()
            self._wake.clear()
            self._engine.handle_timeout(self._loop.time())
            await self._send_due()
            if self._last_words is not None:
                await self._say_goodbye(self._last_words)
                return
            await self._ping_if_due()
            await self._sleep()

    async def _send_due(self) -> None:
        while self._flowing.is_set() and self._last_words is None:
            event = self._engine.next_event()
            if event is None:
                self._last_words = self._engine.ending
                self._strike()
                return
            await self._ws.send_str(orjson.dumps(event).decode())
            self._strike()

    async def _say_goodbye(self, ending: Ending) -> None:
        self._ended(ending)
        await self._ws.close(code=ending.code or 1000, message=ending.reason.encode())

    async def _ping_if_due(self) -> None:
        now = self._loop.time()
        if now >= self._ping_at and self._flowing.is_set():
            self._ping_at = now + self._ping_interval
            await self._ws.ping(_PING_PAYLOAD)

    async def _sleep(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._next_look()):
                await self._wake.wait()

    def _next_look(self) -> float:
        due = [self._ping_at]
        engine = self._engine.deadline()
        if engine is not None:
            due.append(engine)
        elapsed = self._book.next_elapsed(self.history.epoch)
        if elapsed is not None:
            due.append(self._opened + elapsed)
        return min(due)

    def _strike(self) -> None:
        if not self._book or self._last_words is not None or self.history.ending is not None:
            return
        fault = self._book.take(self._facts())
        if fault is not None:
            self.act(fault.action)

    def _facts(self) -> Facts:
        engine, history = self._engine, self.history
        spoken_ms = engine.utterance_ms
        utterance = None if spoken_ms is None else (engine.tally.turns + 1, spoken_ms)
        return Facts(
            connection=history.epoch,
            elapsed=self._loop.time() - self._opened,
            appended_ms=history.appended_ms,
            utterance=utterance,
            reply=_reply_progress(history),
            events=history.passed,
        )

    def _close(self, ending: Ending) -> None:
        self._last_words = self._last_words or ending

    def _reset(self) -> None:
        # Linger of zero makes the kernel send RST instead of FIN when the transport drops the
        # socket.
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._ended(Ending(by="fault"))
        self._transport.abort()
        self._let_go()

    def _stall(self, seconds: float) -> None:
        self._flowing.clear()
        self._transport.pause_reading()
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        self._stall_timer = self._loop.call_later(seconds, self._resume)

    def _resume(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()
        self._let_go()

    def _let_go(self) -> None:
        """Nobody waits for the end of a stall, or for an event, any more."""
        self._flowing.set()
        self._wake.set()

    def _ended(self, ending: Ending) -> None:
        if self.history.ending is None:
            self.history.ending = Ending(
                by=ending.by, code=ending.code, reason=ending.reason, at=self._loop.time()
            )


def _reply_progress(history: SessionHistory) -> tuple[int, float] | None:
    if not history.responses:
        return None
    last = history.responses[-1]
    return (last.turn, last.samples_given / SAMPLES_PER_MS) if last.samples_given else None
