from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.tui.widgets.transcript import paint_transcript
from tui.widgets.painting import EMPTY, SIZES, painted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_transcript])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, snapshot_at(START + 10.7), snapshot_at(END)):
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
    assert len(lines) == 4
    assert lines[1].startswith(" " * 12 + "東") or lines[1].lstrip().startswith("東")
