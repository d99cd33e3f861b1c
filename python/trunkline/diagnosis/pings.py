"""What pings and dials of a probe add up to: exact figures of all values, nothing smoothed away but the jitter."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.telemetry.roundtrip import RoundTrips

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Figures", "Pings", "figures_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of some durations, in milliseconds."""

    least: float
    median: float
    p95: float
    most: float

    def as_dict(self) -> dict[str, float]:
        """The document's part."""
        return {"min": self.least, "median": self.median, "p95": self.p95, "max": self.most}


def figures_of(seconds: Sequence[float]) -> Figures | None:
    """The figures of some durations; None of none. A percentile is a value that there was (nearest rank)."""
    if not seconds:
        return None
    ranked = sorted(seconds)
    return Figures(
        least=_ms(ranked[0]),
        median=_ms(_rank(ranked, 50)),
        p95=_ms(_rank(ranked, 95)),
        most=_ms(ranked[-1]),
    )


def _rank(ranked: list[float], percent: float) -> float:
    return ranked[max(math.ceil(len(ranked) * percent / 100), 1) - 1]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


@dataclass(slots=True)
class Pings:
    """Folds the pings of a probe."""

    sent: int = 0
    lost: int = 0
    """Unanswered in time, or when the link ended."""
    took: list[float] = field(default_factory=list)
    """Seconds of each that was answered, in their order."""
    _trips: RoundTrips = field(default_factory=RoundTrips)

    def answer(self, at: float, seconds: float) -> None:
        """One was answered, at that moment, after so many seconds."""
        self.took.append(seconds)
        self._trips.add(at, seconds)

    @property
    def jitter_ms(self) -> float | None:
        """As the console has it: the filter of RFC 3550 §A.8 over round trips; None under two answers."""
        jitter = self._trips.jitter
        return None if jitter is None else _ms(jitter)

    @property
    def figures(self) -> Figures | None:
        """Of those that were answered."""
        return figures_of(self.took)

    @property
    def loss_percent(self) -> float | None:
        """Of those of which it is known; None of none."""
        known = self.lost + len(self.took)
        return None if not known else round(100 * self.lost / known, 2)
