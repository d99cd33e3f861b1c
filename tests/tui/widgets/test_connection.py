from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.telemetry.levels import Level
from trunkline.telemetry.views import ConnectView
from trunkline.tui.widgets.connection import (
    paint_connection,
    paint_past_row,
    short_id,
    state_level,
    state_name,
)
from tui.widgets.painting import EMPTY, SIZES, drawn_line, painted

LINE = drawn_line()


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_any_size_with_and_without_data(size):
    for snapshot in (EMPTY, LINE, snapshot_at(START + 10.7), snapshot_at(END)):
        painted(paint_connection, snapshot, *size)
        painted(lambda line, width, _: [paint_past_row(line, width)], snapshot, *size)


def test_the_panel_as_it_is_drawn():
    shown = painted(paint_connection, LINE, 34, 7).splitlines()
    assert shown == [
        "state     ● open  18:22  (98.2 %)",
        "outages   2   5.1 s total  (14:27)",
        "connect   tcp 96 tls 101 ws 98 ms",
        "resume    2/2 ok  replayed 1280 ms",
        "pings     212 ok  1 timeout",
        "unsent    kernel 0 B  queue 2.1 kB",
        "expires   41:38 left  epoch 3",
    ]


def test_in_more_room_there_is_more():
    shown = painted(paint_connection, LINE, 60, 12)
    assert "rotated" in shown
    assert "sess_C9…4f" in shown
    assert "0 anomalies  0 fenced" in shown


def test_a_line_that_is_coming_back_says_when():
    shown = painted(paint_connection, drawn_line("kiosk-12"), 60, 7)
    assert "✖ try 3 in 1.4 s  00:06" in shown
    assert "0 ok  no reply ✖" in shown


def test_unknown_is_a_dash_and_nothing_happened_is_said():
    shown = painted(paint_connection, EMPTY, 60, 7)
    assert "none so far" in shown
    assert "connect   -" in shown
    assert "kernel -  queue -" in shown
    assert "expires   -" in shown


def test_three_phases_fit_so_the_name_lookup_goes_first():
    only = replace(LINE, connect=ConnectView(lookup_ms=4.0, tcp_ms=9.0))
    assert "dns 4 tcp 9 ms" in painted(paint_connection, only, 60, 7)


def test_lost_audio_is_told():
    lost = replace(LINE, books=replace(LINE.books, gap_ms=80.0))
    assert "lost 80 ms" in painted(paint_connection, lost, 60, 7)


def test_a_final_outage_was_not_resumed():
    final = replace(LINE.outages[0], seconds=None, final=True)
    shown = painted(paint_connection, replace(LINE, outages=(*LINE.outages, final)), 60, 7)
    assert "2/3 ok" in shown


def test_the_past_in_one_line():
    shown = "".join(span.text for span in paint_past_row(LINE, 70)).rstrip()
    assert shown == "avail 98.2 %  outages 2 / 5.1 s  resume 2/2"


@pytest.mark.parametrize(
    ("state", "level", "name"),
    [
        ("live", Level.OK, "open"),
        ("waiting", Level.BAD, "reconnecting"),
        ("dialing", Level.WARNING, "dialing"),
        ("idle", Level.UNKNOWN, "idle"),
        ("gone", Level.WARNING, "gone"),
    ],
)
def test_states_have_a_level_and_a_name(state, level, name):
    assert (state_level(state), state_name(state)) == (level, name)


def test_both_ends_of_an_id_are_shown():
    assert short_id("sess_C9bq1Zr7Kx41f") == "sess_C9…1f"
    assert short_id("sess_1") == "sess_1"
    assert short_id(None) == "-"
