"""One line of the event inspector: a message, a run of equal ones, or something that happened here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from trunkline.telemetry.levels import Level
from trunkline.text import Clean

__all__ = ["Entry", "Way"]

_NOTHING = Clean("")


class Way(Enum):
    """Where it came from."""

    UP = "up"
    """From us to the server."""
    DOWN = "down"
    """From the server to us."""
    LOCAL = "local"
    """It happened here: a ping, an underrun, a state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line; a run of messages of one type and one item is one entry, replaced as it grows."""

    number: int
    """Counts from 1 per line; a run keeps the number of its first message."""
    at: float
    """Of the first message; seconds of the line's monotonic clock."""
    until: float
    """Of the last one."""
    way: Way
    type: Clean
    count: int = 1
    size_bytes: int | None = None
    """Of all messages of the run."""
    audio_ms: float | None = None
    """Of the audio in them."""
    turn: int | None = None
    latency_ms: float | None = None
    """What the message answers took so long: first audio, a round trip, a response."""
    level: Level = Level.OK
    """WARNING and BAD for what an operator should see; errors are BAD."""
    note: Clean = _NOTHING
    item_id: Clean = _NOTHING
    response_id: Clean = _NOTHING
    detail: Clean = _NOTHING
    """The first message as indented JSON, its audio replaced by its size; nothing where contents are not kept."""
    wave: tuple[float, ...] = ()
    """Peaks of the audio, 0 to 1, at most 32 of them, oldest first."""
    rms_dbfs: float | None = None
    peak_dbfs: float | None = None
    clipped: int = 0
