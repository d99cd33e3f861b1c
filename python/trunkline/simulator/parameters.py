"""What may be said about a session and a response: every field of the API, with its range.

Null is taken for every optional field, as the official clients send it (LiveKit): where null is no
value of the field it means its default. Beta fields are unknown here, as they are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.simulator import schema
from trunkline.simulator.pause import EAGERNESS
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAX_OUTPUT_TOKENS",
    "METADATA",
    "MODALITIES",
    "NOISE_REDUCTION",
    "OUTPUT_FORMAT",
    "PROMPT",
    "REASONING",
    "SESSION",
    "TOOLS",
    "TOOL_CHOICE",
    "VOICE",
    "VOICES",
]

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")


def _optional(
    fields: Mapping[str, schema.Check], *, required: tuple[str, ...] = ()
) -> schema.Check:
    """A record whose fields may be null unless they are required."""
    checks = {
        name: check if name in required else schema.nullable(check)
        for name, check in fields.items()
    }
    return schema.record(checks, required=required)


MODALITIES = schema.list_of(schema.choice("text", "audio"), least=1, most=1)
_G711 = schema.record({"type": schema.text()}, required=("type",))
OUTPUT_FORMAT = schema.tagged(
    {
        "audio/pcm": _optional(
            {"type": schema.text(), "rate": schema.integer(24000, 24000)}, required=("type",)
        ),
        "audio/pcmu": _G711,
        "audio/pcma": _G711,
    }
)
VOICE = schema.by_type(
    {
        str: schema.choice(*VOICES),
        dict: schema.record({"id": schema.text(limit=64)}, required=("id",)),
    },
    "a string",
)
MAX_OUTPUT_TOKENS = schema.by_type(
    {int: schema.integer(1, 4096), str: schema.choice("inf")}, "an integer"
)
METADATA = schema.nullable(schema.mapping(schema.text(limit=512), most=16, key_limit=64))
REASONING = _optional({"effort": schema.choice("minimal", "low", "medium", "high", "xhigh")})
PROMPT = _optional(
    {
        "id": schema.text(),
        "version": schema.text(),
        "variables": schema.mapping(
            schema.by_type({str: schema.anything, dict: schema.anything}, "a string"),
            most=64,
            key_limit=64,
        ),
    },
    required=("id",),
)

_NAMES = schema.list_of(schema.text())
_TOOL_FILTER = _optional({"read_only": schema.flag, "tool_names": _NAMES})
_APPROVAL = schema.by_type(
    {
        str: schema.choice("always", "never"),
        dict: _optional({"always": _TOOL_FILTER, "never": _TOOL_FILTER}),
    },
    "a string",
)
_MCP_FIELDS = _optional(
    {
        "type": schema.text(),
        "server_label": schema.text(),
        "server_url": schema.text(),
        "connector_id": schema.text(),
        "tunnel_id": schema.text(),
        "server_description": schema.text(),
        "authorization": schema.text(),
        "headers": schema.mapping(schema.text(), most=64, key_limit=256),
        "allowed_tools": schema.by_type({list: _NAMES, dict: _TOOL_FILTER}, "an array"),
        "require_approval": _APPROVAL,
        "defer_loading": schema.flag,
        "allowed_callers": schema.list_of(schema.choice("direct", "programmatic")),
    },
    required=("server_label",),
)


def _mcp(value: Any, path: str) -> None:
    _MCP_FIELDS(value, path)
    if not any(value.get(key) for key in ("server_url", "connector_id", "tunnel_id")):
        message = (
            f"Invalid value for '{path}': one of 'server_url', 'connector_id', or 'tunnel_id' "
            "must be provided."
        )
        raise Refusal(message, code="invalid_value", param=path)


TOOLS = schema.list_of(
    schema.tagged(
        {
            "function": _optional(
                {
                    "type": schema.text(),
                    "name": schema.text(limit=64),
                    "description": schema.text(),
                    "parameters": schema.anything,
                },
                required=("name",),
            ),
            "mcp": _mcp,
        }
    )
)
TOOL_CHOICE = schema.by_type(
    {
        str: schema.choice("auto", "none", "required"),
        dict: schema.tagged(
            {
                "function": schema.record(
                    {"type": schema.text(), "name": schema.text(limit=64)}, required=("name",)
                ),
                "mcp": _optional(
                    {"type": schema.text(), "server_label": schema.text(), "name": schema.text()},
                    required=("server_label",),
                ),
            }
        ),
    },
    "a string",
)

_FLAGS: dict[str, schema.Check] = {
    "create_response": schema.flag,
    "interrupt_response": schema.flag,
}
_TURN_DETECTION = schema.tagged(
    {
        "server_vad": _optional(
            {
                "type": schema.text(),
                "threshold": schema.number(0.0, 1.0),
                "prefix_padding_ms": schema.integer(0, 10_000),
                "silence_duration_ms": schema.integer(0, 60_000),
                # The range of the API's published schema.
                "idle_timeout_ms": schema.integer(5_000, 30_000),
                **_FLAGS,
            }
        ),
        "semantic_vad": _optional(
            {"type": schema.text(), "eagerness": schema.choice(*EAGERNESS), **_FLAGS}
        ),
    }
)
_TRANSCRIPTION = _optional(
    {
        "model": schema.text(limit=128),
        "language": schema.text(limit=64),
        "prompt": schema.text(),
        "languages": schema.list_of(schema.text(limit=64)),
        "keywords": schema.list_of(schema.text()),
        "delay": schema.choice("minimal", "low", "medium", "high", "xhigh"),
    }
)
NOISE_REDUCTION = _optional(
    {"type": schema.choice("near_field", "far_field"), "strength": schema.number(0.0, 1.0)}
)
_INPUT = _optional(
    {
        "format": OUTPUT_FORMAT,
        "transcription": _TRANSCRIPTION,
        "noise_reduction": NOISE_REDUCTION,
        "turn_detection": _TURN_DETECTION,
    }
)
_OUTPUT = _optional({"format": OUTPUT_FORMAT, "voice": VOICE, "speed": schema.number(0.25, 1.5)})
_TRUNCATION = schema.by_type(
    {
        str: schema.choice("auto", "disabled"),
        dict: _optional(
            {
                "type": schema.choice("retention_ratio"),
                "retention_ratio": schema.number(0.0, 1.0),
                "token_limits": _optional({"post_instructions": schema.integer(0)}),
            },
            required=("type", "retention_ratio"),
        ),
    },
    "a string",
)
_TRACING = schema.by_type(
    {
        str: schema.choice("auto"),
        dict: _optional(
            {
                "workflow_name": schema.text(),
                "group_id": schema.text(),
                "metadata": schema.anything,
            }
        ),
    },
    "a string",
)
_INCLUDE = schema.list_of(schema.choice("item.input_audio_transcription.logprobs"))
_REALTIME = _optional(
    {
        "type": schema.text(),
        "model": schema.text(limit=128),
        "output_modalities": MODALITIES,
        "instructions": schema.text(),
        "tools": TOOLS,
        "tool_choice": TOOL_CHOICE,
        "max_output_tokens": MAX_OUTPUT_TOKENS,
        "tracing": _TRACING,
        "truncation": _TRUNCATION,
        "prompt": PROMPT,
        "parallel_tool_calls": schema.flag,
        "reasoning": REASONING,
        "audio": _optional({"input": _INPUT, "output": _OUTPUT}),
        "include": _INCLUDE,
    },
    required=("type",),
)
_TRANSCRIBING = _optional(
    {"type": schema.text(), "audio": _optional({"input": _INPUT}), "include": _INCLUDE},
    required=("type",),
)
SESSION = schema.tagged({"realtime": _REALTIME, "transcription": _TRANSCRIBING})
"""The `session` of a session.update and of a client secret."""
