from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.observations import AudioReceived, PlayStarted
from trunkline.telemetry.delivery import Delivery
from trunkline.telemetry.histogram import bucket_of

RATE_HZ = 24_000
SECOND = RATE_HZ


def _delta(at, *, item="i", response="r", samples=SECOND // 10):
    return AudioReceived(at=at, epoch=1, response_id=response, item_id=item, samples=samples)


def _delivered(*facts):
    delivery = Delivery(RATE_HZ)
    for fact in facts:
        delivery.received(fact)
    return delivery


def test_gaps_are_between_deltas_of_one_answer():
    delivery = _delivered(
        _delta(1.0), _delta(1.2), _delta(9.0, response="s"), _delta(9.1, response="s")
    )
    gaps, _ = delivery.take()
    assert gaps == [bucket_of(0.2), bucket_of(0.1)]
    assert delivery.take() == ([], None)


def test_the_jitter_is_the_filter_of_rfc_3550_on_transits():
    delivery = _delivered(_delta(1.0), _delta(1.1), _delta(1.5))
    # On time, then 0.3 s later than the media position says.
    assert delivery.jitter == pytest.approx(0.3 / 16)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("rs"),
            st.sampled_from("ij"),
            st.lists(
                st.tuples(st.floats(0.0, 0.5), st.integers(0, SECOND)), min_size=1, max_size=5
            ),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_deltas_in_lists_are_the_same_as_one_by_one(runs, plays):
    one_by_one, in_lists, now = Delivery(RATE_HZ), Delivery(RATE_HZ), 1.0
    for delivery in (one_by_one, in_lists):
        if plays:
            delivery.play_started(PlayStarted(at=0.9, epoch=1, item_id="i", samples=10))
    for response, item, steps in runs:
        times, counts = [], []
        for step, samples in steps:
            now += step
            times.append(now)
            counts.append(samples)
            one_by_one.received(_delta(now, response=response, item=item, samples=samples))
        in_lists.arrived(response, item, times, counts)
        assert in_lists.jitter == one_by_one.jitter
    assert in_lists.take() == one_by_one.take()


def test_one_delta_has_neither_gap_nor_jitter():
    assert _delivered(_delta(1.0)).jitter is None


def test_the_lead_is_how_long_the_speaker_still_had():
    delivery = _delivered(_delta(1.0, samples=SECOND))
    delivery.play_started(PlayStarted(at=1.3, epoch=1, item_id="i", samples=SECOND // 10))
    delivery.received(_delta(1.5))
    # Played from 1.2 on, a second of audio was there: it would have lasted until 2.2.
    assert delivery.take()[1] == pytest.approx(0.7)
    delivery.received(_delta(2.5))
    assert delivery.take()[1] == pytest.approx(1.2 + 1.1 - 2.5)


def test_audio_of_an_answer_that_is_not_played_yet_has_no_lead():
    delivery = _delivered(_delta(1.0))
    delivery.play_started(PlayStarted(at=1.3, epoch=1, item_id="another", samples=0))
    delivery.received(_delta(1.5))
    assert delivery.take()[1] is None


def test_nothing_starves_when_nothing_is_played_any_more():
    delivery = _delivered(_delta(1.0))
    delivery.play_started(PlayStarted(at=1.0, epoch=1, item_id="i", samples=0))
    delivery.play_stopped()
    delivery.received(_delta(9.0))
    assert delivery.take()[1] is None
