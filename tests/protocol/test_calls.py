from __future__ import annotations

from typing import Any

from protocol.driving import VAD, Line, types
from trunkline.protocol import calls, events
from trunkline.protocol import observations as seen
from trunkline.protocol.calls import Calls

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}


def call(call_id: str = "c1", item_id: str = "i1", **fields: Any) -> dict[str, Any]:
    return {
        "id": item_id,
        "type": "function_call",
        "call_id": call_id,
        "name": "book",
        "arguments": "{}",
        "status": "completed",
    } | fields


def live() -> Line:
    line = Line(session=LISTENING).come_live()
    line.fresh()
    line.fresh("events")
    return line


def called(line: Line, item: dict[str, Any], response_id: str = "r1") -> None:
    """A call as the server tells it, to its end."""
    line.hear("response.created", response={"id": response_id, "conversation_id": "conv"})
    line.hear("conversation.item.added", item=item | {"status": "in_progress", "arguments": ""})
    arguments = {key: item[key] for key in ("call_id", "name", "arguments")}
    line.hear("response.function_call_arguments.done", response_id=response_id, **arguments)
    line.hear("conversation.item.done", item=item)
    line.hear("response.output_item.done", response_id=response_id, item=item)
    response = {"id": response_id, "status": "completed", "output": [item]}
    line.hear("response.done", response=response)


def test_a_call_is_given_once_however_often_it_is_told():
    line = live()
    called(line, call())
    told = len(line.events)
    called(line, call())
    assert line.of(events.ToolCall) == [
        events.ToolCall(call_id="c1", name="book", arguments="{}", item_id="i1")
    ]
    # Of the repetition only what tells no call comes through: the response, and the item that began.
    assert [type(event) for event in line.events[told:]] == [
        events.ResponseCreated,
        events.ItemAdded,
    ]
    assert len(line.of(seen.Anomaly)) == 4


def test_a_call_is_not_given_again_by_a_later_session():
    line = live()
    called(line, call())
    line.ended()
    line.come_live()
    line.hear("response.output_item.done", item=call(item_id="tk9"))
    assert len(line.of(events.ToolCall)) == 1


def test_a_call_that_was_cut_is_not_given():
    line = live()
    line.hear("response.function_call_arguments.done", call_id="c1", name="f", arguments='{"a')
    line.hear("conversation.item.done", item=call(status="incomplete", arguments='{"a'))
    line.hear("response.function_call_arguments.done", name="f", arguments="{}")
    line.hear("response.output_item.done", item={"type": "message"})
    line.hear("response.output_item.done", item=None)
    assert line.of(events.ToolCall) == []


def test_an_output_that_comes_after_a_drop_is_told_with_its_call_and_the_tool_is_not_run_again():
    line = live()
    line.hear("response.created", response={"id": "r1", "conversation_id": "conv"})
    line.hear("conversation.item.added", item=call(status="in_progress", arguments=""))
    line.hear("conversation.item.done", item=call())
    line.ended()
    line.come_live()
    # Half a pair is not told, and the turn is not owed: its answer is the call.
    assert "conversation.item.create" not in types(line.sent)
    assert "response.create" not in types(line.sent)
    line.fresh()
    output = {"id": "o1", "type": "function_call_output", "call_id": "c1", "output": "4"}
    line.ask("conversation.item.create", item=output)
    line.ask("response.create")
    told = [each.get("item", {}).get("type") for each in line.sent]
    assert told == ["function_call", "function_call_output", None]
    assert line.sent[1]["previous_item_id"] == line.sent[0]["item"]["id"]
    line.hear("conversation.item.done", item=call(item_id=line.sent[0]["item"]["id"]))
    assert len(line.of(events.ToolCall)) == 1
    line.ended()
    line.fresh()
    line.come_live()
    told = [each["item"]["type"] for each in line.sent if "item" in each]
    assert told == ["function_call", "function_call_output"]


def test_the_call_of_an_aside_does_not_settle_the_turn():
    line = live()
    line.hear("response.created", response={"id": "main", "conversation_id": "conv"})
    line.hear("input_audio_buffer.committed", item_id="u", previous_item_id=None)
    line.ask("response.create", response={"conversation": "none"})
    metadata = line.sent[0]["response"]["metadata"]
    response = {"id": "side", "conversation_id": None, "metadata": metadata}
    line.hear("response.created", response=response)
    line.hear("response.output_item.done", response_id="side", item=call())
    assert len(line.of(events.ToolCall)) == 1
    assert line.connection._conversation.turns.owed


def test_the_calls_that_are_remembered_are_bounded(monkeypatch):
    monkeypatch.setattr(calls, "_LIMIT", 3)
    known = Calls()
    for number in range(9):
        item = call(call_id=str(number))
        assert not known.is_repeated(events.ItemDone(item=item, previous_item_id=None))
        known.give(events.ItemDone(item=item, previous_item_id=None))
    assert known.given() == ["6", "7", "8"]
    known.dropped()
    assert known.is_repeated(events.ItemDone(item=call(call_id="7"), previous_item_id=None))


def test_a_call_of_which_a_drop_cut_the_end_may_still_be_given():
    line = live()
    line.hear("response.function_call_arguments.done", call_id="c1", name="f", arguments="{}")
    line.ended()
    line.come_live()
    line.hear("conversation.item.done", item=call())
    assert len(line.of(events.ToolCall)) == 1
