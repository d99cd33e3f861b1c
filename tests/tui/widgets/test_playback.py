from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.widgets.playback import SPEEDS, Position, next_speed, paint_playback
from tui.desks import NOW, Tape
from tui.widgets.painting import painted


@given(st.integers(1, 200), st.floats(0, 3700), st.sampled_from([0.0, *SPEEDS]))
def test_it_has_any_width(width, at, speed):
    painted(paint_playback, Position(0.0, 3600.0, at, speed), width, 1)


def test_it_says_where_it_is_and_how_fast():
    shown = painted(paint_playback, Position.of(Tape(speed=4.0)), 120, 1)
    assert shown.startswith(" ▶ 4x     14:02:05  13:32:05 ━━━")
    assert "●" in shown
    assert "14:32:05  < > 10 s  , . speed  space pause" in shown


def test_paused_it_says_so():
    assert "‖ paused" in painted(paint_playback, Position.of(Tape(speed=0.0)), 80, 1)


@pytest.mark.parametrize(("position", "done"), [(NOW - 3600, 0), (NOW, "all")])
def test_the_bar_begins_and_ends_with_the_recording(position, done):
    shown = painted(paint_playback, Position.of(Tape(position=position)), 120, 1)
    bar = shown[shown.rindex("13:32:05 ") + 9 : shown.rindex(" 14:32:05")]
    assert bar.index("●") == (len(bar) - 1 if done == "all" else done)


def test_an_empty_recording_is_at_its_begin():
    painted(paint_playback, Position(NOW, NOW, NOW, 1.0), 80, 1)


def test_speeds_step_and_stop_at_the_ends():
    assert next_speed(1.0, 1) == 2.0
    assert next_speed(3.0, 1) == 4.0
    assert next_speed(SPEEDS[0], -1) == SPEEDS[0]
    assert next_speed(SPEEDS[-1], 1) == SPEEDS[-1]
