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
        (
            {"tool_choice": {"type": "function"}},
            "missing_required_parameter",
            "session.tool_choice.name",
        ),
        ({"tool_choice": "perhaps"}, "invalid_value", "session.tool_choice"),
        (
            {"tools": [{"type": "mcp"}]},
            "missing_required_parameter",
            "session.tools[0].server_label",
        ),
        ({"tools": [{"type": "function"}]}, "missing_required_parameter", "session.tools[0].name"),
        ({"prompt": {"id": "p"}}, "invalid_value", "session.prompt"),
        ({"truncation": "some"}, "invalid_value", "session.truncation"),
        ({"tracing": "on"}, "invalid_value", "session.tracing"),
        (
            {"audio": audio_input(format={"type": "audio/pcm", "rate": 16000})},
            "integer_below_min_value",
            "session.audio.input.format.rate",
        ),
        (
            {"audio": audio_input(format={"type": "audio/pcmu"})},
            "invalid_value",
            "session.audio.input.format",
        ),
        (
            {"audio": audio_input(format="pcm16")},
            "invalid_type",
            "session.audio.input.format",
        ),
        (
            {"audio": audio_input(turn_detection={"threshold": 0.5})},
            "missing_required_parameter",
            "session.audio.input.turn_detection.type",
        ),
        (
            {"audio": audio_input(turn_detection={"type": "semantic_vad"})},
            "invalid_value",
            "session.audio.input.turn_detection",
        ),
        (
            {"audio": audio_input(turn_detection={"type": "server_vad", "idle_timeout_ms": 5000})},
            "invalid_value",
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
