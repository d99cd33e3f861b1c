"""What a line's frequent facts add up to between two beats."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from operator import attrgetter
from typing import TYPE_CHECKING

from trunkline.telemetry import beat

if TYPE_CHECKING:
    from trunkline.protocol.compound_facts import Flow

__all__ = ["Sums"]


@dataclass(slots=True)
class Sums:
    """One attribute for each sum of `telemetry.beat`: an addition to one costs less than to a dictionary."""

    accepted: float = 0
    sent: float = 0
    replayed: float = 0
    consumed: float = 0
    received: float = 0
    heard: float = 0
    up_bytes: float = 0
    down_bytes: float = 0
    up_messages: float = 0
    down_messages: float = 0
    up_chunks: float = 0
    down_chunks: float = 0
    timed_chunks: float = 0
    late_chunks: float = 0
    stalled: float = 0
    underruns: float = 0
    silent: float = 0
    played: float = 0
    input_energy: float = 0
    input_samples: float = 0
    input_clipped: float = 0
    output_energy: float = 0
    output_samples: float = 0
    output_clipped: float = 0

    def passed(self, flow: Flow) -> None:
        """Adds ordinary audio."""
        self.accepted += flow.samples
        self.sent += flow.samples
        self.up_chunks += flow.chunks
        self.up_messages += flow.chunks
        self.up_bytes += flow.up_bytes
        self.down_bytes += flow.down_bytes
        for one in flow.deltas:
            self.down_messages += len(one.times)
            self.down_chunks += len(one.times)
            self.received += sum(one.samples)

    def named(self) -> dict[str, float]:
        """Those that are not 0, by their names on the wire."""
        values = _values(self)
        return dict(zip(compress(_NAMES, values), filter(None, values), strict=True))


_NAMED = (
    ("accepted", beat.ACCEPTED),
    ("sent", beat.SENT),
    ("replayed", beat.REPLAYED),
    ("consumed", beat.CONSUMED),
    ("received", beat.RECEIVED),
    ("heard", beat.HEARD),
    ("up_bytes", beat.UP_BYTES),
    ("down_bytes", beat.DOWN_BYTES),
    ("up_messages", beat.UP_MESSAGES),
    ("down_messages", beat.DOWN_MESSAGES),
    ("up_chunks", beat.UP_CHUNKS),
    ("down_chunks", beat.DOWN_CHUNKS),
    ("timed_chunks", beat.TIMED_CHUNKS),
    ("late_chunks", beat.LATE_CHUNKS),
    ("stalled", beat.STALLED),
    ("underruns", beat.UNDERRUNS),
    ("silent", beat.SILENT),
    ("played", beat.PLAYED),
    ("input_energy", beat.INPUT_ENERGY),
    ("input_samples", beat.INPUT_SAMPLES),
    ("input_clipped", beat.INPUT_CLIPPED),
    ("output_energy", beat.OUTPUT_ENERGY),
    ("output_samples", beat.OUTPUT_SAMPLES),
    ("output_clipped", beat.OUTPUT_CLIPPED),
)
_NAMES = tuple(name for _, name in _NAMED)
# One call for all of them: twice a second, of every line.
_values = attrgetter(*(one for one, _ in _NAMED))
