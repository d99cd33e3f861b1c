from __future__ import annotations

from trunkline.protocol import observations as seen
from trunkline.telemetry import beat
from trunkline.telemetry.currents import JITTER, Currents, rate
from trunkline.telemetry.fold import LineFold
from trunkline.telemetry.frames import Beat, Began, Ended, Told

UNIX = 1_800_000_000


def _beat(at, **fields):
    return Beat(line="x", at=at, epoch=1, **fields)


def test_sums_of_lines_add_up_by_the_second():
    currents = Currents()
    for at in (UNIX + 0.5, UNIX + 1.0, UNIX + 1.5):
        currents.beaten(_beat(at, sums={beat.UP_BYTES: 10, beat.DOWN_MESSAGES: 2}), at)
    up, down, messages = currents.series(UNIX + 3)
    assert up[-4:] == (None, 20.0, 10.0, 0.0)
    assert down[-1] == 0.0
    assert messages[-3:] == (4.0, 2.0, 0.0)
    assert rate(up) == 10.0


def test_what_comes_late_counts_for_now_and_an_hour_is_not_kept():
    currents = Currents()
    for second in range(200):
        currents.beaten(_beat(0.0, sums={beat.UP_BYTES: 1}), UNIX + second + 0.5)
    currents.beaten(_beat(0.0, sums={beat.UP_BYTES: 5}), UNIX + 3.0)
    assert currents.flows[-1][1] == 6
    assert len(currents.flows) == 61


def test_nothing_is_known_before_anything_came():
    currents = Currents()
    assert rate(currents.series(UNIX)[0]) is None
    assert currents.availability(UNIX, 300) is None
    assert currents.shares(UNIX, 300) == ()
    assert currents.spread("rtt", UNIX, 300).count == 0


def test_availability_leaves_out_what_nobody_wanted():
    currents = Currents()
    for condition, seconds in (("live", 30), ("reconnecting", 10), ("closed", 60)):
        currents.states.add(UNIX, condition, seconds)
    assert currents.availability(UNIX, 300) == 0.75
    assert currents.shares(UNIX, 300) == (("closed", 0.6), ("live", 0.3), ("reconnecting", 0.1))


def test_a_line_that_is_over_has_no_jitter_any_more():
    currents = Currents()
    line = LineFold.begun(Began(line="x", at=0.0, wall_offset=0.0, name="x"))
    for rtt in (0.1, 0.2):
        line.apply(Told(line="x", fact=seen.RoundTrip(at=1.0, epoch=1, rtt=rtt)))
    currents.second([(line, "live")], UNIX, 1)
    line.apply(Ended(line="x", at=2.0))
    currents.second([(line, "closed")], UNIX + 1, 1)
    assert currents.spread(JITTER, UNIX, 60).count == 1
    assert currents.states.sums(UNIX, 60) == {"live": 1, "closed": 1}


def test_errors_come_most_first_and_clean():
    currents = Currents()
    for code in ("b\x1b", "a", "a"):
        fact = seen.ServerError(at=0.0, epoch=1, code=code, type="t", message="")
        currents.told(Told(line="x", fact=fact), [], UNIX)
    assert currents.errors(UNIX, 60) == (("a", 2), ("b\u241b", 1))
