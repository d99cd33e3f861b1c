"""One WebSocket connection: an engine driven by a socket and a clock, and the faults done to it.

Two tasks, one reading and one writing, share the engine; it never waits, so they cannot disturb
each other. The writer alone decides when the connection ends. A fault is looked for after every
message in either direction, since "after 1200 ms of audio" must not be overshot because a burst was
read in one go; one that changes a message is looked for before.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType

from trunkline.simulator.actions import (
    Action,
    CloseLink,
    DropEvent,
    Edit,
    EndTcp,
    FailResponse,
    FailTranscription,
    Freeze,
    HalfOpen,
    MissingClose,
    RefuseDials,
    ResetLink,
    Say,
    SendError,
    SendEvent,
    SlowRead,
    Stall,
    UnknownEvent,
)
from trunkline.simulator.engine import Engine
from trunkline.simulator.faults import Elapsed, Facts, Fault
from trunkline.simulator.framing import answer_code
from trunkline.simulator.history import Ending
from trunkline.simulator.inbound import Inbound
from trunkline.simulator.outbound import Outbound
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.valve import Valve
from trunkline.simulator.xai import XaiDialect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import WSMessage, web

    from trunkline.simulator.clock import Alarm
    from trunkline.simulator.history import SessionHistory
    from trunkline.simulator.parts import LinkSettings, Parts
    from trunkline.simulator.xai import Resumptions

__all__ = ["Link"]

_PING_PAYLOAD = b"\x00\x00\x00\x00"
"""Four bytes, as on the live endpoint."""
_GONE = "simulator is shutting down"
_HANG_UP_LOOK = 0.05
"""How often, in seconds, a connection without a close is asked whether the client hung up."""
_MESSAGES = frozenset({WSMsgType.TEXT, WSMsgType.BINARY})


class Link:
    """Drives one session until its connection ends, by whichever side."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        transport: asyncio.Transport,
        *,
        parts: Parts,
        settings: LinkSettings,
    ) -> None:
        self._ws = ws
        self._transport = transport
        self._parts = parts
        self._engine = parts.engine
        self._settings = settings
        self._clock = settings.clock
        self._book = settings.book
        self._opened = self._clock.now()
        self._ping_at = self._opened + settings.ping_interval
        self._outbound = Outbound(
            parts.engine, dialect=parts.dialect, chance=parts.chance, edit_of=self._edit_of
        )
        self._inbound = Inbound(
            parts.engine, dialect=parts.dialect, book=self._book, facts_of=self._facts
        )
        self._wake = asyncio.Event()
        self._valve = Valve(transport, self._clock)
        self._alarm: Alarm | None = None
        self._alarm_at = 0.0
        self._last_words: Ending | None = None
        self._is_deaf = False
        self._never_closes = False

    @property
    def history(self) -> SessionHistory:
        """The record of this connection."""
        return self._engine.history

    async def run(self) -> None:
        """Serve the session; returns once the connection has ended."""
        self._engine.opened(self._opened)
        writer = asyncio.create_task(self._write(), name=f"simulator-link-{self.history.epoch}")
        try:
            # A ping of a client that is gone: aiohttp answers it in `receive`, and cannot.
            with contextlib.suppress(ConnectionError):
                await self._read()
        finally:
            writer.cancel()
            self._valve.cancel()
            if self._alarm is not None:
                self._alarm.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            if self.history.ending is None:
                self._ended(Ending(by="client", code=self._ws.close_code or 1006))

    async def finish(self) -> None:
        """Answer the client's close, or withhold the answer until the client hangs up."""
        # aiohttp tells nobody when the client hangs up.
        while self._never_closes and not self._transport.is_closing():  # noqa: ASYNC110
            await asyncio.sleep(_HANG_UP_LOOK)
        with contextlib.suppress(ConnectionError):
            await self._ws.close(code=answer_code(self._ws.close_code))

    def act(self, action: Action) -> None:
        """Do something to the connection now, or to the whole server if it is meant."""
        match action:
            case ResetLink():
                self._ended(Ending(by="fault"))
                self._valve.reset()
            case EndTcp():
                self._ended(Ending(by="fault"))
                self._valve.end()
            case CloseLink(code=code, reason=reason):
                self._close(Ending(by="fault", code=code, reason=reason))
            case MissingClose():
                self._never_closes = True
            case Stall(seconds=seconds):
                self._valve.shut(seconds)
            case HalfOpen():
                self._valve.shut(None)
            case SlowRead(bytes_per_second=rate, seconds=seconds):
                self._valve.slow_down(rate, seconds)
            case Freeze() | RefuseDials():
                self._settings.on_host_action(action)
            case _:
                self._speak(action)
        self._wake.set()

    def look(self) -> None:
        """Something may have changed: look at what is due."""
        self._wake.set()

    def keep_for(self, resumptions: Resumptions) -> None:
        """Keep the conversation for a client that comes back, where the server can do that."""
        dialect = self._parts.dialect
        if isinstance(dialect, XaiDialect) and dialect.is_resumable:
            now = self._clock.now()
            items = self._engine.items if isinstance(self._engine, Engine) else ()
            resumptions.keep(dialect.conversation_id, items, now)

    def shut_down(self) -> None:
        """End the connection because the server goes away."""
        ending = Ending(by="server", code=1001, reason=_GONE)
        if self._valve.is_open and not self._never_closes:
            self._close(ending)
        else:
            self._ended(ending)
            self._transport.abort()
        self._valve.open()
        self._wake.set()

    def _speak(self, action: Action) -> None:
        match action:
            case SendError(message=message, type=kind, code=code):
                self._engine.inject_error(Refusal(message, code=code, kind=kind))
            case SendEvent(event=event):
                self._outbound.put_raw(self._with_id(dict(event)))
            case UnknownEvent(type=kind):
                self._outbound.put_raw(self._with_id({"type": kind}))
            case Say(text=text):
                self._parts.prompted.say(text)
            case FailResponse(message=message, type=kind, code=code, count=count):
                failure = Refusal(message, code=code, kind=kind)
                self._engine.fail_next_response(failure, count)
            case FailTranscription(count=count):
                self._engine.fail_next_transcription(count=count)
            case _:
                # An edit that was asked for by hand: the next message is the one that is meant.
                self._book.add(
                    [Fault(when=Elapsed(seconds=0), action=action, connection=self.history.epoch)]
                )

    def _with_id(self, event: dict[str, Any]) -> dict[str, Any]:
        return {"type": event["type"], "event_id": self._parts.identity.fresh("event_")} | event

    # -- reading

    async def _read(self) -> None:
        while True:
            message = await self._ws.receive()
            if not self._valve.is_open:
                await self._valve.wait()
            if self.history.ending is not None or not self._take(message):
                return
            if self._book:
                self._strike()
            if self._is_due() and not self._hurry():
                self._wake.set()
            if self._valve.is_slow:
                await self._valve.dawdle(len(message.data or b""))

    def _take(self, message: WSMessage) -> bool:
        """Give a message to the engine; False if it is the last."""
        now = self._clock.now()
        if self._is_over and message.type in _MESSAGES:
            # It came after the end was decided, so for the session it never came.
            return True
        if message.type is WSMsgType.TEXT:
            self._inbound.take(message.data, now)
        elif message.type is WSMsgType.BINARY:
            self._engine.receive_binary(now)
        else:
            if message.type is WSMsgType.CLOSE:
                code, reason = message.data or 1005, str(message.extra or "")
                self._ended(Ending(by="client", code=code, reason=reason))
            return False
        return True

    def _is_due(self) -> bool:
        """Whether the writer has something to do before its alarm."""
        if self._engine.has_events or self._last_words is not None or self._book:
            return True
        due = self._engine.deadline()
        return due is not None and due < self._alarm_at

    # -- writing

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
            if not self._valve.is_open:
                await self._valve.wait()
            self._wake.clear()
            self._engine.handle_timeout(self._clock.now())
            await self._send_due()
            if self._last_words is not None:
                await self._say_goodbye(self._last_words)
                return
            await self._ping_if_due()
            self._set_alarm(self._next_look())
            await self._wake.wait()

    async def _send_due(self) -> None:
        while self._valve.is_open and self._last_words is None:
            payload = self._outbound.next_payload(self._clock.now())
            if payload is None:
                self._note_expiry()
                self._strike()
                return
            await self._parts.framing.send(payload.data, payload.how)
            if self._book:
                self._strike()

    def _note_expiry(self) -> None:
        ending = self._engine.ending
        if ending is None or self._outbound.deadline(self._clock.now()) is not None:
            return
        if self._settings.expiry == "error":
            self._is_deaf = True
        else:
            self._last_words = ending

    async def _say_goodbye(self, ending: Ending) -> None:
        self._ended(ending)
        if not self._never_closes:
            await self._ws.close(code=ending.code or 1000, message=ending.reason.encode())

    async def _ping_if_due(self) -> None:
        now = self._clock.now()
        if now >= self._ping_at and self._valve.is_open:
            self._ping_at = now + self._settings.ping_interval
            if isinstance(self._parts.dialect, XaiDialect):
                self._outbound.put(self._parts.dialect.ping(self._clock.wall()))
                self._wake.set()
            await self._ws.ping(_PING_PAYLOAD)

    def _set_alarm(self, when: float) -> None:
        if self._alarm is not None:
            if self._alarm_at == when:
                return
            self._alarm.cancel()
        self._alarm_at = when
        self._alarm = self._clock.call_at(when, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if not self._hurry():
            self._wake.set()

    def _hurry(self) -> bool:
        """Send what is due without waking the writer; False if the writer has to look itself.

        A delta every 20 ms for hundreds of sessions: changing tasks would cost as much as sending.
        """
        framing, now = self._parts.framing, self._clock.now()
        if self._book or self._is_over or not self._valve.is_open or now >= self._ping_at:
            return False
        self._engine.handle_timeout(now)
        while self._engine.ending is None and framing.has_room:
            payload = self._outbound.next_payload(now)
            if payload is None:
                self._set_alarm(self._next_look())
                return True
            framing.write(payload.data)
        return False

    def _next_look(self) -> float:
        due, now = self._ping_at, self._clock.now()
        elapsed = self._book.next_elapsed(self.history.epoch) if self._book else None
        for at in (
            self._engine.deadline(),
            self._outbound.deadline(now),
            None if elapsed is None else self._opened + elapsed,
        ):
            if at is not None and at < due:
                due = at
        return due

    # -- faults

    @property
    def _is_over(self) -> bool:
        return self._last_words is not None or self._is_deaf

    def _edit_of(self, event: dict[str, Any]) -> Edit | None:
        if self._settings.expiry == "close" and _is_expiry(event):
            return DropEvent()
        if not self._book.has_edits:
            return None
        return self._book.take_edit(self._facts(), event["type"])

    def _strike(self) -> None:
        if not self._book or self._last_words is not None or self.history.ending is not None:
            return
        fault = self._book.take(self._facts())
        if fault is not None:
            self.act(fault.action)

    def _facts(self, arriving: str | None = None) -> Facts:
        """Where the connection stands; `arriving` is a client's event that is not counted yet."""
        engine, history = self._engine, self.history
        spoken_ms = engine.utterance_ms
        utterance = None if spoken_ms is None else (engine.tally.turns + 1, spoken_ms)
        events: Mapping[str, int] = history.passed
        if arriving is not None:
            events = {**events, arriving: history.passed[arriving] + 1}
        return Facts(
            connection=history.epoch,
            elapsed=self._clock.now() - self._opened,
            dial=self._parts.dial,
            appended_ms=history.appended_ms,
            utterance=utterance,
            reply=history.reply_progress,
            events=events,
        )

    def _close(self, ending: Ending) -> None:
        self._last_words = self._last_words or ending

    def _ended(self, ending: Ending) -> None:
        if self.history.ending is None:
            self.history.ending = Ending(
                by=ending.by, code=ending.code, reason=ending.reason, at=self._clock.now()
            )


def _is_expiry(event: dict[str, Any]) -> bool:
    return event["type"] == "error" and bool(event["error"]["code"] == "session_expired")
