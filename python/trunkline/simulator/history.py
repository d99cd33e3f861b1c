"""What a session consumed and gave, for a test to judge a client by.

One record per connection. Everything in it is plain data: nothing here changes what the server
does.
"""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from trunkline.simulator.bill import Bill
from trunkline.simulator.buffer import BYTES_PER_SAMPLE, SAMPLES_PER_MS, ms_of
from trunkline.simulator.formats import WireFormat
from trunkline.simulator.prices import dollars

__all__ = [
    "AUDIO_LIMIT_BYTES",
    "Append",
    "DialRecord",
    "Ending",
    "ItemRecord",
    "Received",
    "ResponseRecord",
    "SessionHistory",
    "Truncation",
    "Violation",
]

AUDIO_LIMIT_BYTES = 64 * 1024 * 1024
"""About 23 minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """One append."""

    start: int
    """Session sample it begins at."""
    count: int
    """Samples in it."""
    pcm: bytes
    """Its audio; empty once the record's `audio_limit_bytes` was passed."""
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """One item and where it came from."""

    id: str
    origin: str
    """`committed` (user audio), `created` (by the client) or `generated` (by a response)."""
    role: str | None
    kind: str
    text: str
    """Its text or transcript; of user audio, what the voice heard."""
    pcm: bytes
    samples: tuple[int, int] | None
    """Of a committed one: the session samples from (inclusive) and to (exclusive)."""
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation:
    """One truncation that was carried out."""

    item_id: str
    audio_end_ms: int
    at: float


@dataclass(slots=True, kw_only=True)
class ResponseRecord:
    """One response; filled in as it proceeds."""

    id: str
    turn: int
    """Committed user turns over the server's life when it began."""
    at: float
    item_id: str | None = None
    status: str = "in_progress"
    reason: str | None = None
    transcript: str = ""
    """What was given out of its text so far."""
    audio_format: str = "audio/pcm"
    """What its audio was given out in."""
    samples_given: int = 0
    """Reply audio that was handed to the connection, at 24 kHz."""
    done_at: float | None = None
    usage: dict[str, Any] | None = None
    """As response.done told it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One client event."""

    type: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One request the API would have refused, and did."""

    type: str
    """Of the client's event; empty if it had none."""
    code: str | None
    param: str | None
    message: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the connection ended."""

    by: str
    """`client`, `server` or `fault`."""
    code: int | None = None
    """The WebSocket close code, if one was exchanged."""
    reason: str = ""
    at: float = 0.0


@dataclass(slots=True, kw_only=True)
class DialRecord:
    """One attempt to connect, whatever came of it."""

    number: int
    """From 1, over the server's life."""
    at: float
    key: str = ""
    """The credential, masked; empty if there was none."""
    model: str = ""
    """As it was asked for."""
    outcome: str = "accepted"
    """`accepted`, `rejected` (after the upgrade) or `refused` (by an HTTP status)."""
    status: int = 101
    code: int | None = None
    """The close code of a rejection."""
    reason: str = ""
    epoch: int | None = None
    """The session's number, if it was accepted."""

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON."""
        return _plain(self)


@dataclass(slots=True, kw_only=True)
class SessionHistory:
    """Everything one connection did. Times are the server's monotonic clock, in seconds."""

    epoch: int
    """The connection's number, from 1."""
    opened_at: float
    key: str = ""
    """The credential, masked."""
    model: str = ""
    session_id: str = ""
    audio_limit_bytes: int = AUDIO_LIMIT_BYTES
    """Audio kept in `appends`."""
    appends: list[Append] = field(default_factory=list)
    items: list[ItemRecord] = field(default_factory=list)
    truncations: list[Truncation] = field(default_factory=list)
    responses: list[ResponseRecord] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    """Server events handed to the connection, by type."""
    passed: Counter[str] = field(default_factory=Counter)
    """Events in either direction, by type."""
    withheld: Counter[str] = field(default_factory=Counter)
    """Server events that a fault swallowed, by type."""
    swallowed: Counter[str] = field(default_factory=Counter)
    """Client events that a fault swallowed, by type; the session never saw them."""
    updates: list[dict[str, Any]] = field(default_factory=list)
    """The session object after each accepted update."""
    bill: Bill = field(default_factory=Bill)
    """What the service would have billed."""
    ending: Ending | None = None

    @property
    def dollars(self) -> float | None:
        """What the service would have charged, at the list prices of `prices.py`; None for other models."""
        return dollars(self.bill, self.model)

    def note_append(self, start: int, pcm: bytes, at: float) -> None:
        """Record an append."""
        kept = pcm if (start * BYTES_PER_SAMPLE) + len(pcm) <= self.audio_limit_bytes else b""
        count = len(pcm) // BYTES_PER_SAMPLE
        self.appends.append(Append(start=start, count=count, pcm=kept, at=at))

    def note_received(self, kind: str, at: float) -> None:
        """Record a client event, before it is judged."""
        self.received.append(Received(type=kind, at=at))
        self.passed[kind] += 1

    def note_sent(self, event: dict[str, Any]) -> None:
        """Record a server event on its way out."""
        kind = event["type"]
        self.sent[kind] += 1
        self.passed[kind] += 1
        if kind == "response.output_audio.delta":
            self._count_audio(event, 1)
        elif kind == "response.created":
            record = self.response(event["response"]["id"])
            if record is not None:
                record.audio_format = event["response"]["audio"]["output"]["format"]["type"]
        elif kind == "response.done":
            self.bill.note_response(event["response"]["usage"])
        elif kind == "conversation.item.input_audio_transcription.completed":
            self.bill.note_transcription(event["usage"])

    def note_withheld(self, event: dict[str, Any]) -> None:
        """Take back that an event was sent: a fault swallowed it. It has passed all the same."""
        kind = event["type"]
        self.sent[kind] -= 1
        if not self.sent[kind]:
            del self.sent[kind]
        self.withheld[kind] += 1
        if kind == "response.output_audio.delta":
            self._count_audio(event, -1)

    def note_swallowed(self, kind: str) -> None:
        """Record a client event that a fault kept from the session."""
        self.swallowed[kind] += 1
        self.passed[kind] += 1

    def _count_audio(self, event: dict[str, Any], sign: int) -> None:
        record = self.response(event["response_id"])
        if record is not None:
            wire = WireFormat(name=record.audio_format)
            record.samples_given += sign * wire.samples_of(event["delta"])

    @property
    def appended_samples(self) -> int:
        """Samples appended in the session."""
        if not self.appends:
            return 0
        last = self.appends[-1]
        return last.start + last.count

    @property
    def appended_ms(self) -> float:
        """Milliseconds of audio appended in the session."""
        return self.appended_samples / SAMPLES_PER_MS

    def audio(self, start: int = 0, end: int | None = None) -> bytes:
        """The audio appended between two session samples."""
        whole = b"".join(append.pcm for append in self.appends)
        stop = None if end is None else end * BYTES_PER_SAMPLE
        return whole[start * BYTES_PER_SAMPLE : stop]

    def items_of(self, origin: str) -> list[ItemRecord]:
        """The items of one origin, in the order they came."""
        return [item for item in self.items if item.origin == origin]

    @property
    def reply_progress(self) -> tuple[int, float] | None:
        """The turn that is answered, and the milliseconds of the reply that were sent, if any."""
        last = self.responses[-1] if self.responses else None
        if last is None or not last.samples_given:
            return None
        return last.turn, last.samples_given / SAMPLES_PER_MS

    def response(self, response_id: str) -> ResponseRecord | None:
        """The response of that id."""
        if self.responses and self.responses[-1].id == response_id:
            return self.responses[-1]
        return next((one for one in reversed(self.responses) if one.id == response_id), None)

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON; audio as its length and CRC-32."""
        return {
            "epoch": self.epoch,
            "session_id": self.session_id,
            "model": self.model,
            "key": self.key,
            "opened_at": self.opened_at,
            "appended_ms": round(self.appended_ms, 3),
            "appends": [[one.start, one.count] for one in self.appends],
            "items": [_item_json(item) for item in self.items],
            "truncations": [_plain(one) for one in self.truncations],
            "deleted": list(self.deleted),
            "responses": [_response_json(one) for one in self.responses],
            "received": [[one.type, one.at] for one in self.received],
            "sent": dict(self.sent),
            "withheld": dict(self.withheld),
            "swallowed": dict(self.swallowed),
            "updates": list(self.updates),
            "violations": [_plain(one) for one in self.violations],
            "billed": self.bill.to_dict() | {"dollars": self.dollars},
            "ending": None if self.ending is None else _plain(self.ending),
        }


def _plain(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in type(record).__dataclass_fields__}


def _item_json(item: ItemRecord) -> dict[str, Any]:
    shown = _plain(item)
    del shown["pcm"]
    samples = len(item.pcm) // BYTES_PER_SAMPLE
    return shown | {"audio_ms": ms_of(samples), "audio_crc32": zlib.crc32(item.pcm)}


def _response_json(response: ResponseRecord) -> dict[str, Any]:
    shown = _plain(response)
    return shown | {"audio_ms_given": ms_of(shown.pop("samples_given"))}
