"""What every line of an event loop does four times a second, by one timer for all of them.

Each line must be looked at now and then: how far the kernel has come with its bytes, whether the machine slept. A timer
of its own for each would wake the loop for every look, and waking costs more than looking. So there is one wheel for a
loop, of 25 slots, and the lines of a slot have their turn together: hundreds must not hold up the loop by their looks.

Of its four turns a line makes one the long one, with all that is done once a second, at a moment that it is told when
it joins. Eight lines have theirs together, one right behind the other, before another moment is taken: what is done
that seldom has left the processor's caches meanwhile, and the first line pays for the others. More at once would be
felt: a long look takes a tenth of a millisecond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

__all__ = ["EARLY", "INTERVAL", "SLOTS", "TOGETHER", "Wheel"]

INTERVAL = 0.25
"""Seconds from one turn of a line to the next: a tenth of the shortest death threshold."""
SLOTS = 25
TOGETHER = 8
"""Lines that have their long turn at the same moment before another one is taken."""
EARLY = 0.001
"""Seconds by which a turn may come before its moment: loops round what timers wait for."""
_SLOT_SECONDS = INTERVAL / SLOTS
_TURNS_A_SECOND = 4
# Of a slot: a timer that comes when it should must not count for the one before.
_ROUNDING = 0.001

_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Wheel] = WeakKeyDictionary()


class Wheel:
    """The wheel of one event loop; belongs to that loop's thread."""

    def __init__(self) -> None:
        self._slots: list[dict[Callable[[float], None], int]] = [{} for _ in range(SLOTS)]
        """Each with its moment, in the order in which they came: who is first must not differ from run to run."""
        self._crowds = [0] * (SLOTS * _TURNS_A_SECOND)
        """How many have each moment."""
        self._began_at = 0.0
        self._number = 0
        """Of the slot that had its turn last; it counts on with each round."""
        self._next = 0
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> Wheel:
        """The one of the loop."""
        return _by_loop.setdefault(loop, cls())

    def join(self, loop: asyncio.AbstractEventLoop, turn: Callable[[float], None]) -> float:
        """From here on it is called with the loop's time, first within an interval; gives the moment of a long turn."""
        if not any(self._slots):
            self._began_at, self._number = loop.time(), 0
        crowds = self._crowds
        begun = (moment for moment, crowd in enumerate(crowds) if crowd % TOGETHER)
        moment = next(begun, crowds.index(min(crowds)))
        crowds[moment] += 1
        # 25 and four have nothing in common: each moment is a slot of its own in a quarter of its own.
        slot, quarter = moment % SLOTS, moment % _TURNS_A_SECOND
        self._slots[slot][turn] = moment
        self._arm(loop)
        return self._began_at + slot * _SLOT_SECONDS + quarter * INTERVAL

    def leave(self, turn: Callable[[float], None]) -> None:
        """It is called no more; one that did not join is no mistake."""
        for slot in self._slots:
            if (moment := slot.pop(turn, None)) is not None:
                self._crowds[moment] -= 1
        if self._timer is not None and not any(self._slots):
            self._timer.cancel()
            self._timer = None

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        """For the next slot that has somebody in it."""
        self._number = max(self._number, self._passed(loop))
        ahead = (self._number + step for step in range(1, SLOTS + 1))
        number = next((one for one in ahead if self._slots[one % SLOTS]), None)
        if self._timer is not None:
            if number == self._next:
                return
            self._timer.cancel()
        self._timer = None
        if number is not None:
            self._next = number
            due = self._began_at + number * _SLOT_SECONDS
            self._timer = loop.call_at(due, self._turn, loop)

    def _passed(self, loop: asyncio.AbstractEventLoop) -> int:
        return int((loop.time() - self._began_at) / _SLOT_SECONDS + _ROUNDING)

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """The slots whose time has come meanwhile, each once, however long the loop stood still."""
        self._timer, now, first = None, loop.time(), self._next
        self._number = max(first, self._passed(loop))
        for number in range(first, min(self._number + 1, first + SLOTS)):
            for turn in tuple(self._slots[number % SLOTS]):
                turn(now)
        self._arm(loop)
