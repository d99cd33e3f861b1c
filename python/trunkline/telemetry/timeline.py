"""The last ten minutes of a line on one axis: cells of five seconds, the oldest overwritten."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.errors import StreamError
from trunkline.telemetry.levels import Level
from trunkline.telemetry.presence import CONDITIONS, worse
from trunkline.telemetry.views import TimelineView

if TYPE_CHECKING:
    from trunkline.telemetry.views import Mark

__all__ = ["CELLS", "CELL_SECONDS", "Timeline"]

CELL_SECONDS = 5
CELLS = 120

_STATE, _USER, _MODEL, _UNDERRUNS, _ALERT = range(5)
_WIDTH = 5
_EMPTY = array("f", [math.nan] * _WIDTH)
_OK = Level.OK
_LEVELS = (Level.OK, Level.WARNING, Level.BAD)


def _nothing() -> array[float]:
    return _EMPTY * CELLS


@dataclass(slots=True)
class Timeline:
    """One row for each cell: the worst state, shares of speech, underruns, the worst alert that was raised."""

    newest: int = -1
    """The cell that lasts: seconds of the line's clock divided by `CELL_SECONDS`."""
    table: array[float] = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        states, alerts = self.table[_STATE::_WIDTH], self.table[_ALERT::_WIDTH]
        if (
            len(self.table) != CELLS * _WIDTH
            or any(each not in range(len(CONDITIONS)) for each in states if not math.isnan(each))
            or any(each not in range(len(_LEVELS)) for each in alerts if not math.isnan(each))
        ):
            raise StreamError("a timeline is not of ten minutes")

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
        start = self._cell(second // CELL_SECONDS)
        table = self.table
        if math.isnan(table[start + _STATE]):
            now = (float(CONDITIONS.index(condition)), user_s, model_s, underruns, _rank(alert))
            table[start : start + _WIDTH] = array("f", now)
            return
        before = CONDITIONS[int(table[start + _STATE])]
        if condition != before:
            table[start + _STATE] = CONDITIONS.index(worse(before, condition))
        table[start + _USER] += user_s
        table[start + _MODEL] += model_s
        table[start + _UNDERRUNS] += underruns
        table[start + _ALERT] = max(table[start + _ALERT], _rank(alert))

    def view(self, marks: tuple[Mark, ...]) -> TimelineView:
        """The cells for a reader, oldest first."""
        cut = (self.newest + 1) % CELLS * _WIDTH
        ordered = self.table[cut:] + self.table[:cut]
        states, alerts = ordered[_STATE::_WIDTH], ordered[_ALERT::_WIDTH]
        begins = (self.newest + 1 - CELLS) * CELL_SECONDS
        return TimelineView(
            cell_s=float(CELL_SECONDS),
            state=tuple(None if math.isnan(each) else CONDITIONS[int(each)] for each in states),
            user=tuple(map(_share, ordered[_USER::_WIDTH])),
            model=tuple(map(_share, ordered[_MODEL::_WIDTH])),
            underruns=tuple(
                0 if math.isnan(each) else int(each) for each in ordered[_UNDERRUNS::_WIDTH]
            ),
            alerts=tuple(Level.OK if math.isnan(each) else _LEVELS[int(each)] for each in alerts),
            marks=tuple(mark for mark in marks if mark.at >= begins),
        )

    def _cell(self, number: int) -> int:
        """Where the row of a cell begins; those that were passed over are emptied."""
        if number > self.newest:
            for passed in range(max(self.newest, number - CELLS) + 1, number + 1):
                start = passed % CELLS * _WIDTH
                self.table[start : start + _WIDTH] = _EMPTY
            self.newest = number
        return number % CELLS * _WIDTH


def _rank(level: Level) -> float:
    return 0.0 if level is _OK or level not in _LEVELS else float(_LEVELS.index(level))


def _share(seconds: float) -> float:
    return 0.0 if math.isnan(seconds) else min(seconds / CELL_SECONDS, 1.0)
