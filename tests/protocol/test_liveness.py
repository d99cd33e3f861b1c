from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.liveness import Liveness

QUIET = ("received", "progress", "nothing")


def test_a_new_link_is_pinged_at_once_and_then_every_five_seconds():
    liveness = Liveness(now=10.0)
    assert liveness.ping_at() <= 10.0
    liveness.pong(liveness.ping(10.0), 10.1)
    assert liveness.ping_at() == 15.0


def test_pings_come_every_second_while_audio_flows():
    liveness = Liveness(now=0.0)
    liveness.ping(0.0)
    liveness.sent_audio(0.5)
    assert liveness.ping_at() == 1.0
    liveness.ping(2.0)
    assert liveness.ping_at() == 7.0


def test_with_a_phase_pings_come_at_that_part_of_each_second_while_audio_flows():
    liveness = Liveness(now=10.0, phase=0.25)
    liveness.ping(10.0)
    liveness.sent_audio(10.1)
    assert liveness.ping_at() == 10.25
    liveness.ping(10.27)
    liveness.sent_audio(11.0)
    assert liveness.ping_at() == 11.25
    liveness.pong(liveness.ping(11.25), 11.5)
    assert liveness.srtt == 0.25
    liveness.ping(12.2495)
    liveness.sent_audio(12.5)
    # A loop that rounds came a little early: that was the ping of this moment.
    assert liveness.ping_at() == 13.2495


@given(
    st.floats(0.0, 1.0, exclude_max=True),
    st.floats(0.0, 1e6),
    st.lists(st.floats(0.0, 0.3), max_size=20),
)
def test_no_phase_makes_pings_rarer(phase: float, opened_at: float, lates: list[float]):
    liveness = Liveness(now=opened_at, phase=phase)
    now = opened_at
    for late in lates:
        liveness.ping(now)
        liveness.sent_audio(now)
        assert liveness.ping_at() <= now + 1.0
        now = max(liveness.ping_at(), now) + late


@pytest.mark.parametrize(
    ("rtt", "acks", "threshold"),
    [
        (0.0, True, 2.5),
        (0.25, True, 3.0),
        (1.0, True, 6.0),
        (9.0, True, 10.0),
        (0.1, False, 5.0),
        (1.5, False, 8.0),
    ],
)
def test_the_threshold_follows_the_round_trip(rtt: float, acks: bool, threshold: float):
    liveness = Liveness(now=0.0)
    if acks:
        liveness.progress(1, 0.0)
    liveness.pong(liveness.ping(0.0), rtt)
    assert liveness.threshold() == threshold


def test_the_round_trip_is_smoothed_by_an_eighth():
    liveness = Liveness(now=0.0)
    assert liveness.pong(liveness.ping(0.0), 0.8) == pytest.approx(0.8)
    liveness.pong(liveness.ping(1.0), 1.0)
    assert liveness.srtt == pytest.approx(0.7)


def test_a_pong_nobody_waits_for_is_only_a_sign_of_life():
    liveness = Liveness(now=0.0)
    payload = liveness.ping(0.0)
    assert liveness.pong(b"unknown", 4.9) is None
    assert not liveness.is_dead(9.0)
    assert liveness.pong(payload, 9.0) == 9.0
    assert liveness.pong(payload, 9.1) is None


def test_a_pong_answers_all_pings_before_it():
    liveness = Liveness(now=0.0)
    early = liveness.ping(0.0)
    late = liveness.ping(1.0)
    assert liveness.pong(late, 1.2) == pytest.approx(0.2)
    assert liveness.check_at() == float("inf")
    assert liveness.pong(early, 1.3) is None


def test_nothing_is_dead_without_a_ping_that_waits():
    assert not Liveness(now=0.0).is_dead(1e9)


@given(
    st.booleans(),
    st.lists(st.tuples(st.floats(0.01, 3.0), st.sampled_from(QUIET)), max_size=40),
)
def test_death_needs_two_signs_or_three_times_the_patience(
    acks: bool, story: list[tuple[float, str]]
):
    liveness = Liveness(now=0.0)
    now, acked, sign_at = 0.0, 0, 0.0
    if acks:
        liveness.progress(acked, 0.0)
    liveness.ping(0.0)
    for step, what in story:
        now += step
        patience = liveness.threshold()
        if now - sign_at < patience + 0.69 and now < 3 * patience:
            assert not liveness.is_dead(now)
        if now >= 3 * patience or now - sign_at > patience + 0.71:
            assert liveness.is_dead(now)
        if what == "received":
            liveness.received(now)
            sign_at = now
        elif what == "progress" and acks:
            acked += 1
            liveness.progress(acked, now)
            sign_at = now
        elif acks:
            liveness.progress(acked, now)
    assert liveness.is_dead(now + 3 * liveness.threshold())


@given(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=30))
def test_the_next_check_and_ping_always_lie_ahead_of_what_was_done(steps: list[float]):
    liveness = Liveness(now=0.0)
    now = 0.0
    for step in steps:
        now += step
        if now >= liveness.ping_at():
            liveness.ping(now)
        assert liveness.ping_at() > now


def test_a_ping_must_wait_for_t_and_the_silence_last_a_retransmission_longer():
    young = Liveness(now=0.0)
    young.progress(1, 0.0)
    young.ping(1.0)
    assert young.check_at() == 3.5
    old = Liveness(now=0.0)
    old.ping(0.0)
    old.progress(1, 0.5)
    assert old.check_at() == pytest.approx(0.5 + 2.5 + 0.7)


def test_time_in_which_nobody_listened_is_no_silence():
    liveness = Liveness(now=0.0)
    liveness.progress(1, 0.0)
    payload = liveness.ping(0.0)
    liveness.excuse(30.0)
    assert not liveness.is_dead(33.1)
    assert liveness.is_dead(33.3)
    assert liveness.pong(payload, 33.0) == 33.0
    assert liveness.srtt is None, "a round trip across a block says nothing about the network"


def test_what_arrived_is_told_by_its_moment():
    liveness = Liveness(now=1.0)
    assert not liveness.heard_since(1.0)
    liveness.received(2.0)
    assert liveness.heard_since(1.0)


def test_a_ping_that_waits_for_longer_than_the_threshold_is_counted_once():
    liveness = Liveness(now=0.0)
    liveness.progress(1, 0.0)
    liveness.ping(0.0)
    assert liveness.overdue(2.4) == 0
    liveness.ping(2.4)
    assert liveness.overdue(2.5) == 1
    assert liveness.overdue(2.6) == 0
    assert liveness.overdue(4.9) == 1


def test_a_ping_that_nobody_could_hear_answered_is_counted_later():
    liveness = Liveness(now=0.0)
    liveness.progress(1, 0.0)
    liveness.ping(0.0)
    liveness.excuse(3.0)
    assert liveness.overdue(5.4) == 0
    assert liveness.overdue(5.5) == 1


def test_a_ping_that_was_answered_is_never_counted():
    liveness = Liveness(now=0.0)
    liveness.progress(1, 0.0)
    payload = liveness.ping(0.0)
    liveness.pong(payload, 0.1)
    assert liveness.overdue(100.0) == 0


def test_what_was_not_read_may_be_the_pong():
    """Three times T is counted again once all that had come by then was read without it."""
    liveness = Liveness(now=0.0)
    liveness.progress(1, 0.0)
    liveness.ping(0.0)
    assert liveness.is_dead(8.0)
    liveness.waits(1000, 600, 8.0)
    assert liveness.check_at() == 8.25
    assert liveness.is_dead(8.25)
    # Some of it was read, and more came.
    liveness.received(9.0)
    liveness.waits(1400, 500, 9.0)
    assert not liveness.is_dead(9.0)
    # All of the 1000 was, and no pong was in it.
    liveness.received(9.5)
    liveness.waits(1500, 500, 9.5)
    assert liveness.is_dead(9.5)


def test_a_pong_that_was_read_late_begins_anew():
    liveness = Liveness(now=0.0)
    first = liveness.ping(0.0)
    liveness.waits(1000, 600, 20.0)
    liveness.ping(20.0)
    assert liveness.pong(first, 20.1) == pytest.approx(20.1)
    assert not liveness.is_dead(20.1)
    liveness.waits(2000, 999, 60.0)
    assert not liveness.is_dead(60.0)


def test_silence_of_a_link_that_is_not_read_is_ours():
    """However often it is asked about, up to 3 T, where what had come counts."""
    liveness = Liveness(now=0.0)
    liveness.ping(0.0)
    assert liveness.is_dead(5.7)
    asked = 0
    while (now := liveness.check_at()) < 15.0:
        assert liveness.is_dead(now)
        liveness.waits(100 * int(now), 7, now)
        asked += 1
    assert asked > 30
    assert now < 15.25


def test_where_the_kernel_does_not_tell_what_came_three_times_the_patience_is_the_end():
    liveness = Liveness(now=0.0)
    liveness.ping(0.0)
    assert liveness.is_dead(5.7)
    liveness.waits(None, 600, 5.7)
    assert not liveness.is_dead(5.7)
    liveness.waits(None, 600, 15.0)
    assert liveness.is_dead(15.0)


@pytest.mark.parametrize("unread", [0, 600])
def test_without_a_ping_or_anything_unread_nothing_is_put_off(unread: int):
    liveness = Liveness(now=0.0)
    liveness.waits(1000, 600, 5.0)
    liveness.ping(6.0)
    if unread:
        liveness.pong(b"", 6.0)
    liveness.waits(1000, 0, 20.0)
    assert liveness.is_dead(21.0)


@given(st.lists(st.tuples(st.floats(0.05, 5.0), st.integers(0, 3000)), max_size=200))
def test_no_link_is_put_off_for_longer_than_a_minute(story: list[tuple[float, int]]):
    liveness = Liveness(now=0.0)
    liveness.ping(0.0)
    now, received = 0.0, 0
    for step, more in story:
        now, received = now + step, received + more
        liveness.waits(received, received, now)
        assert liveness.is_dead(now) or now < 60.0
