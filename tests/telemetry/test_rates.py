from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.rates import HISTORY_SECONDS, SecondRing


def test_a_rate_is_the_mean_of_the_last_three_whole_seconds():
    ring = SecondRing(10.0)
    for second, amount in enumerate([5, 1, 2, 3, 100]):
        ring.add(10.0 + second, amount)
    assert ring.rate(14.9) == 2.0


def test_the_present_second_does_not_count_yet():
    ring = SecondRing(10.0)
    ring.add(10.2, 7)
    assert ring.rate(10.9) is None
    assert ring.rate(11.0) == 7


def test_a_pause_longer_than_the_ring_leaves_zeros():
    ring = SecondRing(0.0)
    ring.add(0.5, 9)
    assert ring.series(1000.0) == (0.0,) * HISTORY_SECONDS
    assert ring.rate(1000.0) == 0


def test_before_the_start_there_is_nothing():
    ring = SecondRing(100.0)
    ring.add(100.0, 4)
    assert ring.series(102.0) == (*(None,) * 58, 4, 0)


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(0, 100)), max_size=50))
def test_nothing_is_lost_within_the_ring(amounts):
    ring = SecondRing(0.0)
    for at, amount in sorted(amounts):
        ring.add(at, amount)
    assert sum(value or 0 for value in ring.series(55.0)) == sum(amount for _, amount in amounts)
