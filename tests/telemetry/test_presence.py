from __future__ import annotations

import pytest

from trunkline.errors import StreamError
from trunkline.telemetry.presence import CONDITIONS, Presence, worse


def test_availability_counts_only_the_time_the_line_was_wanted():
    presence = Presence(0.0)
    assert presence.availability(5.0) is None
    presence.enter("dialing", 10.0)
    presence.enter("live", 11.0)
    presence.enter("waiting", 20.0)
    presence.enter("live", 21.0)
    presence.enter("closed", 30.0)
    assert presence.availability(99.0) == pytest.approx(18 / 20)
    assert presence.seconds("live", 99.0) == 18.0


@pytest.mark.parametrize(
    ("states", "lost"),
    [
        (["dialing"], False),
        (["dialing", "live"], False),
        (["dialing", "live", "waiting"], True),
        (["dialing", "live", "rotating"], False),
        (["dialing", "live", "rotating", "configuring"], True),
        (["dialing", "live", "closing"], False),
        (["dialing", "failed"], True),
    ],
)
def test_lost_is_a_session_that_was_there_and_is_not(states, lost):
    presence = Presence(0.0)
    for state in states:
        presence.enter(state, 1.0)
    assert presence.is_lost is lost


def test_a_line_that_rotates_is_live_all_the_while():
    presence = Presence(0.0)
    presence.enter("live", 0.0)
    presence.enter("rotating", 10.0)
    presence.enter("live", 12.0)
    presence.enter("rotating", 15.0)
    assert presence.availability(20.0) == 1.0
    assert presence.live_seconds(20.0) == 20.0
    assert presence.seconds("rotating", 20.0) == 7.0
    presence.enter("waiting", 20.0)
    assert presence.availability(40.0) == 0.5


@pytest.mark.parametrize(
    ("states", "condition"),
    [
        ([], "connecting"),
        (["dialing"], "connecting"),
        (["live"], "live"),
        (["live", "rotating"], "live"),
        (["live", "waiting"], "reconnecting"),
        (["live", "waiting", "dialing"], "reconnecting"),
        (["dialing", "failed"], "failed"),
        (["live", "closing"], "closed"),
        (["closed"], "closed"),
    ],
)
def test_a_fleet_tells_six_conditions_apart(states, condition):
    presence = Presence(0.0)
    for state in states:
        presence.enter(state, 1.0)
    assert presence.condition == condition
    assert condition in CONDITIONS


def test_the_seconds_of_all_states_are_the_age():
    presence = Presence(5.0)
    for at, state in ((6.0, "dialing"), (7.5, "live"), (9.0, "waiting")):
        presence.enter(state, at)
    whole = presence.all_seconds(12.0)
    assert whole == (("idle", 1.0), ("dialing", 1.5), ("live", 1.5), ("waiting", 3.0))
    assert not presence.is_flowing


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("closed", "live"),
        ("live", "connecting"),
        ("connecting", "reconnecting"),
        ("reconnecting", "failed"),
    ],
)
def test_conditions_have_an_order(one, other):
    assert worse(one, other) == worse(other, one) == other


def test_the_worst_since_it_was_asked_is_told_once():
    presence = Presence(0.0)
    for state in ("live", "waiting", "live"):
        presence.enter(state, 1.0)
    assert presence.taken_worst() == "reconnecting"
    assert presence.taken_worst() == "live"


def test_a_condition_that_is_none_is_refused():
    with pytest.raises(StreamError):
        Presence(0.0, worst="?")
