"""The inspector's entries as JSON, one document or one per line, with names that stay.

Names and units are those of the metrics: seconds and bytes, null for what is not known, directions as OpenTelemetry's
`network.io.direction` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.tui.inspector.redaction import without_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.entry import Entry
    from trunkline.telemetry.snapshot import LineSnapshot

__all__ = ["SCHEMA", "Excerpt", "json_document", "ndjson_document"]

SCHEMA = "trunkline.events/1"
"""Changes when a name or a meaning does; new members do not change it."""

_DIRECTIONS = {Way.UP: "transmit", Way.DOWN: "receive", Way.LOCAL: "local"}
_LEVELS = {Level.UNKNOWN: "unknown", Level.OK: "ok", Level.WARNING: "warning", Level.BAD: "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What of a line is written."""

    entries: Sequence[Entry]
    line: LineSnapshot | None
    exported_at: float
    """Unix seconds."""
    filter_text: str = ""
    hides_words: bool = False
    """Whether transcripts are left out; keys always are."""


def json_document(excerpt: Excerpt) -> bytes:
    """One document, indented."""
    document = {**_head(excerpt), "events": _events(excerpt)}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def ndjson_document(excerpt: Excerpt) -> bytes:
    """One document per line: what it is of, with `"record": "head"`, then each event."""
    records = [
        {"record": "head", **_head(excerpt)},
        *({"record": "event", **event} for event in _events(excerpt)),
    ]
    return b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records)


def _head(excerpt: Excerpt) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "exported_at": _utc(excerpt.exported_at),
        "line": _line(excerpt.line),
        "filter": excerpt.filter_text or None,
        "redaction": {"keys": True, "transcripts": excerpt.hides_words},
        "count": len(excerpt.entries),
    }


def _line(line: LineSnapshot | None) -> dict[str, Any] | None:
    if line is None:
        return None
    return {
        "key": line.key,
        "name": line.name,
        "model": line.model,
        "server_address": line.server or None,
        "session_id": line.session_id,
        "rate_hz": line.rate_hz,
    }


def _events(excerpt: Excerpt) -> list[dict[str, Any]]:
    line = excerpt.line
    shown = map(without_words, excerpt.entries) if excerpt.hides_words else excerpt.entries
    offset = None if line is None else line.wall_offset
    return [_event(entry, offset) for entry in shown]


def _event(entry: Entry, offset: float | None) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": None if offset is None else _utc(entry.at + offset),
        "monotonic_seconds": round(entry.at, 6),
        "duration_seconds": round(entry.until - entry.at, 6),
        "direction": _DIRECTIONS[entry.way],
        "type": entry.type,
        "count": entry.count,
        "size_bytes": entry.size_bytes,
        "audio_seconds": _seconds(entry.audio_ms),
        "turn": entry.turn,
        "latency_seconds": _seconds(entry.latency_ms),
        "level": _LEVELS[entry.level],
        "note": entry.note or None,
        "item_id": entry.item_id or None,
        "response_id": entry.response_id or None,
        "audio": _audio(entry),
        "detail": entry.detail or None,
    }


def _audio(entry: Entry) -> dict[str, Any] | None:
    if entry.rms_dbfs is None and not entry.wave:
        return None
    return {
        "rms_dbfs": entry.rms_dbfs,
        "peak_dbfs": entry.peak_dbfs,
        "clipped_samples": entry.clipped,
        "wave": [round(peak, 3) for peak in entry.wave],
    }


def _seconds(value_ms: float | None) -> float | None:
    return None if value_ms is None else round(value_ms / 1000, 6)


def _utc(at_unix: float) -> str:
    return (
        datetime.fromtimestamp(at_unix, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )
