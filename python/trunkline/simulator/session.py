"""The session's configuration: what it starts as and how an update merges.

An update is checked whole before anything changes, so a refused one leaves no trace. Only the
fields that are present change; null switches a nullable one off; the reply to an update is the
whole object, its keys in the order the API echoes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.simulator.copying import copied

# What requests may say of a session they may say of a response: these names have their home there.
from trunkline.simulator.parameters import (
    MAX_OUTPUT_TOKENS,
    METADATA,
    MODALITIES,
    OUTPUT_FORMAT,
    REASONING,
    SESSION,
    TOOL_CHOICE,
    TOOLS,
    VOICE,
    VOICES,
)
from trunkline.simulator.refusals import Refusal, invalid_value, missing_parameter
from trunkline.simulator.transcribers import (
    DEFAULT_TRANSCRIBER,
    check_transcriber,
    transcriber_named,
)

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
    "complete_format",
    "is_reasoning_model",
]

DEFAULT_INSTRUCTIONS = "You are a simulated voice agent for tests. Answer briefly what you hear."
"""The API puts a text of its own here; this one must not be taken for it."""

_PCM = {"type": "audio/pcm", "rate": 24000}
_TRANSCRIPTION_DEFAULTS = {"model": DEFAULT_TRANSCRIBER, "language": None, "prompt": None}
_MERGED = frozenset({"audio", "input", "output"})
"""Objects whose fields change one by one; null leaves them as they are."""
_NULLABLE = frozenset(
    {"tracing", "prompt", "include", "transcription", "noise_reduction", "turn_detection"}
)
"""Fields that null switches off; of any other it restores the default."""
_KINDS = ("realtime", "transcription")
_MODEL_OPTIONS = ("reasoning", "parallel_tool_calls")
_INPUT = "session.audio.input"


def is_reasoning_model(model: str) -> bool:
    """Whether the model takes `reasoning` and `parallel_tool_calls`."""
    return model.startswith(("gpt-realtime-2.", "gpt-realtime-2-")) or model == "gpt-realtime-2"


def complete_format(given: Mapping[str, Any]) -> dict[str, Any]:
    """A `format` object as the API echoes it: pcm with its rate, G.711 without."""
    return dict(_PCM) if given["type"] == "audio/pcm" else {"type": given["type"]}


class SessionConfig:
    """The effective configuration; `view` is what the API echoes.

    `kind` is `realtime` or `transcription`; a session stays what it was opened as. A transcription
    session has no model of its own.
    """

    def __init__(
        self,
        *,
        session_id: str,
        model: str,
        expires_at: int,
        kind: str = "realtime",
        takes_any_transcriber: bool = False,
    ) -> None:
        """`takes_any_transcriber` says that models have names of the customer's choice."""
        self._takes_any_transcriber = takes_any_transcriber
        self.kind = kind
        self.model = model
        """The model it was opened with."""
        if kind == "realtime":
            self._defaults = _realtime(session_id, model, expires_at)
        else:
            self._defaults = _transcription(session_id, expires_at)
        self._current = copied(self._defaults)

    def view(self) -> dict[str, Any]:
        """A copy of the whole session object, in the API's key order."""
        return copied(self._current)

    def update(self, change: dict[str, Any], *, is_voice_locked: bool) -> None:
        """Merge a checked change in, whole or not at all.

        Raises a Refusal if it asks for what cannot change: the type, the model, tracing once it is
        on, the voice once the assistant has spoken; or for what does not go together.
        """
        self._check_kind(change)
        SESSION(change, "session")
        self._check_fixed(change)
        merged = self._merge(self._current, self._defaults, change)
        self._check_merged(merged, is_voice_locked=is_voice_locked)
        self._current = merged

    @property
    def id(self) -> str:
        """The session's id."""
        return str(self._current["id"])

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
    def wants_logprobs(self) -> bool:
        """Whether transcripts are to carry log probabilities."""
        return bool(self._current["include"])

    @property
    def input_format(self) -> dict[str, Any]:
        """The format of the user's audio."""
        return dict(self._current["audio"]["input"]["format"])

    @property
    def output_format(self) -> dict[str, Any]:
        """The format of reply audio."""
        return dict(self._current["audio"]["output"]["format"])

    @property
    def voice(self) -> Any:
        """A voice's name, or an object with its id; None where nobody speaks."""
        return self._current["audio"].get("output", {}).get("voice")

    @property
    def speed(self) -> float:
        """The tempo of reply audio; 1.0 as recorded."""
        return float(self._current["audio"]["output"]["speed"])

    def _check_kind(self, change: Any) -> None:
        given = change.get("type") if isinstance(change, dict) else None
        if given in _KINDS and given != self.kind:
            # The words are the API's (several public reports); the code is not known.
            message = (
                f"Passing a {given} session update event to a {self.kind} session is not allowed."
            )
            raise Refusal(message, code="invalid_value", param="session.type")

    def _check_fixed(self, change: Mapping[str, Any]) -> None:
        if change.get("model") not in {None, self.model}:
            raise invalid_value("session.model", change["model"], (self.model,))
        for field in _MODEL_OPTIONS:
            if change.get(field) is not None and not is_reasoning_model(self.model):
                message = f"Unsupported option for this model: 'session.{field}'."
                raise Refusal(message, code="invalid_value", param=f"session.{field}")
        tracing = self._current.get("tracing")
        if tracing is not None and change.get("tracing", tracing) != tracing:
            message = "Tracing cannot be changed once it is enabled for a session."
            raise Refusal(message, code="invalid_value", param="session.tracing")

    def _check_merged(self, merged: dict[str, Any], *, is_voice_locked: bool) -> None:
        if is_voice_locked and merged["audio"]["output"]["voice"] != self.voice:
            raise Refusal(
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
            )
        heard = merged["audio"]["input"]
        noise, settings = heard["noise_reduction"], heard["transcription"]
        if noise is not None and noise.get("type") is None:
            raise missing_parameter(f"{_INPUT}.noise_reduction.type")
        if settings is None:
            return
        check_transcriber(
            settings, f"{_INPUT}.transcription", takes_any=self._takes_any_transcriber
        )
        is_manual = self.kind == "transcription" and transcriber_named(settings["model"]).is_manual
        if is_manual and heard["turn_detection"] is not None:
            message = "Turn detection is not supported for this transcription model."
            raise Refusal(message, code="invalid_value", param=f"{_INPUT}.turn_detection")

    def _merge(
        self, current: dict[str, Any], defaults: dict[str, Any], change: dict[str, Any]
    ) -> dict[str, Any]:
        merged = dict(current)
        for key, value in change.items():
            if key in _MERGED:
                merged[key] = self._merge(current[key], defaults[key], value or {})
            elif value is not None or key in _NULLABLE:
                merged[key] = self._complete(key, current.get(key), copied(value))
            elif key in defaults:
                merged[key] = copied(defaults[key])
            else:
                merged.pop(key, None)
        return merged

    def _complete(self, key: str, current: Any, value: Any) -> Any:
        """Fill in what the API echoes although the client left it out."""
        if key == "tools":
            return [_without_secrets(tool) for tool in value]
        if not isinstance(value, dict):
            return value
        complete = {
            "format": lambda: complete_format(value),
            "transcription": lambda: _transcribing(current or {}, value),
            "noise_reduction": lambda: _over(current or {}, {}, value),
            "turn_detection": lambda: self._detecting(current or {}, value),
        }.get(key)
        return value if complete is None else complete()

    def _detecting(self, current: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
        defaults = self._detection_defaults(change["type"])
        is_same = current.get("type") == change["type"]
        return _over(current if is_same else {}, defaults, change)

    def _detection_defaults(self, kind: str) -> dict[str, Any]:
        usual: dict[str, Any] = self._defaults["audio"]["input"]["turn_detection"]
        if kind == "server_vad":
            return usual
        flags = ("create_response", "interrupt_response")
        semantic = {"type": kind, "eagerness": "auto"}
        return semantic | {flag: usual[flag] for flag in flags if flag in usual}


def _over(
    current: Mapping[str, Any], defaults: Mapping[str, Any], change: Mapping[str, Any]
) -> dict[str, Any]:
    """The change over what is set, over the defaults; null in it restores a default."""
    merged = {**defaults, **current}
    for key, value in change.items():
        merged[key] = defaults.get(key) if value is None else value
        if merged[key] is None and key not in defaults:
            del merged[key]
    return merged


def _transcribing(current: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Another model keeps only those of the settings that it takes."""
    model = change.get("model") or current.get("model") or DEFAULT_TRANSCRIBER
    options = transcriber_named(model).options | {"model"}
    kept = {key: value for key, value in current.items() if key in options}
    return _over(kept, _TRANSCRIPTION_DEFAULTS, change)


def _without_secrets(tool: dict[str, Any]) -> dict[str, Any]:
    """A tool as it is echoed: what the client keeps from others is not kept here either."""
    shown = {key: value for key, value in tool.items() if key != "authorization"}
    if shown.get("headers"):
        shown["headers"] = dict.fromkeys(shown["headers"], "<redacted>")
    return shown


def _input(turn_detection: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": dict(_PCM),
        "transcription": None,
        "noise_reduction": None,
        "turn_detection": turn_detection,
    }


def _server_vad(silence_ms: int) -> dict[str, Any]:
    return {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": silence_ms,
    }


def _realtime(session_id: str, model: str, expires_at: int) -> dict[str, Any]:
    # Recorded: gpt-realtime answers in alloy after 200 ms of silence, the 2.x models in marin after
    # 500.
    is_first_generation = model == "gpt-realtime" or model.startswith("gpt-realtime-2025")
    detection = _server_vad(200 if is_first_generation else 500)
    flags = {"idle_timeout_ms": None, "create_response": True, "interrupt_response": True}
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
            "input": _input(detection | flags),
            "output": {
                "format": dict(_PCM),
                "voice": "alloy" if is_first_generation else "marin",
                "speed": 1.0,
            },
        },
        "include": None,
    }


def _transcription(session_id: str, expires_at: int) -> dict[str, Any]:
    # As a frame log of the live endpoint has it (2026-09-18): no model, and no flags in the VAD.
    return {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": session_id,
        "expires_at": expires_at,
        "audio": {"input": _input(_server_vad(200))},
        "include": None,
    }
