"""What the server lets us know that no book depends on: tokens, limits, errors, settings, acknowledgements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.usage import Usage
from trunkline.text import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.devices import Devices
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.events import Event, JsonObject
    from trunkline.protocol.metering import Metering
    from trunkline.protocol.observations import Observation

__all__ = ["Notices"]

_LIMITS = "rate_limits.updated"
_SILENCE_MS = 500
"""Of server_vad where the settings do not say (OpenAI's reference of the session object)."""
# Fields of a session's tools that let whoever reads them in.
_CREDENTIALS = frozenset({"authorization", "headers", "api_key", "client_secret", "token"})
_MASK = "[redacted]"


class Notices:
    """Tells them as facts of the current link; it sees each event before the books do."""

    def __init__(
        self, conversation: Conversation, devices: Devices, metering: Metering, drains: Drains
    ) -> None:
        self._conversation = conversation
        self._devices = devices
        self._metering = metering
        self._drains = drains

    def take(self, event: Event, now: float) -> None:
        """One event of the current session."""
        teller = _TELLERS.get(type(event))
        if teller is not None:
            teller(self, event, now)

    def asked(self, event: JsonObject, now: float) -> None:
        """The application asked for something, and the line took it."""
        item = event.get("item")
        if event.get("type") == "conversation.item.truncate":
            self._conversation.cuts[self._conversation.ledger.name(str(event["item_id"]))] = now
        elif isinstance(item, dict) and item.get("type") == "function_call_output":
            call_id = str(item.get("call_id", ""))
            self._tell(seen.FunctionAnswered(at=now, epoch=self._drains.epoch, call_id=call_id))

    def _raw(self, event: events.Raw, now: float) -> None:
        if event.type != _LIMITS:
            return
        told = event.data.get("rate_limits")
        rows = [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []
        limits = tuple(_limit(row) for row in rows)
        self._tell(seen.RateLimits(at=now, epoch=self._drains.epoch, limits=limits))

    def _refusal(self, event: events.Refusal, now: float) -> None:
        self._tell(
            seen.ServerError(
                at=now,
                epoch=self._drains.epoch,
                code=event.code,
                type=event.type,
                message=event.message,
            )
        )

    def _settings(self, event: events.SessionUpdated, now: float) -> None:
        settings = orjson.dumps(_masked(event.session)).decode()
        self._tell(seen.SettingsConfirmed(at=now, epoch=self._drains.epoch, settings=settings))

    def _speech_stopped(self, event: events.SpeechStopped, now: float) -> None:
        detection = self._conversation.ledger.settings.turn_detection() or {}
        silence_ms = detection.get("silence_duration_ms", _SILENCE_MS)
        if not self._metering.is_on or detection.get("type") != "server_vad":
            return
        if not isinstance(silence_ms, int):
            return
        voiced = self._conversation.samples(max(0, event.audio_end_ms - silence_ms))
        end = self._conversation.outbox.locate(voiced, as_end=True)
        self._metering.speech_ended(event.item_id, end, now)

    def _truncated(self, event: events.ItemTruncated, now: float) -> None:
        self._devices.stopped(event.item_id, now)
        asked_at = self._conversation.cuts.pop(event.item_id, None)
        if asked_at is not None:
            self._tell(
                seen.TruncateConfirmed(
                    at=now, epoch=self._drains.epoch, item_id=event.item_id, took=now - asked_at
                )
            )

    def _response_done(self, event: events.ResponseDone, now: float) -> None:
        # Its items are complete by now, whatever was played of them before.
        self._devices.look(now)
        usage = event.response.get("usage")
        if isinstance(usage, dict):
            cost = Usage().plus(usage).as_dict()
            del cost["responses"]
            response_id = event.response_id
            self._tell(
                seen.ResponseUsage(
                    at=now, epoch=self._drains.epoch, response_id=response_id, **cost
                )
            )

    def _tell(self, fact: Observation) -> None:
        self._drains.observations.append(fact)


# One for all lines.
_TELLERS: dict[type[Event], Callable[[Notices, Any, float], None]] = {
    events.Raw: Notices._raw,
    events.Refusal: Notices._refusal,
    events.SessionUpdated: Notices._settings,
    events.SpeechStopped: Notices._speech_stopped,
    events.ItemTruncated: Notices._truncated,
    events.ResponseDone: Notices._response_done,
}


def _limit(row: JsonObject) -> tuple[str, int, int, float]:
    name = row.get("name")
    limit, remaining, reset = (
        _number(row.get(key)) for key in ("limit", "remaining", "reset_seconds")
    )
    return name if isinstance(name, str) else "", int(limit), int(remaining), reset


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _masked(value: Any) -> Any:
    """The value with what its tools may hold of credentials replaced; it shares nothing that was changed."""
    if isinstance(value, dict):
        return {
            key: _MASK if key in _CREDENTIALS and part else _masked(part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_masked(part) for part in value]
    return redact(value) if isinstance(value, str) else value
