from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.tui.widgets.journal import paint_journal
from tui.widgets.painting import EMPTY, SIZES, painted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_journal])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, snapshot_at(START + 10.7), snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_lines_have_time_sign_and_words():
    shown = painted(paint_journal, snapshot_at(START + 10.8), 76)
    assert "00:10 ✖ link 1 ended after 10.0 s: connection reset" in shown
    assert "00:10 ▲ attempt 1 in 0.31 s" in shown


def test_what_repeats_is_counted():
    line = replace(snapshot_at(END).log[0], count=3)
    assert "×3" in painted(paint_journal, replace(snapshot_at(START), log=(line,)))


def test_one_line_of_the_log_cannot_fill_the_panel():
    line = replace(snapshot_at(END).log[0], text="word " * 100)
    assert len(painted(paint_journal, replace(EMPTY, log=(line,))).splitlines()) == 3
