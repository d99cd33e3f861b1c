from __future__ import annotations

import pytest

from trunkline.simulator import schema
from trunkline.simulator.emitter import Emitter
from trunkline.simulator.history import SessionHistory
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.intake import Intake
from trunkline.simulator.refusals import Refusal

EVENT = schema.record({"type": schema.text(), "event_id": schema.text(), "n": schema.integer(0)})


class Counter(Intake):
    """An engine that adds up, and counts how often it was told the time."""

    def __init__(self) -> None:
        chance = Chance(1)
        super().__init__(
            emitter=Emitter(Identity(chance), chance),
            history=SessionHistory(epoch=1, opened_at=0.0),
            requests={"add": EVENT},
            handlers={"add": Counter.add},
        )
        self.total = 0
        self.ticks: list[float] = []

    def handle_timeout(self, now: float) -> None:
        self.ticks.append(now)

    def add(self, event, now) -> None:
        if event["n"] == 13:
            raise Refusal("unlucky", code="unlucky", param="n")
        self.total += event["n"]


def errors(engine: Counter) -> list[dict]:
    return [event["error"] for event in iter(engine.next_event, None)]


def test_time_passes_before_an_event_is_handled():
    engine = Counter()
    engine.receive({"type": "add", "n": 2}, 7.0)
    assert (engine.total, engine.ticks) == (2, [7.0])
    assert errors(engine) == []
    assert engine.history.received[0].type == "add"


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({"type": "add", "n": -1}, "integer_below_min_value", "n"),
        ({"type": "add", "n": 13}, "unlucky", "n"),
        ({"type": "subtract"}, "invalid_value", "type"),
        ({}, "missing_required_parameter", "type"),
    ],
)
def test_what_is_refused_is_told_with_the_clients_id_and_kept_as_a_violation(event, code, param):
    engine = Counter()
    engine.receive({**event, "event_id": "evt_1"}, 7.0)
    (body,) = errors(engine)
    assert (body["code"], body["param"], body["event_id"]) == (code, param, "evt_1")
    assert [(one.code, one.param, one.at) for one in engine.history.violations] == [
        (code, param, 7.0)
    ]
    assert engine.total == 0


@pytest.mark.parametrize(("text", "code"), [("{", "invalid_json"), ("7", "invalid_event")])
def test_text_that_is_no_event_is_refused(text, code):
    engine = Counter()
    engine.receive_text(text, 1.0)
    engine.receive_binary(1.0)
    assert [one["code"] for one in errors(engine)] == [code, "invalid_event"]


def test_an_event_that_is_given_out_counts_as_sent():
    engine = Counter()
    engine.inject_error(Refusal("trouble", code=None))
    assert engine.history.sent == {}
    assert engine.next_event()["error"]["message"] == "trouble"
    assert engine.history.sent == {"error": 1}
