from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.history import HISTORY_SECONDS, History, Track

NAN = float("nan")


def _row(*, up=0.0, rtt=NAN):
    row = [0.0] * len(Track)
    row[Track.UP_BYTES], row[Track.RTT] = up, rtt
    return row


def _history(first=10):
    return History(first=first, newest=first - 1)


def test_before_counting_began_there_is_nothing_and_no_zero():
    history = _history()
    assert history.rate(Track.UP_BYTES, 10.5) is None
    history.put(10, _row(up=6))
    assert history.series(Track.UP_BYTES)[-2:] == (None, 6.0)
    assert history.rate(Track.UP_BYTES, 11.0) == 6


def test_a_rate_is_the_mean_of_the_last_three_whole_seconds():
    history = _history()
    for second, amount in enumerate((90, 1, 2, 6), start=10):
        history.put(second, _row(up=amount))
    assert history.rate(Track.UP_BYTES, 14.9) == 3.0


def test_a_line_that_says_nothing_has_a_rate_of_zero():
    history = _history()
    history.put(10, _row(up=6))
    assert history.rate(Track.UP_BYTES, 20.0) == 0.0


def test_what_is_unknown_is_none_and_no_part_of_a_sum():
    history = _history()
    history.put(10, _row(rtt=0.25))
    history.put(11, _row())
    history.put(12, _row(rtt=0.5))
    assert history.series(Track.RTT)[-3:] == (0.25, None, 0.5)
    assert history.total(Track.RTT, 3) == 0.75
    assert (history.least(Track.RTT, 3), history.most(Track.RTT, 3)) == (0.25, 0.5)
    assert history.least(Track.RTT, 0) is None


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 999)), max_size=60))
def test_the_last_minute_is_what_was_put_in_it(steps):
    history, expected, second = _history(0), {}, -1
    for step, amount in steps:
        second += step
        expected[second] = float(amount)
        history.put(second, _row(up=amount))
    last = range(second + 1 - HISTORY_SECONDS, second + 1)
    assert history.series(Track.UP_BYTES) == tuple(map(expected.get, last))
    known = [expected.get(each, 0.0) for each in last]
    assert history.total(Track.UP_BYTES, HISTORY_SECONDS) == sum(known)
    assert history.total(Track.UP_BYTES, 7) == pytest.approx(sum(known[-7:]))


def test_every_column_has_its_own_values():
    history = _history(0)
    history.put(0, [float(track) for track in Track])
    assert [history.most(track, 1) for track in Track] == [float(track) for track in Track]
