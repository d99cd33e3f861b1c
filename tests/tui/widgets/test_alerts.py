from __future__ import annotations

from dataclasses import replace

import pytest

from trunkline.telemetry.levels import Level
from trunkline.tui.ink import Tone
from trunkline.tui.widgets.alerts import alert_line, paint_alerts, paint_few_alerts
from tui.widgets.painting import SIZES, drawn_fleet, painted, tones


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_any_size_with_and_without_alerts(size):
    painted(paint_alerts, drawn_fleet(), *size)
    painted(paint_alerts, replace(drawn_fleet(), alerts=()), *size)


def test_alerts_as_they_are_drawn():
    shown = painted(paint_alerts, drawn_fleet(), 68, 5).splitlines()
    assert shown[0] == "14:31:58 ✖ kiosk-12   outage 6.2 s  close 1006  try 3 in 1.4 s"
    assert shown[4] == "14:29:47 ● pstn-0093  recovered, RTT back under 400 ms"


def test_without_a_frame_there_is_a_blank_before_them():
    shown = painted(paint_few_alerts, drawn_fleet(), 80, 3).splitlines()
    assert len(shown) == 3
    assert shown[0].startswith(" 14:31:58 ✖ kiosk-12")


def test_what_cleared_is_plain_and_what_stands_is_not():
    newest, cleared = drawn_fleet().alerts[0], drawn_fleet().alerts[-1]
    assert tones([alert_line(newest, 68)], "outage") == {Tone.BAD}
    assert cleared.level is Level.OK
    assert tones([alert_line(cleared, 68)], "recovered") == {Tone.PLAIN}
