"""The session's configuration: what it starts as, what may be said about it, how an update merges.

An update is checked whole before anything changes, so a refused one leaves no trace. Only the
fields that are present change; null switches a nullable one off; the reply to an update is the
whole object, its keys in the order the API echoes them.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from trunkline.simulator import schema
from trunkline.simulator.refusals import Refusal, invalid_value

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAX_OUTPUT_TOKENS",
    "METADATA",
    "MODALITIES",
    "OUTPUT_FORMAT",
    "REASONING",
    "SESSION",
    "TOOLS",
    "TOOL_CHOICE",
    "VOICE",
    "VOICES",
    "SessionConfig",
    "is_reasoning_model",
]

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")

DEFAULT_INSTRUCTIONS = "You are a simulated voice agent for tests. Answer briefly what you hear."
"""The API puts a text of its own here; this one must not be taken for it."""

_UNBUILT_G711 = schema.unbuilt("G.711 audio; use audio/pcm at 24000")

MODALITIES = schema.list_of(schema.choice("text", "audio"), least=1, most=1)
OUTPUT_FORMAT = schema.tagged(
    {
        "audio/pcm": schema.record(
            {"type": schema.text(), "rate": schema.integer(24000, 24000)}, required=("type",)
        ),
        "audio/pcmu": _UNBUILT_G711,
        "audio/pcma": _UNBUILT_G711,
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
REASONING = schema.record({"effort": schema.choice("minimal", "low", "medium", "high", "xhigh")})
TOOLS = schema.list_of(
    schema.tagged(
        {
            "function": schema.record(
                {
                    "type": schema.text(),
                    "name": schema.text(limit=64),
                    "description": schema.text(),
                    "parameters": schema.anything,
                },
                required=("name",),
            ),
            "mcp": schema.record(
                {
                    "type": schema.text(),
                    "server_label": schema.text(),
                    "server_url": schema.text(),
                    "connector_id": schema.text(),
                    "tunnel_id": schema.text(),
                    "server_description": schema.text(),
                    "authorization": schema.text(),
                    "headers": schema.nullable(schema.anything),
                    "allowed_tools": schema.nullable(schema.anything),
                    "require_approval": schema.nullable(schema.anything),
                    "defer_loading": schema.flag,
                    "allowed_callers": schema.nullable(schema.anything),
                },
                required=("server_label",),
            ),
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
                "mcp": schema.record(
                    {"type": schema.text(), "server_label": schema.text(), "name": schema.text()},
                    required=("server_label",),
                ),
            }
        ),
    },
    "a string",
)

_SERVER_VAD = schema.record(
    {
        "type": schema.text(),
        "threshold": schema.number(0.0, 1.0),
        "prefix_padding_ms": schema.integer(0, 10_000),
        "silence_duration_ms": schema.integer(0, 60_000),
        "idle_timeout_ms": schema.nullable(schema.unbuilt("the idle timeout")),
        "create_response": schema.flag,
        "interrupt_response": schema.flag,
    }
)
_TRANSCRIPTION = schema.record(
    {
        "model": schema.text(limit=128),
        "language": schema.nullable(schema.text(limit=64)),
        "prompt": schema.nullable(schema.text()),
        "languages": schema.nullable(schema.list_of(schema.text(limit=64))),
        "keywords": schema.nullable(schema.list_of(schema.text())),
        "delay": schema.nullable(schema.choice("minimal", "low", "medium", "high", "xhigh")),
    }
)
_NOISE_REDUCTION = schema.record(
    {"type": schema.choice("near_field", "far_field"), "strength": schema.number(0.0, 1.0)}
)
_AUDIO = schema.record(
    {
        "input": schema.record(
            {
                "format": OUTPUT_FORMAT,
                "transcription": schema.nullable(_TRANSCRIPTION),
                "noise_reduction": schema.nullable(_NOISE_REDUCTION),
                "turn_detection": schema.nullable(
                    schema.tagged(
                        {
                            "server_vad": _SERVER_VAD,
                            "semantic_vad": schema.unbuilt("semantic_vad; use server_vad"),
                        }
                    )
                ),
            }
        ),
        "output": schema.record(
            {"format": OUTPUT_FORMAT, "voice": VOICE, "speed": schema.number(0.25, 1.5)}
        ),
    }
)
_TRUNCATION = schema.by_type(
    {
        str: schema.choice("auto", "disabled"),
        dict: schema.record(
            {
                "type": schema.choice("retention_ratio"),
                "retention_ratio": schema.number(0.0, 1.0),
                "token_limits": schema.record({"post_instructions": schema.integer(0)}),
            },
            required=("type", "retention_ratio"),
        ),
    },
    "a string",
)
_TRACING = schema.by_type(
    {
        str: schema.choice("auto"),
        dict: schema.record(
            {
                "workflow_name": schema.text(),
                "group_id": schema.text(),
                "metadata": schema.anything,
            }
        ),
    },
    "a string",
)

SESSION = schema.record(
    {
        "type": schema.choice("realtime", "transcription"),
        "model": schema.text(limit=128),
        "output_modalities": MODALITIES,
        "instructions": schema.text(),
        "tools": TOOLS,
        "tool_choice": TOOL_CHOICE,
        "max_output_tokens": MAX_OUTPUT_TOKENS,
        "tracing": schema.nullable(_TRACING),
        "truncation": _TRUNCATION,
        "prompt": schema.nullable(schema.unbuilt("hosted prompts")),
        "parallel_tool_calls": schema.flag,
        "reasoning": REASONING,
        "audio": _AUDIO,
        "include": schema.nullable(
            schema.list_of(schema.choice("item.input_audio_transcription.logprobs"))
        ),
    },
    required=("type",),
)
"""The `session` of a session.update and of a client secret."""

_PCM = {"type": "audio/pcm", "rate": 24000}
_TRANSCRIPTION_DEFAULTS = {"model": "gpt-4o-transcribe", "language": None, "prompt": None}
_MERGED = frozenset({"audio", "input", "output"})
"""Objects whose fields change one by one; every other value is replaced as a whole."""


def is_reasoning_model(model: str) -> bool:
    """Whether the model takes `reasoning` and `parallel_tool_calls`."""
    return model.startswith(("gpt-realtime-2.", "gpt-realtime-2-")) or model == "gpt-realtime-2"


class SessionConfig:
    """The effective configuration; `view` is what the API echoes."""

    def __init__(self, *, session_id: str, model: str, expires_at: int) -> None:
        self._defaults = _defaults(session_id, model, expires_at)
        self._current = deepcopy(self._defaults)

    def view(self) -> dict[str, Any]:
        """A copy of the whole session object, in the API's key order."""
        return deepcopy(self._current)

    def update(self, change: dict[str, Any], *, is_voice_locked: bool) -> None:
        """Merge a checked change in, whole or not at all.

        Raises a Refusal if it asks for what cannot change: the type, the model, the voice once the
        assistant has spoken.
        """
        SESSION(change, "session")
        self._check_fixed(change)
        merged = self._merge(self._current, change)
        if is_voice_locked and merged["audio"]["output"]["voice"] != self.voice:
            raise Refusal(
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
            )
        self._current = merged

    @property
    def id(self) -> str:
        """The session's id."""
        return str(self._current["id"])

    @property
    def model(self) -> str:
        """The model it was opened with."""
        return str(self._current["model"])

    @property
    def modality(self) -> str:
        """`audio` or `text`."""
        return str(self._current["output_modalities"][0])

    @property
    def instructions(self) -> str:
        """The standing instructions."""
        return str(self._current["instructions"])

    @property
    def max_output_tokens(self) -> int | str:
        """A count or `inf`."""
        limit: int | str = self._current["max_output_tokens"]
        return limit

    @property
    def turn_detection(self) -> dict[str, Any] | None:
        """The VAD's settings, or None in manual mode."""
        settings: dict[str, Any] | None = self._current["audio"]["input"]["turn_detection"]
        return settings

    @property
    def transcription(self) -> dict[str, Any] | None:
        """The input transcription's settings, or None if it is off."""
        settings: dict[str, Any] | None = self._current["audio"]["input"]["transcription"]
        return settings

    @property
    def output_format(self) -> dict[str, Any]:
        """The format of reply audio."""
        return dict(self._current["audio"]["output"]["format"])

    @property
    def voice(self) -> Any:
        """A voice's name, or an object with its id."""
        return self._current["audio"]["output"]["voice"]

    @property
    def speed(self) -> float:
        """The tempo of reply audio; 1.0 as recorded."""
        return float(self._current["audio"]["output"]["speed"])

    def _check_fixed(self, change: Mapping[str, Any]) -> None:
        if change["type"] != "realtime":
            raise invalid_value("session.type", change["type"], ("realtime",))
        if change.get("model", self.model) != self.model:
            raise invalid_value("session.model", change["model"], (self.model,))
        for field in ("reasoning", "parallel_tool_calls"):
            if field in change and not is_reasoning_model(self.model):
                message = f"Unsupported option for this model: 'session.{field}'."
                raise Refusal(message, code="invalid_value", param=f"session.{field}")

    def _merge(self, current: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
        merged = dict(current)
        for key, value in change.items():
            if key in _MERGED:
                merged[key] = self._merge(current[key], value)
            else:
                merged[key] = self._complete(key, current.get(key), deepcopy(value))
        return merged

    def _complete(self, key: str, current: Any, value: Any) -> Any:
        """Fill in what the API echoes although the client left it out."""
        if not isinstance(value, dict):
            return value
        if key == "format":
            return _PCM | value
        if key == "transcription":
            return (current or _TRANSCRIPTION_DEFAULTS) | value
        if key == "turn_detection":
            return (current or self._defaults["audio"]["input"]["turn_detection"]) | value
        return value


def _defaults(session_id: str, model: str, expires_at: int) -> dict[str, Any]:
    # Recorded: gpt-realtime answers in alloy after 200 ms of silence, the 2.x models in marin after
    # 500.
    is_first_generation = model == "gpt-realtime" or model.startswith("gpt-realtime-2025")
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model,
        "output_modalities": ["audio"],
        "instructions": DEFAULT_INSTRUCTIONS,
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "expires_at": expires_at,
        "audio": {
            "input": {
                "format": dict(_PCM),
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 200 if is_first_generation else 500,
                    "idle_timeout_ms": None,
                    "create_response": True,
                    "interrupt_response": True,
                },
            },
            "output": {
                "format": dict(_PCM),
                "voice": "alloy" if is_first_generation else "marin",
                "speed": 1.0,
            },
        },
        "include": None,
    }
