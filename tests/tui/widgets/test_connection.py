from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.tui.widgets.connection import paint_connection, short_id
from tui.widgets.painting import EMPTY, SIZES, painted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_connection])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, snapshot_at(START + 10.7), snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_nothing_known_is_dashes():
    shown = painted(paint_connection, EMPTY)
    assert "○ idle" in shown
    assert "score - unknown ○" in shown
    assert "avail -" in shown


def test_an_outage_is_bad_by_sign_and_word():
    shown = painted(paint_connection, snapshot_at(START + 10.7))
    assert "✖ waiting" in shown
    assert "score 0 L lost ✖" in shown


def test_the_reasons_of_a_score_are_named():
    shown = painted(paint_connection, snapshot_at())
    assert "why outages -" in shown
    assert "reconnects 2, 1.06 s without a session ▲" in shown


def test_an_id_keeps_both_ends():
    assert short_id("sess_C9bq3Zr7Kx41f") == "sess_C9…x41f"
    assert short_id("short") == "short"
    assert short_id(None) == "-"


def test_what_leads_to_live_is_a_warning():
    assert "▲ restoring" in painted(paint_connection, replace(EMPTY, state="restoring"))
