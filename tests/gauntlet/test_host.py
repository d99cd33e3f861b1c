from __future__ import annotations

import json

from gauntlet.planting import FIRST, SECOND
from trunkline.gauntlet.host import REPLY_MS, Host
from trunkline.simulator.engine import Engine
from trunkline.simulator.timing import Timing
from trunkline.simulator.voice import Utterance

FUNCTION = {
    "type": "function",
    "name": "look_up",
    "parameters": {
        "type": "object",
        "properties": {"station": {"type": "string"}, "unasked": {"type": "string"}},
        "required": ["station"],
    },
}
SERVER = {"type": "mcp", "server_label": "maps", "server_url": "https://maps.example"}


def events_of(turn: int | None, *, tools=(FUNCTION,)) -> tuple[Engine, list[dict]]:
    """What a client sees of a turn spoken by hand."""
    host = Host(tool_turn=turn)
    engine = Engine(model="gpt-realtime", voice=host, timing=Timing(response_delay=0.25))
    host.attend(engine)
    engine.opened(0.0)
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
    return engine, seen_of(engine, 0.1, 5.0)


def seen_of(engine: Engine, *times: float) -> list[dict]:
    seen = []
    for now in times:
        engine.handle_timeout(now)
        while (event := engine.next_event()) is not None:
            seen.append(event)
    return seen


def ladder(seen: list[dict]) -> list[str]:
    kinds = [event["type"] for event in seen]
    return kinds[kinds.index("response.created") :]


def ended(seen: list[dict]) -> dict:
    return next(event["response"] for event in seen if event["type"] == "response.done")


def test_each_utterance_has_a_short_answer_of_its_own():
    replies = [Host().reply([Utterance(role="user", text=one.text)]) for one in (FIRST, SECOND)]
    assert replies[0].text != replies[1].text
    assert {len(reply.pcm) for reply in replies} == {REPLY_MS * 48}


def test_it_understands_what_the_interpreter_does():
    assert Host().hear(b"").startswith("(0.0 s")


def test_the_answer_of_the_wanted_turn_is_the_ladder_of_a_call():
    _, seen = events_of(1)
    steps = ladder(seen)
    assert steps[:3] == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
    ]
    assert set(steps[3 : steps.index("response.function_call_arguments.done")]) == {
        "response.function_call_arguments.delta"
    }
    assert steps[steps.index("response.function_call_arguments.done") :] == [
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]


def test_all_events_of_the_call_name_one_response_item_and_call():
    _, seen = events_of(1)
    done = next(one for one in seen if one["type"] == "response.function_call_arguments.done")
    last = ended(seen)
    assert (last["id"], last["status"]) == (done["response_id"], "completed")
    assert last["output"][0]["id"] == done["item_id"]
    assert last["output"][0]["call_id"] == done["call_id"]
    assert done["name"] == "look_up"
    assert list(json.loads(done["arguments"])) == ["station"]
    ids = [event["event_id"] for event in seen]
    assert len(set(ids)) == len(ids)


def test_the_output_finds_its_call_and_is_answered_in_words():
    engine, seen = events_of(1)
    call_id = ended(seen)["output"][0]["call_id"]
    item = {"type": "function_call_output", "call_id": call_id, "output": "{}"}
    engine.receive({"type": "conversation.item.create", "item": item}, 6.0)
    engine.receive({"type": "response.create"}, 6.0)
    assert engine.history.violations == []
    after = seen_of(engine, 6.0, 10.0)
    assert after[0]["type"] == "conversation.item.added"
    assert "response.output_audio.delta" in ladder(after)
    assert "response.function_call_arguments.done" not in ladder(after)


def test_another_turn_no_turn_and_no_function_are_left_as_they_are():
    for turn, tools in ((2, (FUNCTION,)), (None, (FUNCTION,)), (1, ())):
        _, seen = events_of(turn, tools=tools)
        assert "response.output_audio.delta" in ladder(seen)
        assert "response.function_call_arguments.done" not in ladder(seen)


def test_only_functions_of_the_clients_are_called():
    _, seen = events_of(1, tools=(SERVER, FUNCTION))
    assert ended(seen)["output"][0]["name"] == "look_up"
    _, seen = events_of(1, tools=(SERVER,))
    assert "response.output_audio.delta" in ladder(seen)
