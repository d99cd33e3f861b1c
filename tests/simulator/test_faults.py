from __future__ import annotations

import pytest

from trunkline.simulator.actions import DropEvent, DuplicateEvent, RefuseDials
from trunkline.simulator.faults import (
    Appended,
    Dialed,
    Elapsed,
    Events,
    Facts,
    Fault,
    FaultBook,
    InReply,
    InUtterance,
    ResetLink,
)


def facts(connection=1, elapsed=0.0, **more) -> Facts:
    return Facts(connection=connection, elapsed=elapsed, **more)


@pytest.mark.parametrize(
    ("moment", "before", "then"),
    [
        (Appended(ms=100), facts(appended_ms=99.9), facts(appended_ms=100.0)),
        (InUtterance(turn=2, ms=50), facts(utterance=(2, 49.0)), facts(utterance=(2, 50.0))),
        (InUtterance(turn=2), facts(utterance=(1, 900.0)), facts(utterance=(2, 0.0))),
        (InUtterance(turn=2), facts(), facts(utterance=(2, 0.0))),
        (InReply(turn=1, ms=200), facts(reply=(1, 199.0)), facts(reply=(1, 400.0))),
        (InReply(turn=1), facts(reply=(2, 9.0)), facts(reply=(1, 9.0))),
        (Events(type="a", count=2), facts(events={"a": 1}), facts(events={"a": 2})),
        (Elapsed(seconds=3), facts(elapsed=2.9), facts(elapsed=3.0)),
    ],
)
def test_a_moment_comes_when_its_facts_do(moment, before, then):
    assert not moment.is_met(before)
    assert moment.is_met(then)


def test_a_fault_happens_once():
    fault = Fault(when=Appended(ms=0), action=ResetLink())
    book = FaultBook([fault])
    assert book
    assert book.take(facts()) is fault
    assert book.take(facts()) is None
    assert not book
    assert book.happened == [fault]


def test_a_fault_of_one_connection_leaves_the_others_alone():
    book = FaultBook([Fault(when=Appended(ms=0), action=ResetLink(), connection=2)])
    assert book.take(facts(connection=1)) is None
    assert book.take(facts(connection=2)) is not None


def test_only_faults_by_the_clock_need_a_timer():
    book = FaultBook(
        [
            Fault(when=Appended(ms=0), action=ResetLink()),
            Fault(when=Elapsed(seconds=9), action=ResetLink()),
            Fault(when=Elapsed(seconds=4), action=ResetLink(), connection=2),
        ]
    )
    assert book.next_elapsed(1) == 9
    assert book.next_elapsed(2) == 4
    assert FaultBook().next_elapsed(1) is None


DELTA = "response.output_audio.delta"


def test_a_message_is_edited_as_often_as_asked():
    book = FaultBook([Fault(when=Events(type=DELTA, count=2), action=DropEvent(), times=2)])
    edits = [
        book.take_edit(facts(events={DELTA: count}), kind) is not None
        for count, kind in [(1, DELTA), (2, DELTA), (2, "other"), (3, DELTA), (4, DELTA)]
    ]
    assert edits == [False, True, False, True, False]
    assert not book.has_edits
    assert len(book.happened) == 2


def test_after_a_clients_event_the_servers_next_one_is_edited_but_only_dropping_drops_it():
    asked = facts(events={"response.create": 1})
    when = Events(type="response.create")
    book = FaultBook([Fault(when=when, action=DuplicateEvent())])
    assert book.take_edit(asked, "response.create", by_client=True) is None
    assert book.take_edit(asked, "response.created") == DuplicateEvent()
    book = FaultBook([Fault(when=when, action=DropEvent())])
    assert book.take_edit(asked, "response.created") is None
    assert book.take_edit(asked, "response.create", by_client=True) == DropEvent()


def test_an_edit_is_no_deed_and_a_deed_no_edit():
    book = FaultBook([Fault(when=Elapsed(seconds=0), action=DropEvent())])
    assert book.take(facts()) is None
    assert book.next_elapsed(1) is None
    book = FaultBook([Fault(when=Elapsed(seconds=0), action=ResetLink())])
    assert book.take_edit(facts(), "x") is None
    assert book.take(facts()) is not None


def test_a_refusal_begins_with_its_dial():
    refuse = RefuseDials(status=503)
    book = FaultBook([Fault(when=Dialed(dial=2), action=refuse)])
    assert book.take_refusal(facts(dial=1)) is None
    assert book.take_refusal(facts(dial=2)) == refuse
    assert book.take_refusal(facts(dial=3)) is None


def test_faults_can_be_added_later():
    book = FaultBook()
    assert not book
    book.add([Fault(when=Elapsed(seconds=0), action=DropEvent())])
    assert book
    assert book.has_edits
