"""How loud one direction is: the last tenth of a second, the last four, and since when there is nothing but silence."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.telemetry.views import LevelView

if TYPE_CHECKING:
    from trunkline.telemetry.history import History

__all__ = [
    "FLOOR_DBFS",
    "HELD_SECONDS",
    "PEAK_SECONDS",
    "SILENT_DBFS",
    "Meter",
    "level_dbfs",
    "peak_dbfs",
    "square_of",
]

FLOOR_DBFS = -96.0
"""Silence, and everything below one step of 16 bits."""
PEAK_SECONDS = 5
"""For how long a peak is held, and clipped samples are counted."""
HELD_SECONDS = 1.5
"""What was measured longer ago says nothing of now: a beat is a second at most, and may be late."""
SILENT_DBFS = -60.0
"""What is no louder is silence."""

_AES17_DB = 10 * math.log10(2)
# EBU 3341 calls 400 ms momentary.
_MOMENTARY_SECONDS = 0.4


def level_dbfs(mean_square: float) -> float:
    """The AES17 level of a mean square, 1.0 for a square wave of full scale; at least the floor."""
    if mean_square <= 0:
        return FLOOR_DBFS
    return max(FLOOR_DBFS, 10 * math.log10(mean_square) + _AES17_DB)


def square_of(dbfs: float) -> float:
    """The mean square of a level."""
    return 10 ** ((dbfs - _AES17_DB) / 10)


def peak_dbfs(peak: float) -> float:
    """The level of a peak of 0 to 1; at least the floor."""
    return max(FLOOR_DBFS, 20 * math.log10(peak)) if peak > 0 else FLOOR_DBFS


_SILENT_SQUARE = square_of(SILENT_DBFS)


@dataclass(slots=True)
class Meter:
    """One direction, fed by beats: as fine as they are."""

    rate_hz: int
    recent: list[tuple[float, float]] = field(default_factory=list)
    """Energy and samples of the newest beats that make up the momentary level."""
    silent_since: float | None = None
    measured_at: float | None = None

    def add(self, at: float, energy: float, samples: float) -> None:
        """What a beat measured; `samples` is not 0."""
        recent = self.recent
        if not self._is_fresh(at - samples / self.rate_hz):
            # What was before a rest is neither momentary nor part of a silence that goes on.
            recent.clear()
            self.silent_since = None
        enough = _MOMENTARY_SECONDS * self.rate_hz
        if samples >= enough:
            recent.clear()
            recent.append((energy, samples))
        else:
            recent.append((energy, samples))
            held = sum(each for _, each in recent)
            while held - recent[0][1] >= enough:
                held -= recent.pop(0)[1]
        self.measured_at = at
        if energy > _SILENT_SQUARE * samples:
            self.silent_since = None
        elif self.silent_since is None:
            self.silent_since = at - samples / self.rate_hz

    def dbfs(self, now: float) -> float | None:
        """The momentary level; None where nothing came for a while."""
        samples = sum(each for _, each in self.recent)
        if samples <= 0 or not self._is_fresh(now):
            return None
        return round(level_dbfs(sum(energy for energy, _ in self.recent) / samples), 1)

    def silent_s(self, now: float) -> float | None:
        """For how long what comes has been nothing but silence; None where nothing came for a while."""
        if self.measured_at is None or not self._is_fresh(now):
            return None
        return 0.0 if self.silent_since is None else self.measured_at - self.silent_since

    def view(
        self, history: History, samples: int, clipped: int, peak: int, now: float
    ) -> LevelView:
        """The level for a reader; the tracks are those of its direction."""
        energy, count = self.recent[-1] if self.recent else (0.0, 0.0)
        if count <= 0:
            return LevelView()
        counted = history.total(samples, PEAK_SECONDS)
        clips = history.total(clipped, PEAK_SECONDS)
        highest = history.most(peak, PEAK_SECONDS)
        return LevelView(
            rms_dbfs=round(level_dbfs(energy / count), 1) if self._is_fresh(now) else None,
            momentary_dbfs=self.dbfs(now),
            peak_dbfs=None if highest is None else round(peak_dbfs(highest), 1),
            clipped=int(clips),
            clipped_percent=100 * clips / counted if counted else 0.0,
            silent_s=self.silent_s(now),
        )

    def _is_fresh(self, now: float) -> bool:
        """Whether the newest of what was measured is of now."""
        return self.measured_at is None or now - self.measured_at <= HELD_SECONDS
