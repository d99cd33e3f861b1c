from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.tui.widgets.turns import paint_turns
from tui.widgets.painting import EMPTY, SIZES, painted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_turns])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, snapshot_at(START + 10.7), snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_the_newest_turn_comes_first():
    lines = painted(paint_turns, snapshot_at(), 46, 5).splitlines()
    assert lines[0].split() == ["#", "USER", "1st", "AUDIO", "DUR", "STATUS"]
    assert lines[1].split() == ["4", "-", "-", "○", "-", "listening"]
    assert "510 ms ●" in lines[3]
    assert lines[3].endswith("completed ×2")


def test_a_slow_answer_and_a_cut_one_are_seen():
    turn = replace(snapshot_at(END).turns[0], first_audio_ms=1800.0, interrupted=True)
    shown = painted(paint_turns, replace(snapshot_at(START), turns=(turn,)))
    assert "1800 ms ✖" in shown
    assert "cut: completed" in shown
