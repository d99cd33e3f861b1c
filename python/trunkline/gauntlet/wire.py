"""One connection of a trial: the simulator's engine behind a socket that misbehaves on cue.

A reader and a writer share the engine, which never waits. A step's moment is looked for after every
message in either direction, so that "after 900 ms" is not overshot.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from aiohttp import WSMsgType

from trunkline.gauntlet.deeds import (
    Close,
    Deed,
    Drop,
    Freeze,
    GoDown,
    Repeat,
    Reset,
    Say,
    Slow,
    Step,
    Vanish,
)
from trunkline.simulator.clock import LoopClock
from trunkline.simulator.faults import Facts
from trunkline.simulator.history import Ending
from trunkline.simulator.valve import Valve

if TYPE_CHECKING:
    from aiohttp import WSMessage, web

    from trunkline.gauntlet.record import Visit
    from trunkline.simulator.engine import Engine

__all__ = ["Stage", "Wire"]

_SAMPLES_PER_MS = 24


class Stage(Protocol):
    """What a connection needs of the trial around it."""

    def due(self, facts: Facts) -> Step | None:
        """The next step whose moment has come; it is given once."""

    def note(self, deed: Deed) -> None:
        """A deed was done."""

    def go_down(self, seconds: float) -> None:
        """Reset all connections and listen to nobody for so long."""


class Wire:
    """Drives one session until its connection ends, by whichever side."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        transport: asyncio.Transport,
        *,
        engine: Engine,
        visit: Visit,
        stage: Stage,
    ) -> None:
        self._ws = ws
        self._transport = transport
        self._engine = engine
        self._visit = visit
        self._stage = stage
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._valve = Valve(transport, LoopClock())
        self._last_words: Close | None = None
        self._repeats = 0
        self._raw: list[str | bytes] = []
        self._timers: list[asyncio.TimerHandle] = []
        self._happened: dict[str, int] = {}
        self.is_over = False
        """Whether nothing more is read or written."""

    async def run(self) -> None:
        """Serve the session; returns once the connection has ended."""
        self._engine.opened(self._loop.time())
        self._strike()
        writer = asyncio.create_task(self._write())
        try:
            await self._read()
        finally:
            self.is_over = True
            writer.cancel()
            self._valve.cancel()
            for timer in self._timers:
                timer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            self._visit.settings = self._engine.session
            self._ended(Ending(by="client", code=self._ws.close_code or 1006))

    def reset(self) -> None:
        """End the connection with RST, as part of a deed."""
        self._broken()
        self._ended(Ending(by="fault"))
        self._valve.reset()
        self._wake.set()

    def hang_up(self) -> None:
        """End the connection because the trial is over; the client is not judged by it."""
        self._ended(Ending(by="server", code=1001))
        self._transport.abort()
        self._valve.open()
        self._wake.set()

    # -- in

    async def _read(self) -> None:
        while True:
            # Before and after: a ping that waits in the library's queue is answered by receiving.
            await self._valve.wait()
            message = await self._ws.receive()
            await self._valve.wait()
            if not self._is_up() or not self._take(message):
                return
            self._strike()
            self._wake.set()
            if message.type is WSMsgType.TEXT:
                await self._valve.dawdle(len(message.data))

    def _take(self, message: WSMessage) -> bool:
        """Give a message to the engine; False if it is the last."""
        now = self._loop.time()
        if self._last_words is not None and message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            return True  # it came after the end was decided
        if message.type is WSMsgType.TEXT:
            self._engine.receive_text(message.data, now)
            self._count_tool_output()
        elif message.type is WSMsgType.BINARY:
            self._engine.receive_binary(now)
        else:
            if message.type is WSMsgType.CLOSE:
                code, reason = message.data or 1005, str(message.extra or "")
                self._ended(Ending(by="client", code=code, reason=reason))
            return False
        self._visit.settings = self._engine.session
        return True

    def _count_tool_output(self) -> None:
        outputs = sum(
            item.kind == "function_call_output" for item in self._visit.history.items_of("created")
        )
        self._happened["tool.output"] = outputs

    # -- out

    def _is_up(self) -> bool:
        return not self.is_over and self._visit.history.ending is None

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):  # the reader finds out by itself
            while self._is_up():
                await self._valve.wait()
                self._wake.clear()
                self._engine.handle_timeout(self._loop.time())
                await self._send_due()
                if self._last_words is not None:
                    await self._say_goodbye(self._last_words)
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(self._engine.deadline()):
                        await self._wake.wait()

    async def _send_due(self) -> None:
        while self._valve.is_open and self._last_words is None and self._is_up():
            await self._send_raw()
            event = self._engine.next_event()
            if event is None:
                return
            await self._send(event)
            self._strike()

    async def _send(self, event: dict[str, Any]) -> None:
        text = orjson.dumps(event).decode()
        await self._ws.send_str(text)
        if self._repeats:
            self._repeats -= 1
            await self._ws.send_str(text)

    async def _send_raw(self) -> None:
        while self._raw:
            message = self._raw.pop(0)
            if isinstance(message, bytes):
                await self._ws.send_bytes(message)
            else:
                await self._ws.send_str(message)

    async def _say_goodbye(self, close: Close) -> None:
        if close.error is not None:
            kind, code, message = close.error
            error = {"type": kind, "code": code, "message": message, "param": None}
            event = {"type": "error", "event_id": "event_gauntlet0", "error": error}
            await self._ws.send_str(
                orjson.dumps(event | {"error": error | {"event_id": None}}).decode()
            )
        self._broken()
        self._ended(Ending(by="fault", code=close.code, reason=close.reason))
        await self._ws.close(code=close.code, message=close.reason.encode())

    # -- deeds

    def _strike(self) -> None:
        if self.is_over or self._last_words is not None or not self._visit.is_whole:
            return
        step = self._stage.due(self._facts())
        if step is None:
            return
        if step.delay:
            self._timers.append(self._loop.call_later(step.delay, self._do, step.deed))
        else:
            self._do(step.deed)

    def _facts(self) -> Facts:
        history = self._visit.history
        spoken_ms = self._engine.utterance_ms
        turn = self._engine.tally.turns + 1
        return Facts(
            connection=history.epoch,
            elapsed=self._loop.time() - self._visit.opened_at,
            appended_ms=history.appended_ms,
            utterance=None if spoken_ms is None else (turn, spoken_ms),
            reply=self._reply_progress(),
            events=dict(history.passed) | self._happened,
        )

    def _reply_progress(self) -> tuple[int, float] | None:
        responses = self._visit.history.responses
        if not responses or not responses[-1].samples_given:
            return None
        return responses[-1].turn, responses[-1].samples_given / _SAMPLES_PER_MS

    def _do(self, deed: Deed) -> None:
        if self.is_over or not self._visit.is_whole:
            return
        self._stage.note(deed)
        match deed:
            case Reset():
                self.reset()
            case Drop():
                self._drop()
            case Close():
                self._last_words = deed
            case Vanish():
                self._broken()
                self._valve.shut(None)
            case Freeze(seconds=seconds):
                self._valve.shut(seconds)
            case Slow(seconds=seconds, bytes_per_second=rate):
                self._valve.slow_down(rate, seconds)
            case Say(messages=messages):
                self._raw.extend(messages)
            case Repeat(events=events):
                self._repeats = events
            case GoDown(seconds=seconds):
                self._stage.go_down(seconds)
        self._wake.set()

    def _drop(self) -> None:
        self._broken()
        self._ended(Ending(by="fault"))
        self._valve.end()

    def _broken(self) -> None:
        if self._visit.broken_at is None:
            self._visit.broken_at = self._loop.time()
        self._visit.settings = self._engine.session

    def _ended(self, ending: Ending) -> None:
        if self._visit.history.ending is None:
            self._visit.history.ending = Ending(
                by=ending.by, code=ending.code, reason=ending.reason, at=self._loop.time()
            )
