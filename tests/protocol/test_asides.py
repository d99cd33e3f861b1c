from __future__ import annotations

from typing import Any

import pytest

from protocol.driving import RESET, VAD, Line, types
from trunkline.protocol import events

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}
ASIDE = {"conversation": "none"}


def live() -> Line:
    line = Line(session=LISTENING).come_live()
    line.fresh()
    return line


def begun(line: Line, response_id: str, **fields: Any) -> None:
    line.hear("response.created", response={"id": response_id, "conversation_id": None} | fields)


def test_a_null_of_a_compatible_server_does_not_stall_the_queue():
    line = live()
    first, second = line.ask("response.create"), line.ask("response.create")
    begun(line, "r1")
    line.done("r1")
    begun(line, "r2")
    line.done("r2")
    assert [message["event_id"] for message in line.sent] == [first, second]
    assert not line.connection._conversation.turns.owed


def test_an_aside_is_known_by_the_metadata_it_was_asked_with():
    line = live()
    line.ask("response.create")
    line.ask("response.create", response=ASIDE | {"metadata": {"topic": "x"}})
    metadata = line.sent[1]["response"]["metadata"]
    assert metadata == {"topic": "x", "trunkline_request": line.sent[1]["event_id"]}
    begun(line, "main", metadata={"other": "y"})
    begun(line, "side", metadata=metadata)
    assert line.connection._conversation.turns.active == "main"
    line.done("side")
    assert line.connection._conversation.asides.dropped() == []


def test_an_aside_with_all_its_metadata_taken_is_known_by_that():
    line = live()
    full = {str(number): "x" for number in range(16)}
    line.ask("response.create", response=ASIDE | {"metadata": full})
    assert line.sent[0]["response"]["metadata"] == full
    begun(line, "side", metadata=full)
    assert line.connection._conversation.turns.active is None


def test_a_conversation_that_is_named_is_the_default_one():
    line = live()
    line.ask("response.create", response=ASIDE)
    begun(line, "main", conversation_id="conv")
    assert line.connection._conversation.turns.active == "main"


@pytest.mark.parametrize("running", [False, True])
def test_an_aside_that_a_drop_cut_is_told_and_not_repeated(running: bool):
    line = live()
    asked = line.ask("response.create", response=ASIDE)
    if running:
        begun(line, "side", metadata=line.sent[0]["response"]["metadata"])
    line.ended()
    assert line.of(events.RequestLost) == [
        events.RequestLost(request_id=asked, request_type="response.create")
    ]
    line.fresh()
    line.come_live()
    assert "response.create" not in types(line.sent)


def test_an_aside_that_was_refused_is_not_lost():
    line = live()
    line.refuse(line.ask("response.create", response=ASIDE))
    line.ended()
    assert line.of(events.RequestLost) == []


def test_a_foreign_request_that_never_went_out_is_told():
    line = live()
    asked = line.connection.send({"type": "conversation.item.retrieve", "item_id": "x"}, line.now)
    line.connection.link_closed(line.epoch, RESET, line.now)
    line.drain()
    assert [event.request_id for event in line.of(events.RequestLost)] == [asked]


def test_without_metadata_a_null_means_the_oldest_aside_that_waits():
    line = live()
    line.ask("response.create", response=ASIDE)
    begun(line, "side")
    begun(line, "main")
    assert line.connection._conversation.turns.active == "main"
