from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.telemetry.thresholds import overridden
from trunkline.telemetry.views import KernelView, RoundTripView
from trunkline.tui.glyphs import Glyphs
from trunkline.tui.grading import judging_by
from trunkline.tui.ink import Tone
from trunkline.tui.widgets.roundtrip import (
    paint_round_trip_row,
    round_trip_painter,
    round_trip_title,
)
from tui.lines import without_kernel
from tui.widgets.painting import EMPTY, SIZES, drawn_line, painted, tones

LINE = drawn_line()


def _with(*samples, kernel=()):
    rtt = RoundTripView(samples_ms=samples, p95_ms=40.0)
    return replace(LINE, rtt=rtt, kernel=KernelView(samples_ms=kernel))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("glyphs", list(Glyphs))
def test_it_fits_any_size_with_and_without_data(glyphs, size):
    for snapshot in (
        EMPTY,
        LINE,
        without_kernel(LINE),
        snapshot_at(START + 10.7),
        snapshot_at(END),
    ):
        painted(round_trip_painter(glyphs), snapshot, *size)
        painted(paint_round_trip_row, snapshot, *size)


def test_the_title_has_the_percentiles():
    assert round_trip_title(LINE) == "RTT ms  60 s   p50 371  p95 430  p99 641"
    assert round_trip_title(EMPTY) == "RTT ms  60 s   p50 -  p95 -  p99 -"


def test_the_scale_names_the_top_and_the_thresholds_that_are_in_it():
    scale = [
        line[:5] for line in painted(round_trip_painter(Glyphs.BRAILLE), LINE, 54, 7).splitlines()
    ]
    assert scale == [" 489┤", " 400┤", "    │", " 150┤", "    │", "   0└", "jitte"]
    low = painted(round_trip_painter(Glyphs.BRAILLE), _with(*(40.0,) * 60), 54, 7)
    assert "┄" not in low
    assert " 400┤" not in low


def test_the_scale_names_the_thresholds_of_this_console():
    with judging_by(overridden({"rtt_ms": {"warning": 50, "bad": 300}})):
        shown = painted(round_trip_painter(Glyphs.BRAILLE), LINE, 54, 7)
    assert " 300┤" in shown
    assert " 400┤" not in shown


def test_pings_are_a_line_the_kernel_dots_and_thresholds_dashes():
    shown = painted(round_trip_painter(Glyphs.BRAILLE), LINE, 54, 7)
    assert "┄┄┄" in shown
    flat = painted(
        round_trip_painter(Glyphs.BRAILLE), _with(*(40.0,) * 60, kernel=(10.0,) * 60), 34, 7
    )
    ping, kernel = flat.splitlines()[0], flat.splitlines()[3]
    assert "⠒⠒⠒" in ping or "⠉⠉⠉" in ping or "⠤⠤⠤" in ping
    assert kernel[5:]


def test_a_slow_ping_is_red_and_a_quick_one_is_not():
    lines = round_trip_painter(Glyphs.BRAILLE)(_with(*(40.0,) * 30, *(500.0,) * 30), 54, 7)
    drawn = {
        span.tone
        for line in lines[:5]
        for span in line
        if any("\u2800" < c <= "\u28ff" for c in span.text)
    }
    assert {Tone.OK, Tone.BAD} <= drawn


def test_where_no_ping_was_answered_there_is_no_line():
    holes = _with(*(40.0,) * 20, *(None,) * 20, *(40.0,) * 20)
    row = painted(round_trip_painter(Glyphs.BRAILLE), holes, 65, 7).splitlines()[0][5:]
    # What stood before is held for five seconds; the rest of the hole is blank.
    assert " " * 12 in row


def test_without_braille_it_is_columns():
    shown = painted(round_trip_painter(Glyphs.BLOCKS), LINE, 54, 7)
    assert "█" in shown
    assert not any("\u2800" <= sign <= "\u28ff" for sign in shown)


def test_numbers_below_the_chart():
    shown = painted(round_trip_painter(Glyphs.BRAILLE), LINE, 54, 7).splitlines()[-1]
    assert shown == "jitter 33 ms ✖   tcp 297 (min 282)   retrans 14"
    assert "tcp - (min -)   retrans -" in painted(round_trip_painter(Glyphs.BRAILLE), EMPTY, 54, 7)


def test_one_line_of_numbers_and_columns():
    shown = painted(paint_round_trip_row, LINE, 76, 1)
    assert shown.startswith("RTT 391 p95 430 ✖ p99 641 ms jit 33 tcp 297  ")
    assert shown.endswith("▇")
    assert tones(paint_round_trip_row(LINE, 76, 1), "430 ✖") == {Tone.BAD}
