from __future__ import annotations

import base64

import pytest

from trunkline.simulator.conversation import Conversation
from trunkline.simulator.emitter import Emitter
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.response import Plan, ResponseRun
from trunkline.simulator.timing import Timing
from trunkline.simulator.voice import Reply

REPLY = Reply(text="one two", pcm=bytes(48 * 450))
TIMING = Timing(pace=2.0, response_delay=1.0)


class Stage:
    def __init__(self, *, modality="audio", limit="inf", beside=False, timing=TIMING) -> None:
        chance = Chance(1)
        self.out = Emitter(Identity(chance), chance)
        self.conversation = Conversation("conv_1")
        plan = Plan(
            response_id="resp_1",
            item_id="item_1",
            modality=modality,
            reply=REPLY,
            text_in=3,
            audio_in=4,
            voice="marin",
            output_format={"type": "audio/pcm", "rate": 24000},
            max_output_tokens=limit,
            metadata=None,
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
            "id": "item_1",
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
