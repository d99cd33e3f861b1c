from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import StreamError
from trunkline.telemetry.roundtrip import RoundTrips


def test_the_first_ping_is_its_own_mean():
    trips = RoundTrips()
    trips.add(0.0, 0.1)
    view = trips.view(0.5)
    assert view.last_ms == view.smoothed_ms == pytest.approx(100)
    assert view.jitter_ms is None


def test_smoothing_has_the_weights_of_the_standards():
    trips = RoundTrips()
    trips.add(0.0, 0.100)
    trips.add(1.0, 0.180)
    view = trips.view(1.5)
    assert view.smoothed_ms == pytest.approx(100 + 80 / 8)
    assert view.jitter_ms == pytest.approx(80 / 16)


def test_the_worst_since_a_moment_is_of_that_time_only():
    trips = RoundTrips()
    for at, rtt in ((58.2, 0.5), (60.1, 0.004), (60.9, 0.003)):
        trips.add(at, rtt)
    assert trips.worst_since(60.0) == 0.004
    assert trips.worst_since(61.0) is None


@given(st.lists(st.floats(0.001, 2.0), min_size=1, max_size=60), st.sampled_from([50, 95, 99]))
def test_percentiles_are_those_of_all_pings_of_the_minute(values, percent):
    trips = RoundTrips()
    for second, rtt in enumerate(values):
        trips.add(float(second), rtt)
    exact = sorted(values)[math.ceil(len(values) * percent / 100) - 1]
    assert trips.percentile(percent, len(values) - 0.5) == exact
    assert trips.pings(len(values) - 0.5) == len(values)
    assert trips.percentile(percent, 200.0) is None


def test_a_ping_that_nobody_answers_is_counted_and_waits():
    trips = RoundTrips()
    trips.timed_out()
    assert (trips.view(1.0).timeouts, trips.view(1.0).pending) == (1, True)
    trips.add(2.0, 1.5)
    assert (trips.view(3.0).timeouts, trips.view(3.0).pending) == (1, False)


def test_a_new_link_starts_anew_and_the_window_goes_on():
    trips = RoundTrips()
    trips.add(0.0, 0.1)
    trips.restart()
    view = trips.view(1.0)
    assert view.last_ms is view.smoothed_ms is None
    assert view.p50_ms == pytest.approx(100, rel=0.02)


def test_memory_does_not_grow_with_the_hours():
    trips = RoundTrips()
    for second in range(7200):
        trips.add(float(second), 0.05)
    assert len(trips.recent) <= 60
    assert trips.view(7200.0).count_window == 59


def test_a_flood_of_pongs_does_not_grow_it():
    trips = RoundTrips()
    for n in range(5000):
        trips.add(1.0 + n / 10_000, 0.05)
    assert len(trips.recent) <= 256
    assert trips.view(2.0).count == 5000


def test_pings_without_a_time_are_refused():
    with pytest.raises(StreamError):
        RoundTrips(recent=array("d", [0.1]))


@given(st.lists(st.tuples(st.floats(0.1, 40.0), st.floats(0.001, 2.0)), min_size=1, max_size=60))
def test_the_kept_percentile_is_the_one_that_is_asked_for(steps):
    trips, at = RoundTrips(), 0.0
    for step, rtt in steps:
        at += step
        trips.add(at, rtt)
        assert trips.p95(at) == trips.percentile(95, at)
    assert trips.p95(at + 30) == trips.percentile(95, at + 30)
