"""How good a value on the screen is, by the thresholds of this console, as a tone.

There is one console in a process, and all of its screens judge alike; so the thresholds are said once, before it opens,
and not handed to every drawing.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from trunkline.telemetry.levels import THRESHOLDS, Level, Threshold
from trunkline.tui.ink import Tone, level_tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["grade_tone", "graded", "judging_by", "threshold"]

_table: dict[str, Threshold] = dict(THRESHOLDS)


@contextlib.contextmanager
def judging_by(thresholds: Mapping[str, Threshold]) -> Iterator[None]:
    """These thresholds hold until the block ends; then those that held before."""
    before = dict(_table)
    _table.update(thresholds)
    try:
        yield
    finally:
        _table.update(before)


def threshold(metric: str) -> Threshold:
    """What holds for a known metric; KeyError for an unknown one."""
    return _table[metric]


def graded(metric: str, value: float | None) -> Level:
    """The level of a value of a known metric; KeyError for an unknown one."""
    return _table[metric].level(value)


def grade_tone(metric: str, value: float | None) -> Tone:
    """The same as a tone; what is good needs no colour, except in figures that stand alone."""
    level = graded(metric, value)
    return Tone.PLAIN if level is Level.OK else level_tone(level)
