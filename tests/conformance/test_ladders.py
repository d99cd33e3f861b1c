"""Golden transcripts: each ladder of the API to the letter, its ids consistent, its events as the SDK types them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from conformance.typed_models import judge
from simulator.sitting import MS, Sitting, append, loud, quiet, types, user_text
from trunkline.simulator import Call, McpCall, Reply, Timing
from trunkline.simulator.refusals import server_trouble

SPOKEN = Reply(text="hello there", pcm=bytes(MS * 300))
COMMENTARY = Reply(text="let me see", pcm=bytes(MS * 450), phase="commentary")
FINAL = Reply(text="it is twelve", pcm=bytes(MS * 250), phase="final_answer")
CALL = Call(name="fare", arguments='{"to":"X"}')
FARE = {
    "type": "function",
    "name": "fare",
    "parameters": {
        "type": "object",
        "properties": {"to": {"type": "string"}},
        "required": ["to"],
    },
}
SLOW = Timing(pace=1.0, response_delay=0.1)

OPEN = ["response.output_item.added", "conversation.item.added"]
CLOSE = ["conversation.item.done", "response.output_item.done"]
AUDIO = "response.output_audio.delta"
WORD = "response.output_audio_transcript.delta"
AUDIO_CLOSE = [
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    *CLOSE,
]
TEXT_CLOSE = ["response.output_text.done", "response.content_part.done", *CLOSE]
END = ["response.done", "rate_limits.updated"]
ITEM = ["conversation.item.added", "conversation.item.done"]
ARGUMENT = "response.function_call_arguments.delta"


class Saying:
    """A voice that gives the answers it was given, in turn."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)

    def hear(self, pcm: bytes) -> str:
        return f"heard {len(pcm) // MS} ms"

    def reply(self, context) -> Any:
        return self._answers.pop(0) if self._answers else SPOKEN


def sitting(*answers: Any, **settings: Any) -> Sitting:
    return Sitting(voice=Saying(*answers), **settings)


def ask(session: Sitting, **response: Any) -> list[dict[str, Any]]:
    """A response from its creation to its end."""
    return session.send("response.create", response=response) + session.wait(10)


def checked(session: Sitting) -> None:
    """Fail unless everything the session said is typed, and consistent in itself."""
    for event in session.events:
        judge(event)
    ids = [event["event_id"] for event in session.events]
    assert len(set(ids)) == len(ids)
    for name in {event["response_id"] for event in session.events if "response_id" in event}:
        check_response([e for e in session.events if response_of(e) == name])
    check_neighbours(session.events)


def response_of(event: dict[str, Any]) -> str | None:
    return event.get("response_id") or event.get("response", {}).get("id")


def check_response(events: list[dict[str, Any]]) -> None:
    """The ids, places, deltas and ends of one response agree."""
    assert events[0]["type"] == "response.created"
    assert events[-1]["type"] == "response.done"
    opened = {
        e["output_index"]: e["item"]["id"] for e in events if e["type"].endswith("item.added")
    }
    closed = {e["output_index"]: e["item"] for e in events if e["type"].endswith("item.done")}
    assert list(closed.values()) == events[-1]["response"]["output"]
    assert {index: item["id"] for index, item in closed.items()} == opened
    for index, item_id in opened.items():
        own = [e for e in events if e.get("output_index") == index]
        assert {e.get("item_id", item_id) for e in own} == {item_id}
        check_deltas(own)


def check_deltas(events: list[dict[str, Any]]) -> None:
    """The deltas of an item make what its `.done`s say, and all lie between its two ends."""
    assert events[0]["type"] == "response.output_item.added"
    assert events[-1]["type"] == "response.output_item.done"
    for done in events:
        stem, _, last = done["type"].rpartition(".")
        wholes = [key for key in ("text", "transcript", "arguments") if key in done]
        if last == "done" and wholes:
            deltas = [e["delta"] for e in events if e["type"] == f"{stem}.delta"]
            assert "".join(deltas) == done[wholes[0]]
    for delta in (e for e in events if "obfuscation" in e):
        assert (len(delta["delta"]) + len(delta["obfuscation"])) % 16 == 0


def check_neighbours(events: list[dict[str, Any]]) -> None:
    """Each item of a conversation that only grows at its end names the one before it."""
    added = [e for e in events if e["type"] == "conversation.item.added"]
    for before, event in zip([None, *added], added, strict=False):
        assert event["previous_item_id"] == (before["item"]["id"] if before else None)


def test_a_written_turn():
    session = sitting()
    session.configure(output_modalities=["text"])
    session.send(user_text("hello"))
    events = session.events[2:] + ask(session)
    word = "response.output_text.delta"
    assert types(events) == [
        *ITEM,
        "response.created",
        *OPEN,
        "response.content_part.added",
        *[word] * 2,
        *TEXT_CLOSE,
        *END,
    ]
    checked(session)


def test_a_spoken_turn():
    session = sitting(timing=SLOW)
    assert types(ask(session)) == [
        "response.created",
        *OPEN,
        "response.content_part.added",
        WORD,
        AUDIO,
        WORD,
        AUDIO,
        *AUDIO_CLOSE,
        *END,
    ]
    checked(session)


def test_a_turn_that_the_server_hears():
    session = sitting()
    heard = session.speak(loud(400) + quiet(600)) + session.wait(5)
    assert types(heard)[:6] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        *ITEM,
        "response.created",
    ]
    assert types(heard)[-7:] == [*AUDIO_CLOSE, *END]
    checked(session)


def test_a_call_and_the_message_after_its_output():
    session = sitting()
    session.configure(tools=[FARE], tool_choice="required", output_modalities=["text"])
    session.send(user_text("how much is it?"))
    called = ask(session)
    assert types(called) == [
        "response.created",
        *OPEN,
        *[ARGUMENT] * 2,
        "response.function_call_arguments.done",
        *CLOSE,
        *END,
    ]
    added, done = called[1]["item"], called[-4]["item"]
    assert (added["name"], added["call_id"], added["arguments"]) == ("fare", done["call_id"], "")
    assert done["arguments"] == '{"to":"to"}'
    item = {"type": "function_call_output", "call_id": added["call_id"], "output": "12"}
    assert types(session.send("conversation.item.create", item=item)) == ITEM
    assert types(ask(session))[-6:] == [*TEXT_CLOSE, *END]
    checked(session)


def test_a_call_that_has_words_before_it():
    session = sitting([COMMENTARY, CALL], timing=SLOW)
    assert types(ask(session)) == [
        "response.created",
        *OPEN,
        "response.content_part.added",
        WORD,
        AUDIO,
        *OPEN,
        *[ARGUMENT] * 2,
        WORD,
        WORD,
        AUDIO,
        AUDIO,
        *AUDIO_CLOSE,
        "response.function_call_arguments.done",
        *CLOSE,
        *END,
    ]
    checked(session)


def test_two_messages_in_one_response():
    session = sitting([COMMENTARY, FINAL])
    session.configure(output_modalities=["text"])
    word = "response.output_text.delta"
    message = [*OPEN, "response.content_part.added", *[word] * 3, *TEXT_CLOSE]
    assert types(ask(session)) == ["response.created", *message, *message, *END]
    checked(session)


@pytest.mark.parametrize("error", [None, "the tool is down"])
def test_a_tool_that_the_server_runs(error):
    call = McpCall(server_label="desk", name="fare", arguments="{}", output="12", error=error)
    session = sitting(call)
    assert types(ask(session)) == [
        "response.created",
        *OPEN,
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
        "response.mcp_call.in_progress",
        "response.mcp_call.failed" if error else "response.mcp_call.completed",
        *CLOSE,
        *END,
    ]
    checked(session)


def test_a_tool_of_a_server_that_the_client_has_to_agree_to():
    session = sitting()
    desk = {"type": "mcp", "server_label": "desk", "server_url": "https://desk.example.com"}
    configured = session.configure(
        tools=[desk | {"allowed_tools": ["fare"]}],
        tool_choice="required",
        output_modalities=["text"],
    )
    assert types(configured) == [
        "session.updated",
        "conversation.item.added",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.completed",
        "conversation.item.done",
    ]
    session.send(user_text("how much is it?"))
    asked = ask(session)
    assert types(asked) == ["response.created", *OPEN, *CLOSE, *END]
    request = asked[1]["item"]
    assert (request["type"], request["name"]) == ("mcp_approval_request", "fare")
    word = {"type": "mcp_approval_response", "approval_request_id": request["id"], "approve": True}
    answered = session.send("conversation.item.create", item=word) + session.wait(5)
    assert types(answered) == [
        *ITEM,
        "response.created",
        *OPEN,
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
        "response.mcp_call.in_progress",
        "response.mcp_call.completed",
        *CLOSE,
        *OPEN,
        "response.content_part.added",
        *["response.output_text.delta"] * 2,
        *TEXT_CLOSE,
        *END,
    ]
    assert answered[3]["item"]["approval_request_id"] == request["id"]
    checked(session)


def test_responses_beside_the_conversation_run_together_and_leave_no_trace():
    session = sitting(timing=SLOW)
    session.send("response.create", response={})
    for name in "ab":
        session.send(
            "response.create",
            response={"conversation": "none", "input": [], "metadata": {"name": name}},
        )
    events = session.wait(5)
    ends = [e["response"] for e in events if e["type"] == "response.done"]
    assert [end["conversation_id"] is None for end in ends] == [False, True, True]
    beside = ends[-1]["id"]
    assert types([e for e in session.events if response_of(e) == beside]) == [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        WORD,
        AUDIO,
        WORD,
        AUDIO,
        *[kind for kind in AUDIO_CLOSE if not kind.startswith("conversation")],
        "response.done",
    ]
    assert len(session.engine.items) == 1
    checked(session)


def test_a_cancellation_in_mid_answer_after_which_deltas_still_come():
    session = sitting(timing=Timing(pace=1.0, delta_ms=100, response_delay=0.1, cancel_delay=0.15))
    session.send("response.create")
    session.wait(0.15)
    assert session.send("response.cancel") == []
    assert types(session.wait(5)) == [WORD, AUDIO, AUDIO, *AUDIO_CLOSE, *END]
    response = session.events[-2]["response"]
    assert response["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    assert response["output"][0]["status"] == "incomplete"
    checked(session)


def test_a_cancellation_before_any_output():
    session = sitting()
    session.send("response.create")
    assert types(session.send("response.cancel")) == END
    assert session.events[-2]["response"]["output"] == []
    checked(session)


def test_speaking_into_an_answer():
    session = sitting(timing=Timing(pace=0.1))
    session.send("response.create")
    session.wait(1)
    heard = session.speak(loud(200))
    cut = types(heard).index("input_audio_buffer.speech_started")
    assert types(heard)[cut : cut + 8] == [
        "input_audio_buffer.speech_started",
        *AUDIO_CLOSE,
        *END,
    ]
    checked(session)


def test_truncating_retrieving_and_deleting_what_was_said():
    session = sitting()
    item_id = ask(session)[-2]["response"]["output"][0]["id"]
    place = {"item_id": item_id, "content_index": 0, "audio_end_ms": 120}
    (truncated,) = session.send("conversation.item.truncate", **place)
    assert truncated.items() >= ({"type": "conversation.item.truncated"} | place).items()
    (retrieved,) = session.send("conversation.item.retrieve", item_id=item_id)
    (part,) = retrieved["item"]["content"]
    assert part["transcript"] == ""
    assert base64.b64decode(part["audio"]) == SPOKEN.pcm[: 120 * MS]
    (deleted,) = session.send("conversation.item.delete", item_id=item_id)
    assert (deleted["type"], deleted["item_id"]) == ("conversation.item.deleted", item_id)
    checked(session)


def test_a_response_that_fails():
    session = sitting()
    session.engine.fail_next_response(server_trouble("sess_1"))
    assert types(ask(session)) == ["response.created", *END]
    error = session.events[-2]["response"]["status_details"]["error"]
    assert (error["type"], error["code"]) == ("server_error", None)
    assert types(ask(session))[-2:] == END
    assert session.events[-2]["response"]["status"] == "completed"
    checked(session)


def test_a_rate_limit_fails_the_response_and_is_over_when_it_says():
    session = sitting(token_limit=600)
    session.configure(instructions="x" * 2000)
    ask(session)
    assert types(ask(session)) == ["response.created", *END]
    response = session.events[-2]["response"]
    assert response["status_details"]["error"]["code"] == "rate_limit_exceeded"
    assert "Please try again in" in response["status_details"]["error"]["message"]
    session.wait(60)
    ask(session)
    assert session.events[-2]["response"]["status"] == "completed"
    checked(session)


def test_a_token_limit_leaves_the_answer_incomplete():
    session = sitting()
    assert types(ask(session, max_output_tokens=5))[-7:] == [*AUDIO_CLOSE, *END]
    response = session.events[-2]["response"]
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    checked(session)


@pytest.mark.parametrize(
    "item",
    [
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "x"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "x"}]},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "x"},
                {"type": "input_audio", "audio": append(bytes(960))["audio"]},
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
            ],
        },
        {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "call_1"},
        {
            "type": "mcp_list_tools",
            "server_label": "s",
            "tools": [{"name": "f", "input_schema": {}}],
        },
        {"type": "mcp_call", "server_label": "s", "name": "f", "arguments": "{}", "output": "1"},
        {"type": "mcp_approval_request", "server_label": "s", "name": "f", "arguments": "{}"},
        {"type": "mcp_approval_response", "approval_request_id": "a", "approve": False},
    ],
)
def test_every_item_a_client_may_create(item):
    session = sitting()
    own = item | {"id": "mine"}
    assert types(session.send("conversation.item.create", item=own)) == ITEM
    assert session.events[-1]["item"]["id"] == "mine"
    assert types(session.send("conversation.item.retrieve", item_id="mine")) == [
        "conversation.item.retrieved"
    ]
    assert types(ask(session))[-2:] == END
    checked(session)


def test_the_check_finds_what_is_inconsistent():
    session = sitting()
    ask(session)
    checked(session)
    session.events[2]["previous_item_id"] = "item_nobody"
    with pytest.raises(AssertionError):
        checked(session)
    session = sitting()
    delta = next(e for e in ask(session) if e["type"] == WORD)
    delta["item_id"] = "item_other"
    with pytest.raises(AssertionError):
        checked(session)
