from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.tui.widgets.roundtrip import paint_round_trips
from tui.widgets.painting import EMPTY, SIZES, painted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_round_trips])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, snapshot_at(START + 10.7), snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_numbers_and_chart():
    shown = painted(paint_round_trips, snapshot_at(START + 4), 70, 5)
    assert "p50" in shown
    assert "█" in shown
    assert "-60 s" in shown


def test_a_slow_link_has_a_sign():
    slow = replace(EMPTY.rtt, p95_ms=640.0, jitter_ms=71.0)
    assert "p95 640 ✖  jitter 71 ✖" in painted(paint_round_trips, replace(EMPTY, rtt=slow))
