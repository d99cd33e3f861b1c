"""Between messages and events: one table from type to builder each way in, one writer out.

The audio path never becomes JSON: an append is written by the codec in one call, an audio delta is known by
its shape and decoded from the message itself. Whatever does not have that shape goes the ordinary way,
with the same result. Bad input never raises past here: it becomes a `Malformed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from trunkline.audio import codec
from trunkline.errors import CodecError
from trunkline.protocol import events, limits
from trunkline.protocol.compound_facts import DELTA
from trunkline.protocol.dialect import ga_name, ga_response, ga_session
from trunkline.protocol.events import Event, JsonObject, Speaker

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Malformed", "Received", "canonical", "decode", "encode"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A message that breaks the protocol; the session goes on without it."""

    reason: str
    sample: str
    """Its first characters."""


class Received(NamedTuple):
    """A message that was understood: its type in GA names, and the event. A tuple: one is made for each message."""

    type: str
    event: Event


_AUDIO = frozenset({DELTA, "session.output_audio.delta"})
_DELTA_DEFAULTS = {"event_id": "", "response_id": "", "output_index": 0, "content_index": 0}


class _ShapeError(ValueError):
    """A field that we act on is missing or of the wrong type."""


def encode(event: JsonObject) -> bytes:
    """The event as one compact JSON message. Raises TypeError if it holds what JSON cannot say."""
    return orjson.dumps(event)


def canonical(event: JsonObject) -> JsonObject:
    """The event as the far end will read it; shares nothing with the argument. Raises TypeError as `encode`."""
    copy: JsonObject = orjson.loads(orjson.dumps(event))
    return copy


def decode(message: bytes, *, law: codec.Law | None = None) -> Received | Malformed:
    """What the message says; `law` is the coding of a G.711 session's audio. Never raises."""
    try:
        if len(message) <= limits.LONGEST_DELTA:
            delta = codec.read_delta_fast(message, law=law)
            if delta is not None:
                return _audio(delta)
        return _decode_json(message, law)
    except (CodecError, ValueError, RecursionError) as error:
        return Malformed(reason=str(error), sample=message[:120].decode("utf-8", "replace"))


def _decode_json(message: bytes, law: codec.Law | None) -> Received:
    is_odd = limits.may_be_over(message)
    data = orjson.loads(message)
    if not isinstance(data, dict):
        raise _ShapeError("the message is not an object")
    if is_odd and (complaint := limits.complaint(data)):
        raise _ShapeError(complaint)
    type_ = data.get("type")
    if not isinstance(type_, str):
        raise _ShapeError("the message has no type")
    name = ga_name(type_)
    # Compatible servers leave out what we can do without; an absent id is an empty one.
    is_audio = name == DELTA
    if len(message) > limits.LONGEST_DELTA and name in _AUDIO:
        _check_length(data.get("delta"))
    delta = codec.delta_from_event(_DELTA_DEFAULTS | data, law=law) if is_audio else None
    if delta is not None:
        return _audio(delta)
    build = _BUILDERS.get(name)
    return Received(type=name, event=build(data) if build else events.Raw(type=name, data=data))


def _check_length(delta: object) -> None:
    if isinstance(delta, str) and len(delta) > limits.LONGEST_DELTA:
        raise _ShapeError(f"the audio is longer than {limits.LONGEST_DELTA} characters")


def _audio(delta: codec.Delta) -> Received:
    event = events.audio_delta(
        delta.response_id, delta.item_id, delta.output_index, delta.content_index, delta.pcm
    )
    return Received(DELTA, event)


def _text(data: JsonObject, key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise _ShapeError(f"{key} is not a string")
    return value


def _text_or_empty(data: JsonObject, key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _text_or_none(data: JsonObject, key: str) -> str | None:
    value = data.get(key)
    return value if isinstance(value, str) else None


def _count(data: JsonObject, key: str) -> int:
    value = data.get(key)
    # Milliseconds are integers on the wire; some servers write 120.0.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise _ShapeError(f"{key} is not an integer")
    return max(0, int(value))


def _object(data: JsonObject, key: str) -> JsonObject:
    value = data.get(key)
    if not isinstance(value, dict):
        raise _ShapeError(f"{key} is not an object")
    return value


def _count_or_none(data: JsonObject, key: str) -> int | None:
    return None if data.get(key) is None else _count(data, key)


def _refusal(data: JsonObject) -> Event:
    error = _object(data, "error")
    return events.Refusal(
        type=_text_or_empty(error, "type"),
        code=_text_or_empty(error, "code"),
        message=_text_or_empty(error, "message"),
        param=_text_or_empty(error, "param"),
        request_id=_text_or_empty(error, "event_id"),
    )


def _session_created(data: JsonObject) -> Event:
    return events.SessionCreated(session=ga_session(_object(data, "session")))


def _session_updated(data: JsonObject) -> Event:
    return events.SessionUpdated(session=ga_session(_object(data, "session")))


def _speech_started(data: JsonObject) -> Event:
    return events.SpeechStarted(
        item_id=_text(data, "item_id"), audio_start_ms=_count(data, "audio_start_ms")
    )


def _speech_stopped(data: JsonObject) -> Event:
    return events.SpeechStopped(
        item_id=_text(data, "item_id"), audio_end_ms=_count(data, "audio_end_ms")
    )


def _timeout_triggered(data: JsonObject) -> Event:
    return events.TimeoutTriggered(
        item_id=_text(data, "item_id"),
        audio_start_ms=_count(data, "audio_start_ms"),
        audio_end_ms=_count(data, "audio_end_ms"),
    )


def _committed(data: JsonObject) -> Event:
    return events.AudioCommitted(
        item_id=_text(data, "item_id"), previous_item_id=_text_or_none(data, "previous_item_id")
    )


def _cleared(_data: JsonObject) -> Event:
    return events.AudioCleared()


def _item(data: JsonObject) -> JsonObject:
    item = _object(data, "item")
    _text(item, "id")
    return item


def _item_added(data: JsonObject) -> Event:
    return events.ItemAdded(
        item=_item(data), previous_item_id=_text_or_none(data, "previous_item_id")
    )


def _item_done(data: JsonObject) -> Event:
    return events.ItemDone(
        item=_item(data), previous_item_id=_text_or_none(data, "previous_item_id")
    )


def _item_deleted(data: JsonObject) -> Event:
    return events.ItemDeleted(item_id=_text(data, "item_id"))


def _item_truncated(data: JsonObject) -> Event:
    return events.ItemTruncated(
        item_id=_text(data, "item_id"), audio_end_ms=_count(data, "audio_end_ms")
    )


def _words(speaker: Speaker) -> Callable[[JsonObject], Event]:
    def build(data: JsonObject) -> Event:
        return events.TranscriptDelta(
            speaker=speaker,
            item_id=_text(data, "item_id"),
            response_id=_text_or_empty(data, "response_id"),
            delta=_text_or_empty(data, "delta"),
        )

    return build


def _all_words(speaker: Speaker, key: str) -> Callable[[JsonObject], Event]:
    def build(data: JsonObject) -> Event:
        return events.TranscriptDone(
            speaker=speaker,
            item_id=_text(data, "item_id"),
            response_id=_text_or_empty(data, "response_id"),
            text=_text_or_empty(data, key),
        )

    return build


def _transcript_failed(data: JsonObject) -> Event:
    error = data.get("error")
    message = _text_or_empty(error, "message") if isinstance(error, dict) else ""
    return events.TranscriptFailed(item_id=_text(data, "item_id"), message=message)


def _response_created(data: JsonObject) -> Event:
    response = _object(data, "response")
    return events.ResponseCreated(
        response_id=_text(response, "id"),
        conversation_id=_conversation_id(response),
        response=response,
    )


def _conversation_id(response: JsonObject) -> str | None:
    # Servers that know no out-of-band responses leave the field away; only an explicit null means none.
    if "conversation_id" not in response:
        return ""
    return _text_or_none(response, "conversation_id")


def _audio_done(data: JsonObject) -> Event:
    return events.AudioDone(
        response_id=_text_or_empty(data, "response_id"), item_id=_text(data, "item_id")
    )


def _response_done(data: JsonObject) -> Event:
    response = _object(ga_response(data), "response")
    return events.ResponseDone(
        response_id=_text(response, "id"),
        status=_text_or_empty(response, "status"),
        response=response,
    )


_TRANSLATED = {"sample_rate": 24_000, "channels": 1, "format": "pcm16"}
"""What audio of a translation is, wherever the server says so (openai 3.54.0)."""


def _translated_audio(data: JsonObject) -> Event:
    for name, right in _TRANSLATED.items():
        if data.get(name) not in (None, right):
            raise _ShapeError(f"{name} is not {right}")
    pcm = codec.decode(_text(data, "delta"))
    if len(pcm) % 2:
        raise _ShapeError("the audio ends inside a sample of 2 bytes")
    return events.TranslatedAudio(pcm=pcm, elapsed_ms=_count_or_none(data, "elapsed_ms"))


def _passage(kind: type[events.SourceText | events.TargetText]) -> Callable[[JsonObject], Event]:
    def build(data: JsonObject) -> Event:
        return kind(delta=_text(data, "delta"), elapsed_ms=_count_or_none(data, "elapsed_ms"))

    return build


def _session_closed(_data: JsonObject) -> Event:
    return events.SessionClosed()


_TRANSCRIPTION = "conversation.item.input_audio_transcription"


def _all_heard(data: JsonObject) -> Event:
    if data.get("status") == "in_progress":
        # xAI's word for what it has understood so far.
        return events.Raw(type=f"{_TRANSCRIPTION}.completed", data=data)
    return _all_words(Speaker.USER, "transcript")(data)


_BUILDERS: dict[str, Callable[[dict[str, Any]], Event]] = {
    "error": _refusal,
    "session.created": _session_created,
    "session.updated": _session_updated,
    "input_audio_buffer.speech_started": _speech_started,
    "input_audio_buffer.speech_stopped": _speech_stopped,
    "input_audio_buffer.timeout_triggered": _timeout_triggered,
    "input_audio_buffer.committed": _committed,
    "input_audio_buffer.cleared": _cleared,
    "conversation.item.added": _item_added,
    "conversation.item.done": _item_done,
    "conversation.item.deleted": _item_deleted,
    "conversation.item.truncated": _item_truncated,
    f"{_TRANSCRIPTION}.delta": _words(Speaker.USER),
    f"{_TRANSCRIPTION}.completed": _all_heard,
    f"{_TRANSCRIPTION}.failed": _transcript_failed,
    "response.created": _response_created,
    "response.output_audio.done": _audio_done,
    "response.output_audio_transcript.delta": _words(Speaker.ASSISTANT),
    "response.output_audio_transcript.done": _all_words(Speaker.ASSISTANT, "transcript"),
    "response.output_text.delta": _words(Speaker.ASSISTANT),
    "response.output_text.done": _all_words(Speaker.ASSISTANT, "text"),
    "response.done": _response_done,
    "session.output_audio.delta": _translated_audio,
    "session.input_transcript.delta": _passage(events.SourceText),
    "session.output_transcript.delta": _passage(events.TargetText),
    "session.closed": _session_closed,
}
"""Type in GA names to builder; how to add an event is in CONTRIBUTING.md."""
