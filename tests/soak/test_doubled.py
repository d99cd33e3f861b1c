from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.protocol import events
from trunkline.soak.agenda import Agenda
from trunkline.soak.doubled import Doubled

if TYPE_CHECKING:
    from collections.abc import Callable


class Court:
    """A session with one answer too many."""

    def __init__(self) -> None:
        self.agenda = Agenda()
        self.complaints: list[str] = []
        self.is_well = True
        answer = SimpleNamespace(id="r2", item_id="a2")
        self.session: Any = SimpleNamespace(
            is_gone=False,
            record=SimpleNamespace(responses=[answer]),
            engine=SimpleNamespace(items=[SimpleNamespace(id="a1"), SimpleNamespace(id="a2")]),
        )
        self.doubled = Doubled(self.agenda, lambda law, detail: self.complaints.append(law))

    def begin(self) -> None:
        """The same words are answered again."""
        self.doubled.begin(self.session, "r2", "10-20", lambda: self.is_well)


DONE = events.ResponseDone(response_id="r1", status="completed", response={})
AGAIN = events.ResponseDone(response_id="r2", status="completed", response={})


def test_an_answer_that_nobody_hears_and_that_is_deleted_is_lawful():
    court = Court()
    court.begin()
    court.session.engine.items.pop()
    court.agenda.run_until(60.0)
    court.doubled.delivered(DONE)
    assert court.complaints == []


def test_one_that_stays_in_the_conversation_is_found():
    court = Court()
    court.begin()
    court.agenda.run_until(60.0)
    assert court.complaints == ["turns"]


def test_one_that_reaches_the_application_is_found():
    court = Court()
    court.begin()
    court.doubled.delivered(AGAIN)
    assert court.complaints == ["turns"]


def test_nothing_is_demanded_of_a_session_that_is_gone_or_of_a_line_in_trouble():
    court = Court()
    court.begin()
    court.session.is_gone = True
    court.agenda.run_until(60.0)
    court = Court()
    court.begin()
    court.is_well = False
    court.agenda.run_until(60.0)
    assert court.complaints == []


def test_while_the_application_waits_for_an_answer_it_asked_for_none_is_too_many():
    court = Court()
    court.doubled.asked()
    court.begin()
    court.doubled.delivered(AGAIN)
    court.agenda.run_until(60.0)
    assert court.complaints == []


@pytest.mark.parametrize("end", [lambda doubled: doubled.delivered(DONE), Doubled.cancelled])
def test_it_waits_no_more_once_an_answer_ended_or_it_wants_none(end: Callable[[Doubled], None]):
    court = Court()
    court.doubled.asked()
    end(court.doubled)
    court.begin()
    court.agenda.run_until(60.0)
    assert court.complaints == ["turns"]
