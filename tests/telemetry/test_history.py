from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import StreamError
from trunkline.telemetry.history import COUNTED, HISTORY_SECONDS, History, Track

NAN = float("nan")


def _put(history, second, *, up=0.0, rtt=NAN):
    """`up` is the total so far."""
    totals, values = [0.0] * COUNTED, [NAN] * (len(Track.ALL) - COUNTED)
    totals[Track.UP_BYTES], values[Track.RTT - COUNTED] = up, rtt
    history.put(second, totals, values)


def _history(first=10):
    return History.begun(first)


def test_before_counting_began_there_is_nothing_and_no_zero():
    history = _history()
    assert history.rate(Track.UP_BYTES, 10.5) is None
    assert history.series(Track.UP_BYTES) == (None,) * HISTORY_SECONDS
    _put(history, 10, up=6)
    assert history.series(Track.UP_BYTES)[-2:] == (None, 6.0)
    assert history.rate(Track.UP_BYTES, 11.0) == 6


def test_a_rate_is_the_mean_of_the_last_three_whole_seconds():
    history = _history()
    for second, total in enumerate((90, 91, 93, 99), start=10):
        _put(history, second, up=total)
    assert history.rate(Track.UP_BYTES, 14.9) == 3.0


def test_a_line_that_says_nothing_has_a_rate_of_zero():
    history = _history()
    _put(history, 10, up=6)
    assert history.rate(Track.UP_BYTES, 20.0) == 0.0


def test_what_is_unknown_is_none_and_no_part_of_an_extreme():
    history = _history()
    for second, rtt in enumerate((0.25, NAN, 0.5), start=10):
        _put(history, second, rtt=rtt)
    assert history.series(Track.RTT)[-4:] == (None, 0.25, None, 0.5)
    assert (history.least(Track.RTT, 3), history.most(Track.RTT, 3)) == (0.25, 0.5)
    assert history.least(Track.RTT, 0) is None
    assert history.last(Track.RTT) == 0.5
    assert math.isnan(history.last(Track.KERNEL_RTT))


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 2**31)), min_size=1, max_size=60))
def test_the_last_minute_is_what_was_put_in_it(steps):
    history, grown, second, total = _history(0), {}, -1, 0
    for step, amount in steps:
        second += step
        total += amount
        grown[second] = float(amount)
        _put(history, second, up=total)
    last = range(second + 1 - HISTORY_SECONDS, second + 1)
    expected = [None if each < 0 else grown.get(each, 0.0) for each in last]
    assert history.series(Track.UP_BYTES) == tuple(expected)
    # A router's counter: what came within a window must be less than 2^32.
    for seconds in (1, 7, HISTORY_SECONDS):
        amount = sum(each or 0.0 for each in expected[-seconds:])
        assert history.total(Track.UP_BYTES, seconds) == amount % 2**32


def test_every_column_has_its_own_values():
    history = _history(0)
    history.put(
        0,
        [track + 1 for track in Track.ALL if track < COUNTED],
        [float(t) for t in Track.ALL if t >= COUNTED],
    )
    assert [history.total(t, 1) for t in Track.ALL if t < COUNTED] == [
        t + 1 for t in Track.ALL if t < COUNTED
    ]
    assert [history.last(t) for t in Track.ALL if t >= COUNTED] == [
        float(t) for t in Track.ALL if t >= COUNTED
    ]


def test_a_column_is_there_once_something_is_in_it():
    history = _history(0)
    _put(history, 0)
    assert (len(history.counts), len(history.values)) == (0, 0)
    assert history.total(Track.UP_BYTES, 60) == 0
    assert history.series(Track.UP_BYTES)[-2:] == (None, 0.0)
    assert history.series(Track.RTT) == (None,) * HISTORY_SECONDS
    _put(history, 1, up=7)
    _put(history, 2, up=9, rtt=0.5)
    assert (list(history.counted), list(history.measured)) == ([Track.UP_BYTES], [Track.RTT])
    assert history.series(Track.UP_BYTES)[-3:] == (0.0, 7.0, 2.0)
    assert history.series(Track.RTT)[-2:] == (None, 0.5)


@given(
    st.lists(
        st.tuples(st.integers(1, 70), st.sets(st.sampled_from(list(Track.ALL)), max_size=4)),
        max_size=40,
    )
)
def test_columns_that_come_one_by_one_say_what_a_whole_table_says(steps):
    lean, whole = _history(0), History(first=0, newest=-1)
    totals, second = [0.0] * COUNTED, -1
    for step, tracks in steps:
        second += step
        values = [NAN] * (len(Track.ALL) - COUNTED)
        for track in tracks:
            if track < COUNTED:
                totals[track] += track + second
            else:
                values[track - COUNTED] = second / 8
        for history in (lean, whole):
            history.put(second, totals, values)
        for track in Track.ALL:
            assert lean.series(track) == whole.series(track)
            if track < COUNTED:
                assert lean.total(track, 7) == whole.total(track, 7)
            else:
                assert lean.most(track, 7) == whole.most(track, 7)
    assert len(lean.counts) == (HISTORY_SECONDS + 1) * len(lean.counted)


@pytest.mark.parametrize(
    "fields",
    [
        {"counts": History(0, 0).counts[1:]},
        {"values": History(0, 0).values[1:]},
        {"counted": array("H", [0])},
        {"counted": array("H", [*range(COUNTED - 1), 0])},
        {"counted": array("H", [*range(COUNTED - 1), COUNTED])},
        {"measured": array("H", [*range(COUNTED, len(Track.ALL) - 1), 0])},
    ],
)
def test_a_table_of_another_size_or_of_other_columns_is_refused(fields):
    with pytest.raises(StreamError):
        History(first=0, newest=0, **fields)


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 2**33), st.floats(0, 9, width=32)), min_size=1, max_size=60
        )
    )
)
def test_what_only_grew_is_put_in_as_its_totals_are(stretches):
    plain, grown = History.begun(7), History.begun(7)
    total, unknown = 5, [math.nan] * 5
    for history in (plain, grown):
        history.put(7, [float(total)] + [0.0] * 18, [1.0, *unknown])
    assert plain.holds((Track.UP_BYTES, Track.RTT))
    assert not plain.holds((Track.UP_BYTES, Track.SENT))
    for stretch in stretches:
        second = plain.newest + 1
        amounts, rtts = [amount for amount, _ in stretch], [rtt for _, rtt in stretch]
        for number, (amount, rtt) in enumerate(stretch, second):
            total += amount
            plain.put(number, [float(total)] + [0.0] * 18, [rtt, *unknown])
        grown.put_grown(second, [(Track.UP_BYTES, amounts)], {Track.RTT: rtts}, len(stretch))
    assert (grown.counts, grown.newest) == (plain.counts, plain.newest)
    assert grown.series(Track.RTT) == plain.series(Track.RTT)
