from __future__ import annotations

import base64
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator.conversation import Conversation
from trunkline.simulator.emitter import Emitter
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.outputs import outputs_of
from trunkline.simulator.refusals import rate_limited
from trunkline.simulator.reply import Call, McpCall, Reply
from trunkline.simulator.response import Plan, ResponseRun
from trunkline.simulator.timing import Timing
from trunkline.simulator.tokens import Cost

REPLY = Reply(text="one two", pcm=bytes(48 * 450))
COMMENTARY = Reply(text="let me see", pcm=bytes(48 * 450), phase="commentary")
CALL = Call(name="fare", arguments='{"to":"Lyon"}')
TIMING = Timing(pace=2.0, response_delay=1.0)


class Numbering:
    """Ids that can be told: item_0, item_1 …"""

    def __init__(self) -> None:
        self.count = Counter()

    def fresh(self, prefix: str) -> str:
        self.count[prefix] += 1
        return f"{prefix}{self.count[prefix] - 1}"


class Stage:
    def __init__(
        self,
        *parts,
        modality="audio",
        limit="inf",
        beside=False,
        timing=TIMING,
        failure=None,
    ) -> None:
        chance = Chance(1)
        self.out = Emitter(Identity(chance), chance)
        self.conversation = Conversation("conv_1")
        outputs, is_cut = outputs_of(
            parts or (REPLY,),
            identity=Numbering(),
            modality=modality,
            limit=limit if isinstance(limit, int) else None,
        )
        plan = Plan(
            response_id="resp_1",
            modality=modality,
            outputs=outputs,
            is_cut=is_cut,
            cost=Cost(text=3, audio=4),
            voice="marin",
            output_format={"type": "audio/pcm", "rate": 24000},
            max_output_tokens=limit,
            metadata=None,
            failure=failure,
        )
        self.run = ResponseRun(
            plan,
            emitter=self.out,
            conversation=None if beside else self.conversation,
            timing=timing,
        )
        self.run.start(10.0)

    def drain(self) -> list[dict]:
        events = []
        while (event := self.out.pop()) is not None:
            events.append(event)
        return events

    def advance(self, until: float = 1e9) -> list[tuple[float, dict]]:
        played = []
        while (due := self.run.deadline()) is not None and due <= until:
            self.run.advance()
            played += [(round(due, 3), event) for event in self.drain()]
        return played


def kinds(played) -> list[str]:
    return [event["type"].removeprefix("response.") for _, event in played]


def test_the_ladder_of_a_spoken_response():
    stage = Stage()
    assert [event["type"] for event in stage.drain()] == ["response.created"]
    assert kinds(stage.advance()) == [
        "output_item.added",
        "conversation.item.added",
        "content_part.added",
        "output_audio_transcript.delta",
        "output_audio.delta",
        "output_audio_transcript.delta",
        "output_audio.delta",
        "output_audio.delta",
        "output_audio.done",
        "output_audio_transcript.done",
        "content_part.done",
        "conversation.item.done",
        "output_item.done",
        "done",
    ]


def test_the_ladder_of_a_written_response():
    stage = Stage(modality="text")
    stage.drain()
    assert kinds(stage.advance()) == [
        "output_item.added",
        "conversation.item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "conversation.item.done",
        "output_item.done",
        "done",
    ]


def test_beside_the_conversation_there_are_no_conversation_events():
    stage = Stage(beside=True)
    (created,) = stage.drain()
    assert created["response"]["conversation_id"] is None
    assert not [kind for kind in kinds(stage.advance()) if kind.startswith("conversation")]
    assert len(stage.conversation) == 0


def test_audio_is_paced_and_its_last_piece_is_what_is_left():
    stage = Stage()
    blocks = [
        (at, len(base64.b64decode(event["delta"])) // 48)
        for at, event in stage.advance()
        if event["type"] == "response.output_audio.delta"
    ]
    assert blocks == [(11.0, 200), (11.1, 200), (11.2, 50)]


def test_done_comes_when_the_audio_is_over_at_its_pace():
    assert Stage().advance()[-1][0] == round(11 + 0.450 / 2, 3)


def test_a_finished_item_and_its_usage():
    stage = Stage()
    response = stage.advance()[-1][1]["response"]
    assert response["status"] == "completed"
    assert response["status_details"] is None
    assert response["output"] == [
        {
            "id": "item_0",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_audio", "transcript": "one two"}],
        }
    ]
    assert response["usage"]["output_token_details"] == {"text_tokens": 2, "audio_tokens": 9}
    assert response["usage"]["total_tokens"] == 3 + 4 + 2 + 9


def test_a_cancelled_response_closes_what_is_open():
    stage = Stage()
    stage.drain()
    stage.advance(11.05)
    stage.run.cancel("turn_detected", 11.05)
    events = stage.drain()
    assert [event["type"].removeprefix("response.") for event in events] == [
        "output_audio.done",
        "output_audio_transcript.done",
        "content_part.done",
        "conversation.item.done",
        "output_item.done",
        "done",
    ]
    response = events[-1]["response"]
    assert response["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert response["output"][0]["status"] == "incomplete"
    assert response["output"][0]["content"][0]["transcript"] == "one"
    assert stage.run.deadline() is None


def test_cancelled_before_any_output_it_has_none_and_costs_nothing():
    stage = Stage()
    stage.drain()
    stage.run.cancel("client_cancelled", 10.5)
    (done,) = stage.drain()
    assert done["response"]["output"] == []
    assert done["response"]["usage"]["total_tokens"] == 0


def test_deltas_on_their_way_leak_out_after_a_cancellation():
    stage = Stage(timing=Timing(pace=2.0, response_delay=1.0, leak_ms=200))
    stage.advance(11.0)
    stage.drain()
    stage.run.cancel("client_cancelled", 11.0)
    leaked = [event["type"] for event in stage.drain() if event["type"].endswith("audio.delta")]
    assert leaked == ["response.output_audio.delta"]


@pytest.mark.parametrize("modality", ["audio", "text"])
def test_a_token_limit_cuts_the_reply_and_leaves_it_incomplete(modality):
    limit = 5 if modality == "audio" else 1
    response = Stage(modality=modality, limit=limit).advance()[-1][1]["response"]
    assert response["status"] == "incomplete"
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert response["output"][0]["content"][0].get("text", "one") == "one"


def test_the_ladder_of_a_call_has_no_parts_and_names_it_from_the_beginning():
    stage = Stage(CALL)
    stage.drain()
    played = stage.advance()
    assert kinds(played) == [
        "output_item.added",
        "conversation.item.added",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "conversation.item.done",
        "output_item.done",
        "done",
    ]
    events = [event for _, event in played]
    added, done = events[0]["item"], events[7]["item"]
    assert added == {
        "id": "item_0",
        "type": "function_call",
        "status": "in_progress",
        "name": "fare",
        "call_id": "call_0",
        "arguments": "",
    }
    assert done == added | {"status": "completed", "arguments": CALL.arguments}
    assert "".join(event["delta"] for event in events[2:5]) == CALL.arguments
    assert (events[5]["name"], events[5]["arguments"]) == ("fare", CALL.arguments)
    assert {event["call_id"] for event in events[2:6]} == {"call_0"}
    assert events[-1]["response"]["usage"]["output_token_details"]["text_tokens"] == 4


def test_a_call_comes_beside_the_words_before_it_and_all_is_done_at_the_end():
    played = Stage(COMMENTARY, CALL).advance()
    order = [
        (event["output_index"], event["type"].removeprefix("response."))
        for _, event in played
        if event["type"].startswith(("response.output_item", "response.function", "response.output_audio.delta"))
    ]  # fmt: skip
    assert order[:2] == [(0, "output_item.added"), (0, "output_audio.delta")]
    assert (1, "function_call_arguments.delta") in order[2:]
    assert order.index((1, "function_call_arguments.delta")) < len(order) - 1 - order[::-1].index(
        (0, "output_audio.delta")
    )
    assert order[-3:] == [
        (0, "output_item.done"),
        (1, "function_call_arguments.done"),
        (1, "output_item.done"),
    ]
    response = played[-1][1]["response"]
    assert [item["type"] for item in response["output"]] == ["message", "function_call"]
    assert response["output"][0]["phase"] == "commentary"


def test_a_second_message_waits_for_the_first():
    played = Stage(COMMENTARY, REPLY).advance()
    indexes = [event["output_index"] for _, event in played if "output_index" in event]
    assert indexes == sorted(indexes)
    assert set(indexes) == {0, 1}


def test_several_calls_come_one_after_the_other():
    indexes = [e["output_index"] for _, e in Stage(CALL, CALL).advance() if "output_index" in e]
    assert indexes == sorted(indexes)
    assert set(indexes) == {0, 1}


@pytest.mark.parametrize(
    ("outcome", "ending", "shown"),
    [
        ({"output": "12"}, "completed", {"output": "12"}),
        (
            {"error": "down"},
            "failed",
            {"error": {"type": "tool_execution_error", "message": "down"}},
        ),
    ],
)
def test_the_ladder_of_a_tool_the_server_runs(outcome, ending, shown):
    stage = Stage(McpCall(server_label="s", name="f", arguments="{}", **outcome))
    stage.drain()
    played = stage.advance()
    assert kinds(played) == [
        "output_item.added",
        "conversation.item.added",
        "mcp_call_arguments.delta",
        "mcp_call_arguments.done",
        "mcp_call.in_progress",
        f"mcp_call.{ending}",
        "conversation.item.done",
        "output_item.done",
        "done",
    ]
    item = played[-2][1]["item"]
    assert item.items() >= ({"server_label": "s", "name": "f", "arguments": "{}"} | shown).items()


def test_half_a_call_is_never_done():
    stage = Stage(CALL)
    stage.advance(11.03)
    stage.run.cancel("client_cancelled", 11.03)
    events = stage.drain()
    assert [event["type"] for event in events] == [
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    assert events[1]["item"]["status"] == "incomplete"


def test_the_token_limit_falls_on_the_item_it_is_reached_in():
    first = Reply(text="abcd", pcm=bytes(48 * 50))
    response = Stage(first, REPLY, CALL, limit=2 + 5).advance()[-1][1]["response"]
    assert [item["status"] for item in response["output"]] == ["completed", "incomplete"]
    assert response["status"] == "incomplete"
    assert response["usage"]["output_tokens"] <= 7


@given(st.integers(1, 30), st.sampled_from(["audio", "text"]), st.text("ab ", min_size=1))
def test_no_answer_costs_more_than_its_limit(limit, modality, text):
    parts = (Reply(text=text, pcm=bytes(48 * 310)), CALL, REPLY)
    response = Stage(*parts, modality=modality, limit=limit).advance()[-1][1]["response"]
    assert response["usage"]["output_tokens"] <= limit


def test_a_failed_response_says_why_and_has_no_item():
    failure = rate_limited("gpt-realtime", limit=100, used=90, requested=20, wait=6.0)
    stage = Stage(failure=failure)
    (created,) = stage.drain()
    assert created["response"]["status"] == "in_progress"
    ((at, done),) = stage.advance()
    assert at == 11.0
    assert done["response"]["output"] == []
    assert done["response"]["status_details"] == {
        "type": "failed",
        "error": {
            "type": "rate_limit_exceeded",
            "code": "rate_limit_exceeded",
            "message": "Rate limit reached for gpt-realtime on tokens per min (TPM): Limit 100, "
            "Used 90, Requested 20. Please try again in 6.000s.",
        },
    }


def test_deltas_go_on_coming_until_a_cancellation_has_arrived():
    stage = Stage(timing=Timing(pace=2.0, response_delay=1.0, cancel_delay=0.15))
    stage.advance(11.0)
    stage.run.cancel("client_cancelled", 11.0)
    assert stage.drain() == []
    assert stage.run.is_cancelling
    played = stage.advance()
    audio = [at for at, event in played if event["type"] == "response.output_audio.delta"]
    assert audio == [11.1]
    assert {at for at, event in played if event["type"].endswith("done")} == {11.15}
    assert played[-1][1]["response"]["status"] == "cancelled"


def test_a_cancellation_opens_nothing_new_while_it_is_on_its_way():
    stage = Stage(COMMENTARY, REPLY, timing=Timing(pace=2.0, response_delay=1.0, cancel_delay=60))
    stage.advance(11.0)
    stage.run.cancel("client_cancelled", 11.0)
    assert len(stage.advance()[-1][1]["response"]["output"]) == 1


def test_an_infinite_pace_is_a_burst_with_the_words_first():
    stage = Stage(timing=Timing(pace=float("inf"), response_delay=1.0))
    stage.drain()
    played = stage.advance()
    assert {at for at, _ in played} == {11.0}
    audio = [event for _, event in played if event["type"] == "response.output_audio.delta"]
    assert len(audio) == 3


def test_audio_cut_off_by_a_truncation_stays_cut_off():
    stage = Stage()
    stage.advance(11.05)
    stage.conversation.truncate("item_0", 0, 100)
    stage.advance()
    (item,) = stage.conversation
    assert len(item.pcm[0]) == 100 * 48
    assert item.body["content"][0]["transcript"] == ""
