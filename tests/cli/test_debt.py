"""What a server owes a caller who does not wait."""

from __future__ import annotations

import pytest

from trunkline.cli.debt import Debt
from trunkline.protocol import events
from trunkline.protocol.observations import ServerError

STARTED = events.SpeechStarted(item_id="u", audio_start_ms=0)
COMMITTED = events.AudioCommitted(item_id="u", previous_item_id=None)
CREATED = events.ResponseCreated(response_id="r", conversation_id="c", response={})
DONE = events.ResponseDone(response_id="r", status="completed", response={})


def refusal(code: str) -> ServerError:
    return ServerError(at=0.0, epoch=1, code=code, type="invalid_request_error", message="")


BUSY = refusal("conversation_already_has_active_response")


def after(*taken: events.Event) -> Debt:
    debt = Debt()
    for event in taken:
        debt.receive(event)
    return debt


@pytest.mark.parametrize(
    ("taken", "settled"),
    [
        ((), True),
        ((STARTED,), False),
        ((STARTED, COMMITTED), False),
        ((STARTED, COMMITTED, CREATED), False),
        ((STARTED, COMMITTED, CREATED, DONE), True),
        ((STARTED, COMMITTED, CREATED, STARTED, DONE), False),
        ((STARTED, COMMITTED, CREATED, STARTED, COMMITTED, DONE), False),
        ((STARTED, COMMITTED, CREATED, STARTED, COMMITTED, DONE, CREATED, DONE), True),
    ],
)
def test_all_is_settled_when_nobody_speaks_and_everything_is_answered(taken, settled: bool):
    assert after(*taken).is_settled is settled


def test_an_answer_that_was_refused_is_asked_for_when_the_one_in_the_way_is_over():
    debt = after(STARTED, COMMITTED, CREATED, STARTED, COMMITTED)
    debt(BUSY)
    assert debt.receive(DONE)
    assert not debt.receive(STARTED)
    assert not debt.receive(CREATED)
    assert not debt.receive(DONE)


def test_a_refusal_that_is_seen_before_the_events_ahead_of_it_counts_all_the_same():
    debt = after(STARTED, COMMITTED)
    debt(BUSY)
    taken = (CREATED, STARTED, COMMITTED, DONE)
    assert [debt.receive(event) for event in taken] == [False, False, False, True]


def test_what_was_asked_for_and_refused_is_left_to_the_line():
    debt = after(STARTED, COMMITTED, CREATED, STARTED, COMMITTED)
    debt(BUSY)
    assert debt.receive(DONE)
    debt(BUSY)
    assert not debt.receive(CREATED)
    assert not debt.receive(DONE)


def test_another_refusal_asks_for_nothing():
    debt = after(STARTED, COMMITTED, CREATED, STARTED, COMMITTED)
    debt(refusal("invalid_value"))
    assert not debt.receive(DONE)


@pytest.mark.parametrize("taken", [(STARTED,), (STARTED, COMMITTED), (STARTED, COMMITTED, CREATED)])
def test_a_drop_leaves_the_debt_to_the_next_session(taken):
    dropped = object.__new__(events.LineDropped)
    debt = after(*taken, dropped)
    assert not debt.is_settled
    assert not debt.receive(CREATED)
    debt.receive(DONE)
    assert debt.is_settled
