from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator.refusals import Refusal
from trunkline.simulator.session import SessionConfig, is_reasoning_model

KEYS = [
    "type",
    "object",
    "id",
    "model",
    "output_modalities",
    "instructions",
    "tools",
    "tool_choice",
    "max_output_tokens",
    "tracing",
    "truncation",
    "prompt",
    "expires_at",
    "audio",
    "include",
]


def config(model="gpt-realtime-2.1") -> SessionConfig:
    return SessionConfig(session_id="sess_1", model=model, expires_at=3600)


def update(one: SessionConfig, *, is_voice_locked=False, **change) -> dict:
    one.update({"type": "realtime", **change}, is_voice_locked=is_voice_locked)
    return one.view()


def audio_input(**fields) -> dict:
    return {"input": fields}


def test_the_echo_has_the_keys_of_the_api_in_their_order():
    view = config().view()
    assert list(view) == KEYS
    assert list(view["audio"]["input"]) == [
        "format",
        "transcription",
        "noise_reduction",
        "turn_detection",
    ]
    assert list(view["audio"]["output"]) == ["format", "voice", "speed"]


@pytest.mark.parametrize(
    ("model", "voice", "silence_ms"),
    [("gpt-realtime", "alloy", 200), ("gpt-realtime-2.1", "marin", 500), ("sim", "marin", 500)],
)
def test_defaults_depend_on_the_model(model, voice, silence_ms):
    one = config(model)
    assert one.voice == voice
    assert one.turn_detection["silence_duration_ms"] == silence_ms


def test_only_the_fields_that_are_present_change():
    one = config()
    before = one.view()
    after = update(one, audio=audio_input(turn_detection={"type": "server_vad", "threshold": 0.7}))
    assert after["audio"]["input"]["turn_detection"]["threshold"] == 0.7
    after["audio"]["input"]["turn_detection"]["threshold"] = 0.5
    assert after == before


def test_null_switches_a_nullable_field_off_and_back_on_it_has_its_defaults():
    one = config()
    update(one, audio=audio_input(turn_detection={"type": "server_vad", "threshold": 0.9}))
    assert (
        update(one, audio=audio_input(turn_detection=None))["audio"]["input"]["turn_detection"]
        is None
    )
    update(one, audio=audio_input(turn_detection={"type": "server_vad"}))
    assert one.turn_detection["threshold"] == 0.5


def test_turn_detection_without_sub_fields_keeps_what_is_set():
    one = config()
    update(one, audio=audio_input(turn_detection={"type": "server_vad", "threshold": 0.9}))
    update(one, audio=audio_input(turn_detection={"type": "server_vad"}))
    assert one.turn_detection["threshold"] == 0.9


def test_transcription_echoes_language_and_prompt_as_null():
    one = config()
    update(one, audio=audio_input(transcription={"model": "whisper-1"}))
    assert one.transcription == {"model": "whisper-1", "language": None, "prompt": None}


def test_a_format_without_rate_is_echoed_with_it():
    view = update(config(), audio=audio_input(format={"type": "audio/pcm"}))
    assert view["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"bogus_field": 1}, "unknown_parameter", "session.bogus_field"),
        ({"voice": "alloy"}, "unknown_parameter", "session.voice"),
        ({"temperature": 0.8}, "unknown_parameter", "session.temperature"),
        ({"type": "transcription"}, "invalid_value", "session.type"),
        ({"model": "gpt-realtime"}, "invalid_value", "session.model"),
        ({"output_modalities": ["audio", "text"]}, "invalid_value", "session.output_modalities"),
        ({"output_modalities": ["video"]}, "invalid_value", "session.output_modalities[0]"),
        ({"instructions": 1}, "invalid_type", "session.instructions"),
        ({"max_output_tokens": 5000}, "integer_above_max_value", "session.max_output_tokens"),
        ({"max_output_tokens": "all"}, "invalid_value", "session.max_output_tokens"),
        ({"tool_choice": "perhaps"}, "invalid_value", "session.tool_choice"),
        (
            {"tools": [{"type": "mcp", "server_label": "here"}]},
            "invalid_value",
            "session.tools[0]",
        ),
        (
            {"tools": [{"type": "mcp", "server_url": "http://localhost"}]},
            "missing_required_parameter",
            "session.tools[0].server_label",
        ),
        (
            {"tool_choice": {"type": "function"}},
            "missing_required_parameter",
            "session.tool_choice.name",
        ),
        ({"tools": [{"type": "function"}]}, "missing_required_parameter", "session.tools[0].name"),
        ({"prompt": {"version": "2"}}, "missing_required_parameter", "session.prompt.id"),
        ({"truncation": "some"}, "invalid_value", "session.truncation"),
        ({"tracing": "on"}, "invalid_value", "session.tracing"),
        (
            {"audio": audio_input(format={"type": "audio/pcm", "rate": 16000})},
            "integer_below_min_value",
            "session.audio.input.format.rate",
        ),
        (
            {"audio": audio_input(format={"type": "audio/pcmu", "rate": 8000})},
            "unknown_parameter",
            "session.audio.input.format.rate",
        ),
        (
            {"audio": audio_input(format="pcm16")},
            "invalid_type",
            "session.audio.input.format",
        ),
        (
            {"audio": audio_input(transcription={"model": "gpt-5"})},
            "invalid_value",
            "session.audio.input.transcription.model",
        ),
        (
            {"audio": audio_input(turn_detection={"threshold": 0.5})},
            "missing_required_parameter",
            "session.audio.input.turn_detection.type",
        ),
        (
            {"audio": audio_input(turn_detection={"type": "semantic_vad", "threshold": 0.5})},
            "unknown_parameter",
            "session.audio.input.turn_detection.threshold",
        ),
        (
            {"audio": audio_input(turn_detection={"type": "server_vad", "idle_timeout_ms": 4999})},
            "integer_below_min_value",
            "session.audio.input.turn_detection.idle_timeout_ms",
        ),
        (
            {"audio": {"output": {"voice": "nobody"}}},
            "invalid_value",
            "session.audio.output.voice",
        ),
        (
            {"audio": {"output": {"speed": 2}}},
            "integer_above_max_value",
            "session.audio.output.speed",
        ),
    ],
)
def test_a_refused_update_names_the_place_and_changes_nothing(change, code, param):
    one = config()
    before = one.view()
    with pytest.raises(Refusal) as refused:
        update(one, **{"instructions": "changed"} | change)
    assert (refused.value.code, refused.value.param) == (code, param)
    assert one.view() == before


def test_the_type_is_required():
    with pytest.raises(Refusal) as refused:
        config().update({"instructions": "x"}, is_voice_locked=False)
    assert refused.value.param == "session.type"


def test_a_locked_voice_refuses_the_whole_update_but_not_its_repetition():
    one = config()
    update(one, is_voice_locked=True, audio={"output": {"voice": "marin"}})
    with pytest.raises(Refusal) as refused:
        update(one, is_voice_locked=True, instructions="x", audio={"output": {"voice": "ash"}})
    assert refused.value.code == "cannot_update_voice"
    assert one.instructions != "x"


def test_reasoning_is_for_models_that_reason():
    assert update(config(), reasoning={"effort": "low"})["reasoning"] == {"effort": "low"}
    with pytest.raises(Refusal) as refused:
        update(config("gpt-realtime"), parallel_tool_calls=True)
    assert refused.value.param == "session.parallel_tool_calls"
    assert not is_reasoning_model("gpt-realtime-2025-08-28")


CHANGES = st.sampled_from(
    [
        {},
        {"instructions": "new"},
        {"instructions": "newer", "output_modalities": ["text"]},
        {"max_output_tokens": 17},
        {"max_output_tokens": 5000, "instructions": "lost"},
        {"tools": [{"type": "function", "name": "f"}]},
        {"tools": [{"type": "x"}]},
        {"include": ["item.input_audio_transcription.logprobs"]},
        {"include": None},
        {"surprise": 1},
        {"audio": {"output": {"voice": "ash"}}},
        {"audio": {"output": {"voice": "bass", "speed": 1.1}}},
        {"audio": {"input": {"noise_reduction": {"type": "near_field"}}}},
        {"audio": {"input": {"noise_reduction": None, "transcription": {"model": "whisper-1"}}}},
        {"audio": {"input": {"transcription": {"language": "en"}}}},
    ]
)


@given(st.lists(CHANGES, max_size=6))
def test_updates_are_whole_or_not_at_all_and_never_touch_what_was_given(changes):
    one = config()
    for change in changes:
        given_change = copy.deepcopy(change)
        before = one.view()
        try:
            after = update(one, **change)
        except Refusal:
            assert one.view() == before
        else:
            for key in change.keys() - {"audio"}:
                assert after[key] == change[key]
            for key in before.keys() - change.keys():
                assert after[key] == before[key]
            assert list(after) == KEYS
        assert change == given_change


def transcribing() -> SessionConfig:
    return SessionConfig(session_id="sess_1", model="", expires_at=3600, kind="transcription")


def test_a_transcription_session_is_echoed_as_it_was_recorded():
    view = transcribing().view()
    assert list(view) == ["type", "object", "id", "expires_at", "audio", "include"]
    assert (view["type"], view["object"]) == ("transcription", "realtime.transcription_session")
    assert view["audio"] == {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": None,
            "noise_reduction": None,
            "turn_detection": {
                "type": "server_vad",
                "threshold": 0.5,
                "prefix_padding_ms": 300,
                "silence_duration_ms": 200,
            },
        }
    }


@pytest.mark.parametrize(("one", "other"), [(config, "transcription"), (transcribing, "realtime")])
def test_a_session_stays_of_the_type_it_was_opened_as(one, other):
    with pytest.raises(Refusal, match=f"Passing a {other} session update event") as refused:
        one().update({"type": other}, is_voice_locked=False)
    assert refused.value.param == "session.type"


def test_the_live_transcriber_has_no_turn_detection_in_a_transcription_session():
    one = transcribing()
    live = {"model": "gpt-realtime-whisper", "delay": "low"}
    change = {"type": "transcription", "audio": audio_input(transcription=live)}
    with pytest.raises(Refusal, match="Turn detection is not supported") as refused:
        one.update(change, is_voice_locked=False)
    assert refused.value.param == "session.audio.input.turn_detection"
    change["audio"]["input"]["turn_detection"] = None
    one.update(change, is_voice_locked=False)
    assert one.transcription["delay"] == "low"
    update(config(), audio=audio_input(transcription=live))


def test_another_transcriber_drops_what_it_does_not_take():
    one = config()
    update(one, audio=audio_input(transcription={"model": "gpt-transcribe", "keywords": ["Lyon"]}))
    update(one, audio=audio_input(transcription={"model": "whisper-1", "language": "en"}))
    assert one.transcription == {"model": "whisper-1", "language": "en", "prompt": None}
    with pytest.raises(Refusal) as refused:
        update(one, audio=audio_input(transcription={"delay": "low"}))
    assert refused.value.param == "session.audio.input.transcription.delay"


def test_null_restores_the_default_of_a_field_that_cannot_be_off():
    one = config()
    before = one.view()
    update(
        one,
        instructions="new",
        tool_choice="none",
        reasoning={"effort": "low"},
        audio={"output": {"voice": "ash", "speed": 1.2}},
    )
    after = update(
        one,
        instructions=None,
        tool_choice=None,
        reasoning=None,
        audio={"input": None, "output": {"voice": None, "speed": None}},
    )
    assert after == before


def test_semantic_detection_has_its_own_defaults_and_forgets_those_of_the_other():
    one = config()
    update(one, audio=audio_input(turn_detection={"type": "semantic_vad", "create_response": None}))
    assert one.turn_detection == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }
    update(one, audio=audio_input(turn_detection={"type": "server_vad"}))
    assert one.turn_detection == config().turn_detection


def test_g711_is_echoed_without_a_rate():
    view = update(config(), audio={"output": {"format": {"type": "audio/pcma"}}})
    assert view["audio"]["output"]["format"] == {"type": "audio/pcma"}


def test_tracing_stays_as_it_was_switched_on_and_may_be_repeated():
    one = config()
    update(one, tracing=None)
    update(one, tracing="auto")
    update(one, tracing="auto", instructions="again")
    for other in (None, {"workflow_name": "w"}):
        with pytest.raises(Refusal) as refused:
            update(one, tracing=other)
        assert refused.value.param == "session.tracing"


def test_noise_reduction_keeps_its_strength_and_needs_a_type_first():
    one = config()
    with pytest.raises(Refusal) as refused:
        update(one, audio=audio_input(noise_reduction={"strength": 0.5}))
    assert refused.value.param == "session.audio.input.noise_reduction.type"
    update(one, audio=audio_input(noise_reduction={"type": "near_field", "strength": 0.5}))
    view = update(one, audio=audio_input(noise_reduction={"type": "far_field"}))
    assert view["audio"]["input"]["noise_reduction"] == {"type": "far_field", "strength": 0.5}


def test_the_secrets_of_an_mcp_tool_are_not_echoed():
    tool = {
        "type": "mcp",
        "server_label": "x",
        "server_url": "https://example.com",
        "authorization": "hidden-token",
        "headers": {"X-Key": "hidden-value"},
    }
    (shown,) = update(config(), tools=[tool])["tools"]
    assert "hidden" not in str(shown)
    assert shown["headers"] == {"X-Key": "<redacted>"}
