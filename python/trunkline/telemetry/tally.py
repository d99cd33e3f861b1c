"""Sums by name over windows up to an hour: seconds in each state, errors by code."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

__all__ = ["MOST_NAMES", "SLOT_SECONDS", "Tally"]

SLOT_SECONDS = 5
"""A window's old edge is off by at most this."""
MOST_NAMES = 64
"""Names that are told apart in a slot; the rest is `other`."""

_LONGEST = 3600


@dataclass(slots=True)
class Tally:
    """Slots of five seconds, each a dictionary. Time does not go back: what comes late counts for now."""

    slots: deque[tuple[int, dict[str, float]]] = field(default_factory=deque)

    def add(self, at: float, name: str, amount: float = 1.0) -> None:
        """Count an amount."""
        number = int(at) // SLOT_SECONDS
        if not self.slots or self.slots[-1][0] < number:
            self.slots.append((number, {}))
            while self.slots[0][0] < number - _LONGEST // SLOT_SECONDS:
                self.slots.popleft()
        sums = self.slots[-1][1]
        if name not in sums and len(sums) >= MOST_NAMES:
            name = "other"
        sums[name] = sums.get(name, 0.0) + amount

    def sums(self, now: float, seconds: int) -> dict[str, float]:
        """What was counted in a window that ends now."""
        whole: dict[str, float] = {}
        for number, sums in reversed(self.slots):
            if (number + 1) * SLOT_SECONDS <= now - seconds:
                break
            for name, amount in sums.items():
                whole[name] = whole.get(name, 0.0) + amount
        return whole
