"""The last ten minutes of a line on one axis: cells of five seconds, the oldest overwritten.

As in the history, a column is there once something is in it: nobody speaks on an idle line, and few have alerts.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.errors import StreamError
from trunkline.telemetry.history import widened
from trunkline.telemetry.levels import Level
from trunkline.telemetry.presence import CONDITIONS, LIVE, worse
from trunkline.telemetry.views import TimelineView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.views import Mark

__all__ = ["CELLS", "CELL_SECONDS", "Timeline"]

CELL_SECONDS = 5
CELLS = 120

_STATE, _USER, _MODEL, _UNDERRUNS, _ALERT = _TRACKS = range(5)
_TIMED = tuple(_TRACKS[_USER:])
_OK = Level.OK
_LIVE = float(CONDITIONS.index(LIVE))
_LEVELS = (Level.OK, Level.WARNING, Level.BAD)


def _cells(width: int) -> array[float]:
    return array("f", [math.nan]) * (CELLS * width)


@dataclass(slots=True)
class Timeline:
    """One row for each cell: the worst state, shares of speech, underruns, the worst alert that was raised.

    `begun` makes one with nothing in it.
    """

    newest: int = -1
    """The cell that lasts: seconds of the line's clock divided by `CELL_SECONDS`."""
    table: array[float] = field(default_factory=lambda: _cells(len(_TRACKS)))
    columns: array[int] = field(default_factory=lambda: array("H", _TRACKS))
    """What its columns are: the state, and more; all in what was written before columns came one by one."""

    def __post_init__(self) -> None:
        states, alerts = self._column(_STATE), self._column(_ALERT)
        if (
            len(self.table) != CELLS * len(self.columns)
            or len(set(self.columns)) != len(self.columns)
            or list(self.columns[:1]) != [_STATE]
            or max(self.columns) not in _TRACKS
            or any(each not in range(len(CONDITIONS)) for each in states if not math.isnan(each))
            or any(each not in range(len(_LEVELS)) for each in alerts if not math.isnan(each))
        ):
            raise StreamError("a timeline is not of ten minutes")

    @classmethod
    def begun(cls) -> Timeline:
        """Of a line that begins."""
        return cls(table=_cells(1), columns=array("H", [_STATE]))

    def add(
        self,
        second: int,
        condition: str,
        *,
        user_s: float,
        model_s: float,
        underruns: float,
        alert: Level,
    ) -> None:
        """A whole second of the line."""
        told = (float(CONDITIONS.index(condition)), user_s, model_s, underruns, _rank(alert))
        for track in _TIMED:
            if told[track] and track not in self.columns:
                self.table = widened(self.table, len(self.columns), CELLS, 0)
                self.columns.append(track)
        table, columns = self.table, self.columns
        start = self._cell(second // CELL_SECONDS)
        if math.isnan(table[start]):
            table[start : start + len(columns)] = array("f", [told[track] for track in columns])
            return
        before = CONDITIONS[int(table[start])]
        if condition != before:
            table[start] = CONDITIONS.index(worse(before, condition))
        for at, track in enumerate(columns[_USER:], start + 1):
            table[at] = max(table[at], told[track]) if track == _ALERT else table[at] + told[track]

    def add_live(self, second: int, model_s: Sequence[float], alerts: Sequence[Level]) -> None:
        """Seconds in a row in which nothing was but a live line, speech of the model's, and alerts: one of each."""
        columns = self.columns
        model = columns.index(_MODEL) if _MODEL in columns else None
        each = zip(model_s, alerts, strict=True)
        for number, (spoken, alert) in enumerate(each, second):
            cell = number // CELL_SECONDS
            start = cell % CELLS * len(columns)
            is_live = cell == self.newest and self.table[start] == _LIVE and alert is _OK
            if model is not None and is_live:
                self.table[start + model] += spoken
            else:
                self.add(number, LIVE, user_s=0.0, model_s=spoken, underruns=0.0, alert=alert)
                model = columns.index(_MODEL) if _MODEL in columns else None

    def view(self, marks: tuple[Mark, ...]) -> TimelineView:
        """The cells for a reader, oldest first."""
        begins = (self.newest + 1 - CELLS) * CELL_SECONDS
        return TimelineView(
            cell_s=float(CELL_SECONDS),
            state=tuple(
                None if math.isnan(each) else CONDITIONS[int(each)]
                for each in self._ordered(_STATE)
            ),
            user=tuple(map(_share, self._ordered(_USER))),
            model=tuple(map(_share, self._ordered(_MODEL))),
            underruns=tuple(
                0 if math.isnan(each) else int(each) for each in self._ordered(_UNDERRUNS)
            ),
            alerts=tuple(
                Level.OK if math.isnan(each) else _LEVELS[int(each)]
                for each in self._ordered(_ALERT)
            ),
            marks=tuple(mark for mark in marks if mark.at >= begins),
        )

    def _cell(self, number: int) -> int:
        """Where the row of a cell begins; those that were passed over are emptied."""
        width = len(self.columns)
        if number > self.newest:
            empty = array("f", [math.nan]) * width
            for passed in range(max(self.newest, number - CELLS) + 1, number + 1):
                start = passed % CELLS * width
                self.table[start : start + width] = empty
            self.newest = number
        return number % CELLS * width

    def _column(self, track: int) -> array[float]:
        """One of the table; of what is not in it nothing is known."""
        if track not in self.columns:
            return _cells(1)
        return self.table[self.columns.index(track) :: len(self.columns)]

    def _ordered(self, track: int) -> array[float]:
        """The same with the newest last."""
        cut, column = (self.newest + 1) % CELLS, self._column(track)
        return column[cut:] + column[:cut]


def _rank(level: Level) -> float:
    return 0.0 if level is _OK or level not in _LEVELS else float(_LEVELS.index(level))


def _share(seconds: float) -> float:
    return 0.0 if math.isnan(seconds) else min(seconds / CELL_SECONDS, 1.0)
