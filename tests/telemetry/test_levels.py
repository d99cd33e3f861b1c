from __future__ import annotations

import pytest
from rich.cells import cell_len

from trunkline.telemetry.levels import THRESHOLDS, Level, grade


@pytest.mark.parametrize(
    ("metric", "value", "level"),
    [
        ("rtt_ms", 149.9, Level.OK),
        ("rtt_ms", 150, Level.WARNING),
        ("rtt_ms", 400, Level.WARNING),
        ("rtt_ms", 400.1, Level.BAD),
        ("rtt_ms", None, Level.UNKNOWN),
        ("gap_ms", 0.0, Level.OK),
        ("gap_ms", 0.042, Level.BAD),
        ("availability", 0.999, Level.OK),
        ("availability", 0.9989, Level.WARNING),
        ("availability", 0.9899, Level.BAD),
        ("score", 80, Level.OK),
        ("score", 60, Level.WARNING),
        ("score", 59, Level.BAD),
        ("reconnects", 0, Level.OK),
        ("reconnects", 2, Level.WARNING),
        ("reconnects", 3, Level.BAD),
    ],
)
def test_values_at_the_edges(metric, value, level):
    assert grade(metric, value) is level


def test_every_threshold_says_why():
    assert all(threshold.why for threshold in THRESHOLDS.values())


def test_signs_are_one_cell_and_letters_differ():
    assert {cell_len(level.sign) for level in Level} == {1}
    assert len({level.letter for level in Level}) == len(Level)
