"""How good a value is: four levels, and the thresholds between them as data.

Every level has a colour, a sign and a letter, so that nothing is lost without colours. A threshold
names its reason; the table is what a screen, an alert and a report ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["THRESHOLDS", "Level", "Threshold", "grade"]


class Level(Enum):
    """How good something is, or whether it is known at all."""

    UNKNOWN = "○"
    OK = "●"
    WARNING = "▲"
    BAD = "✖"

    @property
    def sign(self) -> str:
        """One character that is one cell wide."""
        return self.value

    @property
    def letter(self) -> str:
        """The same for a reader of plain text: `o`, `w`, `b` or `?`."""
        return _LETTERS[self]


_LETTERS = {Level.UNKNOWN: "?", Level.OK: "o", Level.WARNING: "w", Level.BAD: "b"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Where a metric turns from good to doubtful and from doubtful to bad."""

    warning: float
    bad: float
    why: str
    falling: bool = False
    """Whether small values are the bad ones."""

    def level(self, value: float | None) -> Level:
        """The level of a value in the metric's unit; None is unknown, not zero."""
        if value is None:
            return Level.UNKNOWN
        if self.falling:
            return (
                Level.OK
                if value >= self.warning
                else Level.WARNING
                if value >= self.bad
                else Level.BAD
            )
        return (
            Level.OK if value < self.warning else Level.WARNING if value <= self.bad else Level.BAD
        )


THRESHOLDS: dict[str, Threshold] = {
    "rtt_ms": Threshold(warning=150, bad=400, why="Twilio warns above 400; G.114 names 150"),
    "jitter_ms": Threshold(warning=20, bad=30, why="Twilio and Sinch warn above 30"),
    "ping_loss_percent": Threshold(warning=0.001, bad=3, why="any is a stall; Twilio warns above 3 % of loss"),
    "score": Threshold(warning=80, bad=60, falling=True, why="the classes of G.109"),
    "first_audio_ms": Threshold(warning=800, bad=1500, why="800 ms is the usual rule of thumb"),
    "turn_gap_ms": Threshold(warning=1000, bad=2000, why="as the first audio, and the way there"),
    "barge_in_ms": Threshold(warning=200, bad=500, why="200 ms is a human turn's gap (Stivers 2009)"),
    "late_ms": Threshold(warning=20, bad=100, why="one chunk of 20 ms; five"),
    "queue_ms": Threshold(warning=200, bad=1000, why="our choice: ten chunks; one second"),
    "unsent_ms": Threshold(warning=100, bad=1000, why="our choice: the kernel hides what it holds"),
    "transport_bytes": Threshold(warning=6_400, bad=64_000, why="our choice: 100 ms; 1 s of audio"),
    "buffer_percent": Threshold(warning=50, bad=10, falling=True, why="our choice: of the target"),
    "silent_percent": Threshold(warning=0.001, bad=3, why="Twilio warns above 3 % of loss"),
    "input_low_dbfs": Threshold(warning=-35, bad=-50, falling=True, why="our choice: while speaking"),
    "input_high_dbfs": Threshold(warning=-10, bad=-6, why="our choice: while speaking"),
    "input_silent_s": Threshold(warning=10, bad=30, why="Twilio warns of a constant level"),
    "clipped_percent": Threshold(warning=0.0001, bad=0.1, why="our choice: any; one in a thousand"),
    "gap_ms": Threshold(warning=0.001, bad=0.001, why="be it one sample, it was not delivered"),
    "underruns": Threshold(warning=1, bad=2, why="our choice: one may be heard, three will be"),
    "availability": Threshold(warning=0.999, bad=0.99, falling=True, why="our choice"),
    "reconnects": Threshold(warning=1, bad=2, why="our choice: one happens, three are a pattern"),
    "loop_lag_ms": Threshold(warning=5, bad=20, why="one chunk of 20 ms"),
}  # fmt: skip
"""The thresholds, by metric and unit."""


def grade(metric: str, value: float | None) -> Level:
    """The level of a value of a known metric."""
    return THRESHOLDS[metric].level(value)
