from __future__ import annotations

from typing import Any

import pytest

from protocol.driving import BY_HAND, VAD, Line, types
from trunkline.errors import LocalError

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}


def live(session: dict[str, Any] | None = None) -> Line:
    line = Line(session=LISTENING if session is None else session).come_live()
    line.fresh()
    return line


@pytest.mark.parametrize(
    "event",
    [
        {"type": 5},
        {},
        {"type": "session.update"},
        {"type": "session.update", "session": 5},
        {"type": "conversation.item.create"},
        {"type": "conversation.item.create", "item": {"id": 5}},
        {"type": "input_audio_buffer.append", "audio": ""},
        {"type": "x", "value": object()},
        {"type": "x", "value": "\ud800"},
        {"type": "x", 5: 6},
    ],
)
def test_what_cannot_be_asked_is_a_local_error_and_leaves_no_trace(event: dict[Any, Any]):
    line = live()
    with pytest.raises(LocalError):
        line.connection.send(event, line.now)
    line.drain()
    assert line.sent == []
    assert len(line.connection._conversation.ledger) == 0


@pytest.mark.parametrize(
    "event",
    [
        {"type": "conversation.item.retrieve", "item_id": "x"},
        {"type": "output_audio_buffer.clear"},
        {"type": "response.create", "response": {"conversation": "none"}},
    ],
)
def test_what_has_no_meaning_without_a_session_is_refused_there_and_sent_with_one(
    event: dict[str, Any],
):
    with pytest.raises(LocalError):
        Line().connection.send(event, 0.0)
    line = live()
    event_id = line.connection.send(event, line.now)
    line.drain()
    assert [message["event_id"] for message in line.sent] == [event_id]
    assert types(line.sent) == [event["type"]]


def test_every_request_gets_an_id_unless_it_has_one():
    line = live()
    assert line.ask("x", event_id="mine") == "mine"
    ids = [line.ask("x"), line.ask("x")]
    assert len(set(ids)) == 2
    assert [message["event_id"] for message in line.sent] == ["mine", *ids]


def test_a_request_goes_out_behind_the_audio_that_was_accepted_before_it():
    line = live()
    connection = line.connection
    connection.send_audio(bytes(20), line.now)
    connection.send({"type": "x"}, line.now)
    connection.send_audio(bytes(20), line.now)
    line.drain()
    append = "input_audio_buffer.append"
    assert types(line.sent) == [append, "x", append]


def test_what_the_caller_changes_later_changes_nothing():
    line = live()
    item = {"id": "mine", "type": "message", "content": [{"type": "input_text", "text": "before"}]}
    line.ask("conversation.item.create", item=item)
    item["content"][0]["text"] = "after"
    line.ended()
    line.come_live()
    assert line.sent[2]["item"]["content"][0]["text"] == "before"


def test_an_update_names_the_kind_of_the_session():
    line = live({"type": "transcription"})
    line.ask("session.update", session={"include": []})
    assert line.sent[0]["session"] == {"type": "transcription", "include": []}


def test_items_are_put_behind_the_one_that_is_named_by_any_name():
    line = live()
    line.speak(1000)
    line.turn("item_1", 100, 200, "one")
    line.turn("item_2", 300, 400, "two")
    line.ended()
    line.come_live()
    line.fresh()
    line.ask(
        "conversation.item.create",
        item={"id": "between", "type": "message", "content": [{"text": "between"}]},
        previous_item_id="item_1",
    )
    assert line.sent[0]["previous_item_id"].startswith("tk2_")
    line.ended()
    line.fresh()
    line.come_live()
    texts = [each["item"]["content"][0]["text"] for each in line.sent if "item" in each]
    assert texts == ["one", "between", "two"]


def test_items_are_deleted_and_truncated_by_the_name_they_have_now():
    line = live()
    line.speak(1000)
    line.turn("item_1", 100, 200, "one")
    line.ended()
    line.come_live()
    line.fresh()
    line.ask("conversation.item.delete", item_id="item_1")
    line.ask("conversation.item.truncate", item_id="nobody", audio_end_ms="x")
    assert line.sent[0]["item_id"].startswith("tk2_")
    assert line.sent[1]["item_id"] == "nobody"


def test_a_truncation_by_the_application_is_remembered():
    line = live()
    line.reply("resp_1", "item_1", "one two three four", 1000)
    line.ask("conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=500)
    assert types(line.sent) == ["conversation.item.truncate"]
    line.ended()
    line.come_live()
    assert [each["item"]["content"][0]["text"] for each in line.sent if "item" in each] == [
        "one two"
    ]


def test_what_is_asked_while_there_is_no_session_is_told_to_the_next():
    line = Line(session=BY_HAND)
    line.ask("conversation.item.create", item={"id": "a", "type": "message"})
    line.ask("conversation.item.create", item={"id": "b", "type": "message"})
    line.ask("conversation.item.delete", item_id="a")
    line.ask("conversation.item.truncate", item_id="b", audio_end_ms=5)
    line.speak(100)
    line.ask("input_audio_buffer.clear")
    line.speak(100)
    line.ask("input_audio_buffer.commit")
    line.ask("response.create")
    line.come_live()
    assert types(line.sent) == [
        "session.update",
        "conversation.item.create",
        "input_audio_buffer.append",
        "session.update",
        "input_audio_buffer.commit",
        "response.create",
    ]
    assert line.connection.books().consumed == 100


def test_a_cancelled_answer_is_not_asked_for_again():
    line = live()
    line.ask("response.create")
    line.hear("response.created", response={"id": "r", "conversation_id": "c"})
    line.ask("response.cancel", response_id="elsewhere")
    line.delta("r", "item_1", 10)
    line.ask("response.cancel")
    heard = len(line.events)
    line.delta("r", "item_1", 10)
    assert len(line.events) == heard
    assert types(line.sent) == ["response.create", "response.cancel", "response.cancel"]
    line.ended()
    line.ask("response.cancel")
    line.fresh()
    line.come_live()
    assert "response.create" not in types(line.sent)


def test_an_output_brings_its_call_along_where_a_restore_left_it_out():
    line = live()
    call = {"id": "f1", "type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"}
    line.hear("conversation.item.added", item=call)
    line.hear("conversation.item.done", item=call | {"status": "completed"})
    line.speak(100)
    line.ended()
    line.come_live()
    assert "conversation.item.create" not in types(line.fresh())
    output = {"type": "function_call_output", "call_id": "c1", "output": "found"}
    line.ask("conversation.item.create", item=output)
    line.ask("conversation.item.create", item=output | {"call_id": "c2"})
    created = [request["item"] for request in line.fresh()]
    assert [(item["type"], item["call_id"]) for item in created] == [
        ("function_call", "c1"),
        ("function_call_output", "c1"),
        ("function_call_output", "c2"),
    ]
    line.ended()
    before = len(line.sent)
    line.come_live()
    kinds = [one["item"]["type"] for one in line.sent[before:] if "item" in one]
    assert kinds == ["function_call", "function_call_output"]
