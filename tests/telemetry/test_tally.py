from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.tally import MOST_NAMES, SLOT_SECONDS, Tally


@given(
    st.lists(st.tuples(st.floats(0, 400), st.sampled_from("abc"), st.integers(1, 9)), max_size=60),
    st.sampled_from([30, 60, 300, 900, 3600]),
)
def test_a_window_holds_what_is_younger_and_at_most_one_slot_more(steps, seconds):
    tally, events, at = Tally(), [], 1000.0
    for step, name, amount in steps:
        at += step
        tally.add(at, name, amount)
        events.append((at, name, amount))
    found = tally.sums(at, seconds)
    for name in "abc":
        least = sum(n for when, one, n in events if one == name and when > at - seconds)
        most = sum(
            n for when, one, n in events if one == name and when > at - seconds - SLOT_SECONDS
        )
        assert least <= found.get(name, 0) <= most


def test_what_a_server_invents_is_counted_together():
    tally = Tally()
    for n in range(MOST_NAMES + 20):
        tally.add(1.0, f"code_{n}")
    sums = tally.sums(1.0, 60)
    assert len(sums) == MOST_NAMES + 1
    assert sums["other"] == 20


def test_an_hour_is_all_that_is_kept():
    tally = Tally()
    for at in range(0, 9000, 5):
        tally.add(float(at), "x")
    assert len(tally.slots) <= 722
