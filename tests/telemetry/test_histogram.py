from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.histogram import (
    BUCKET_LIMIT,
    RELATIVE_ERROR,
    Histogram,
    bucket_of,
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
    assert Histogram().percentiles(50, 95) == (None, None)


@given(st.lists(st.floats(0, 160), min_size=1, max_size=60))
def test_several_percentiles_at_once_are_those_of_one_by_one(values):
    histogram = Histogram(values)
    percents = (1, 50, 95, 99, 100)
    assert histogram.percentiles(*percents) == tuple(map(histogram.percentile, percents))


@given(_VALUES, _VALUES)
def test_counts_from_elsewhere_are_values_that_were_added(left, right):
    counts = {}
    for value in right:
        counts[bucket_of(value)] = counts.get(bucket_of(value), 0) + 1
    histogram = Histogram(left)
    histogram.add_counts(counts)
    assert histogram == Histogram(left + right)
    assert len(histogram) == len(left) + len(right)


def test_a_copy_goes_its_own_way():
    whole = Histogram([0.1])
    twin = whole.copy()
    twin.add(0.2)
    assert (len(whole), len(twin)) == (1, 2)
