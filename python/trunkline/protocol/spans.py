"""Sets of samples: half-open ranges on one axis, and the map between two axes."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["AxisMap", "SpanSet"]


class SpanSet:
    """Disjoint, sorted, half-open ranges of sample positions; touching ranges are one."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def __bool__(self) -> bool:
        return bool(self._starts)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(zip(self._starts, self._ends, strict=True))

    def add(self, start: int, end: int) -> int:
        """Puts [start, end) in; gives how many of its samples were new. An empty range changes nothing."""
        if end <= start:
            return 0
        first = bisect_right(self._ends, start - 1)
        last = bisect_right(self._starts, end)
        known = sum(
            max(0, min(end, self._ends[i]) - max(start, self._starts[i]))
            for i in range(first, last)
        )
        low = min([start, *self._starts[first:last]])
        high = max([end, *self._ends[first:last]])
        self._starts[first:last] = [low]
        self._ends[first:last] = [high]
        return end - start - known

    def end_of(self, position: int) -> int | None:
        """The end of the range that holds the position; None if none does."""
        index = bisect_right(self._starts, position) - 1
        if index >= 0 and position < self._ends[index]:
            return self._ends[index]
        return None

    def next_start(self, position: int) -> int | None:
        """The start of the first range that begins after the position."""
        index = bisect_right(self._starts, position)
        return self._starts[index] if index < len(self._starts) else None

    def missing(self, start: int, end: int) -> list[tuple[int, int]]:
        """The parts of [start, end) that are in no range, in order."""
        holes = []
        position = start
        for low, high in self:
            if high <= position:
                continue
            if low >= end:
                break
            if low > position:
                holes.append((position, low))
            position = max(position, high)
        if position < end:
            holes.append((position, end))
        return holes

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        """The parts of [start, end) that are in a range, in order."""
        return [
            (max(low, start), min(high, end)) for low, high in self if low < end and high > start
        ]

    def drop_before(self, position: int) -> None:
        """Forgets what lies before the position; a range across it is cut."""
        index = bisect_right(self._ends, position)
        del self._starts[:index], self._ends[:index]
        if self._starts and self._starts[0] < position:
            self._starts[0] = position


class AxisMap:
    """Where the samples of one axis lie on another: pieces of equal length, in order on the first axis.

    The server counts the samples of its session from 0; the capture axis counts those of the line. The map
    bends where a gap or a replay begins.
    """

    __slots__ = ("_length", "_sources", "_targets", "reach")

    def __init__(self) -> None:
        self._sources: list[int] = []
        self._targets: list[int] = []
        """Where each piece begins, on both axes; it ends where the next one begins on the first."""
        self._length = 0
        self.reach: int | None = None
        """Where the last sample ends on the second axis."""

    def extend(self, target: int, samples: int) -> None:
        """The next samples of the first axis lie at `target` on the second."""
        if samples <= 0:
            return
        if target != self.reach:
            self._sources.append(self._length)
            self._targets.append(target)
        self._length += samples
        self.reach = target + samples

    def locate(self, position: int, *, as_end: bool = False) -> int | None:
        """The place of a position on the second axis; None if nothing was mapped.

        At a bend, a start belongs to the piece after it and an end to the piece before. A position past
        the end is held to the end.
        """
        if not self._sources:
            return None
        position = min(max(position, 0), self._length)
        index = max(bisect_right(self._sources, position - 1 if as_end else position) - 1, 0)
        source, target = self._sources[index], self._targets[index]
        following = self._sources[index + 1 : index + 2] or [self._length]
        return target + min(position - source, following[0] - source)
