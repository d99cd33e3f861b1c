"""Gaps and jitter in native code, with the slow way beside it."""

from __future__ import annotations

import itertools
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio.arrivals import follow_arrivals
from trunkline.telemetry.histogram import bucket_of

RATE_HZ = 24_000
pieces = st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 1 << 40)), max_size=30)


def slowly(times, samples, before, jitter):
    if before is not None:
        times, samples = [before[0], *times], [before[1], *samples]
    gaps = [late - early for early, late in itertools.pairwise(times)]
    for gap, count in zip(gaps, samples, strict=False):
        jitter = (jitter or 0.0) + (abs(gap - count / RATE_HZ) - (jitter or 0.0)) / 16
    return [bucket_of(gap) for gap in gaps], jitter


@given(
    pieces,
    st.none() | st.tuples(st.floats(0, 1e6), st.integers(0, 1 << 40)),
    st.none() | st.floats(0, 10),
)
def test_gaps_and_jitter_are_those_of_one_after_another(came, before, jitter):
    times, samples = [at for at, _ in came], [count for _, count in came]
    gaps, found = follow_arrivals(times, samples, before=before, jitter=jitter, rate_hz=RATE_HZ)
    expected, slow = slowly(times, samples, before, jitter)
    assert gaps == expected
    assert found == (None if slow is None else pytest.approx(slow))


@given(st.lists(st.floats(-200, 200), max_size=50))
def test_each_gap_is_in_the_bucket_that_the_histogram_has_for_it(gaps):
    for gap in gaps:
        found, _ = follow_arrivals([gap], [0], before=(0.0, 0), jitter=None, rate_hz=RATE_HZ)
        assert found == [bucket_of(gap)]


@given(pieces, st.integers(0, 30))
def test_it_is_the_same_at_once_and_in_two_parts(came, cut):
    def follow(part, before, jitter):
        times, samples = [at for at, _ in part], [count for _, count in part]
        return follow_arrivals(times, samples, before=before, jitter=jitter, rate_hz=RATE_HZ)

    first, second = came[:cut], came[cut:]
    gaps, jitter = follow(first, None, None)
    more, jitter = follow(second, first[-1] if first else None, jitter)
    assert (gaps + more, jitter) == follow(came, None, None)


def test_arrays_will_do_and_what_is_no_time_is_refused():
    times, samples = array("d", [1.0, 1.02]), array("Q", [480, 480])
    expected = [bucket_of(1.02 - 1.0)]
    assert follow_arrivals(times, samples, before=None, jitter=None, rate_hz=RATE_HZ)[0] == expected
    with pytest.raises(TypeError):
        follow_arrivals(["soon"], [480], before=None, jitter=None, rate_hz=RATE_HZ)
    with pytest.raises(OverflowError):
        follow_arrivals([1.0], [-1], before=None, jitter=None, rate_hz=RATE_HZ)
