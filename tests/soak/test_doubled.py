from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from trunkline.protocol import events
from trunkline.soak.agenda import Agenda
from trunkline.soak.doubled import Doubled


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
        self.doubled.begin(self.session, "r2", "10-20", lambda: self.is_well)


def test_an_answer_that_nobody_hears_and_that_is_deleted_is_lawful():
    court = Court()
    court.session.engine.items.pop()
    court.agenda.run_until(60.0)
    court.doubled.delivered(events.ResponseDone(response_id="r1", status="completed", response={}))
    assert court.complaints == []


def test_one_that_stays_in_the_conversation_is_found():
    court = Court()
    court.agenda.run_until(60.0)
    assert court.complaints == ["turns"]


def test_one_that_reaches_the_application_is_found():
    court = Court()
    court.doubled.delivered(events.ResponseDone(response_id="r2", status="completed", response={}))
    assert court.complaints == ["turns"]


def test_nothing_is_demanded_of_a_session_that_is_gone_or_of_a_line_in_trouble():
    court = Court()
    court.session.is_gone = True
    court.agenda.run_until(60.0)
    court = Court()
    court.is_well = False
    court.agenda.run_until(60.0)
    assert court.complaints == []
