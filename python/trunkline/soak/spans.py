"""Ranges of samples, as the judge counts them: a reading of its own, so that it shares no mistake with the core."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Cover", "Span", "length", "without"]

Span = tuple[int, int]
"""From (inclusive) and to (exclusive)."""


def length(spans: Iterable[Span]) -> int:
    """How many samples the ranges hold, if they are disjoint."""
    return sum(end - start for start, end in spans)


def without(spans: Iterable[Span], *covers: Cover) -> list[Span]:
    """The parts of the ranges that none of the covers holds."""
    holes = list(spans)
    for cover in covers:
        holes = [hole for start, end in holes for hole in cover.missing(start, end)]
    return holes


class Cover:
    """A growing set of samples."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in spans:
            self.add(start, end)

    def __iter__(self) -> Iterator[Span]:
        return iter(zip(self._starts, self._ends, strict=True))

    @property
    def end(self) -> int:
        """The first position behind all of it."""
        return self._ends[-1] if self._ends else 0

    def add(self, start: int, end: int) -> None:
        """Puts the range in; most often it begins where the last one ends."""
        if end <= start:
            return
        if self._ends and self._ends[-1] == start:
            self._ends[-1] = end
            return
        low = bisect_right(self._ends, start - 1)
        high = bisect_right(self._starts, end)
        if low < high:
            start, end = min(start, self._starts[low]), max(end, self._ends[high - 1])
        self._starts[low:high], self._ends[low:high] = [start], [end]

    def overlap(self, start: int, end: int) -> int:
        """How many samples of the range it holds."""
        return max(0, end - start) - length(self.missing(start, end))

    def missing(self, start: int, end: int) -> list[Span]:
        """The parts of the range that it does not hold, in order."""
        holes: list[Span] = []
        index = bisect_right(self._ends, start)
        while start < end:
            if index == len(self._starts) or self._starts[index] >= end:
                holes.append((start, end))
                break
            if self._starts[index] > start:
                holes.append((start, self._starts[index]))
            start = self._ends[index]
            index += 1
        return holes
