"""Planted clients: good ones have clean accounts, and each bad one is found by its millisecond."""

from __future__ import annotations

import numpy as np
import pytest

from gauntlet.planting import (
    FIRST,
    RATE,
    SECOND,
    SPEECH,
    Session,
    heard_first_turn,
    places,
    record,
)
from trunkline.gauntlet.accounts import settle

HALF = (SECOND.start + SECOND.end) // 2
AFTER = SECOND.end + RATE // 2


def accounts(*sessions: Session):
    return settle(record(*sessions), SPEECH, places())


def back(now: float) -> Session:
    return Session(now, number=2).tell(FIRST.text)


def test_an_untroubled_client_loses_and_doubles_nothing():
    found = accounts(Session().say(0, AFTER).commit(AFTER, "both"))
    assert (found.lost_ms, found.doubled_ms) == (0, 0)
    speech = FIRST.end - FIRST.start + SECOND.end - SECOND.start
    assert found.said_ms == pytest.approx(speech / 24)


def test_a_client_that_replays_what_no_item_holds_has_clean_accounts():
    first = heard_first_turn().say(SECOND.start, HALF).broken()
    second = back(first.now + 0.3).say(SECOND.start - 4800, HALF, faster=8).say(HALF, AFTER)
    found = accounts(first, second)
    assert (found.lost_ms, found.doubled_ms) == (0, 0)


def test_a_client_that_goes_on_as_if_nothing_happened_loses_what_the_old_session_had():
    first = heard_first_turn().say(SECOND.start, HALF).broken()
    found = accounts(first, back(first.now).say(HALF, AFTER))
    assert found.lost_ms == pytest.approx((HALF - SECOND.start) / 24)
    assert found.doubled_ms == 0


def test_a_hole_of_200_ms_is_found_to_the_millisecond():
    session = heard_first_turn().say(SECOND.start, HALF).say(HALF + 4800, AFTER)
    assert accounts(session).lost_ms == pytest.approx(200)


def test_a_client_that_replays_twice_doubles_it():
    first = heard_first_turn().say(SECOND.start, HALF).broken()
    second = back(first.now).say(SECOND.start, HALF).say(SECOND.start, HALF).say(HALF, AFTER)
    found = accounts(first, second)
    assert found.doubled_ms == pytest.approx((HALF - SECOND.start) / 24)
    assert found.lost_ms == 0


def test_audio_beside_its_own_words_is_doubled():
    first = heard_first_turn().broken()
    second = back(first.now).say(0, FIRST.end + RATE // 2).say(SECOND.start, AFTER)
    assert accounts(first, second).doubled_ms == pytest.approx((FIRST.end - FIRST.start) / 24)


def test_audio_instead_of_words_is_not_doubled():
    first = heard_first_turn().broken()
    second = Session(first.now).say(0, FIRST.end + RATE // 2).say(SECOND.start, AFTER)
    assert accounts(first, second).doubled_ms == 0


def test_silence_may_be_left_out_or_be_the_clients_own():
    session = Session().append(bytes(9600)).say(FIRST.start, FIRST.end)
    session.append(bytes(48_000)).say(SECOND.start, SECOND.end)
    found = accounts(session)
    assert (found.lost_ms, found.doubled_ms) == (0, 0)


def test_the_second_round_of_the_file_is_no_repetition():
    session = Session().say(0, 2 * SPEECH.samples)
    found = accounts(session)
    assert found.doubled_ms == 0
    assert found.lost_ms == 0


def test_an_utterance_that_is_not_over_is_not_judged():
    first = heard_first_turn().say(SECOND.start, HALF).broken()
    found = accounts(first, back(first.now).say(HALF, HALF + 4800))
    assert found.lost_ms == 0


def test_resampled_audio_is_not_comparable():
    samples = np.frombuffer(SPEECH.pcm, dtype="<i2").astype(np.float64)
    slower = np.interp(np.arange(0, samples.size, 1.5), np.arange(samples.size), samples)
    assert not accounts(Session().append(slower.astype("<i2").tobytes())).is_comparable


def test_nothing_appended_is_not_comparable():
    assert not accounts(Session()).is_comparable
