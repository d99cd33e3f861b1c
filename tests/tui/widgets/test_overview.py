from __future__ import annotations

from dataclasses import replace

import pytest

from trunkline.telemetry.fleet_snapshot import FleetSnapshot
from trunkline.tui.ink import Tone
from trunkline.tui.widgets.overview import (
    paint_census,
    paint_flow,
    paint_link,
    paint_summary,
    paint_turn_times,
)
from tui.widgets.painting import SIZES, drawn_fleet, painted, tones

FLEET = drawn_fleet()
PAINTERS = [paint_census, paint_flow, paint_link, paint_summary, paint_turn_times]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", PAINTERS)
def test_it_fits_any_size_with_and_without_data(painter, size):
    for fleet in (FLEET, drawn_fleet(1000), FleetSnapshot(at=0.0)):
        painted(painter, fleet, *size)


def test_the_panels_as_they_are_drawn():
    counts = (("live", 121), ("reconnecting", 4), ("connecting", 1), ("failed", 2))
    fleet = replace(drawn_fleet(128), states=counts)
    assert painted(paint_census, fleet, 26, 3).splitlines() == [
        "128 total         121 open",
        "  4 reconnecting  2 failed",
        "  1 connecting avail 99.97",
    ]
    assert painted(paint_link, fleet, 28, 3).splitlines() == [
        "ping RTT   38 /  92 / 240 ms",
        "tcp RTT    31 /  64 / 118 ms",
        "jitter      2 /   9 /  31 ms",
    ]
    assert painted(paint_turn_times, fleet, 25, 3).splitlines() == [
        "first audio 410 /  930 ms",
        "turn gap    640 / 1280 ms",
        "barge-in    120 /  310 ms",
    ]
    assert painted(paint_flow, fleet, 25, 3).splitlines()[2] == "events 5.2k/s  lag 1.4 ms"


def test_the_summary_as_it_is_drawn():
    shown = painted(paint_summary, FLEET, 76, 2).splitlines()
    assert shown[0] == "7 sess  6 open  1 reconn  avail 99.9 %  ▲1 ✖2"
    assert shown[1].startswith("RTT p95 92 ms  jitter p95 9  first audio p95 930 ms ▲  up 6.1")


def test_what_fails_is_red_and_what_does_not_is_quiet():
    failed = replace(FLEET, states=(("failed", 2),))
    assert tones(paint_census(failed, 26, 3), "2 ") == {Tone.BAD}
    assert tones(paint_census(FLEET, 26, 3), "0 ") == {Tone.PLAIN}


def test_unknown_is_a_dash():
    blank = FleetSnapshot(at=0.0)
    assert "  - /   - /   - ms" in painted(paint_link, blank, 28, 3)
    assert "avail -" in painted(paint_census, blank, 26, 3)
    assert "- MB/s" in painted(paint_flow, blank, 25, 3)
