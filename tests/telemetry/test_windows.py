from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import StreamError
from trunkline.telemetry.histogram import BUCKET_LIMIT, Histogram
from trunkline.telemetry.windows import WINDOWS, Slots, Windows

SLACK = {30: 10, 60: 10, 300: 60, 900: 60, 3600: 600}


def _counts(histogram):
    return dict(histogram.items())


@given(
    st.lists(st.tuples(st.floats(0, 40), st.integers(0, BUCKET_LIMIT - 1)), max_size=80),
    st.sampled_from(WINDOWS),
    st.floats(0, 4000),
)
def test_a_window_holds_what_is_younger_and_at_most_one_slot_more(steps, seconds, wait):
    windows, events, at = Windows(), [], 1000.0
    for step, bucket in steps:
        at += step
        windows.add(at, bucket)
        events.append((at, bucket))
    now = at + wait
    inside = [bucket for at, bucket in events if at > now - seconds]
    allowed = [bucket for at, bucket in events if at > now - seconds - SLACK[seconds]]
    found = windows.merged(now, seconds)
    assert len(inside) <= len(found) <= len(allowed)
    for bucket, count in found.items():
        assert inside.count(bucket) <= count <= allowed.count(bucket)


@given(st.lists(st.integers(1, 7000), max_size=200))
def test_it_stays_small_for_ever(steps):
    windows, at = Windows(), 0.0
    for step in steps:
        at += step
        windows.add_all(at, (step % 300, 7, 7))
    assert len(windows.short.numbers) <= 8
    assert len(windows.middle.numbers) <= 17
    assert len(windows.long.numbers) <= 8


def test_a_slot_of_a_whole_fleet_is_packed_in_between():
    windows = Windows()
    for _ in range(60):
        windows.add_all(5.0, (3,) * 2000)
    assert len(windows.fresh) < 60_000
    assert _counts(windows.merged(9.0, 30)) == {3: 120_000}


@pytest.mark.parametrize("wide", [False, True])
def test_counts_of_any_size_come_back_whole(wide):
    windows = Windows(wide=wide)
    for second in range(0, 700, 10):
        for _ in range(3):
            windows.add_all(float(second), (5,) * 50_001)
    assert _counts(windows.merged(700.0, 3600)) == {5: 70 * 3 * 50_001}
    assert windows.long.packed.itemsize == (4 if wide else 2)


def test_what_comes_late_counts_for_now():
    windows = Windows()
    windows.add(100.0, 1)
    windows.add(80.0, 2)
    assert _counts(windows.merged(100.0, 30)) == {1: 1, 2: 1}


def test_windows_of_lines_merge_as_their_values_would():
    left, right, whole = Windows(), Windows(), Windows()
    for at in range(0, 5000, 3):
        (left if at % 2 else right).add(float(at), at % 50)
        whole.add(float(at), at % 50)
    for seconds in WINDOWS:
        merged = Histogram()
        for one in (left, right):
            merged.merge(one.merged(5000.0, seconds))
        assert merged == whole.merged(5000.0, seconds)


def test_a_merge_may_be_changed_by_whoever_asked():
    windows = Windows()
    windows.add(0.0, 1)
    windows.merged(0.0, 60).add(0.5)
    assert len(windows.merged(0.0, 60)) == 1


@pytest.mark.parametrize("seconds", WINDOWS)
def test_a_steady_stream_fills_every_window(seconds):
    windows = Windows()
    for at in range(9000):
        windows.add(float(at), 3)
    assert seconds <= len(windows.merged(8999.0, seconds)) <= seconds + SLACK[seconds]


def test_a_bucket_that_is_none_is_refused():
    with pytest.raises(StreamError):
        Windows(fresh=array("I", [512]))


def test_slots_without_a_time_are_refused():
    with pytest.raises(StreamError):
        Slots(packed=array("I", [1]))
