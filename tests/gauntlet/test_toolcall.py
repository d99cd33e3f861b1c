from __future__ import annotations

import json

from trunkline.gauntlet.toolcall import ToolCaller, arguments_for, first_function
from trunkline.simulator.engine import Engine
from trunkline.simulator.timing import Timing
from trunkline.simulator.voice import Tone

FUNCTION = {
    "type": "function",
    "name": "look_up",
    "parameters": {"properties": {"station": {"type": "string"}}, "required": ["station"]},
}


def events_of(turn: int | None, *, tools=(FUNCTION,)) -> tuple[Engine, list[dict]]:
    """What a client sees of a turn spoken by hand."""
    engine = Engine(model="gpt-realtime", voice=Tone(), timing=Timing(response_delay=0.25))
    engine.opened(0.0)
    caller = ToolCaller(engine, turn)
    session = {
        "type": "realtime",
        "tools": list(tools),
        "audio": {"input": {"turn_detection": None}},
    }
    engine.receive({"type": "session.update", "session": session}, 0.0)
    audio = "AAAA" * 2000
    engine.receive({"type": "input_audio_buffer.append", "audio": audio}, 0.1)
    engine.receive({"type": "input_audio_buffer.commit"}, 0.1)
    engine.receive({"type": "response.create"}, 0.1)
    seen = []
    for now in (0.1, 5.0):
        engine.handle_timeout(now)
        while (event := engine.next_event()) is not None:
            seen += caller.pass_on(event, now)
    return engine, seen


def ladder(seen: list[dict]) -> list[str]:
    kinds = [event["type"] for event in seen]
    return kinds[kinds.index("response.created") :]


def test_the_answer_of_the_wanted_turn_becomes_the_recorded_ladder_of_a_call():
    _, seen = events_of(1)
    assert ladder(seen) == [
        "response.created",
        "rate_limits.updated",
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]


def test_all_events_of_the_call_name_one_response_item_and_call():
    _, seen = events_of(1)
    done = next(one for one in seen if one["type"] == "response.function_call_arguments.done")
    last = seen[-1]["response"]
    assert (last["id"], last["status"]) == (done["response_id"], "completed")
    assert last["output"][0]["id"] == done["item_id"]
    assert last["output"][0]["call_id"] == done["call_id"]
    assert (done["name"], json.loads(done["arguments"])) == ("look_up", {"station": "Lyon"})
    ids = [event["event_id"] for event in seen]
    assert len(set(ids)) == len(ids)


def test_the_output_finds_its_call_and_is_answered():
    engine, seen = events_of(1)
    call_id = seen[-1]["response"]["output"][0]["call_id"]
    item = {"type": "function_call_output", "call_id": call_id, "output": "{}"}
    engine.receive({"type": "conversation.item.create", "item": item}, 6.0)
    engine.receive({"type": "response.create"}, 6.0)
    assert engine.history.violations == []
    assert engine.next_event()["type"] == "conversation.item.added"


def test_another_turn_no_turn_and_no_function_are_left_as_they_are():
    for turn, tools in ((2, (FUNCTION,)), (None, (FUNCTION,)), (1, ())):
        _, seen = events_of(turn, tools=tools)
        assert "response.output_audio.delta" in ladder(seen)
        assert "response.function_call_arguments.done" not in ladder(seen)


def test_arguments_have_the_types_that_are_asked_for():
    properties = {
        "count": {"type": "integer"},
        "mode": {"enum": ["fast", "slow"]},
        "free": {},
        "unasked": {"type": "string"},
    }
    schema = {"properties": properties, "required": ["count", "mode", "free"]}
    found = json.loads(arguments_for({"parameters": schema}))
    assert found == {"count": 1, "mode": "fast", "free": "Lyon"}
    assert arguments_for({}) == "{}"


def test_only_functions_are_called():
    assert first_function({"tools": [{"type": "mcp"}, FUNCTION]}) is FUNCTION
    assert first_function({}) is None
