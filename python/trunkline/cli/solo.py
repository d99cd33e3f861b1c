"""A desk of one line, for the demo: the network's thread publishes, the console reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow
from trunkline.telemetry.levels import Level
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.desk import Playback
    from trunkline.telemetry.entry import Entry
    from trunkline.telemetry.snapshot import LineSnapshot

__all__ = ["SoloDesk"]

_NAMED = {"live": "live", "waiting": "reconnecting", "failed": "failed", "closed": "closed"}


class SoloDesk:
    """Binding an attribute is one step of the interpreter, so neither side needs a lock."""

    def __init__(self) -> None:
        self._newest: tuple[FleetSnapshot, LineSnapshot] | None = None
        self._message: Clean | None = None
        self._window_s = 300

    @property
    def playback(self) -> Playback | None:
        """The line is live."""
        return None

    def publish(self, line: LineSnapshot, at_unix: float) -> None:
        """Replace the newest snapshot; what nobody read is forgotten."""
        named = replace(line, key=line.name, wall_offset=at_unix - line.at)
        self._newest = (_fleet_of(named, at_unix, self._window_s), named)

    def finish(self, message: str) -> None:
        """Say that the run is over, in one line; the last snapshot is published before."""
        self._message = clean(message, limit_chars=300)

    def fleet(self) -> FleetSnapshot | None:
        """The newest of the one line."""
        return None if self._newest is None else self._newest[0]

    def watch(self, key: str | None) -> None:
        """There is no other."""

    def line(self) -> LineSnapshot | None:
        """The newest of the one line."""
        return None if self._newest is None else self._newest[1]

    def entries(self) -> Sequence[Entry]:
        """Nobody inspects it."""
        return ()

    def window(self, seconds: int) -> None:
        """The folds of one line have a window of their own."""
        self._window_s = seconds

    def mark(self, key: str, note: str) -> None:
        """Nobody keeps it."""

    def finished(self) -> Clean | None:
        """How the run ended; None while it goes on."""
        return self._message


def _fleet_of(line: LineSnapshot, at_unix: float, window_s: int) -> FleetSnapshot:
    row = _row_of(line)
    return FleetSnapshot(
        at=at_unix,
        window_s=window_s,
        rows=(row,),
        states=((_NAMED.get(line.state, "connecting"), 1),),
        availability=line.availability,
        up_bytes_per_s=line.up.bytes_per_s,
        down_bytes_per_s=line.down.bytes_per_s,
        up_series=line.up.bytes_series,
        down_series=line.down.bytes_series,
        grades=((row.grade, 1),),
        attention=int(row.needs_attention),
        processes=1,
    )


def _row_of(line: LineSnapshot) -> LineRow:
    return LineRow(
        key=line.key,
        name=line.name,
        model=line.model or Clean(""),
        server=line.server,
        state=line.state,
        attempt=line.attempt,
        age_s=line.age_s,
        grade=line.quality.grade,
        score=line.quality.score,
        rtt_ms=line.rtt.smoothed_ms,
        rtt_p95_ms=line.rtt.p95_ms,
        jitter_ms=line.rtt.jitter_ms,
        first_audio_ms=line.turns[-1].first_audio_ms if line.turns else None,
        buffer_ms=None if line.playout is None else line.playout.buffered_ms,
        reconnects=line.reconnects,
        lost_ms=line.books.gap_ms,
        rtt_series=line.rtt.samples_ms,
        availability=line.availability,
        turns=line.turns_total,
        turns_answered=line.turns_answered,
        level=Level.OK,
        controllable=True,
    )
