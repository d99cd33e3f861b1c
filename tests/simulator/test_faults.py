from __future__ import annotations

import pytest

from trunkline.simulator.faults import (
    Appended,
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
