"""Names at the edge: what other servers call the events and settings we know.

Inside, only the names of the generally available API are used. What comes in is mapped by its shape, whoever sent it:
many compatible servers mix the names of two generations. What goes out is written in the names of the one
`Dialect` that the line was told its server speaks.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BETA_NAMES", "Dialect", "ga_name", "ga_response", "ga_session", "spoken"]

JsonObject = dict[str, Any]

BETA_NAMES: dict[str, str] = {
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
    "conversation.item.created": "conversation.item.added",
    "transcription_session.created": "session.created",
    "transcription_session.updated": "session.updated",
}
"""Beta name to GA name (OpenAI's beta-to-GA migration guide)."""


class Dialect(Enum):
    """How a server wants to be spoken to."""

    GA = "ga"
    """The generally available API of OpenAI and Azure."""
    BETA = "beta"
    """Its preview: flat settings, `text` and `audio` for an assistant's content. Azure's preview API speaks it."""
    XAI = "xai"
    """GA events and formats, but voice and turn detection at the top, and a resume of its own."""
    TRANSLATION = "translation"
    """A translation session of the GA API: three requests, two of them under names of their own."""

    @property
    def resumes(self) -> bool:
        """Whether a new link may go on with the conversation of the one before."""
        return self is Dialect.XAI


# What comes in.

# Beta setting to its place in the GA session; of xAI's echo the same.
_PLACES: dict[str, tuple[str, ...]] = {
    "modalities": ("output_modalities",),
    "voice": ("audio", "output", "voice"),
    "speed": ("audio", "output", "speed"),
    "input_audio_format": ("audio", "input", "format"),
    "output_audio_format": ("audio", "output", "format"),
    "input_audio_transcription": ("audio", "input", "transcription"),
    "input_audio_noise_reduction": ("audio", "input", "noise_reduction"),
    "turn_detection": ("audio", "input", "turn_detection"),
    "max_response_output_tokens": ("max_output_tokens",),
}
_FORMATS: dict[str, JsonObject] = {
    "pcm16": {"type": "audio/pcm", "rate": 24000},
    "g711_ulaw": {"type": "audio/pcmu"},
    "g711_alaw": {"type": "audio/pcma"},
}
_FORMAT_NAMES = {str(format_["type"]): name for name, format_ in _FORMATS.items()}


def ga_name(type_: str) -> str:
    """The GA name of an event type; one that is not known is given back as it is."""
    return BETA_NAMES.get(type_, type_)


def ga_session(session: JsonObject) -> JsonObject:
    """The settings of a session with each flat one also in its GA place, where nothing stands there already."""
    flat = {name: session[name] for name in _PLACES if name in session}
    if not flat:
        return session
    mapped: JsonObject = _copied(session)
    for name, value in flat.items():
        _put(mapped, _PLACES[name], _ga_value(name, value))
    return mapped


def ga_response(data: JsonObject) -> JsonObject:
    """The response of a `response.done`, with the usage that xAI puts beside it."""
    response = data.get("response")
    usage = data.get("usage")
    if isinstance(response, dict) and isinstance(usage, dict) and not response.get("usage"):
        return data | {"response": response | {"usage": usage}}
    return data


def _ga_value(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return _FORMATS.get(value, value) if name.endswith("_format") else value
    if name == "modalities" and isinstance(value, list):
        return ["audio"] if "audio" in value else value
    if name == "turn_detection" and isinstance(value, dict) and value.get("type") is None:
        # xAI's word for turns that are committed by hand.
        return None
    return value


def _put(session: JsonObject, path: tuple[str, ...], value: Any) -> None:
    *folders, name = path
    for folder in folders:
        inner = session.get(folder)
        session[folder] = inner = inner if isinstance(inner, dict) else {}
        session = inner
    session.setdefault(name, value)


def _copied(value: Any) -> Any:
    """Shares no object with the argument; lists and what is in them are not changed here."""
    if not isinstance(value, dict):
        return value
    return {key: _copied(inner) for key, inner in value.items()}


# What goes out.

_AUDIO = b'{"type":"input_audio_buffer.append"'
_SOURCE_AUDIO = b'{"type":"session.input_audio_buffer.append"'


def spoken(dialect: Dialect, message: bytes) -> bytes:
    """A message of ours in the names of the dialect; audio passes through unread."""
    if dialect is Dialect.GA:
        return message
    if message.startswith(_AUDIO):
        is_source = dialect is Dialect.TRANSLATION
        return _SOURCE_AUDIO + message[len(_AUDIO) :] if is_source else message
    request = orjson.loads(message)
    write = _WRITERS.get((dialect, request.get("type")))
    return message if write is None else orjson.dumps(write(request))


def _flat(settings: JsonObject, names: tuple[str, ...]) -> JsonObject:
    """The settings with those of the names taken from their GA places to the top."""
    flat: JsonObject = _copied(settings)
    for name in names:
        *folders, last = _PLACES[name]
        holder: Any = flat
        for folder in folders:
            holder = holder.get(folder) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and last in holder:
            value = holder.pop(last)
            flat[name] = _beta_value(name, value)
    return flat


def _beta_value(name: str, value: Any) -> Any:
    if name.endswith("_format") and isinstance(value, dict):
        return _FORMAT_NAMES.get(str(value.get("type")), value)
    if name == "modalities" and isinstance(value, list):
        return ["audio", "text"] if "audio" in value else value
    return value


def _beta_update(request: JsonObject) -> JsonObject:
    session = _flat(request["session"], tuple(_PLACES))
    # Nothing of it is left that the beta knows.
    session.pop("audio", None)
    if session.pop("type", "realtime") == "transcription":
        return request | {"type": "transcription_session.update", "session": session}
    return request | {"session": session}


def _beta_item(request: JsonObject) -> JsonObject:
    return request | {"item": _short_content(request["item"])}


def _short_content(item: JsonObject) -> JsonObject:
    content = item.get("content")
    if not isinstance(content, list):
        return item
    parts = [part | {"type": _SHORT.get(part.get("type"), part.get("type"))} for part in content]
    return item | {"content": parts}


_SHORT = {"output_text": "text", "output_audio": "audio"}


def _beta_response(request: JsonObject) -> JsonObject:
    if not isinstance(request.get("response"), dict):
        return request
    names = ("modalities", "voice", "output_audio_format")
    response = _flat(request["response"], names)
    response.pop("audio", None)
    if isinstance(items := response.get("input"), list):
        response["input"] = [_short_content(item) for item in items]
    # Beside a session it is max_response_output_tokens; in a response the beta has the GA's name already.
    return request | {"response": response}


def _xai_update(request: JsonObject) -> JsonObject:
    session = _flat(request["session"], ("voice", "turn_detection"))
    session.pop("type", None)
    session.setdefault("resumption", {"enabled": True})
    return request | {"session": session}


def _translation_update(request: JsonObject) -> JsonObject:
    # Its type and model are set when it is created and may not be named again (openai 3.54.0).
    return request | {"session": {"audio": request["session"].get("audio") or {}}}


_WRITERS: dict[tuple[Dialect, str], Callable[[JsonObject], JsonObject]] = {
    (Dialect.BETA, "session.update"): _beta_update,
    (Dialect.BETA, "conversation.item.create"): _beta_item,
    (Dialect.BETA, "response.create"): _beta_response,
    (Dialect.XAI, "session.update"): _xai_update,
    (Dialect.TRANSLATION, "session.update"): _translation_update,
}
