"""What can be asked of the inspector's entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.tui.filter.quantity import BYTES, COUNT, DECIBELS, MILLISECONDS
from trunkline.tui.filter.vocabulary import Chosen, Flag, Number, Text, Vocabulary

if TYPE_CHECKING:
    from trunkline.telemetry.entry import Entry

__all__ = ["ENTRIES"]

_WAYS = {
    "up": "up", "out": "up", "sent": "up", "client": "up", "↑": "up",
    "down": "down", "in": "down", "received": "down", "server": "down", "↓": "down",
    "local": "local", "here": "local", "·": "local",
}  # fmt: skip
_ODD = (Level.WARNING, Level.BAD)


def _names(entry: Entry) -> tuple[str, ...]:
    return entry.type, entry.note, entry.item_id, entry.response_id


ENTRIES: Vocabulary[Entry] = Vocabulary(
    (
        Chosen("dir", "up, down or local", lambda entry: entry.way.value, _WAYS),
        Text("type", "of the message or happening", lambda entry: (entry.type,)),
        Number("turn", "its number", lambda entry: entry.turn, COUNT),
        Text("item", "id of the item", lambda entry: (entry.item_id,)),
        Text("resp", "id of the response", lambda entry: (entry.response_id,)),
        Number("size", "bytes of all messages of a run", lambda entry: entry.size_bytes, BYTES),
        Number("audio", "how much is in it", lambda entry: entry.audio_ms, MILLISECONDS),
        Number("lat", "what it answers took so long", lambda entry: entry.latency_ms, MILLISECONDS),
        Number("count", "messages of a run", lambda entry: entry.count, COUNT),
        Number("rms", "level of its audio", lambda entry: entry.rms_dbfs, DECIBELS),
        Number("peak", "highest level of its audio", lambda entry: entry.peak_dbfs, DECIBELS),
        Number("clipped", "samples at full scale", lambda entry: entry.clipped, COUNT),
        Text("note", "the last column", lambda entry: (entry.note,)),
        Text("detail", "its contents", lambda entry: (entry.detail,)),
        Flag("err", "errors", lambda entry: entry.level is Level.BAD),
        Flag("warn", "warnings and errors", lambda entry: entry.level in _ODD),
        Flag("local", "what happened here", lambda entry: entry.way is Way.LOCAL),
    ),
    _names,
    {"way": "dir", "event": "type", "latency": "lat", "response": "resp", "bytes": "size"},
)
"""Fields of an entry; a bare word is looked for in its type, note and ids."""
