from __future__ import annotations

from dataclasses import replace

import pytest

from trunkline.telemetry.fleet_snapshot import FleetSnapshot
from trunkline.tui.widgets.shares import paint_shares
from tui.widgets.painting import SIZES, drawn_fleet, painted

FLEET = drawn_fleet()


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_any_size_with_and_without_data(size):
    for fleet in (FLEET, FleetSnapshot(at=0.0)):
        painted(paint_shares, fleet, *size)


def test_the_panel_as_it_is_drawn():
    shown = painted(paint_shares, FLEET, 44, 5).splitlines()
    assert shown == [
        "open          █████████████████████▊  98.9 %",
        "reconnecting  ▎                        0.9 %",
        "connecting    ▏                        0.2 %",
        "score mix     E 3  G 1  F 1  P 1  L 1",
        "errors        rate_limit 2  server_error 1",
    ]


def test_no_errors_is_said():
    assert "errors        none" in painted(paint_shares, replace(FLEET, errors=()), 44, 5)


def test_grades_that_nobody_has_are_counted_too_but_not_the_unknown():
    nobody = replace(FLEET, grades=(("excellent", 0), ("unknown", 0)))
    assert "score mix     E 0\n" in painted(paint_shares, nobody, 44, 5) + "\n"
