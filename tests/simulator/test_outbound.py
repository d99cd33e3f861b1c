from __future__ import annotations

import json

import pytest

from simulator.sitting import Sitting
from trunkline.simulator.actions import (
    Delay,
    DropEvent,
    DuplicateEvent,
    GarbleEvent,
    LateEvent,
    ReorderEvent,
)
from trunkline.simulator.identity import Chance
from trunkline.simulator.outbound import Outbound
from trunkline.simulator.refusals import Refusal


class Desk:
    """Three errors on their way out, the second of them edited."""

    def __init__(self, edit) -> None:
        self.engine = Sitting().engine
        edits = iter([None, edit, None, None, None])
        self.out = Outbound(
            self.engine, dialect=None, chance=Chance(1), edit_of=lambda _event: next(edits)
        )
        for name in "abc":
            self.engine.inject_error(Refusal(name, code=name))

    def sent(self, now: float) -> list[str]:
        said = []
        while (payload := self.out.next_payload(now)) is not None:
            said.append(json.loads(payload.data)["error"]["code"])
        return said


@pytest.mark.parametrize(
    ("edit", "at_once"),
    [
        (None, "abc"),
        (DropEvent(), "ac"),
        (DuplicateEvent(), "abbc"),
        (ReorderEvent(), "acb"),
        (LateEvent(seconds=2.0), "ac"),
        (Delay(seconds=2.0), "a"),
    ],
)
def test_an_edit_does_what_it_says(edit, at_once):
    assert "".join(Desk(edit).sent(10.0)) == at_once


def test_a_late_event_comes_when_it_is_due():
    desk = Desk(LateEvent(seconds=2.0))
    desk.sent(10.0)
    assert desk.out.deadline(10.0) == 12.0
    assert desk.sent(11.9) == []
    assert desk.sent(12.0) == ["b"]
    assert desk.out.deadline(12.0) is None


def test_a_delay_holds_everything_after_it_in_order():
    desk = Desk(Delay(seconds=2.0))
    desk.sent(10.0)
    assert desk.out.deadline(10.0) == 12.0
    assert desk.sent(12.0) == ["b", "c"]


def test_what_was_swallowed_does_not_count_as_sent():
    desk = Desk(DropEvent())
    desk.sent(10.0)
    history = desk.engine.history
    assert (history.sent["error"], history.withheld, history.passed["error"]) == (
        2,
        {"error": 1},
        3,
    )


@pytest.mark.parametrize("how", ["cut", "noise"])
def test_a_garbled_event_is_no_json_and_the_same_in_every_run(how):
    first, second = Desk(GarbleEvent(how=how)), Desk(GarbleEvent(how=how))
    payloads = []
    for desk in (first, second):
        desk.out.next_payload(0.0)
        payloads.append(desk.out.next_payload(0.0).data)
    assert payloads[0] == payloads[1]
    with pytest.raises(ValueError, match=r".+"):
        json.loads(payloads[0])


@pytest.mark.parametrize("how", ["binary", "frame"])
def test_a_broken_frame_is_left_to_the_framing(how):
    desk = Desk(GarbleEvent(how=how))
    payloads = [desk.out.next_payload(0.0) for _ in range(3)]
    assert [payload.how for payload in payloads] == [None, how, None]


def test_an_event_of_ones_own_goes_before_what_the_engine_says():
    desk = Desk(None)
    desk.out.put({"type": "error", "event_id": "e", "error": {"code": "mine"}})
    assert desk.sent(0.0) == ["mine", "a", "b", "c"]
    assert desk.engine.history.sent["error"] == 4
    desk.out.put_raw({"type": "x", "error": {"code": "raw"}})
    assert desk.sent(0.0) == ["raw"]
    assert "x" not in desk.engine.history.sent
