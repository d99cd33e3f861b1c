from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, snapshot_at
from trunkline.telemetry.levels import Level
from trunkline.telemetry.snapshot import Quality
from trunkline.tui.widgets.quality import paint_quality, reasons, score_level, score_word
from tui.widgets.painting import EMPTY, SIZES, drawn_line, painted

LINE = drawn_line()


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_any_size_with_and_without_data(size):
    for snapshot in (EMPTY, LINE, snapshot_at(END)):
        painted(paint_quality, snapshot, *size)


def test_the_panel_as_it_is_drawn():
    assert painted(paint_quality, LINE, 20, 7).splitlines() == [
        "  █▀▀ ▄█",
        "  █▀█  █   61 ▲",
        "  █▄█ ▄█▄  FAIR",
        "",
        "why  rtt+jitter  -35",
        "     stalls       -4",
        "worst 5m 41 14:27:11",
    ]


@pytest.mark.parametrize(
    ("score", "name", "row"), [(95.0, "excellent", 2), (100.0, "excellent", 3), (0.0, "lost", 2)]
)
def test_the_grade_stands_where_there_is_room(score, name, row):
    line = replace(LINE, quality=Quality(score=score, grade=name))
    assert name.upper() in painted(paint_quality, line, 20, 7).splitlines()[row]


def test_nothing_taken_off_and_nothing_known_are_said():
    assert "nothing taken off" in painted(
        paint_quality, replace(LINE, quality=Quality(score=99.0)), 26, 7
    )
    assert "under 3 pings" in painted(paint_quality, EMPTY, 26, 7)


def test_in_little_room_it_is_words():
    assert painted(paint_quality, LINE, 30, 3).splitlines()[0] == "score 61 ▲ fair"


def test_what_rounds_to_nothing_is_no_reason():
    assert reasons(Quality(deductions=(("stalls", 4.0), ("late", 0.3)))) == [("stalls", "-4")]


@pytest.mark.parametrize(
    ("score", "level", "word"),
    [
        (80.0, Level.OK, "80"),
        (79.4, Level.WARNING, "79 ▲"),
        (59.0, Level.BAD, "59 ✖"),
        (None, Level.UNKNOWN, "-"),
    ],
)
def test_a_score_has_a_sign_where_it_is_not_good(score, level, word):
    assert score_level(Quality(score=score)) is level
    assert score_word(Quality(score=score)) == word
