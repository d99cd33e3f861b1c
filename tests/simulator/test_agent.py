from __future__ import annotations

import json

import pytest

from simulator.sitting import Parrot
from trunkline.simulator.agent import Agent, Toolbox
from trunkline.simulator.items import Item
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.reply import ApprovalRequest, Call, McpCall, Reply

FARE = {
    "type": "function",
    "name": "get_fare",
    "parameters": {
        "type": "object",
        "properties": {"to": {"type": "string"}, "seats": {"type": "integer", "minimum": 1}},
        "required": ["to", "seats"],
    },
}
WEATHER = {"type": "function", "name": "weather"}


def said(text: str, role="user") -> Item:
    content = [{"type": "input_text", "text": text}]
    return Item(body={"id": "i", "type": "message", "role": role, "content": content})


OUTPUT = Item(body={"id": "o", "type": "function_call_output", "call_id": "c", "output": "12"})


def answer(
    *context: Item, choice="auto", is_own=False, tools=(FARE, WEATHER), voice=None, **settings
):
    toolbox = Toolbox(tools=tools, choice=choice, is_own=is_own)
    settings = {"instructions": "", "speed": 1.0} | settings
    return Agent(voice or Parrot()).answer(context, toolbox, **settings)


def test_a_required_call_is_of_the_first_function_with_fitting_arguments():
    (call,) = answer(said("hello"), choice="required")
    assert isinstance(call, Call)
    assert call.name == "get_fare"
    assert json.loads(call.arguments) == {"to": "to", "seats": 1}


def test_a_named_function_is_the_one_that_is_called():
    (call,) = answer(said("hello"), choice={"type": "function", "name": "weather"})
    assert call == Call(name="weather", arguments="{}")


def test_a_function_that_is_not_there_cannot_be_demanded():
    with pytest.raises(Refusal, match="'nothing' not found in 'tools'"):
        answer(said("hello"), choice={"type": "function", "name": "nothing"})


def test_after_the_output_comes_a_message_though_the_session_demands_calls():
    (reply,) = answer(said("hello"), OUTPUT, choice="required")
    assert isinstance(reply, Reply)
    assert isinstance(answer(said("hello"), OUTPUT, said("and now?"), choice="required")[0], Call)


def test_a_response_that_came_with_the_choice_keeps_it():
    assert isinstance(answer(said("hello"), OUTPUT, choice="required", is_own=True)[0], Call)


def test_nothing_said_is_enough_where_a_call_is_demanded():
    assert isinstance(answer(choice="required")[0], Call)


@pytest.mark.parametrize(
    "text", ["What is the weather?", "please get fare to Lyon", "GET_FARE now"]
)
def test_left_to_itself_it_calls_what_the_user_names(text):
    assert isinstance(answer(said(text))[0], Call)


def test_it_calls_what_the_system_names_after_the_user():
    # pipecat 1.14 sends whatever its application writes later as a message of the system.
    spoken = said("good day", role="assistant")
    assert isinstance(answer(said("hello"), spoken, said("get_fare", role="system"))[0], Call)


@pytest.mark.parametrize(
    "context",
    [
        [said("you may use get_fare", role="system"), said("hello")],
        [said("you may use get_fare", role="system")],
        [said("hello"), said("you may use get_fare", role="system"), said("why", role="assistant")],
        [said("hello"), OUTPUT, said("get_fare took long", role="system")],
    ],
)
def test_what_the_system_says_at_other_times_is_no_request(context):
    assert isinstance(answer(*context)[0], Reply)


@pytest.mark.parametrize(
    ("text", "choice"),
    [("hello", "auto"), ("weatherproof", "auto"), ("the weather?", "none")],
)
def test_otherwise_the_voice_answers(text, choice):
    assert answer(said(text), choice=choice) == (Parrot().reply([]),)


def test_required_without_functions_is_answered_in_words():
    assert isinstance(answer(said("hello"), choice="required", tools=())[0], Reply)


def test_a_schema_that_is_none_is_refused_by_the_functions_name():
    broken = FARE | {"parameters": {"type": "object", "required": 5}}
    with pytest.raises(Refusal, match="Invalid schema for function 'get_fare'") as refused:
        answer(said("hello"), choice="required", tools=(broken,))
    assert refused.value.code == "invalid_function_parameters"


class Recorder(Parrot):
    def reply(self, context):
        self.context = context
        return [super().reply(context), Call(name="f", arguments="{}")]


def test_a_voice_may_answer_in_several_parts_and_hears_what_the_response_was_told():
    voice = Recorder()
    parts = answer(said("hello"), OUTPUT, voice=voice, instructions="be brief")
    assert [type(part) for part in parts] == [Reply, Call]
    heard = [(line.role, line.text) for line in voice.context]
    assert heard == [("user", "hello"), ("tool", "12"), ("system", "be brief")]


def test_speed_changes_the_length_of_speech_and_nothing_else():
    (reply,) = answer(said("hello"), speed=0.5)
    plain = Parrot().reply([])
    assert (len(reply.pcm), reply.text) == (2 * len(plain.pcm), plain.text)


DESK = {
    "type": "mcp",
    "server_label": "desk",
    "server_url": "x",
    "allowed_tools": ["fare", "seats"],
}
FREE = DESK | {"require_approval": "never"}


def request(approve: bool) -> list[Item]:
    asked = {"id": "r", "type": "mcp_approval_request"}
    named = {"server_label": "desk", "name": "fare", "arguments": "{}"}
    answered = {"type": "mcp_approval_response", "approval_request_id": "r", "approve": approve}
    return [said("hello"), Item(body=asked | named), Item(body={"id": "a"} | answered)]


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        ("required", "fare"),
        ({"type": "mcp", "server_label": "desk"}, "fare"),
        ({"type": "mcp", "server_label": "desk", "name": "seats"}, "seats"),
    ],
)
def test_a_tool_of_a_server_is_run_and_spoken_of(choice, name):
    call, reply = answer(said("hello"), choice=choice, tools=(FREE,))
    assert call == McpCall(server_label="desk", name=name, arguments="{}", output="{}")
    assert isinstance(reply, Reply)


def test_the_client_is_asked_first_where_it_wants_to_be():
    (asked,) = answer(said("hello"), choice="required", tools=(DESK,))
    assert asked == ApprovalRequest(server_label="desk", name="fare", arguments="{}")


def test_what_the_client_agreed_to_is_run():
    call, reply = answer(*request(approve=True), tools=(DESK,), choice="required")
    assert isinstance(call, McpCall)
    assert (call.name, call.approval_request_id) == ("fare", "r")
    assert isinstance(reply, Reply)


def test_what_it_refused_is_only_spoken_of():
    (reply,) = answer(*request(approve=False), tools=(DESK,), choice="required")
    assert isinstance(reply, Reply)


def test_a_word_on_a_request_that_nobody_made_runs_nothing():
    *_, word = request(approve=True)
    (reply,) = answer(word, tools=(DESK,))
    assert isinstance(reply, Reply)


def test_a_server_that_is_not_there_cannot_be_demanded():
    with pytest.raises(Refusal, match="'shop' not found"):
        answer(said("hello"), choice={"type": "mcp", "server_label": "shop"}, tools=(DESK,))
