from __future__ import annotations

import pytest

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


def test_seconds_without_an_answer_have_no_sample():
    trips = RoundTrips()
    trips.add(58.2, 0.002)
    trips.add(60.1, 0.004)
    trips.add(60.9, 0.003)
    view = trips.view(60.95)
    assert len(view.samples_ms) == 60
    assert view.samples_ms[-3:] == (2.0, None, 4.0)


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
    assert len(trips._seconds) <= 121
    assert trips.view(7200.0).count_window == 59
