from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.text import Clean
from trunkline.tui.ink import Tone
from trunkline.tui.widgets.turns import (
    paint_turns,
    paint_turns_head,
    paint_turns_row,
    turn_end,
    turns_title,
)
from tui.widgets.painting import EMPTY, SIZES, drawn_line, painted, tones

LINE = drawn_line()
TURN = LINE.turns[-1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_turns, paint_turns_head, paint_turns_row])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, LINE, snapshot_at(START + 10.7), snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_the_table_as_it_is_drawn():
    shown = painted(paint_turns_head, LINE, 68, 7).splitlines()
    assert shown[0] == "  #   USER  STOP→1st AUDIO   GAP    DUR TOK in/out END"
    assert shown[1] == " 31  2.1 s   1420 ms ██▉    1790  4.2 s   812/  96 completed"
    assert shown[2].endswith("cut 280 ms")
    assert shown[5].endswith("failed rate_limit")
    assert shown[6].endswith("tool 312 ms")


def test_columns_stand_under_their_names_at_every_width():
    for width in (50, 68, 110):
        head, *rows = painted(paint_turns_head, LINE, width, 7).splitlines()
        at = head.index("END")
        assert all(row[at - 1] == " " and row[at] != " " for row in rows)


def test_a_wide_table_has_times_and_tools():
    shown = painted(paint_turns_head, LINE, 116, 7)
    assert "BARGE-IN" in shown
    assert "get_slot" in shown
    assert "14:31:45" in shown


def test_the_title_counts():
    assert turns_title(LINE) == "Turns  last 6 of 31"


@pytest.mark.parametrize(
    ("changes", "words", "tone"),
    [
        ({}, "completed", Tone.OK),
        ({"restarts": 1}, "completed ×2", Tone.OK),
        ({"interrupted": True, "cut_ms": 280.0}, "cut 280 ms", Tone.WARNING),
        ({"interrupted": True}, "cut", Tone.WARNING),
        ({"error": Clean("rate_limit")}, "failed rate_limit", Tone.BAD),
        ({"tools": (Clean("f"),)}, "tool", Tone.ACCENT),
        ({"answered": False, "status": Clean("failed")}, "failed", Tone.BAD),
        ({"answered": False, "status": Clean("thinking")}, "thinking", Tone.WARNING),
    ],
)
def test_how_a_turn_ended(changes, words, tone):
    end = turn_end(replace(TURN, **changes))
    assert (end.text, end.tone) == (words, tone)


def test_slow_answers_are_coloured():
    lines = paint_turns(LINE, 68, 6)
    assert tones(lines, "2210 ms") == {Tone.BAD}
    assert tones(lines, "790 ms") == {Tone.PLAIN}


def test_the_spreads_of_all_turns():
    shown = painted(paint_turns_row, LINE, 116, 1)
    assert shown.startswith("first audio p50 940 p95 2210 ms   turn gap p50 1260 p95 2580 ms")
    assert shown.endswith("answered 30/31")


def test_a_gap_that_counts_from_a_commit_says_so():
    last = replace(LINE.turns[-1], gap_ms=1260.0, gap_from_commit=True)
    by_hand = replace(LINE, turns=(*LINE.turns[:-1], last))
    assert "turn gap from commit p50 1260" in painted(paint_turns_row, by_hand, 116, 1)
    assert "1260c" in painted(paint_turns, by_hand)
    assert "1260c" not in painted(paint_turns, LINE)


def test_nobody_spoke():
    assert painted(paint_turns, EMPTY) == "nobody spoke yet"
