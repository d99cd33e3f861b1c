from __future__ import annotations

import pytest

from trunkline.simulator.beta import BetaDialect, flat_session, nested_session
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.session import SESSION, SessionConfig


def dialect() -> BetaDialect:
    return BetaDialect(Identity(Chance(1)))


def test_a_flat_session_becomes_one_that_the_api_takes():
    flat = {
        "modalities": ["text", "audio"],
        "voice": "ash",
        "input_audio_format": "pcm16",
        "output_audio_format": "pcm16",
        "input_audio_transcription": {"model": "whisper-1"},
        "input_audio_noise_reduction": None,
        "turn_detection": None,
        "max_response_output_tokens": 100,
        "tools": [],
    }
    nested = nested_session(flat)
    SESSION(nested, "session")
    assert nested["output_modalities"] == ["audio"]
    assert nested["audio"]["input"]["transcription"] == {"model": "whisper-1"}
    config = SessionConfig(session_id="s", model="gpt-realtime", expires_at=0)
    config.update(nested, is_voice_locked=False)
    shown = flat_session(config.view())
    assert {key: shown[key] for key in flat if key not in {"modalities", "input_audio_transcription"}} == {
        key: value for key, value in flat.items() if key not in {"modalities", "input_audio_transcription"}
    }  # fmt: skip


def test_a_field_nobody_knows_is_left_for_the_api_to_refuse():
    with pytest.raises(Refusal) as refused:
        SESSION(nested_session({"bogus": 1}), "session")
    assert refused.value.param == "session.bogus"


@pytest.mark.parametrize("temperature", [0.5, 1.3, "warm"])
def test_the_temperature_has_its_old_range(temperature):
    update = {"type": "session.update", "session": {"temperature": temperature}}
    with pytest.raises(Refusal) as refused:
        dialect().incoming(update)
    assert refused.value.param == "session.temperature"


def test_a_transcription_session_is_answered_by_its_own_name():
    one = dialect()
    assert one.incoming({"type": "transcription_session.update", "session": {}})["type"] == (
        "session.update"
    )
    (said,) = one.outgoing({"type": "session.updated", "session": {}})
    assert said["type"] == "transcription_session.updated"


def test_requests_are_written_in_the_shape_of_ga():
    one = dialect()
    item = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "hi"}]}
    asked = {"modalities": ["text"], "voice": "ash", "temperature": 1, "input": [item]}
    response = one.incoming({"type": "response.create", "response": asked})["response"]
    assert response["output_modalities"] == ["text"]
    assert response["audio"] == {"output": {"voice": "ash"}}
    assert response["input"][0]["content"][0]["type"] == "output_text"
    created = one.incoming({"type": "conversation.item.create", "item": item})
    assert created["item"]["content"][0]["type"] == "output_text"


def test_an_error_names_the_field_as_the_client_knows_it():
    param = "session.audio.input.turn_detection.threshold"
    (said,) = dialect().outgoing({"type": "error", "error": {"param": param}})
    assert said["error"]["param"] == "session.turn_detection.threshold"
    plain = {"type": "error", "error": {"param": None}}
    assert list(dialect().outgoing(plain)) == [plain]


@pytest.mark.parametrize("kind", ["conversation.item.done", "rate_limits.updated"])
def test_what_the_beta_did_not_have_is_not_said(kind):
    assert list(dialect().outgoing({"type": kind})) == []


def test_deltas_have_their_old_names_and_no_padding():
    event = {"type": "response.output_text.delta", "delta": "hi", "obfuscation": "x"}
    assert list(dialect().outgoing(event)) == [{"type": "response.text.delta", "delta": "hi"}]
