"""The server's time: the event loop's, or one that a test turns by hand."""

from __future__ import annotations

import asyncio
import heapq
import time
from itertools import count
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Alarm", "Clock", "LoopClock", "ManualClock"]


class Alarm(Protocol):
    """A call that is to come."""

    def cancel(self) -> None:
        """It comes no more."""


class Clock(Protocol):
    """What the server asks for the time."""

    def now(self) -> float:
        """Seconds of a monotonic clock."""

    def wall(self) -> float:
        """Unix time in seconds."""

    def call_at(self, when: float, deed: Callable[[], object]) -> Alarm:
        """Call `deed` once `now()` has reached `when`."""


class LoopClock:
    """The time of the event loop that asks first, and of a wall, the machine's by default."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        """`wall` tells Unix time."""
        self._wall = wall
        self._time: Callable[[], float] | None = None

    def now(self) -> float:
        """Seconds of the loop's clock."""
        if self._time is None:
            # Asked several times for every message: a server has one loop.
            self._time = asyncio.get_running_loop().time
        return self._time()

    def wall(self) -> float:
        """Unix time in seconds."""
        return self._wall()

    def call_at(self, when: float, deed: Callable[[], object]) -> Alarm:
        """Call `deed` from the loop at its time `when`."""
        return asyncio.get_running_loop().call_at(when, deed)


class _ManualAlarm:
    """One entry of a manual clock."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self.deed: Callable[[], object] | None = deed

    def cancel(self) -> None:
        """It comes no more."""
        self.deed = None


class ManualClock:
    """Stands still until `advance` is called, on the thread of the server's loop."""

    def __init__(self, *, now: float = 0.0, wall: float = 1_800_000_000.0) -> None:
        """`wall` is the Unix time that belongs to `now`; a round second of 2027 if not given."""
        self._now = now
        self._lead = wall - now
        self._order = count()
        self._alarms: list[tuple[float, int, _ManualAlarm]] = []

    def now(self) -> float:
        """Where it stands."""
        return self._now

    def wall(self) -> float:
        """Unix time in seconds; it moves with `now`."""
        return self._now + self._lead

    def call_at(self, when: float, deed: Callable[[], object]) -> Alarm:
        """Call `deed` when the clock is advanced to `when` or beyond."""
        alarm = _ManualAlarm(deed)
        heapq.heappush(self._alarms, (when, next(self._order), alarm))
        return alarm

    def advance(self, seconds: float) -> None:
        """Let so much time pass, stopping at each call on the way in its order."""
        until = self._now + seconds
        while self._alarms and self._alarms[0][0] <= until:
            when, _, alarm = heapq.heappop(self._alarms)
            self._now = max(self._now, when)
            if alarm.deed is not None:
                alarm.deed()
        self._now = until
