"""How good a value on the screen is, by the thresholds of the telemetry, as a tone."""

from __future__ import annotations

from trunkline.telemetry.levels import THRESHOLDS, Level, Threshold
from trunkline.tui.ink import Tone, level_tone

__all__ = ["grade_tone", "graded"]

_MORE: dict[str, Threshold] = {
    "turn_gap_ms": Threshold(warning=1000, bad=2000, why="as first audio, and 200 ms of a person"),
    "barge_in_ms": Threshold(warning=200, bad=500, why="a person's gap between turns (Stivers)"),
    "lateness_ms": Threshold(warning=20, bad=100, why="one chunk; five chunks"),
    "unsent_ms": Threshold(warning=100, bad=1000, why="our choice"),
    "silent_percent": Threshold(warning=0.001, bad=3, why="Twilio warns above 3 % of loss"),
    "clipped_percent": Threshold(warning=0.001, bad=0.1, why="our choice"),
    "loop_lag_ms": Threshold(warning=5, bad=20, why="one chunk"),
    "buffer_share": Threshold(warning=0.5, bad=0.1, falling=True, why="our choice"),
}
"""Those of `telemetry.levels` come first."""


def graded(metric: str, value: float | None) -> Level:
    """The level of a value of a known metric; KeyError for an unknown one."""
    return (THRESHOLDS.get(metric) or _MORE[metric]).level(value)


def grade_tone(metric: str, value: float | None) -> Tone:
    """The same as a tone; what is good needs no colour, except in figures that stand alone."""
    level = graded(metric, value)
    return Tone.PLAIN if level is Level.OK else level_tone(level)
