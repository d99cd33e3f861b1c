from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from trunkline.protocol.turns import Request, Turns

PLAIN = Request(event_id="plain", message=b"plain")


def request(name: str) -> Request:
    return Request(event_id=name, message=name.encode())


def test_one_response_is_asked_for_at_a_time_and_the_next_when_it_is_done():
    turns = Turns()
    one, two, three = request("1"), request("2"), request("3")
    assert turns.ask(one, live=True) is one
    assert turns.ask(two, live=True) is None
    turns.created("r1")
    assert turns.ask(three, live=True) is None
    assert turns.done("r1") is two
    turns.created("r2")
    assert turns.done("r2") is three
    turns.created("r3")
    assert turns.done("r3") is None
    assert not turns.owed


def test_an_answer_that_the_server_began_first_is_the_one_a_restore_asks_for():
    turns = Turns()
    turns.adopt([], owed=True)
    plain = Request(event_id="plain", message=b"plain", ours=True)
    assert turns.resume(plain) is plain
    turns.created("r1")
    assert turns.refused("plain", busy=True) is None
    assert turns.owed
    assert turns.done("r1") is None
    assert not turns.owed


def test_what_is_asked_without_a_session_waits_for_one():
    turns = Turns()
    one = request("1")
    assert turns.ask(one, live=False) is None
    assert turns.resume(PLAIN) is one
    assert turns.resume(PLAIN) is None


def test_a_turn_is_owed_until_a_response_to_it_is_done():
    turns = Turns()
    assert turns.committed(answered_by_itself=True) is None
    assert turns.owed
    turns.created("r1")
    turns.done("someone else")
    assert turns.owed
    turns.done("r1")
    assert not turns.owed


def test_a_turn_that_is_not_answered_by_itself_is_not_owed():
    turns = Turns()
    assert turns.committed(answered_by_itself=False) is None
    assert not turns.owed


def test_a_response_that_ran_already_does_not_answer_what_came_after_it_began():
    turns = Turns()
    turns.created("r1")
    turns.committed(answered_by_itself=True)
    turns.done("r1")
    assert turns.owed
    turns.created("r2")
    turns.done("r2")
    assert not turns.owed


@pytest.mark.parametrize("begun", [False, True])
def test_a_request_that_was_lost_is_asked_again_itself_and_once(begun: bool):
    turns = Turns()
    one = request("1")
    turns.ask(one, live=True)
    if begun:
        turns.created("r1")
    turns.dropped()
    assert turns.resume(PLAIN) is one
    turns.created("r2")
    assert turns.done("r2") is None
    assert not turns.owed


def test_an_owed_turn_without_a_request_is_asked_for_plainly():
    turns = Turns()
    turns.committed(answered_by_itself=True)
    turns.dropped()
    assert turns.resume(PLAIN) is PLAIN


def test_nothing_is_asked_again_while_the_user_speaks():
    turns = Turns()
    one = request("1")
    turns.ask(one, live=False)
    turns.speaking = True
    assert turns.resume(PLAIN) is None
    assert turns.committed(answered_by_itself=False) is one
    assert not turns.speaking


def test_a_request_that_waited_for_speech_goes_out_when_the_speech_is_thrown_away():
    turns = Turns()
    one = request("1")
    turns.ask(one, live=False)
    turns.speaking = True
    assert turns.resume(PLAIN) is None
    assert turns.cleared() is one


def test_a_request_refused_since_a_response_runs_waits_for_its_end():
    turns = Turns()
    one = request("1")
    turns.ask(one, live=True)
    assert turns.refused("1", busy=True) is None
    turns.created("r1")
    assert turns.done("r1") is one


def test_a_refusal_may_come_after_the_response_the_server_began_by_itself():
    turns = Turns()
    one = request("1")
    turns.ask(one, live=True)
    turns.created("its own")
    assert turns.refused("1", busy=True) is None
    assert turns.done("its own") is one


def test_a_request_refused_for_good_makes_room_for_the_next():
    turns = Turns()
    one, two = request("1"), request("2")
    turns.ask(one, live=True)
    turns.ask(two, live=True)
    assert turns.refused("1", busy=False) is two
    assert turns.refused("2", busy=False) is None
    assert not turns.owed


def test_a_refusal_of_something_else_changes_nothing():
    turns = Turns()
    turns.ask(request("1"), live=True)
    assert turns.refused("other", busy=True) is None
    turns.created("r1")
    assert turns.refused("other", busy=True) is None
    assert turns.active == "r1"


def test_a_cancelled_answer_is_late_and_owed_no_more():
    turns = Turns()
    turns.ask(request("1"), live=True)
    turns.created("r1")
    turns.ask(request("2"), live=True)
    turns.cancel()
    assert turns.is_late("r1")
    assert not turns.owed
    assert turns.done("r1") is None
    assert not turns.is_late("r1")


def test_cancelling_a_response_outside_the_conversation_leaves_the_turns_alone():
    turns = Turns()
    turns.ask(request("1"), live=True)
    turns.created("r1")
    turns.cancel("elsewhere")
    assert not turns.is_late("r1")
    assert turns.owed
    turns.cancel("r1")
    assert turns.is_late("r1")


def test_an_interrupted_answer_is_not_asked_for_again():
    turns = Turns()
    turns.ask(request("1"), live=True)
    turns.created("r1")
    turns.silence()
    turns.dropped()
    assert turns.resume(PLAIN) is None


def test_what_the_user_said_over_an_interrupted_answer_is_owed():
    turns = Turns()
    turns.committed(answered_by_itself=True)
    turns.created("r1")
    turns.committed(answered_by_itself=True)
    turns.silence()
    assert turns.owed


def test_silencing_without_a_response_does_nothing():
    turns = Turns()
    turns.silence()
    turns.created("")
    turns.silence()
    assert not turns.is_late("")


class Sequencing(RuleBasedStateMachine):
    """At most one response.create outstanding; every request answered, refused or cancelled once."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = Turns()
        self.count = 0
        self.outstanding: Request | None = None
        self.running: str | None = None
        self.waiting: list[str] = []
        self.live = True

    def send(self, sent: Request | None) -> None:
        if sent is None:
            return
        assert self.live
        assert self.outstanding is None
        assert self.running is None
        self.outstanding = sent
        if sent is not PLAIN:
            self.waiting.remove(sent.event_id)

    @rule()
    def ask(self) -> None:
        self.count += 1
        self.waiting.append(str(self.count))
        self.send(self.turns.ask(request(str(self.count)), live=self.live))

    @precondition(lambda self: self.live)
    @rule(by_itself=st.booleans())
    def commit(self, by_itself: bool) -> None:
        self.send(self.turns.committed(answered_by_itself=by_itself))

    @precondition(lambda self: self.live and self.running is None)
    @rule()
    def begin(self) -> None:
        self.count += 1
        self.running = f"r{self.count}"
        self.turns.created(self.running)
        self.outstanding = None

    @precondition(lambda self: self.running is not None)
    @rule()
    def end(self) -> None:
        response_id, self.running = self.running, None
        self.send(self.turns.done(response_id))

    @precondition(lambda self: self.outstanding not in (None, PLAIN))
    @rule(busy=st.booleans())
    def refuse(self, busy: bool) -> None:
        refused, self.outstanding = self.outstanding, None
        if busy:
            self.waiting.append(refused.event_id)
        self.send(self.turns.refused(refused.event_id, busy=busy))

    @precondition(lambda self: self.live)
    @rule()
    def drop(self) -> None:
        if self.outstanding not in (None, PLAIN):
            self.waiting.append(self.outstanding.event_id)
        elif self.running is not None and self.turns._begun not in (None, PLAIN):
            self.waiting.append(self.turns._begun.event_id)
        self.live, self.outstanding, self.running = False, None, None
        self.turns.dropped()

    @precondition(lambda self: not self.live)
    @rule(speaking=st.booleans())
    def restore(self, speaking: bool) -> None:
        self.live = True
        self.turns.speaking = speaking
        owed = self.turns.owed
        sent = self.turns.resume(PLAIN)
        assert (sent is not None) == (owed and not speaking)
        self.send(sent)

    @invariant()
    def nothing_is_forgotten(self) -> None:
        assert sorted(each.event_id for each in self.turns._queue if each is not PLAIN) == sorted(
            self.waiting
        )
        assert self.turns.active == self.running
        if self.waiting:
            assert self.turns.owed


Sequencing.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestSequencing = Sequencing.TestCase


def test_what_a_restore_asked_for_is_not_kept_when_its_link_is_lost_too():
    turns = Turns()
    turns.committed(answered_by_itself=True)
    turns.dropped()
    plain = Request(event_id="plain", message=b"", ours=True)
    assert turns.resume(plain) is plain
    turns.dropped()
    assert turns.owed
    # The user speaks meanwhile, and the server answers by itself: nothing is left to ask.
    turns.speaking = True
    assert turns.resume(plain) is None
    turns.committed(answered_by_itself=True)
    turns.created("resp")
    assert turns.done("resp") is None
    assert not turns.owed
