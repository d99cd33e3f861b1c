from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.histogram import (
    BUCKET_LIMIT,
    RELATIVE_ERROR,
    Histogram,
    WindowedHistogram,
)

_VALUES = st.lists(st.floats(0, 200), max_size=60)


def _merged(*parts):
    whole = Histogram()
    for part in parts:
        whole.merge(part)
    return whole


@given(_VALUES, _VALUES)
def test_merging_is_counting_all_in_one(left, right):
    assert _merged(Histogram(left), Histogram(right)) == Histogram(left + right)


@given(_VALUES, _VALUES, _VALUES)
def test_merging_knows_no_order_and_no_grouping(a, b, c):
    x, y, z = Histogram(a), Histogram(b), Histogram(c)
    assert _merged(x, y) == _merged(y, x)
    assert _merged(_merged(x, y), z) == _merged(x, _merged(y, z))
    assert _merged(x, Histogram()) == x


@given(st.lists(st.floats(1e-5, 160), min_size=1, max_size=60), st.floats(0.1, 100))
def test_a_percentile_is_within_the_promised_error(values, percent):
    exact = sorted(values)[max(math.ceil(len(values) * percent / 100), 1) - 1]
    found = Histogram(values).percentile(percent)
    assert found == pytest.approx(exact, rel=RELATIVE_ERROR, abs=1.1e-5)


@given(st.lists(st.floats(-1e9, 1e9), max_size=200))
def test_buckets_stay_within_their_limit(values):
    histogram = Histogram(values)
    assert histogram.buckets <= BUCKET_LIMIT
    assert len(histogram) == len(values)


def test_an_empty_histogram_has_no_percentile():
    assert Histogram().percentile(50) is None


def test_a_window_forgets_what_is_older():
    window = WindowedHistogram(60)
    window.add(100.0, 0.5)
    window.add(150.0, 0.001)
    assert len(window.merged(155.0)) == 2
    assert window.merged(161.0).percentile(99) == pytest.approx(0.001, rel=0.02)
    assert len(window.merged(300.0)) == 0


def test_a_window_without_news_is_not_merged_again():
    window = WindowedHistogram(60)
    window.add(100.0, 0.5)
    assert window.merged(101.0) is window.merged(102.0)
