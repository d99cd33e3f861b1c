from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.tui.widgets.transcript import paint_last_words, paint_transcript
from tui.widgets.painting import EMPTY, SIZES, drawn_line, painted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_transcript, paint_last_words])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, drawn_line(), snapshot_at(START + 10.7), snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_both_sides_in_order_with_time_and_speaker():
    shown = painted(paint_transcript, snapshot_at(START + 8))
    assert "00:01 user  Good morning, I would like to open an account" in shown
    assert "00:04 model Buenos días" in shown


def test_what_goes_on_and_what_was_cut_have_their_marks():
    assert "▌" in painted(paint_transcript, snapshot_at(START + 4.5))
    assert "¿Qué documentos ✂" in painted(paint_transcript, snapshot_at(END))


def test_long_words_are_wrapped_under_themselves():
    said = replace(snapshot_at().transcript[0], text="東" * 40)
    lines = painted(paint_transcript, replace(EMPTY, transcript=(said,)), 32).splitlines()
    assert len(lines) >= 4
    assert lines[1].lstrip().startswith("東")
    assert lines[1].index("東") == lines[0].index("東")


def test_barge_ins_and_tools_stand_between_the_words():
    line = drawn_line()
    said = replace(line.transcript[0], at=line.turns[0].at - 1)
    shown = painted(paint_transcript, replace(line, transcript=(said, *line.transcript[1:])), 90)
    assert "user  ⟂ interrupted model at 280 ms (silent after 61 ms)" in shown
    assert "tool  get_slot in 312 ms" in shown
    assert shown.index("get_slot") < shown.index("interrupted")


def test_the_last_words_are_one_line_each():
    shown = painted(paint_last_words, drawn_line(), 60, 2).splitlines()
    assert shown == [
        " user  so could you move it to Thursday afternoon instead",
        " model Sure. Thursday at half past two is free, shall I boo…",
    ]
    assert paint_last_words(drawn_line(), 60, 0) == []
