"""One look at a conversation, from the facts of its line."""

from __future__ import annotations

import pytest

from trunkline.cli.glance import Health, Onlooker, Turn
from trunkline.protocol.closure import Closure
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import (
    LinkEnded,
    Milestone,
    MilestoneKind,
    Restored,
    RetryScheduled,
    RoundTrip,
    Transition,
)
from trunkline.protocol.verdicts import Disposition, Verdict

LOST = Verdict(disposition=Disposition.RETRY, cause="the connection was reset", advice="")


def moved(target: State, at: float = 1.0) -> Transition:
    return Transition(at=at, epoch=1, source=State.IDLE, target=target, cause="test")


def milestone(kind: MilestoneKind) -> Milestone:
    return Milestone(at=1.0, epoch=1, kind=kind)


def ended() -> LinkEnded:
    return LinkEnded(at=2.0, epoch=1, closure=Closure(), verdict=LOST, lived=1.0)


def restored(*, owed: bool) -> Restored:
    return Restored(
        at=3.0,
        epoch=2,
        items=0,
        items_dropped=0,
        replayed_samples=0,
        lost_samples=0,
        duplicated_samples=0,
        verified=True,
        owed=owed,
        took=0.4,
    )


def looked(*facts, now: float = 10.0, is_quiet: bool = True):
    onlooker = Onlooker()
    for fact in facts:
        onlooker(fact)
    return onlooker.glance(now, is_quiet=is_quiet)


@pytest.mark.parametrize(
    ("states", "health"),
    [
        ([], Health.DIALING),
        ([State.DIALING, State.OPENING], Health.DIALING),
        ([State.LIVE], Health.LIVE),
        ([State.LIVE, State.ROTATING], Health.LIVE),
        ([State.LIVE, State.WAITING], Health.LOST),
        ([State.LIVE, State.WAITING, State.DIALING], Health.RESTORING),
        ([State.LIVE, State.CLOSING], Health.ENDING),
        ([State.FAILED], Health.FAILED),
    ],
)
def test_the_health_is_that_of_the_line_in_a_talkers_words(states, health):
    assert looked(*map(moved, states)).health is health


def test_it_counts_from_when_the_line_was_first_live():
    assert looked(moved(State.LIVE, at=4.0), moved(State.LIVE, at=9.0), now=12.9).live_s == 8


def test_while_it_waits_it_says_for_how_long_and_then_no_more():
    waits = [moved(State.WAITING), RetryScheduled(at=9.0, epoch=1, attempt=1, delay=1.5)]
    assert looked(*waits, now=10.0).retry_in == pytest.approx(0.5)
    assert looked(*waits, now=11.0).retry_in == 0.0
    assert looked(*waits, moved(State.DIALING)).retry_in is None


def test_the_last_round_trip_counts_until_the_link_ends():
    measured = [RoundTrip(at=1.0, epoch=1, rtt=0.1), RoundTrip(at=2.0, epoch=1, rtt=0.2)]
    assert looked(*measured).rtt == 0.2
    assert looked(*measured, ended()).rtt is None


KINDS = MilestoneKind


@pytest.mark.parametrize(
    ("kinds", "is_quiet", "turn"),
    [
        ([], True, Turn.LISTENING),
        ([KINDS.SPEECH_STARTED], True, Turn.HEARING),
        ([KINDS.SPEECH_STARTED, KINDS.SPEECH_STOPPED], True, Turn.THINKING),
        ([KINDS.COMMITTED, KINDS.RESPONSE_CREATED, KINDS.FIRST_AUDIO], True, Turn.THINKING),
        ([KINDS.COMMITTED, KINDS.RESPONSE_CREATED, KINDS.FIRST_AUDIO], False, Turn.SPEAKING),
        ([KINDS.COMMITTED, KINDS.RESPONSE_CREATED, KINDS.RESPONSE_DONE], False, Turn.SPEAKING),
        ([KINDS.COMMITTED, KINDS.RESPONSE_CREATED, KINDS.RESPONSE_DONE], True, Turn.LISTENING),
        ([KINDS.SPEECH_STARTED], False, Turn.HEARING),
    ],
)
def test_the_turn_is_whoever_is_heard_and_then_whoever_owes(kinds, is_quiet, turn):
    assert looked(*map(milestone, kinds), is_quiet=is_quiet).turn is turn


def test_a_link_that_ends_takes_the_turn_with_it_unless_an_answer_is_owed():
    spoke = [milestone(KINDS.SPEECH_STARTED), milestone(KINDS.COMMITTED), ended()]
    assert looked(*spoke).turn is Turn.LISTENING
    assert looked(*spoke, restored(owed=False)).turn is Turn.LISTENING
    assert looked(*spoke, restored(owed=True)).turn is Turn.THINKING
