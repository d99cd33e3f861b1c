from __future__ import annotations

import pytest

from trunkline.telemetry.levels import Level
from trunkline.telemetry.thresholds import overridden
from trunkline.tui.grading import grade_tone, graded, judging_by, threshold
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


def test_other_thresholds_hold_while_a_console_is_open_and_no_longer():
    with judging_by(overridden({"rtt_ms": {"warning": 1, "bad": 2}})):
        assert graded("rtt_ms", 20) is Level.BAD
        assert graded("jitter_ms", 15) is Level.OK
        assert threshold("rtt_ms").bad == 2
    assert graded("rtt_ms", 20) is Level.OK


def test_a_console_that_fails_leaves_no_thresholds_behind():
    with pytest.raises(RuntimeError), judging_by(overridden({"rtt_ms": {"warning": 1}})):
        raise RuntimeError
    assert threshold("rtt_ms").warning == 150
