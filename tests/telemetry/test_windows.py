from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.histogram import BUCKET_LIMIT, Histogram
from trunkline.telemetry.windows import WINDOWS, Slots, Windows


def _counts(histogram):
    return {} if not len(histogram) else dict(histogram.items())


def _expected(events, now, seconds, slack):
    """What must be in a window, and what may be besides."""
    inside = [bucket for at, bucket in events if at > now - seconds]
    allowed = [bucket for at, bucket in events if at > now - seconds - slack]
    return inside, allowed


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
    slack = {30: 5, 60: 5, 300: 60, 900: 60, 3600: 300}[seconds]
    inside, allowed = _expected(events, now, seconds, slack)
    found = windows.merged(now, seconds)
    assert len(inside) <= len(found) <= len(allowed)
    for bucket, count in found.items():
        assert inside.count(bucket) <= count <= allowed.count(bucket)


@given(st.lists(st.integers(1, 7000), max_size=200))
def test_it_stays_small_for_ever(steps):
    windows, at = Windows(), 0.0
    for step in steps:
        at += step
        windows.add_all(at, {step % 600: 1, 7: 2})
    assert len(windows.short.over) <= 13
    assert len(windows.middle.over) <= 16
    assert len(windows.long.over) <= 13


def test_counts_of_any_size_come_back_whole():
    windows = Windows()
    windows.add_all(0.0, {5: 9_000_000, 6: 1})
    assert _counts(windows.merged(6.0, 60)) == {5: 9_000_000, 6: 1}


def test_what_comes_late_counts_for_now():
    windows = Windows()
    windows.add(100.0, 1)
    windows.add(90.0, 2)
    assert _counts(windows.merged(100.0, 30)) == {1: 1, 2: 1}


def test_windows_of_lines_merge_as_their_values_would():
    left, right, whole = Windows(), Windows(), Windows()
    for at in range(0, 2000, 3):
        (left if at % 2 else right).add(float(at), at % 50)
        whole.add(float(at), at % 50)
    for seconds in WINDOWS:
        merged = Histogram()
        for one in (left, right):
            merged.merge(one.merged(2000.0, seconds))
        assert merged == whole.merged(2000.0, seconds)


def test_a_merge_may_be_changed_by_whoever_asked():
    windows = Windows()
    windows.add(0.0, 1)
    windows.merged(0.0, 60).add(0.5)
    assert len(windows.merged(0.0, 60)) == 1


def test_an_empty_slot_is_not_kept():
    slots = Slots(number=3)
    slots.close(None)
    assert not slots.over


@pytest.mark.parametrize("seconds", WINDOWS)
def test_a_steady_stream_fills_every_window(seconds):
    windows = Windows()
    for at in range(4000):
        windows.add(float(at), 3)
    slack = {30: 5, 60: 5, 300: 60, 900: 60, 3600: 300}[seconds]
    assert seconds <= len(windows.merged(3999.0, seconds)) <= seconds + slack
