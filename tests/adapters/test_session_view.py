"""One session is seen, whatever the line goes through."""

from __future__ import annotations

import json

import pytest

from adapters.saying import (
    DROPPED,
    Stage,
    created,
    event_of,
    item_added,
    live,
    passed,
    response_created,
    types,
    updated,
    words,
)
from trunkline.protocol import events

ARGUMENTS = {
    "type": "response.function_call_arguments.done",
    "event_id": "e6",
    "response_id": "resp_1",
    "item_id": "item_1",
    "call_id": "call_1",
    "name": "fare",
    "arguments": "{}",
}
CALL_DONE = item_added(type="function_call", call_id="call_1", name="fare", arguments="{}") | {
    "type": "response.output_item.done"
}


def test_the_beginning_is_told_once():
    stage = Stage()
    assert types(stage.say(created())) == ["session.created"]
    stage.tell(live())
    stage.tell(DROPPED)
    assert stage.say(created("sess_2"), epoch=2) == []


def test_settings_are_told_to_who_asked_for_them_only():
    stage = Stage()
    stage.say(created())
    stage.update("the line's")
    stage.update("mine")
    stage.view.asked("session.update", "mine")
    # However late the client looks.
    assert stage.say(updated("the line's own")) == []
    assert stage.say(updated("asked"))[0]["event_id"] == "asked"
    assert stage.say(updated("once more")) == []


def test_settings_that_went_down_with_a_link_are_told_as_they_stand_after_it():
    stage = Stage()
    stage.say(created())
    stage.update("mine")
    stage.view.asked("session.update", "mine")
    stage.tell(DROPPED)
    stage.say(created("sess_2"), epoch=2)
    # The first holds automatic responses back, the second is the one in force.
    stage.update("the line's", epoch=2)
    assert stage.say(updated("held back"), epoch=2) == []
    assert stage.say(updated("in force"), epoch=2) == []
    assert [one["event_id"] for one in stage.tell(live(2))] == ["in force"]
    assert stage.say(updated("nobody's"), epoch=2) == []


def test_settings_that_the_new_session_was_asked_for_are_told_when_it_confirms_them():
    stage = Stage()
    stage.tell(DROPPED)
    stage.update("mine", epoch=2)
    stage.view.asked("session.update", "mine")
    assert stage.tell(live(2)) == []
    assert types(stage.say(updated("asked"), epoch=2)) == ["session.updated"]


def test_a_confirmation_that_came_before_the_client_read_of_the_new_link_is_the_one_it_is_told():
    stage = Stage()
    stage.tell(DROPPED)
    stage.update("mine", epoch=2)
    stage.view.asked("session.update", "mine")
    stage.messages(passed(updated("asked"), epoch=2))
    assert stage.tell(live(2)) == []
    assert [one["event_id"] for one in stage.tell(event_of(updated("asked")))] == ["asked"]


def test_settings_that_were_refused_are_not_waited_for():
    stage = Stage()
    stage.update("mine")
    stage.view.asked("session.update", "mine")
    error = {"type": "invalid_request_error", "message": "no", "event_id": "mine"}
    assert types(stage.say({"type": "error", "event_id": "e1", "error": error})) == ["error"]
    stage.say(updated("the line's"))
    assert stage.tell(live()) == []


def test_what_broke_off_is_ended_as_the_api_ends_it():
    stage = Stage()
    stage.say(created())
    stage.say(response_created())
    stage.say(item_added())
    stage.say(words("Good "))
    stage.say(words("morning"))
    item, response = stage.tell(DROPPED)
    assert item["type"] == "response.output_item.done"
    assert item["response_id"] == "resp_1"
    assert item["item"]["status"] == "incomplete"
    assert item["item"]["content"] == [{"type": "output_audio", "transcript": "Good morning"}]
    assert response["type"] == "response.done"
    assert response["response"]["id"] == "resp_1"
    assert response["response"]["conversation_id"] == "conv_1"
    assert response["response"]["status"] == "cancelled"
    assert response["response"]["output"] == [item["item"]]


def test_written_words_break_off_as_written_words():
    stage = Stage()
    stage.say(response_created())
    stage.say(item_added())
    stage.say(words("Good") | {"type": "response.output_text.delta"})
    item, _ = stage.tell(DROPPED)
    assert item["item"]["content"] == [{"type": "output_text", "text": "Good"}]


def test_what_had_ended_is_not_ended_again():
    stage = Stage()
    stage.say(response_created())
    stage.say(item_added())
    stage.say(item_added() | {"type": "response.output_item.done"})
    done = {"id": "resp_1", "status": "completed", "output": []}
    assert stage.say({"type": "response.done", "event_id": "e9", "response": done})
    assert stage.tell(DROPPED) == []


def test_an_answer_that_a_rotation_broke_off_is_ended_too():
    stage = Stage()
    stage.say(created())
    stage.say(response_created())
    assert types(stage.say(created("sess_2"), epoch=2)) == ["response.done"]


def test_a_call_that_others_hold_goes_on_over_a_drop():
    stage = Stage(is_attached=True)
    stage.say(response_created())
    assert stage.tell(DROPPED) == []


def test_arguments_are_told_with_the_item_that_makes_the_call_whole():
    stage = Stage()
    stage.say(response_created())
    assert stage.say(ARGUMENTS) == []
    assert types(stage.say(CALL_DONE)) == [ARGUMENTS["type"], "response.output_item.done"]
    # Once, although the response tells the call again.
    done = {"id": "resp_1", "status": "completed", "output": [CALL_DONE["item"]]}
    told = stage.say({"type": "response.done", "event_id": "e9", "response": done})
    assert types(told) == ["response.done"]


def test_arguments_are_told_at_the_latest_with_the_end_of_their_response():
    stage = Stage()
    stage.say(response_created())
    stage.say(ARGUMENTS)
    done = {"id": "resp_1", "status": "cancelled", "output": []}
    told = stage.say({"type": "response.done", "event_id": "e9", "response": done})
    assert types(told) == [ARGUMENTS["type"], "response.done"]


def test_arguments_of_a_call_that_broke_off_are_not_told_since_it_will_be_made_again():
    stage = Stage()
    stage.say(response_created())
    stage.say(ARGUMENTS)
    assert ARGUMENTS["type"] not in types(stage.tell(DROPPED))
    assert types(stage.say(CALL_DONE, epoch=2)) == ["response.output_item.done"]


def test_a_request_that_went_down_is_an_error_with_the_clients_own_name_of_it():
    lost = events.RequestLost(request_id="mine_1", request_type="response.create")
    (told,) = Stage().tell(lost)
    assert told["type"] == "error"
    assert told["error"]["event_id"] == "mine_1"


@pytest.mark.parametrize("field", ["item_id", "previous_item_id"])
def test_items_keep_the_names_that_the_client_saw_first(field):
    stage = Stage()
    stage.items = [{"id": "tk2_1", "former_id": "item_1"}, {"id": "tk2_2", "former_id": None}]
    stage.tell(DROPPED)
    stage.tell(live(2))
    said = {"type": "conversation.item.truncated", "event_id": "e1", "content_index": 0}
    said |= {"item_id": "item_9", "audio_end_ms": 20, field: "tk2_1"}
    (told,) = stage.say(said, epoch=2)
    assert told == said | {field: "item_1"}
    assert stage.view.name("item_1", 2) == "tk2_1"


def test_a_name_is_asked_for_anew_before_the_client_knows_of_a_new_link():
    stage = Stage()
    assert stage.view.name("item_1", 1) == "item_1"
    stage.items = [{"id": "tk2_1", "former_id": "item_1"}]
    assert stage.view.name("item_1", 1) == "item_1"
    assert stage.view.name("item_1", 2) == "tk2_1"


def test_an_item_itself_is_called_by_its_first_name():
    stage = Stage()
    stage.items = [{"id": "tk2_1", "former_id": "item_1"}]
    stage.tell(live(2))
    item = {"id": "tk2_1", "type": "message", "content": []}
    said = {"type": "conversation.item.retrieved", "event_id": "e1", "item": item}
    (told,) = stage.say(said, epoch=2)
    assert told["item"]["id"] == "item_1"


def test_what_names_nothing_old_is_untouched():
    stage = Stage()
    stage.items = [{"id": "tk2_1", "former_id": "item_1"}]
    stage.tell(live(2))
    said = words("Hi", item_id="item_2")
    assert json.loads(json.dumps(stage.say(said, epoch=2))) == [said]


def test_the_conversation_is_named_once():
    stage = Stage()
    named = {"type": "conversation.created", "event_id": "e1", "conversation": {"id": "conv_1"}}
    assert stage.say(named) == [named]
    stage.tell(DROPPED)
    assert stage.say(named, epoch=2) == []
