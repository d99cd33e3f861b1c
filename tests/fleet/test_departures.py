"""Lines that ended leave after a while."""

from __future__ import annotations

from trunkline.fleet.departures import Departures
from trunkline.telemetry.frames import Beat, Began, Ended


def test_a_line_that_ended_leaves_once_and_after_its_time():
    departures = Departures(seconds=10.0)
    departures.note(Beat(line="b", at=0.0, epoch=1), 100.0)
    departures.note(Ended(line="a", at=5.0), 100.0)
    assert departures.due(109.9) == []
    assert departures.due(110.0) == ["a"]
    assert departures.due(500.0) == []


def test_a_second_end_does_not_put_it_off_and_a_return_does():
    departures = Departures(seconds=10.0)
    departures.note(Ended(line="a", at=5.0), 100.0)
    departures.note(Ended(line="a", at=9.0, gone=True), 105.0)
    assert departures.due(110.0) == ["a"]
    departures.note(Ended(line="b", at=5.0), 200.0)
    departures.note(Began(line="b", at=0.0, wall_offset=0.0, name="b"), 205.0)
    assert departures.due(300.0) == []
