from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.tui.widgets.flow import paint_downlink, paint_uplink
from tui.widgets.painting import EMPTY, SIZES, painted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_uplink, paint_downlink])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, snapshot_at(START + 10.7), snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_speech_on_its_way_up():
    shown = painted(paint_uplink, snapshot_at(START + 4))
    assert "67.0 kB/s   50.0 chunks/s   50.0 events/s" in shown
    assert "audio 1.00 s/s" in shown


def test_audio_that_waits_for_a_link_fills_the_queue():
    assert "ms" in painted(paint_uplink, snapshot_at(START + 10.95)).split("queue")[1]
    full = replace(EMPTY, queue=replace(snapshot_at().queue, outbox_ms=2500.0))
    assert "2500 ms ✖" in painted(paint_uplink, full)


def test_lost_audio_is_bad_at_both_densities():
    lost = replace(EMPTY, books=replace(EMPTY.books, gap_ms=120.0))
    assert "lost 120 ms ✖" in painted(paint_uplink, lost)
    assert "lost 120 ms ✖" in painted(paint_uplink, lost, 38, 2)


def test_the_playout_buffer_and_its_underruns():
    playout = replace(snapshot_at().playout, buffered_ms=95.0, underruns=4)
    shown = painted(paint_downlink, replace(EMPTY, playout=playout))
    assert "95 ms" in shown
    assert "underruns 4 ✖" in shown


def test_unknown_is_not_zero():
    assert "underruns -" in painted(paint_downlink, EMPTY)
    assert "- kB/s" in painted(paint_uplink, EMPTY)
