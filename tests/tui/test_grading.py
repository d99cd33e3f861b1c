from __future__ import annotations

import pytest

from trunkline.telemetry.levels import Level
from trunkline.tui.grading import grade_tone, graded
from trunkline.tui.ink import Tone

# Metric, good, doubtful, bad: the table of the console's thresholds.
_TABLE = [
    ("rtt_ms", 149, 400, 401),
    ("jitter_ms", 19, 30, 31),
    ("score", 80, 60, 59),
    ("first_audio_ms", 799, 1500, 1501),
    ("turn_gap_ms", 999, 2000, 2001),
    ("barge_in_ms", 199, 500, 501),
    ("late_ms", 19, 100, 101),
    ("queue_ms", 199, 1000, 1001),
    ("unsent_ms", 99, 1000, 1001),
    ("buffer_percent", 50, 10, 9),
    ("silent_percent", 0, 2.9, 3.1),
    ("clipped_percent", 0, 0.09, 0.11),
    ("availability", 0.999, 0.99, 0.989),
    ("reconnects", 0, 2, 3),
    ("loop_lag_ms", 4.9, 20, 20.1),
]


@pytest.mark.parametrize(("metric", "good", "doubtful", "bad"), _TABLE)
def test_each_metric_turns_where_the_table_says(metric, good, doubtful, bad):
    levels = [graded(metric, value) for value in (good, doubtful, bad, None)]
    assert levels == [Level.OK, Level.WARNING, Level.BAD, Level.UNKNOWN]


def test_what_is_good_needs_no_colour():
    assert grade_tone("rtt_ms", 10) is Tone.PLAIN
    assert grade_tone("rtt_ms", 500) is Tone.BAD
    assert grade_tone("rtt_ms", None) is Tone.DIM


def test_an_unknown_metric_is_a_mistake():
    with pytest.raises(KeyError):
        graded("nonsense", 1.0)
