"""The last minute of a line by the second: a table of sixty rows, the oldest overwritten."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from trunkline.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HISTORY_SECONDS", "History", "Track"]

HISTORY_SECONDS = 60
"""How many one-second samples the screens show."""

# Three whole seconds: shorter flickers between 49 and 51 chunks, longer hides a stall.
_AVERAGE_SECONDS = 3


class Track(IntEnum):
    """The columns: first sums of the second, then values that may be unknown (NaN inside)."""

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
    """Seconds, for want of audio in an answer."""
    PLAYED = 13
    """Seconds."""
    INPUT_SAMPLES = 14
    """Measured for their level."""
    INPUT_CLIPPED = 15
    OUTPUT_SAMPLES = 16
    OUTPUT_CLIPPED = 17
    USER = 18
    """Seconds in which the user spoke."""
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


_WIDTH = len(Track)
_UNKNOWN = array("f", [math.nan] * _WIDTH)


def _nothing() -> array[float]:
    return _UNKNOWN * HISTORY_SECONDS


@dataclass(slots=True)
class History:
    """One row for each whole second; single precision, which is exact for counts up to 16 million."""

    first: int
    """The second in which counting began: before it there is no zero, there is nothing."""
    newest: int
    """The last whole second that was put in."""
    table: array[float] = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        if len(self.table) != HISTORY_SECONDS * _WIDTH:
            raise StreamError("a history is not of sixty seconds")

    def put(self, second: int, row: Sequence[float]) -> None:
        """The values of a second; those between the last one and this had nothing."""
        if second - self.newest > HISTORY_SECONDS:
            self.table = _nothing()
        else:
            for passed in range(self.newest + 1, second):
                self._set(passed, _UNKNOWN)
        self._set(second, array("f", row))
        self.newest = second

    def rate(self, track: Track, now: float) -> float | None:
        """Amount per second over the last whole seconds; None in the first second."""
        seconds = min(_AVERAGE_SECONDS, self.newest + 1 - self.first)
        if seconds <= 0 or int(now) - self.newest > _AVERAGE_SECONDS:
            return None if seconds <= 0 else 0.0
        return self.total(track, seconds) / seconds

    def total(self, track: Track, seconds: int) -> float:
        """The sum of the last whole seconds, of which at most 60 are known."""
        values = self._column(track, seconds)
        whole = math.fsum(values)
        # One that is unknown makes the sum so, and is seldom; most windows are summed as they are.
        return whole if whole == whole else math.fsum(_known(values))  # noqa: PLR0124

    def least(self, track: Track, seconds: int) -> float | None:
        """The lowest of what is known of the last whole seconds."""
        return min(_known(self._column(track, seconds)), default=None)

    def most(self, track: Track, seconds: int) -> float | None:
        """The highest of it."""
        return max(_known(self._column(track, seconds)), default=None)

    def series(self, track: Track) -> tuple[float | None, ...]:
        """The last 60 whole seconds, oldest first; None before counting began and where nothing is known."""
        column = self.table[track::_WIDTH]
        cut = (self.newest + 1) % HISTORY_SECONDS
        ordered = column[cut:] + column[:cut]
        return tuple(None if value != value else value for value in ordered)  # noqa: PLR0124

    def _column(self, track: Track, seconds: int) -> array[float]:
        # By strides of the array: windows are looked at several times a second for each line.
        end = (self.newest % HISTORY_SECONDS + 1) * _WIDTH
        start = end - min(seconds, HISTORY_SECONDS) * _WIDTH
        values = self.table[max(start, 0) + track : end : _WIDTH]
        if start < 0:
            values += self.table[start + len(self.table) + track :: _WIDTH]
        return values

    def _set(self, second: int, row: array[float]) -> None:
        start = second % HISTORY_SECONDS * _WIDTH
        self.table[start : start + _WIDTH] = row


def _known(values: array[float]) -> list[float]:
    return [value for value in values if value == value]  # noqa: PLR0124 - NaN is unknown
