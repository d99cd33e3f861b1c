"""The last minute of a line by the second: what its totals were, and what was measured.

Totals are kept as they stand at the end of each second, modulo 2^32 as a router counts, so what was in any number of
seconds is one difference, and nothing has to be added up each second. Times are counted in milliseconds.

A column is there once something is in it. A line that is idle fills five of them, one whose application tells nothing
of its speaker and measures no levels a dozen; there may be a thousand lines, each with a minute of them.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from trunkline.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["COUNTED", "HISTORY_SECONDS", "History", "Track", "widened"]

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
_NOWHERE = 255


def _no_counts() -> array[int]:
    return array("I", [0]) * (_ROWS * COUNTED)


def _no_values() -> array[float]:
    return array("f", [math.nan]) * (_ROWS * _MEASURED)


@dataclass(slots=True)
class History:
    """One row for each whole second, and the one before the first of them; `begun` makes one with nothing in it."""

    first: int
    """The second in which counting began: before it there is no zero, there is nothing."""
    newest: int
    """The last whole second that was put in."""
    counts: array[int] = field(default_factory=_no_counts)
    values: array[float] = field(default_factory=_no_values)
    counted: array[int] = field(default_factory=lambda: array("H", range(COUNTED)))
    """The columns of `counts` in their order; all of them in what was written before columns came one by one."""
    measured: array[int] = field(default_factory=lambda: array("H", range(COUNTED, len(Track.ALL))))
    """Those of `values`."""
    _places: bytes = field(default=b"", init=False, repr=False, compare=False)
    """Of each track: which column it is."""
    _absent: bytes = field(default=b"", init=False, repr=False, compare=False)
    """Tracks that have no column."""

    def __post_init__(self) -> None:
        sizes = len(self.counts), len(self.values)
        whole = _ROWS * len(self.counted), _ROWS * len(self.measured)
        if sizes != whole or not _are_columns(self.counted, 0, COUNTED):
            raise StreamError("a history is not of sixty seconds")
        if not _are_columns(self.measured, COUNTED, len(Track.ALL)):
            raise StreamError("a history has a column that is none")
        self._index()

    @classmethod
    def begun(cls, second: int) -> History:
        """Of a line that begins in this second."""
        return cls(second, second - 1, array("I"), array("f"), array("H"), array("H"))

    def put(self, second: int, totals: Sequence[float], values: Sequence[float]) -> None:
        """A second is whole: the totals at its end, and what was measured in it, of each track."""
        for track in self._absent:
            amount = totals[track] if track < COUNTED else values[track - COUNTED]
            if amount and amount == amount:  # noqa: PLR0124 - NaN is unknown
                self._add(track)
        passed = second - self.newest
        if passed > 1:
            self._pass(self.newest + 1, min(passed - 1, _ROWS))
        row = array("I", [int(totals[track]) & _WRAP for track in self.counted])
        self._write(second, row, array("f", [values[track - COUNTED] for track in self.measured]))

    def put_grown(
        self,
        second: int,
        grown: Iterable[tuple[int, Sequence[float]]],
        measured: Mapping[int, Sequence[float]],
        count: int,
    ) -> None:
        """The same for so many seconds behind the newest, 1 to 60: tracks, and how much came or was measured in each.

        All of the tracks have columns, and no other grew.
        """
        places, width, before = self._places, len(self.counted), self.newest % _ROWS
        rows = self.counts[before * width : (before + 1) * width] * count
        for track, amounts in grown:
            column = rows[places[track] :: width]
            totals = accumulate(map(int, amounts), initial=column[0])
            rows[places[track] :: width] = array("I", [total & _WRAP for total in totals][1:])
        known = array("f", [math.nan]) * (len(self.measured) * count)
        for track, values in measured.items():
            known[places[track] :: len(self.measured)] = array("f", values)
        behind = min(count, _ROWS - second % _ROWS)
        self._write(second, rows[: behind * width], known[: behind * len(self.measured)])
        if behind < count:
            self._write(
                second + behind, rows[behind * width :], known[behind * len(self.measured) :]
            )
        self.newest = second + count - 1

    def _write(self, second: int, rows: array[int], known: array[float]) -> None:
        """Rows from a second's on, none of them behind the end of the tables."""
        at = second % _ROWS
        start, first = at * len(self.counted), at * len(self.measured)
        self.counts[start : start + len(rows)] = rows
        self.values[first : first + len(known)] = known
        self.newest = second

    def holds(self, tracks: Iterable[int]) -> bool:
        """Whether each has a column."""
        return all(self._places[track] != _NOWHERE for track in tracks)

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
        place = self._places[track]
        if place == _NOWHERE:
            return 0
        newest, counts, width = self.newest, self.counts, len(self.counted)
        before = newest - (min(HISTORY_SECONDS, seconds))
        grown = counts[newest % _ROWS * width + place] - counts[before % _ROWS * width + place]
        return grown & _WRAP

    def last(self, track: int) -> float:
        """What was measured in the last whole second; NaN where that is unknown."""
        return self._measured_in(self.newest, track)

    def least(self, track: int, seconds: int) -> float | None:
        """The lowest of what is known of what was measured in the last whole seconds."""
        return min(self._known(track, seconds), default=None)

    def most(self, track: int, seconds: int) -> float | None:
        """The highest of it."""
        return max(self._known(track, seconds), default=None)

    def series(self, track: int) -> tuple[float | None, ...]:
        """The last 60 whole seconds, oldest first; None before counting began and where nothing is known."""
        place = self._places[track]
        if track >= COUNTED:
            if place == _NOWHERE:
                return (None,) * HISTORY_SECONDS
            values = self._ordered(self.values[place :: len(self.measured)])[1:]
            return tuple(None if value != value else value for value in values)  # noqa: PLR0124 - NaN
        unknown = min(max(self.first - self.newest - 1 + HISTORY_SECONDS, 0), HISTORY_SECONDS)
        if place == _NOWHERE:
            return (*(None,) * unknown, *(0.0,) * (HISTORY_SECONDS - unknown))
        totals = self._ordered(self.counts[place :: len(self.counted)])
        grown = [float((new - old) & _WRAP) for old, new in pairwise(totals)]
        return (*(None,) * unknown, *grown[unknown:])

    def _pass(self, second: int, count: int) -> None:
        """Seconds of which nothing was told: no total grew."""
        width, measured = len(self.counted), len(self.measured)
        before = self.newest % _ROWS * width
        still, unknown = self.counts[before : before + width], array("f", [math.nan]) * measured
        for n in range(count):
            at = (second + n) % _ROWS
            self.counts[at * width : (at + 1) * width] = still
            self.values[at * measured : (at + 1) * measured] = unknown

    def _known(self, track: int, seconds: int) -> list[float]:
        ends = range(self.newest + 1 - min(seconds, HISTORY_SECONDS), self.newest + 1)
        values = [self._measured_in(second, track) for second in ends]
        return [value for value in values if value == value]  # noqa: PLR0124 - NaN is unknown

    def _measured_in(self, second: int, track: int) -> float:
        place = self._places[track]
        if place == _NOWHERE:
            return math.nan
        return self.values[second % _ROWS * len(self.measured) + place]

    def _ordered(self, column: array[Any]) -> array[Any]:
        """A column with the newest last."""
        cut = (self.newest + 1) % _ROWS
        return column[cut:] + column[:cut]

    def _add(self, track: int) -> None:
        """Another column, in which nothing was so far."""
        if track < COUNTED:
            self.counts = widened(self.counts, len(self.counted), _ROWS, 0)
            self.counted.append(track)
        else:
            self.values = widened(self.values, len(self.measured), _ROWS, math.nan)
            self.measured.append(track)
        self._index()

    def _index(self) -> None:
        places = bytearray([_NOWHERE]) * len(Track.ALL)
        for columns in (self.counted, self.measured):
            for place, track in enumerate(columns):
                places[track] = place
        self._places = bytes(places)
        self._absent = bytes(track for track in Track.ALL if places[track] == _NOWHERE)


def widened(table: array[Any], width: int, rows: int, filler: float) -> array[Any]:
    """A table by rows with another column behind its own."""
    wider = array(table.typecode, [filler]) * (rows * (width + 1))
    for column in range(width):
        wider[column :: width + 1] = table[column::width]
    return wider


def _are_columns(columns: array[int], first: int, end: int) -> bool:
    return len(set(columns)) == len(columns) and all(first <= one < end for one in columns)
