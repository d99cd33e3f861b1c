"""Which state the line is in, since when, and how much of its time it was live."""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.errors import StreamError

__all__ = ["CONDITIONS", "LIVE", "ROTATING", "Presence", "worse"]

LIVE = "live"
"""The state in which audio flows."""

ROTATING = "rotating"
"""The state in which it flows as well, while a second link is made ready."""

CONDITIONS = ("live", "connecting", "reconnecting", "failed", "closed", "gone")
"""What a fleet tells apart; `gone` is a line whose process went without a word."""

_FLOWING = (LIVE, ROTATING)

# The application does not want a session in these, so they are not held against the line.
_UNWANTED = frozenset({"idle", "closing", "closed", "failed"})


_BADNESS = {name: n for n, name in enumerate(("closed", "live", "connecting", "reconnecting"))}
_WORST = len(_BADNESS)


def worse(one: str, other: str) -> str:
    """The worse of two conditions of a line."""
    return max(one, other, key=lambda name: _BADNESS.get(name, _WORST))


@dataclass(slots=True)
class Presence:
    """Sums the seconds of each state."""

    since: float
    state: str = "idle"
    was_live: bool = False
    past: dict[str, float] = field(default_factory=dict)
    """State and seconds in it, before the present one began."""
    live_s: float = 0.0
    """Of the past: the seconds in which audio flowed."""
    wanted_s: float = 0.0
    """Of the past: the seconds in which the application wanted it to."""
    worst: str = "connecting"
    """The worst condition since somebody took it."""

    def __post_init__(self) -> None:
        if self.worst not in CONDITIONS:
            raise StreamError("a line is in no condition")

    def enter(self, state: str, at: float) -> None:
        """The line went to a state."""
        self.past[self.state] = self.seconds(self.state, at)
        self.live_s = self.live_seconds(at)
        self.wanted_s = self._wanted_seconds(at)
        self.state, self.since = state, at
        self.was_live = self.was_live or state in _FLOWING
        self.worst = worse(self.worst, self.condition)

    def taken_worst(self) -> str:
        """The worst condition since this was last asked."""
        worst, self.worst = self.worst, self.condition
        return worst

    @property
    def is_lost(self) -> bool:
        """Whether a session is wanted, or was ended by a failure, and there is none any more."""
        return self.state == "failed" or (
            self.was_live and self.state not in _FLOWING and self.state not in _UNWANTED
        )

    @property
    def is_flowing(self) -> bool:
        """Whether audio flows."""
        return self.state in _FLOWING

    @property
    def condition(self) -> str:
        """One of `CONDITIONS` but the last."""
        if self.state in _FLOWING:
            return "live"
        if self.state in ("closing", "closed"):
            return "closed"
        if self.state == "failed":
            return "failed"
        return "reconnecting" if self.was_live else "connecting"

    def seconds(self, state: str, now: float) -> float:
        """How long the line was in a state, in all."""
        present = max(now - self.since, 0.0) if state == self.state else 0.0
        return self.past.get(state, 0.0) + present

    def all_seconds(self, now: float) -> tuple[tuple[str, float], ...]:
        """Each state that the line was in, and how long."""
        states = dict.fromkeys((*self.past, self.state))
        return tuple((state, self.seconds(state, now)) for state in states)

    def live_seconds(self, now: float) -> float:
        """How long audio flowed, in all."""
        return self.live_s + (max(now - self.since, 0.0) if self.state in _FLOWING else 0.0)

    def availability(self, now: float) -> float | None:
        """The share of wanted time that was live, 0 to 1; None before any time was wanted."""
        wanted = self._wanted_seconds(now)
        return self.live_seconds(now) / wanted if wanted > 0 else None

    def _wanted_seconds(self, now: float) -> float:
        return self.wanted_s + (max(now - self.since, 0.0) if self.state not in _UNWANTED else 0.0)
