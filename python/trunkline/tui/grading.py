"""How good a value on the screen is, by the thresholds of the telemetry, as a tone."""

from __future__ import annotations

from trunkline.telemetry.levels import THRESHOLDS, Level
from trunkline.tui.ink import Tone, level_tone

__all__ = ["grade_tone", "graded"]


def graded(metric: str, value: float | None) -> Level:
    """The level of a value of a known metric; KeyError for an unknown one."""
    return THRESHOLDS[metric].level(value)


def grade_tone(metric: str, value: float | None) -> Tone:
    """The same as a tone; what is good needs no colour, except in figures that stand alone."""
    level = graded(metric, value)
    return Tone.PLAIN if level is Level.OK else level_tone(level)
