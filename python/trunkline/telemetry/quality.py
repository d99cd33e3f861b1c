"""A score of the link from 0 to 100, with the name of everything that was taken off.

Problem: an operator wants one number. The plain way, a MOS from the E-model, is wrong here: its
loss term is fitted per codec with UDP loss, and over TCP nothing is lost, so it would report 4.4
through a call full of stalls. Our way keeps the E-model's shape for delay and adds what TCP does
instead of losing:

    L      = rtt_p95 + 2 * jitter                     ms, full round trip
    delay  = L / 40 below 160, else (L - 120) / 10
    stall  = 2.5 * (percent of model speech silenced by underruns, 30 s)
    late   = 0.5 * (percent of chunks sent more than 100 ms late, 30 s)
    outage = 20 * outages of the last 60 s, fading linearly
    raw    = clamp(100 - delay - stall - late - outage, 0, 100)

The score moves 0.7 of the way down and 0.4 of the way up each second. Not live is 0 and `lost`;
under three pings it is unknown. What nobody measured is not held against the link. Left out on
purpose: the time to first audio, which is the model's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from trunkline.telemetry.snapshot import Quality

__all__ = [
    "GRADES",
    "LEAST_PINGS",
    "LOST",
    "OUTAGE_SECONDS",
    "UNKNOWN",
    "WORST_SECONDS",
    "QualityInputs",
    "Scorer",
    "deductions",
    "grade_of",
]

GRADES = ((80.0, "excellent"), (70.0, "good"), (60.0, "fair"), (0.0, "poor"))
"""Least score and name, best first, as the classes of G.109."""

OUTAGE_SECONDS = 60.0
"""How long an outage is held against the link."""

WORST_SECONDS = 300.0
"""How long the lowest score is remembered."""

LEAST_PINGS = 3
"""Without so many answered within a minute there is no score."""

LOST = "lost"
"""The grade of a line that has no session although one is wanted."""
UNKNOWN = "unknown"
"""The grade of a line of too few pings."""

# From LiveKit's server: bad news counts at once, good news must prove itself.
_DOWN = 0.7
_UP = 0.4
# Only a console that slept has more seconds to make up for; after 30 steps the score has settled.
_MOST_STEPS = 30


class QualityInputs(NamedTuple):
    """What the score is made of; None where nobody measured."""

    rtt_p95_ms: float | None = None
    jitter_ms: float | None = None
    silenced_percent: float | None = None
    late_percent: float | None = None
    outage_ages: tuple[float, ...] = ()
    """Seconds since each outage began."""
    pings: int = 0
    """Answered within the window."""
    lost: bool = False
    """Whether a session is wanted, was there and is not."""


def deductions(inputs: QualityInputs) -> dict[str, float]:
    """Points taken off, by name; each at least 0."""
    return {
        "rtt+jitter": _delay(inputs.rtt_p95_ms, inputs.jitter_ms),
        "stalls": 2.5 * (inputs.silenced_percent or 0.0),
        "late": 0.5 * (inputs.late_percent or 0.0),
        "outages": sum(20 * max(1 - age / OUTAGE_SECONDS, 0.0) for age in inputs.outage_ages),
    }


def grade_of(score: float) -> str:
    """The name of a score."""
    return next(name for least, name in GRADES if score >= least)


@dataclass(slots=True)
class Scorer:
    """Moves the score once a second; told the time."""

    score: float | None = None
    second: int | None = None
    lost: bool = False
    known: bool = False
    """Whether there are pings enough."""
    taken: dict[str, float] = field(default_factory=dict)
    """The deductions of the last second."""
    lows: list[tuple[float, float]] = field(default_factory=list)
    """When and how low, of the last five minutes: each lower than all that came after it."""

    def advance(self, inputs: QualityInputs, now: float) -> None:
        """The inputs count for all seconds since the last call."""
        self.taken = deductions(inputs)
        self.lost = inputs.lost
        self.known = inputs.pings >= LEAST_PINGS
        if inputs.lost:
            self.score, self.second = 0.0, int(now)
        elif self.known:
            self._move(min(max(100 - sum(self.taken.values()), 0.0), 100.0), now)
        else:
            return
        assert self.score is not None
        self._keep_low(self.score, now)

    def glide(self, rtt_p95_ms: float | None, jitter_ms: float | None, now: float) -> None:
        """The same after a second of a line that is known, and against which nothing but its pings is held."""
        delay = _delay(rtt_p95_ms, jitter_ms)
        self.taken = {"rtt+jitter": delay, "stalls": 0.0, "late": 0.0, "outages": 0.0}
        self._move(min(max(100 - delay, 0.0), 100.0), now)
        assert self.score is not None
        self._keep_low(self.score, now)

    def view(self, now: float) -> Quality:
        """The score for a reader, with what was taken off."""
        if self.score is None or not (self.lost or self.known):
            return Quality()
        named = [(name, points) for name, points in self.taken.items() if points >= 0.5]
        while self.lows and self.lows[0][0] <= now - WORST_SECONDS:
            del self.lows[0]
        worst_at, worst = self.lows[0] if self.lows else (None, None)
        return Quality(
            score=self.score,
            grade=self.grade,
            deductions=tuple(sorted(named, key=lambda item: -item[1])),
            worst=worst,
            worst_at=worst_at,
        )

    @property
    def grade(self) -> str:
        """`unknown`, `lost`, or the name of the score."""
        if self.lost:
            return LOST
        if not self.known or self.score is None:
            return UNKNOWN
        return grade_of(round(self.score))

    def _move(self, raw: float, now: float) -> None:
        if self.score is None or self.second is None:
            self.score, self.second = raw, int(now)
            return
        for _ in range(min(int(now) - self.second, _MOST_STEPS)):
            self.score += (raw - self.score) * (_DOWN if raw < self.score else _UP)
        self.second = max(int(now), self.second)

    def _keep_low(self, score: float, now: float) -> None:
        lows = self.lows
        while lows and lows[-1][1] >= score:
            lows.pop()
        lows.append((now, score))
        while lows[0][0] <= now - WORST_SECONDS:
            del lows[0]


def _delay(rtt_p95_ms: float | None, jitter_ms: float | None) -> float:
    if rtt_p95_ms is None:
        return 0.0
    effective = rtt_p95_ms + 2 * (jitter_ms or 0.0)
    return effective / 40 if effective < 160 else (effective - 120) / 10
