from __future__ import annotations

from typing import Any

import pytest

from protocol.driving import VAD, Line, types
from trunkline.protocol import events
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Anomaly
from trunkline.protocol.unwanted import Unwanted

RESPONSE = {"id": "r2", "conversation_id": "conv"}
CALL = {
    "id": "f1", "type": "function_call", "call_id": "c1", "name": "look_up", "arguments": "{}",
    "status": "completed",
}  # fmt: skip


def in_debt() -> Line:
    """A line that was cut in an answer."""
    line = Line(session={"audio": {"input": {"turn_detection": VAD}}}).come_live()
    line.speak(1000)
    line.turn("u1", 0, 500, words="hello")
    line.hear("response.created", response={"id": "r0", "conversation_id": "conv"})
    line.ended()
    line.fresh()
    return line


def restored_with_a_debt() -> Line:
    """The same, which has asked for the answer again."""
    line = in_debt().come_live()
    assert types(line.sent)[-1] == "response.create"
    line.fresh()
    line.fresh("events")
    return line


def answered_meanwhile() -> Line:
    """The user spoke again while that request was on its way, and the server answered by itself."""
    line = restored_with_a_debt()
    line.speak(1000)
    line.turn("u2", 0, 500, words="well")
    line.reply("r1", "a1", "hi, well", 100)
    line.fresh()
    line.fresh("events")
    return line


def late(line: Line) -> dict[str, Any]:
    """The response to the late request begins; gives what the line says to that."""
    line.hear("response.created", response=RESPONSE)
    (sent,) = line.fresh()
    return dict(sent)


def test_an_answer_to_a_request_that_came_too_late_is_cancelled():
    line = answered_meanwhile()
    request = late(line)
    assert request["type"] == "response.cancel"
    assert request["response_id"] == "r2"
    assert line.of(Anomaly)[-1].kind == "an answer that nobody waits for"


def test_nothing_of_it_reaches_the_application_and_its_items_are_deleted():
    line = answered_meanwhile()
    late(line)
    item = {"id": "a2", "type": "message", "role": "assistant", "status": "in_progress"}
    line.hear("response.output_item.added", response_id="r2", output_index=0, item=item)
    line.hear("conversation.item.added", item=item, previous_item_id="a1")
    line.hear("response.output_audio_transcript.delta", response_id="r2", item_id="a2", delta="hi")
    line.delta("r2", "a2", 100)
    line.hear("response.output_audio.done", response_id="r2", item_id="a2")
    line.hear(
        "response.output_audio_transcript.done", response_id="r2", item_id="a2", transcript="hi"
    )
    line.hear("conversation.item.done", item=item | {"status": "incomplete"})
    line.done("r2", "cancelled")
    line.hear("conversation.item.deleted", item_id="a2")
    assert line.events == []
    (sent,) = line.fresh()
    assert (sent["type"], sent["item_id"]) == ("conversation.item.delete", "a2")
    line.ended()
    line.fresh()
    line.come_live()
    told = [one["item"]["content"][0]["text"] for one in line.sent if "item" in one]
    assert told == ["hello", "well", "hi, well"]


def test_a_tool_that_it_calls_is_not_run():
    line = answered_meanwhile()
    late(line)
    line.hear("response.output_item.added", response_id="r2", output_index=0, item=CALL)
    line.hear("conversation.item.done", item=CALL)
    line.hear("response.output_item.done", response_id="r2", output_index=0, item=CALL)
    line.hear("response.done", response=RESPONSE | {"status": "completed", "output": [CALL]})
    assert line.of(events.ToolCall) == []


def test_what_it_cost_is_counted_and_what_waited_for_its_end_is_sent():
    line = answered_meanwhile()
    late(line)
    request = line.ask("response.create")
    assert line.fresh() == []
    usage = {"input_tokens": 5, "output_tokens": 2}
    line.hear("response.done", response=RESPONSE | {"status": "cancelled", "usage": usage})
    assert [one["event_id"] for one in line.fresh()] == [request]
    assert line.connection.usage().output_tokens == 2


def test_the_answer_that_was_asked_for_is_kept_if_the_user_did_not_speak():
    line = restored_with_a_debt()
    line.reply("r1", "a1", "hi", 100)
    assert isinstance(line.events[-1], events.ResponseDone)
    assert line.fresh() == []


def test_an_answer_after_it_is_kept_when_another_turn_is_owed():
    line = answered_meanwhile()
    line.speak(500)
    line.turn("u3", 600, 900, words="so")
    line.reply("r2", "a2", "so what", 100)
    assert isinstance(line.events[-1], events.ResponseDone)
    assert "response.cancel" not in types(line.fresh())


def test_a_late_request_that_is_refused_leaves_the_next_answer_alone():
    line = restored_with_a_debt()
    line.speak(1000)
    line.turn("u2", 0, 500, words="well")
    line.hear("response.created", response={"id": "r1", "conversation_id": "conv"})
    name = line.connection._conversation.turns.late
    assert name
    line.refuse(name, code="conversation_already_has_active_response")
    line.done("r1")
    line.fresh()
    line.hear("response.created", response=RESPONSE)
    assert line.fresh() == []


def test_a_request_that_has_not_gone_out_is_recalled():
    line = in_debt()
    line.until(State.DIALING)
    line.opened()
    line.created()
    before = len(line.sent)
    line.updated()
    line.echo_items(line.sent[before:])
    line.fresh()
    line.drain = lambda: None  # the link takes nothing
    line.updated()
    line.turn("u2", 0, 500, words="well")
    line.reply("r1", "a1", "hi, well", 100)
    del line.drain
    line.drain()
    assert line.state is State.LIVE
    assert "response.create" not in types(line.fresh())


def test_a_session_that_is_gone_takes_it_along():
    line = answered_meanwhile()
    late(line)
    line.ended()
    line.come_live()
    line.fresh("events")
    line.delta("r2", "a9", 100)
    assert isinstance(line.events[-1], events.AudioDelta)


@pytest.mark.parametrize("item", [None, {}, {"id": 7}])
def test_an_item_without_an_id_is_none_of_its(item: object):
    unwanted = Unwanted()
    unwanted.begin("r")
    added = events.Raw(
        type="response.output_item.added",
        data={"type": "response.output_item.added", "response_id": "r", "item": item},
    )
    assert unwanted.owns(added)
    assert unwanted.items == []
