"""How soon may be dialed again: the distance between tries, and the time that the server asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.soak.finality import is_expiry

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure

__all__ = ["SLACK", "Pace"]

SLACK = 0.02


class Pace:
    """Of one series of tries: those for the line's link, or for the second one of a rotation."""

    def __init__(self, now: float) -> None:
        self.expired = False
        """Whether the last end was that of a session that had its time: no try is counted for it."""
        self.streak = 0
        self.ended_at = now
        self._not_before = now

    def ended(self, closure: Closure | None, now: float) -> None:
        """A try or a link ended; no closure if it was dropped."""
        self.expired = closure is not None and is_expiry(closure)
        self.streak += not self.expired
        self.ended_at = self._not_before = now
        if closure is not None:
            self._not_before += closure.retry_after or 0.0

    def was_expiry(self) -> None:
        """What ended had its time, as its error event alone had said."""
        if not self.expired:
            self.expired, self.streak = True, self.streak - 1

    def uncounted(self) -> None:
        """Nobody has to be dialed because of the last end: a second link was there."""
        self.streak -= not self.expired

    def complaint(self, now: float) -> str:
        """What is wrong with a dial at this time; nothing if it is lawful."""
        if now < self._not_before - SLACK:
            return f"it dials {self._not_before - now:.2f} s before the server's time"
        least = min(0.5 * 1.6 ** (self.streak - 2), 20.0) / 3 if self.streak >= 2 else 0.0
        if not self.expired and now - self.ended_at < least - SLACK:
            return f"try {self.streak} after {now - self.ended_at:.3f} s, not {least:.3f}"
        return ""
