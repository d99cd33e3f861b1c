"""What all kinds of session do alike: read what comes in, refuse what will not do, end of age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from trunkline.simulator.history import Ending, Violation
from trunkline.simulator.refusals import Refusal, invalid_value, missing_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trunkline.simulator.emitter import Emitter
    from trunkline.simulator.history import SessionHistory
    from trunkline.simulator.schema import Check

__all__ = ["Intake", "Tally"]

_EXPIRY = "Your session hit the maximum duration of 60 minutes."


class Tally:
    """What is counted over the whole life of a server, beyond one connection."""

    def __init__(self) -> None:
        self.turns = 0
        """User turns committed from audio."""


class Intake:
    """The base of an engine: text to events, events to handlers, refusals to `error` events."""

    def __init__(
        self,
        *,
        emitter: Emitter,
        history: SessionHistory,
        requests: Mapping[str, Check],
        handlers: Mapping[str, Callable[[Any, dict[str, Any], float], None]],
        tally: Tally | None = None,
    ) -> None:
        """`handlers` are functions of the engine, the event and the time, one for each request."""
        self._emitter = emitter
        self._requests = requests
        self._handlers = handlers
        self._expires: float | None = None
        self.history = history
        self.tally = tally or Tally()
        self.ending: Ending | None = None
        """How the server ends the connection, once it does."""

    def opened(self, now: float) -> None:
        """The connection is up."""
        raise NotImplementedError

    def deadline(self) -> float | None:
        """When `handle_timeout` has something to do next; None if only the client can go on."""
        raise NotImplementedError

    @property
    def utterance_ms(self) -> float | None:
        """Audio appended since the user's speech began, if it goes on."""
        raise NotImplementedError

    def receive_text(self, text: str | bytes, now: float) -> None:
        """Take a text message."""
        try:
            event = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            message = f"Invalid event: failed to parse JSON value. {error}"
            self._refuse(Refusal(message, code="invalid_json"), {}, now)
            return
        if isinstance(event, dict):
            self.receive(event, now)
        else:
            message = "Invalid event: expected a JSON object."
            self._refuse(Refusal(message, code="invalid_event"), {}, now)

    def receive_binary(self, now: float) -> None:
        """Take a binary message, which the API does not read."""
        message = "Expected a text WebSocket message; binary frames are not supported."
        self._refuse(Refusal(message, code="invalid_event"), {}, now)

    def receive(self, event: dict[str, Any], now: float) -> None:
        """Take one client event."""
        self.handle_timeout(now)
        kind = event.get("type")
        self.history.note_received(str(kind or ""), now)
        try:
            if kind is None:
                raise missing_parameter("type")
            handler = self._handlers.get(kind) if isinstance(kind, str) else None
            if handler is None:
                raise invalid_value("type", kind, self._requests)
            self._requests[kind](event, "")
            handler(self, event, now)
        except Refusal as refusal:
            self._refuse(refusal, event, now)

    def handle_timeout(self, now: float) -> None:
        """Let everything happen that is due."""
        raise NotImplementedError

    def next_event(self) -> dict[str, Any] | None:
        """The next event to send, or None. What is given out here counts as sent."""
        event = self._emitter.pop()
        if event is not None:
            self.history.note_sent(event)
        return event

    @property
    def has_events(self) -> bool:
        """Whether `next_event` would give one."""
        return len(self._emitter) > 0

    def inject_error(self, refusal: Refusal) -> None:
        """Send an error event that no request caused."""
        self._emitter.emit("error", error=refusal.body())

    def fail_next_response(self, failure: Refusal, count: int = 1) -> None:
        """Let so many of the next responses fail; sessions without responses are left alone."""

    def fail_next_transcription(self, error: dict[str, Any] | None = None, count: int = 1) -> None:
        """Let so many of the next input transcriptions fail, where turns are transcribed."""

    def _expire(self, now: float) -> None:
        self._expires = None
        self.inject_error(Refusal(_EXPIRY, code="session_expired"))
        self.ending = Ending(by="server", code=1001, reason=_EXPIRY, at=now)

    def _refuse(self, refusal: Refusal, event: dict[str, Any], now: float) -> None:
        event_id = event.get("event_id")
        body = refusal.body(event_id if isinstance(event_id, str) else None)
        self._emitter.emit("error", error=body)
        self.history.violations.append(
            Violation(
                type=str(event.get("type") or ""),
                code=refusal.code,
                param=refusal.param,
                message=refusal.message,
                at=now,
            )
        )
