from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, snapshot_at
from trunkline.telemetry.levels import Level
from trunkline.telemetry.views import Mark, TimelineView
from trunkline.text import Clean
from trunkline.tui.ink import Tone
from trunkline.tui.widgets.timeline import paint_state_row, paint_timeline
from tui.widgets.painting import EMPTY, SIZES, drawn_line, painted, tones

LINE = drawn_line()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_timeline, paint_state_row])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, LINE, snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_the_strips_as_they_are_drawn():
    shown = painted(paint_timeline, LINE, 44, 7).splitlines()
    assert [line[:6] for line in shown] == [
        "state ",
        "user  ",
        "model ",
        "under ",
        "alert ",
        "marks ",
        "      ",
    ]
    assert shown[0][7:] == "██████████████▒▒█████░███████████████"
    assert shown[3].count("╵") == 4
    assert shown[4].count("✖") == 2
    assert shown[4].count("▲") == 1
    assert "m1" in shown[5]
    assert "m2" in shown[5]


def test_the_axis_has_the_time():
    axis = painted(paint_timeline, LINE, 44, 7).splitlines()[-1]
    assert axis.split() == ["14:24", "14:26", "14:28", "14:30"]
    wide = painted(paint_timeline, LINE, 116, 7).splitlines()[-1]
    assert "14:25" in wide


def test_the_worst_of_a_part_is_shown():
    states = ("live",) * 59 + ("reconnecting",) + ("connecting",) * 60
    view = TimelineView(state=states, alerts=(Level.OK,) * 119 + (Level.BAD,))
    lines = paint_timeline(replace(LINE, timeline=view), 7 + 2, 7)
    assert lines[0][1].text == "▒"
    assert tones(lines[:1], "▒") == {Tone.BAD}
    assert tones(lines[4:5], "✖") == {Tone.BAD}


def test_before_the_line_began_there_is_nothing():
    view = TimelineView(state=(None,) * 60 + ("live",) * 60)
    shown = painted(paint_timeline, replace(LINE, timeline=view), 27, 7)
    assert shown.splitlines()[0] == "state            ██████████"


def test_marks_that_would_cover_each_other_are_left_out():
    marks = tuple(Mark(at=LINE.at - 300, number=n, note=Clean("")) for n in (1, 2))
    view = replace(LINE.timeline, marks=(*marks, Mark(at=LINE.at - 9999, number=3)))
    shown = painted(paint_timeline, replace(LINE, timeline=view), 44, 7)
    assert "m1" in shown
    assert "m2" not in shown
    assert "m3" not in shown


def test_the_state_in_one_line():
    shown = painted(paint_state_row, LINE, 80, 1)
    assert shown.startswith(" state █████")
    assert shown.endswith("10 min")
