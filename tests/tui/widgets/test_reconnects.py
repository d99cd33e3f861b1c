from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.tui.widgets.reconnects import paint_reconnects
from tui.widgets.painting import EMPTY, SIZES, painted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_reconnects])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, snapshot_at(START + 10.7), snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_the_newest_comes_first_with_its_cause_in_words():
    shown = painted(paint_reconnects, snapshot_at(), 72, 5)
    assert shown.index("2→3 1011 0.48 s") < shown.index("1→2 1006 0.58 s")
    assert "the server met an unexpected condition" in shown
    assert "2 items  replayed 1500 ms  lost 0 ms" in shown


def test_an_outage_that_lasts_counts_on():
    shown = painted(paint_reconnects, snapshot_at(START + 10.8), 72, 5)
    assert "✖ 00:10 1→- 1006 0.30 s  attempt 1" in shown


def test_in_little_room_an_outage_is_one_line():
    lines = painted(paint_reconnects, snapshot_at(), 44, 2).splitlines()
    assert len(lines) == 2
    assert "1011 0.48 s 5 it the server" in lines[0]


def test_lost_audio_is_told():
    outage = replace(snapshot_at().outages[0], lost_ms=80.0)
    shown = painted(paint_reconnects, replace(snapshot_at(), outages=(outage,)), 72, 5)
    assert shown.startswith("▲")
    assert "lost 80 ms" in shown


def test_none_is_said_so():
    assert painted(paint_reconnects, snapshot_at(END - 30)) == "none so far"
