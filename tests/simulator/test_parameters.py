from __future__ import annotations

import pytest

from trunkline.simulator.parameters import SESSION, TOOL_CHOICE, TOOLS
from trunkline.simulator.refusals import Refusal

LIVEKIT = {
    "type": "realtime",
    "model": None,
    "output_modalities": ["audio"],
    "instructions": None,
    "tools": None,
    "tool_choice": None,
    "max_output_tokens": None,
    "tracing": None,
    "truncation": None,
    "prompt": None,
    "include": None,
    "reasoning": None,
    "parallel_tool_calls": None,
    "audio": {
        "input": {
            "format": None,
            "noise_reduction": None,
            "transcription": {"model": "gpt-4o-mini-transcribe", "language": None, "prompt": None},
            "turn_detection": {
                "type": "semantic_vad",
                "eagerness": None,
                "create_response": None,
                "interrupt_response": True,
            },
        },
        "output": {"format": None, "voice": None, "speed": None},
    },
}

MCP = {
    "type": "mcp",
    "server_label": "weather",
    "server_url": "https://example.com/mcp",
    "server_description": "the weather",
    "authorization": "token",
    "headers": {"X-Team": "a"},
    "allowed_tools": {"read_only": True, "tool_names": ["today"]},
    "require_approval": {"always": {"tool_names": ["delete"]}, "never": None},
    "defer_loading": False,
    "allowed_callers": ["direct"],
}


def refusal(check, value) -> tuple[str | None, str | None]:
    with pytest.raises(Refusal) as refused:
        check(value, "p")
    return refused.value.code, refused.value.param


def test_every_optional_field_may_be_null():
    SESSION(LIVEKIT, "session")
    SESSION({"type": "transcription", "audio": {"input": None}, "include": None}, "session")
    SESSION({"type": "realtime", "audio": None}, "session")


def test_the_type_is_asked_for_before_anything_else_is_looked_at():
    assert refusal(SESSION, {"voice": "alloy"}) == ("missing_required_parameter", "p.type")
    assert refusal(SESSION, {"type": None}) == ("invalid_value", "p.type")
    assert refusal(SESSION, {"type": "translation"}) == ("invalid_value", "p.type")


@pytest.mark.parametrize(
    "field",
    [
        "modalities", "voice", "input_audio_format", "output_audio_format", "turn_detection",
        "input_audio_transcription", "input_audio_noise_reduction", "temperature",
        "max_response_output_tokens", "speed", "client_secret",
    ],
)  # fmt: skip
def test_the_flat_fields_of_the_beta_are_unknown(field):
    value = {"type": "realtime", field: None}
    assert refusal(SESSION, value) == ("unknown_parameter", f"p.{field}")


@pytest.mark.parametrize("field", ["model", "instructions", "tools", "output_modalities"])
def test_a_transcription_session_knows_nothing_of_answers(field):
    value = {"type": "transcription", field: None}
    assert refusal(SESSION, value) == ("unknown_parameter", f"p.{field}")
    output = {"type": "transcription", "audio": {"output": {}}}
    assert refusal(SESSION, output) == ("unknown_parameter", "p.audio.output")


@pytest.mark.parametrize(
    "session",
    [
        {"tracing": "auto"},
        {"tracing": {"workflow_name": "w", "group_id": "g", "metadata": {"k": [1]}}},
        {"truncation": "disabled"},
        {"truncation": {"type": "retention_ratio", "retention_ratio": 0.8}},
        {"truncation": {"type": "retention_ratio", "retention_ratio": 1,
                        "token_limits": {"post_instructions": 5000}}},
        {"prompt": {"id": "pmpt_1", "version": "2", "variables": {"a": "b", "c": {"type": "input_text"}}}},
        {"reasoning": {"effort": "xhigh"}},
        {"max_output_tokens": 4096},
        {"max_output_tokens": "inf"},
        {"audio": {"output": {"voice": {"id": "voice_1"}, "speed": 0.25}}},
        {"audio": {"input": {"format": {"type": "audio/pcma"}, "noise_reduction": {"strength": 0.5}}}},
    ],
)  # fmt: skip
def test_the_fields_of_the_api_are_taken(session):
    SESSION({"type": "realtime", **session}, "session")


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"max_output_tokens": 0}, "integer_below_min_value", "p.max_output_tokens"),
        ({"truncation": {"type": "retention_ratio"}}, "missing_required_parameter",
         "p.truncation.retention_ratio"),
        ({"tracing": {"name": "x"}}, "unknown_parameter", "p.tracing.name"),
        ({"reasoning": {"effort": "huge"}}, "invalid_value", "p.reasoning.effort"),
        ({"include": ["other"]}, "invalid_value", "p.include[0]"),
        ({"model": "m" * 129}, "string_above_max_length", "p.model"),
        ({"tools": [{"type": "function", "name": "n" * 65}]}, "string_above_max_length",
         "p.tools[0].name"),
        ({"audio": {"output": {"speed": 0.2}}}, "decimal_below_min_value", "p.audio.output.speed"),
        ({"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "very"}}}},
         "invalid_value", "p.audio.input.turn_detection.eagerness"),
        ({"audio": {"input": {"turn_detection": {"type": "semantic_vad", "idle_timeout_ms": 5000}}}},
         "unknown_parameter", "p.audio.input.turn_detection.idle_timeout_ms"),
        ({"audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 30001}}}},
         "integer_above_max_value", "p.audio.input.turn_detection.idle_timeout_ms"),
    ],
)  # fmt: skip
def test_what_is_out_of_range_is_refused_by_its_path(session, code, param):
    assert refusal(SESSION, {"type": "realtime", **session}) == (code, param)


def test_an_mcp_tool_names_its_server_in_one_of_three_ways():
    TOOLS([MCP], "tools")
    TOOLS([MCP | {"allowed_tools": ["today"], "require_approval": "never"}], "tools")
    for key in ("connector_id", "tunnel_id"):
        TOOLS([{"type": "mcp", "server_label": "x", key: "y"}], "tools")
    assert refusal(TOOLS, [{"type": "mcp", "server_label": "x"}]) == ("invalid_value", "p[0]")
    assert refusal(TOOLS, [MCP | {"require_approval": "maybe"}])[1] == "p[0].require_approval"


def test_a_tool_can_be_chosen_by_mode_by_function_and_by_server():
    for choice in (
        "required",
        {"type": "function", "name": "f"},
        {"type": "mcp", "server_label": "weather", "name": None},
    ):
        TOOL_CHOICE(choice, "tool_choice")
    assert refusal(TOOL_CHOICE, {"type": "mcp"}) == ("missing_required_parameter", "p.server_label")
    assert refusal(TOOL_CHOICE, {"type": "web"}) == ("invalid_value", "p.type")
