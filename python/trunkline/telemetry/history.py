"""The last minute of a line by the second: what its totals were, and what was measured.

Totals are kept as they stand at the end of each second, modulo 2^32 as a router counts, so what was in any number of
seconds is one difference, and nothing has to be added up each second. Times are counted in milliseconds.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from trunkline.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COUNTED", "HISTORY_SECONDS", "History", "Track"]

HISTORY_SECONDS = 60
"""How many one-second samples the screens show."""

# Three whole seconds: shorter flickers between 49 and 51 chunks, longer hides a stall.
_AVERAGE_SECONDS = 3


class Track:
    """The columns: first what is counted, then what is measured and may be unknown (NaN inside).

    Plain numbers: each is looked up some twenty times a second for each of a thousand lines.
    """

    UP_BYTES = 0
    DOWN_BYTES = 1
    UP_MESSAGES = 2
    DOWN_MESSAGES = 3
    UP_CHUNKS = 4
    DOWN_CHUNKS = 5
    SENT = 6
    """Samples, for the first time."""
    REPLAYED = 7
    RECEIVED = 8
    TIMED_CHUNKS = 9
    LATE_CHUNKS = 10
    UNDERRUNS = 11
    SILENT = 12
    """Milliseconds, for want of audio in an answer."""
    PLAYED = 13
    """Milliseconds."""
    INPUT_SAMPLES = 14
    """Measured for their level."""
    INPUT_CLIPPED = 15
    OUTPUT_SAMPLES = 16
    OUTPUT_CLIPPED = 17
    USER = 18
    """Milliseconds in which the user spoke."""
    RTT = 19
    """Seconds, the worst; unknown where no ping was answered."""
    KERNEL_RTT = 20
    """Seconds; unknown where the kernel did not tell."""
    BUFFERED_LEAST = 21
    """Milliseconds; unknown where no answer was unfinished."""
    LEAD_LEAST = 22
    """Seconds; unknown where nothing was played."""
    INPUT_PEAK = 23
    """0 to 1; unknown where nobody measured."""
    OUTPUT_PEAK = 24
    ALL = range(25)


COUNTED = Track.RTT
"""How many columns are counted: those before this one."""

_MEASURED = len(Track.ALL) - COUNTED
_ROWS = HISTORY_SECONDS + 1
_WRAP = 0xFFFFFFFF
_UNKNOWN = array("f", [math.nan] * _MEASURED)


def _no_counts() -> array[int]:
    return array("I", [0]) * (_ROWS * COUNTED)


def _no_values() -> array[float]:
    return _UNKNOWN * _ROWS


@dataclass(slots=True)
class History:
    """One row for each whole second, and the one before the first of them."""

    first: int
    """The second in which counting began: before it there is no zero, there is nothing."""
    newest: int
    """The last whole second that was put in."""
    counts: array[int] = field(default_factory=_no_counts)
    values: array[float] = field(default_factory=_no_values)

    def __post_init__(self) -> None:
        if len(self.counts) != _ROWS * COUNTED or len(self.values) != _ROWS * _MEASURED:
            raise StreamError("a history is not of sixty seconds")

    def put(self, second: int, totals: Sequence[float], values: Sequence[float]) -> None:
        """A second is whole: the totals at its end, and what was measured in it."""
        row = array("I", [int(total) & _WRAP for total in totals])
        passed = second - self.newest
        if passed > 1:
            self._pass(self.newest + 1, min(passed - 1, _ROWS))
        at = second % _ROWS
        self.counts[at * COUNTED : (at + 1) * COUNTED] = row
        self.values[at * _MEASURED : (at + 1) * _MEASURED] = array("f", values)
        self.newest = second

    def rate(self, track: int, now: float) -> float | None:
        """Amount per second over the last whole seconds; None in the first second."""
        seconds = min(_AVERAGE_SECONDS, self.newest + 1 - self.first)
        if seconds <= 0:
            return None
        if int(now) - self.newest > _AVERAGE_SECONDS:
            return 0.0
        return self.total(track, seconds) / seconds

    def total(self, track: int, seconds: int) -> int:
        """How much of what is counted came in the last whole seconds, of which at most 60 are known."""
        newest, counts = self.newest, self.counts
        before = newest - (min(HISTORY_SECONDS, seconds))
        grown = counts[newest % _ROWS * COUNTED + track] - counts[before % _ROWS * COUNTED + track]
        return grown & _WRAP

    def last(self, track: int) -> float:
        """What was measured in the last whole second; NaN where that is unknown."""
        return self.values[self.newest % _ROWS * _MEASURED + track - COUNTED]

    def least(self, track: int, seconds: int) -> float | None:
        """The lowest of what is known of what was measured in the last whole seconds."""
        return min(self._known(track, seconds), default=None)

    def most(self, track: int, seconds: int) -> float | None:
        """The highest of it."""
        return max(self._known(track, seconds), default=None)

    def series(self, track: int) -> tuple[float | None, ...]:
        """The last 60 whole seconds, oldest first; None before counting began and where nothing is known."""
        if track >= COUNTED:
            values = self._ordered(self.values[track - COUNTED :: _MEASURED])[1:]
            return tuple(None if value != value else value for value in values)  # noqa: PLR0124 - NaN
        totals = self._ordered(self.counts[track::COUNTED])
        unknown = min(max(self.first - self.newest - 1 + HISTORY_SECONDS, 0), HISTORY_SECONDS)
        grown = [float((new - old) & _WRAP) for old, new in pairwise(totals)]
        return (*(None,) * unknown, *grown[unknown:])

    def _pass(self, second: int, count: int) -> None:
        """Seconds of which nothing was told: no total grew."""
        before = self.newest % _ROWS * COUNTED
        still = self.counts[before : before + COUNTED]
        for n in range(count):
            at = (second + n) % _ROWS
            self.counts[at * COUNTED : (at + 1) * COUNTED] = still
            self.values[at * _MEASURED : (at + 1) * _MEASURED] = _UNKNOWN

    def _known(self, track: int, seconds: int) -> list[float]:
        ends = range(self.newest + 1 - min(seconds, HISTORY_SECONDS), self.newest + 1)
        column = track - COUNTED
        values = [self.values[second % _ROWS * _MEASURED + column] for second in ends]
        return [value for value in values if value == value]  # noqa: PLR0124 - NaN is unknown

    def _ordered(self, column: array[Any]) -> array[Any]:
        """A column with the newest last."""
        cut = (self.newest + 1) % _ROWS
        return column[cut:] + column[:cut]
