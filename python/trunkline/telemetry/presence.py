"""Which state the line is in, since when, and how much of its time it was live."""

from __future__ import annotations

__all__ = ["LIVE", "ROTATING", "Presence"]

LIVE = "live"
"""The state in which audio flows."""

ROTATING = "rotating"
"""The state in which it flows as well, while a second link is made ready."""

_FLOWING = (LIVE, ROTATING)

# The application does not want a session in these, so they are not held against the line.
_UNWANTED = frozenset({"idle", "closing", "closed", "failed"})


class Presence:
    """Sums the seconds of each state."""

    def __init__(self, start: float) -> None:
        self.state = "idle"
        self.since = start
        self.was_live = False
        self._seconds: dict[str, float] = {}

    def enter(self, state: str, at: float) -> None:
        """The line went to a state."""
        self._seconds[self.state] = self.seconds(self.state, at)
        self.state, self.since = state, at
        self.was_live = self.was_live or state in _FLOWING

    @property
    def is_lost(self) -> bool:
        """Whether a session is wanted, or was ended by a failure, and there is none any more."""
        return self.state == "failed" or (
            self.was_live and self.state not in _FLOWING and self.state not in _UNWANTED
        )

    def seconds(self, state: str, now: float) -> float:
        """How long the line was in a state, in all."""
        present = max(now - self.since, 0.0) if state == self.state else 0.0
        return self._seconds.get(state, 0.0) + present

    def live_seconds(self, now: float) -> float:
        """How long audio flowed, in all."""
        return sum(self.seconds(state, now) for state in _FLOWING)

    def availability(self, now: float) -> float | None:
        """The share of wanted time that was live, 0 to 1; None before any time was wanted."""
        states = {*self._seconds, self.state} - _UNWANTED
        wanted = sum(self.seconds(state, now) for state in states)
        return self.live_seconds(now) / wanted if wanted > 0 else None
