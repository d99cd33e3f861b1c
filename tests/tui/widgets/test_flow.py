from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.telemetry.views import LevelView, QueueView, Spread
from trunkline.tui.ink import Tone
from trunkline.tui.widgets.flow import (
    paint_downlink,
    paint_downlink_row,
    paint_uplink,
    paint_uplink_row,
)
from tui.widgets.painting import EMPTY, SIZES, drawn_line, painted, tones

LINE = drawn_line()
PAINTERS = [paint_uplink, paint_downlink, paint_uplink_row, paint_downlink_row]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", PAINTERS)
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, LINE, snapshot_at(START + 10.7), snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_the_uplink_as_it_is_drawn():
    shown = painted(paint_uplink, LINE, 56, 5).splitlines()
    assert shown[:4] == [
        "level  ▕███████████▌  │ ▏  -17 rms  -4.0 pk dBFS clip 0",
        "rate   66.4 kB/s  50.0 frm/s  sent 18:21  lost 0 ms",
        "queue  ▕▏               ▏  1 frm  20 ms / 2.0 s  max 310",
        "late   p50 0.4  p95 38 ▲  max 121 ms    stalls 0.42 s",
    ]
    assert shown[4].startswith("vad    speech ")
    assert shown[4].endswith("  60 s")


def test_the_downlink_as_it_is_drawn():
    shown = painted(paint_downlink, LINE, 56, 5).splitlines()
    assert shown[1:4] == [
        "rate   88.1 kB/s  7.1 dlt/s  recv 09:40  dup 0 ms",
        "buffer ▕███▊   ┆        ▏  95 ms  target 180  min 0",
        "delta  gap p50 98  p95 210 ms   lead min -12 ms ▲",
    ]
    assert "4 in 60 s  0.31 s silent (1.4 %)" in shown[4]


def test_little_room_is_for_what_is_urgent():
    shown = painted(paint_uplink, LINE, 56, 2)
    assert "queue" in shown
    assert "level" in shown
    assert "vad" not in shown


def test_rows_as_they_are_drawn():
    up = painted(paint_uplink_row, LINE, 76, 1)
    assert up.endswith("-17/-4.0 dBFS  66.4 kB/s  queue 20 ms  late p95 38 ms")
    down = painted(paint_downlink_row, LINE, 76, 1)
    assert down.endswith("-21/-8.0 dBFS  88.1 kB/s  buffer 95/180 ms  under 4 1.4 %")


def test_audio_that_waits_for_a_link_fills_the_queue():
    full = replace(LINE, queue=QueueView(outbox_ms=2500.0, retained_ms=0.0, transport_bytes=0))
    lines = paint_uplink(full, 56, 5)
    assert "2500 ms ✖" in painted(paint_uplink, full, 56, 5)
    assert tones(lines, "████") >= {Tone.BAD}


def test_all_places_in_which_audio_waits_count():
    waits = replace(LINE, queue=replace(LINE.queue, outbox_ms=20.0, audio_ms=640.0))
    assert "640 ms ▲" in painted(paint_uplink, waits, 56, 5)


def test_lost_audio_is_bad():
    lost = replace(LINE, books=replace(LINE.books, gap_ms=120.0), capture_lost_ms=30.0)
    lines = paint_uplink(lost, 56, 5)
    assert tones(lines, "150 ms") == {Tone.BAD}


def test_clipping_has_a_sign():
    clips = replace(LINE, input_level=LevelView(rms_dbfs=-3.0, clipped=112, clipped_percent=0.8))
    assert "clip 112 ✖" in painted(paint_uplink, clips, 56, 5)
    assert "!" in painted(paint_uplink_row, clips, 76, 1)


@pytest.mark.parametrize(("seconds", "tone"), [(12.0, Tone.WARNING), (31.0, Tone.BAD)])
def test_a_dead_microphone_is_told(seconds, tone):
    silent = replace(
        LINE,
        input_level=LevelView(
            rms_dbfs=-96.0, momentary_dbfs=-96.0, peak_dbfs=-96.0, silent_s=seconds
        ),
    )
    lines = paint_uplink(silent, 70, 5)
    assert tones(lines, f"silent {seconds:.0f} s") == {tone}
    assert "-inf" in painted(paint_uplink, silent, 70, 5)


def test_a_buffer_is_graded_while_the_model_speaks_only():
    low = replace(LINE, playout=replace(LINE.playout, buffered_ms=10.0))
    speaking = replace(low, turns=(replace(LINE.turns[-1], status="speaking"),))
    assert Tone.BAD not in tones(paint_downlink(low, 56, 5), "▎")
    assert Tone.BAD in {span.tone for line in paint_downlink(speaking, 56, 5) for span in line}


def test_late_chunks_are_told():
    late = replace(LINE, lateness=Spread(p50_ms=4.0, p95_ms=120.0, max_ms=300.0))
    assert "p95 120 ✖" in painted(paint_uplink, late, 56, 5)


def test_unknown_is_not_zero():
    assert "nobody tells what is played" in painted(paint_downlink, EMPTY, 56, 5)
    shown = painted(paint_uplink, EMPTY, 56, 5)
    assert "- kB/s" in shown
    assert "p50 -" in shown
