"""Sums per second, kept for the last minute."""

from __future__ import annotations

__all__ = ["HISTORY_SECONDS", "SecondRing"]

HISTORY_SECONDS = 60
"""How many one-second samples the screens show."""

# Three whole seconds: shorter flickers between 49 and 51 chunks, longer hides a stall.
_AVERAGE_SECONDS = 3


class SecondRing:
    """Sums of amounts per second; the oldest second is overwritten. Time does not go back.

    `start` is when counting began: before it there is no zero, there is nothing.
    """

    def __init__(self, start: float) -> None:
        self._first = self._newest = int(start)
        self._sums = [0.0] * (HISTORY_SECONDS + 1)

    def add(self, at: float, amount: float) -> None:
        """Count an amount at a time."""
        self._advance(at)
        self._sums[self._newest % len(self._sums)] += amount

    def rate(self, now: float) -> float | None:
        """Amount per second over the last whole seconds; None in the first second."""
        self._advance(now)
        seconds = min(_AVERAGE_SECONDS, self._newest - self._first)
        if seconds <= 0:
            return None
        ends = range(self._newest - seconds, self._newest)
        return sum(self._sums[second % len(self._sums)] for second in ends) / seconds

    def series(self, now: float) -> tuple[float | None, ...]:
        """The last 60 whole seconds, oldest first; None before counting began."""
        self._advance(now)
        size = len(self._sums)
        return tuple(
            self._sums[second % size] if second >= self._first else None
            for second in range(self._newest - HISTORY_SECONDS, self._newest)
        )

    def _advance(self, now: float) -> None:
        second = int(now)
        if second <= self._newest:
            return
        for passed in range(max(self._newest + 1, second - len(self._sums) + 1), second + 1):
            self._sums[passed % len(self._sums)] = 0.0
        self._newest = second
