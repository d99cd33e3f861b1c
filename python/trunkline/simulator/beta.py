"""The beta shape of the API, as OpenAI spoke it until May 2026 and Azure's preview does.

From OpenAI's migration guide: other event names, a flat session, `item.created` for `item.added`
with no `.done`, and rate limits right after `response.created`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.simulator.dialect import part_of
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trunkline.simulator.identity import Identity

__all__ = ["BetaDialect", "flat_session", "nested_session"]

Event = dict[str, Any]

_NAMES = {
    "response.output_text.delta": "response.text.delta",
    "response.output_text.done": "response.text.done",
    "response.output_audio.delta": "response.audio.delta",
    "response.output_audio.done": "response.audio.done",
    "response.output_audio_transcript.delta": "response.audio_transcript.delta",
    "response.output_audio_transcript.done": "response.audio_transcript.done",
    "conversation.item.added": "conversation.item.created",
}
_UNKNOWN_EVENTS = frozenset({"conversation.item.done", "rate_limits.updated"})
"""The first came with GA; the second is sent at another place."""
_CONTENT = {"output_text": "text", "output_audio": "audio"}
_FORMATS = {"audio/pcm": "pcm16", "audio/pcmu": "g711_ulaw", "audio/pcma": "g711_alaw"}
_PARAMS = (
    ("session.audio.input.format", "session.input_audio_format"),
    ("session.audio.input.transcription", "session.input_audio_transcription"),
    ("session.audio.input.noise_reduction", "session.input_audio_noise_reduction"),
    ("session.audio.input.turn_detection", "session.turn_detection"),
    ("session.audio.output.format", "session.output_audio_format"),
    ("session.audio.output.", "session."),
    ("session.output_modalities", "session.modalities"),
    ("session.max_output_tokens", "session.max_response_output_tokens"),
)
_DEFAULT_TEMPERATURE = 0.8
_LIMITS = (("requests", 1000, 999, 0.06), ("tokens", 40_000, 39_900, 0.15))


class BetaDialect:
    """One connection in the beta shape."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._temperature = _DEFAULT_TEMPERATURE
        self._is_transcription = False

    def outgoing(self, event: Event) -> Iterable[Event]:
        """The beta's events for one of ours."""
        kind = event["type"]
        if kind in _UNKNOWN_EVENTS:
            return []
        if kind.startswith("session."):
            return self._session(event)
        if kind == "response.created":
            return [_response(event), self._rate_limits()]
        if kind == "response.done":
            return [_response(event)]
        if kind == "error":
            return [_error(event)]
        return [_renamed(event)]

    def incoming(self, event: Event) -> Event:
        """A beta request in GA's shape."""
        kind = event.get("type")
        if kind == "transcription_session.update":
            self._is_transcription = True
        if kind in {"session.update", "transcription_session.update"}:
            return event | {"type": "session.update", "session": self._nested(event.get("session"))}
        if kind == "response.create" and isinstance(event.get("response"), dict):
            return event | {"response": _nested_response(event["response"])}
        if kind == "conversation.item.create" and isinstance(event.get("item"), dict):
            return event | {"item": _ga_item(event["item"])}
        return event

    def _session(self, event: Event) -> list[Event]:
        session = flat_session(event["session"]) | {"temperature": self._temperature}
        kind = f"transcription_{event['type']}" if self._is_transcription else event["type"]
        said = [event | {"type": kind, "session": session}]
        if event["type"] == "session.created":
            conversation = {"id": self._identity.fresh("conv_"), "object": "realtime.conversation"}
            said.append(self._event("conversation.created", conversation=conversation))
        return said

    def _nested(self, session: Any) -> Any:
        if not isinstance(session, dict):
            return session
        temperature = session.get("temperature", self._temperature)
        if not isinstance(temperature, (int, float)) or not 0.6 <= temperature <= 1.2:
            message = "Invalid 'session.temperature': expected a value from 0.6 to 1.2."
            raise Refusal(message, code="invalid_value", param="session.temperature")
        nested = nested_session({k: v for k, v in session.items() if k != "temperature"})
        self._temperature = temperature
        return nested

    def _rate_limits(self) -> Event:
        limits = [
            {"name": name, "limit": limit, "remaining": left, "reset_seconds": reset}
            for name, limit, left, reset in _LIMITS
        ]
        return self._event("rate_limits.updated", rate_limits=limits)

    def _event(self, kind: str, **fields: Any) -> Event:
        return {"type": kind, "event_id": self._identity.fresh("event_"), **fields}


def flat_session(session: dict[str, Any]) -> dict[str, Any]:
    """A GA session object in the beta's shape."""
    heard, spoken = (part_of(part_of(session, "audio"), side) for side in ("input", "output"))
    return {
        "id": session.get("id"),
        "object": session.get("object"),
        "model": session.get("model"),
        "expires_at": session.get("expires_at"),
        "modalities": _modalities(session.get("output_modalities", ["audio"])),
        "instructions": session.get("instructions"),
        "voice": spoken.get("voice"),
        "speed": spoken.get("speed"),
        "input_audio_format": _FORMATS.get(part_of(heard, "format").get("type", "")),
        "output_audio_format": _FORMATS.get(part_of(spoken, "format").get("type", "")),
        "input_audio_transcription": heard.get("transcription"),
        "input_audio_noise_reduction": heard.get("noise_reduction"),
        "turn_detection": heard.get("turn_detection"),
        "tools": session.get("tools"),
        "tool_choice": session.get("tool_choice"),
        "max_response_output_tokens": session.get("max_output_tokens"),
        "tracing": session.get("tracing"),
    }


def nested_session(flat: dict[str, Any]) -> dict[str, Any]:
    """A beta session update in GA's shape; fields it does not know are left for the API to refuse."""
    rest = dict(flat)
    heard: dict[str, Any] = {}
    for field, name in (
        ("input_audio_transcription", "transcription"),
        ("input_audio_noise_reduction", "noise_reduction"),
        ("turn_detection", "turn_detection"),
    ):
        if field in rest:
            heard[name] = rest.pop(field)
    if "input_audio_format" in rest:
        heard["format"] = _ga_format(rest.pop("input_audio_format"))
    spoken = _spoken(rest)
    audio = {"input": heard} if heard else {}
    audio |= {"output": spoken} if spoken else {}
    if "max_response_output_tokens" in rest:
        rest["max_output_tokens"] = rest.pop("max_response_output_tokens")
    return {"type": "realtime", **_with_modalities(rest), **({"audio": audio} if audio else {})}


def _spoken(rest: dict[str, Any]) -> dict[str, Any]:
    """Takes the fields of the output side out of `rest`."""
    spoken: dict[str, Any] = {name: rest.pop(name) for name in ("voice", "speed") if name in rest}
    if "output_audio_format" in rest:
        spoken["format"] = _ga_format(rest.pop("output_audio_format"))
    return spoken


def _nested_response(flat: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in flat.items() if key != "temperature"}
    spoken = _spoken(rest)
    rest = _with_modalities(rest)
    if isinstance(rest.get("input"), list):
        rest["input"] = [_ga_item(one) for one in rest["input"]]
    return rest | ({"audio": {"output": spoken}} if spoken else {})


def _with_modalities(rest: dict[str, Any]) -> dict[str, Any]:
    """`modalities` as GA's `output_modalities`, which never names both."""
    if "modalities" not in rest:
        return rest
    asked = rest.pop("modalities")
    speaks = isinstance(asked, list) and "audio" in asked
    return rest | {"output_modalities": ["audio"] if speaks else asked}


def _modalities(ga: list[str]) -> list[str]:
    return ["audio", "text"] if "audio" in ga else list(ga)


def _ga_format(name: Any) -> Any:
    return next(({"type": ga} for ga, beta in _FORMATS.items() if beta == name), name)


def _ga_item(item: Any) -> Any:
    if not isinstance(item, dict) or item.get("role") != "assistant":
        return item
    return item | {"content": [_ga_content(part) for part in item.get("content", [])]}


def _ga_content(part: Any) -> Any:
    if isinstance(part, dict) and part.get("type") == "text":
        return part | {"type": "output_text"}
    return part


def _renamed(event: Event) -> Event:
    said = {key: value for key, value in event.items() if key != "obfuscation"}
    said["type"] = _NAMES.get(event["type"], event["type"])
    if "item" in said:
        said["item"] = _item(said["item"])
    return said


def _item(item: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"object": "realtime.item", **item}
    if "content" in item:
        shown["content"] = [
            part | {"type": _CONTENT.get(part["type"], part["type"])} for part in item["content"]
        ]
    return shown


def _response(event: Event) -> Event:
    response = dict(event["response"])
    spoken = part_of(response.pop("audio", None), "output")
    response["modalities"] = _modalities(response.pop("output_modalities"))
    response["voice"] = spoken.get("voice")
    response["output_audio_format"] = _FORMATS.get(part_of(spoken, "format").get("type", ""))
    response["output"] = [_item(item) for item in response["output"]]
    return event | {"response": response}


def _error(event: Event) -> Event:
    param = event["error"].get("param") or ""
    for ga, beta in _PARAMS:
        if param.startswith(ga):
            error = event["error"] | {"param": beta + param.removeprefix(ga)}
            return event | {"error": error}
    return event
