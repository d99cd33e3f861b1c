"""What lines tell of themselves: one stream, in memory, on a socket and on disk.

Facts that come for every chunk are summed into a `Beat`, twice a second; facts that are rare go as they are (`Told`).
So a stream costs the same however much a line talks, a console of another process folds it as the line's own would,
and a recording is nothing but the stream.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NewType, TypeAlias

from trunkline.errors import StreamError
from trunkline.protocol.observations import Direction  # noqa: TC001 - read by the annotation
from trunkline.telemetry.histogram import BUCKET_LIMIT
from trunkline.text import Clean

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation
    from trunkline.telemetry.entry import Entry
    from trunkline.telemetry.views import Mark

__all__ = ["Beat", "Began", "Ended", "Frame", "Heard", "Inspected", "Marked", "Pcm", "Told"]

Pcm = NewType("Pcm", bytes)
"""Little-endian int16, mono. Bytes of any other name stay in their process (`telemetry.recordform`)."""

_HIGHEST_RATE_HZ = 1_000_000
_NOTHING = Clean("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A line began, or is introduced to somebody who came later."""

    line: str
    """Key of the line: unique among all processes and their restarts."""
    at: float
    """When it began, in seconds of its monotonic clock."""
    wall_offset: float
    """Unix seconds are `at` plus this."""
    name: str
    server: str = ""
    process: str = ""
    """Which process it belongs to, for people: a name and its number."""
    rate_hz: int = 24_000
    controllable: bool = False
    model: str = ""
    """The model that is asked for."""

    def __post_init__(self) -> None:
        if not 0 < self.rate_hz <= _HIGHEST_RATE_HZ:
            raise StreamError(f"a rate of {self.rate_hz} Hz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a line did since its last beat: sums and histograms add up over beats, gauges are as they were last."""

    line: str
    at: float
    epoch: int
    sums: dict[str, float] = field(default_factory=dict)
    """By name (`telemetry.beat`): samples, bytes, messages, seconds; a name that is missing is 0."""
    gauges: dict[str, float] = field(default_factory=dict)
    """By name; a name that is missing was not told."""
    spreads: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """By metric: the bucket of `telemetry.histogram` of each duration."""
    types: dict[str, int] = field(default_factory=dict)
    """Messages by direction and type (`up input_audio_buffer.append`); the set is bounded."""

    def __post_init__(self) -> None:
        for buckets in self.spreads.values():
            if buckets and not 0 <= min(buckets) <= max(buckets) < BUCKET_LIMIT:
                raise StreamError("a duration is in no bucket")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A rare fact, as the line's observers got it."""

    line: str
    fact: Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A line of the event inspector, new or grown; told only while somebody looks at the line, or records it."""

    line: str
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Audio that passed; told only where its process was told to keep audio, and somebody wants it of this line."""

    line: str
    at: float
    """When it passed."""
    begins_at: float
    """When its first sample was captured, as far as that is known; when it came, if it is from the server."""
    direction: Direction
    rate_hz: int
    pcm: Pcm
    turn: int = 0
    """Of the inspector's counting; 0 before the first."""
    item_id: Clean = _NOTHING

    def __post_init__(self) -> None:
        if not 0 < self.rate_hz <= _HIGHEST_RATE_HZ:
            raise StreamError(f"a rate of {self.rate_hz} Hz")
        if len(self.pcm) % 2:
            raise StreamError("audio ends inside a sample")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """An operator marked a moment."""

    line: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A line was closed or failed, or its process went without a word."""

    line: str
    at: float
    gone: bool = False
    """Whether the process went."""


Frame: TypeAlias = Began | Beat | Told | Inspected | Heard | Marked | Ended
