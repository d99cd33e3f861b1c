"""The clock of a run: what happens when, and nothing in between."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

__all__ = ["Agenda", "Deed"]

Deed = Callable[[], None]


class Agenda:
    """A heap of deeds; those of one moment are done in the order they were planned."""

    def __init__(self) -> None:
        self.now = 0.0
        """Seconds since the run began: the world's time, whatever a client's clock says."""
        self._heap: list[tuple[float, int, Deed]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    def at(self, when: float, deed: Deed) -> None:
        """Plans a deed; one for the past is done next."""
        self._count += 1
        heappush(self._heap, (max(when, self.now), self._count, deed))

    def after(self, delay: float, deed: Deed) -> None:
        """Plans a deed so many seconds from now."""
        self.at(self.now + delay, deed)

    def run_until(self, end: float) -> None:
        """Does everything that is due up to the moment, which then is now."""
        heap = self._heap
        while heap and heap[0][0] <= end:
            self.now, _, deed = heappop(heap)
            deed()
        self.now = max(self.now, end)
