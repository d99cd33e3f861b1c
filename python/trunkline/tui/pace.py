"""How often what is drawn: the console must not take the processor from the line it watches."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TICK_SECONDS", "Due", "Pace"]

TICK_SECONDS = 0.1
"""The one clock of the console. Meters follow it; half of it costs twice and nobody sees it."""

# A tick that takes longer is drawing over a slow link or on a busy machine.
_SLOW_SECONDS = 0.03
# Of five ticks: text on two, which is 4 Hz; when slow or unwatched all on one, which is 2 Hz.
_CYCLE = 5
_TEXT_TICKS = frozenset({0, 2})


@dataclass(frozen=True, slots=True)
class Due:
    """What this tick draws."""

    meters: bool
    text: bool
    rows: bool = False
    """The rows of a table: twice a second, since nobody reads a hundred of them faster."""


class Pace:
    """Counts ticks and decides what each draws."""

    def __init__(self) -> None:
        self._tick = -1

    def next(self, *, took: float, watched: bool) -> Due:
        """What is due now; `took` is of the last tick, `watched` whether we have the focus."""
        self._tick += 1
        phase = self._tick % _CYCLE
        if took > _SLOW_SECONDS or not watched:
            return Due(meters=phase == 0, text=phase == 0, rows=phase == 0)
        return Due(meters=True, text=phase in _TEXT_TICKS, rows=phase == 0)
