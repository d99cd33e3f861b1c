"""What the official SDK's typed models say of the events of the user's side that a call of five turns never sees."""

from __future__ import annotations

import base64

import pytest

from conformance.test_openai_sdk import judge
from simulator.sitting import Sitting, append, loud, quiet, types
from trunkline.simulator.timing import Timing
from trunkline.simulator.transcribers import TRANSCRIBERS

TURN = loud(400) + quiet(600)
FULL = {
    "tracing": {"workflow_name": "w", "group_id": "g", "metadata": {"k": "v"}},
    "truncation": {
        "type": "retention_ratio",
        "retention_ratio": 0.8,
        "token_limits": {"post_instructions": 5000},
    },
    "prompt": {"id": "pmpt_1", "version": "2", "variables": {"city": "Lyon"}},
    "tools": [
        {"type": "function", "name": "look", "description": "d", "parameters": {"type": "object"}},
        {
            "type": "mcp",
            "server_label": "weather",
            "server_url": "https://example.com/mcp",
            "headers": {"X-Team": "a"},
            "allowed_tools": {"read_only": True},
            "require_approval": {"never": {"tool_names": ["today"]}},
        },
    ],
    "tool_choice": {"type": "mcp", "server_label": "weather", "name": "today"},
    "reasoning": {"effort": "low"},
    "parallel_tool_calls": False,
    "max_output_tokens": 100,
    "audio": {
        "input": {
            "format": {"type": "audio/pcmu"},
            "noise_reduction": {"type": "near_field", "strength": 0.5},
            "turn_detection": {"type": "semantic_vad", "eagerness": "low"},
        },
        "output": {"format": {"type": "audio/pcma"}, "voice": {"id": "voice_1"}, "speed": 1.5},
    },
}


def judged(sitting: Sitting) -> list[str]:
    for event in sitting.events:
        judge(event)
    return types(sitting.events)


def test_a_session_with_every_field_set():
    sitting = Sitting()
    told = types(sitting.configure(**FULL))
    assert (told[0], told[-1]) == ("session.updated", "conversation.item.done")
    assert "mcp_list_tools.completed" in told
    judged(sitting)


@pytest.mark.parametrize("model", TRANSCRIBERS)
def test_the_transcripts_of_every_model(model):
    sitting = Sitting()
    sitting.configure(
        include=["item.input_audio_transcription.logprobs"],
        audio={"input": {"transcription": {"model": model}}},
    )
    sitting.speak(TURN)
    sitting.engine.fail_next_transcription()
    sitting.speak(TURN)
    sitting.wait(5)
    kinds = {kind.rpartition(".")[2] for kind in judged(sitting) if "transcription" in kind}
    assert {"completed", "failed"} <= kinds
    assert ("segment" in kinds) == ("diarize" in model)


def test_the_idle_timeout_and_g711():
    sitting = Sitting(timing=Timing(response_delay=0.0))
    sitting.detect(idle_timeout_ms=5000)
    sitting.configure(audio={"output": {"format": {"type": "audio/pcma"}}})
    sitting.speak(TURN)
    sitting.wait(10)
    assert "input_audio_buffer.timeout_triggered" in judged(sitting)


def test_a_transcription_session():
    sitting = Sitting(kind="transcription", model="")
    change = {"transcription": {"model": "gpt-realtime-whisper"}, "turn_detection": None}
    session = {"type": "transcription", "audio": {"input": change}}
    sitting.send("session.update", session=session)
    sitting.send(append(loud(400)))
    sitting.send("input_audio_buffer.commit")
    sitting.wait(3)
    kinds = judged(sitting)
    assert kinds[-1] == "conversation.item.input_audio_transcription.completed"
    item_id = sitting.events[-1]["item_id"]
    (retrieved,) = sitting.send("conversation.item.retrieve", item_id=item_id)
    judge(retrieved)
    assert base64.b64decode(retrieved["item"]["content"][0]["audio"]) == loud(400)
