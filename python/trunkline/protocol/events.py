"""The events an application gets: those we act on as frozen types, every other one as `Raw`.

Names and fields are those of the GA API; `Line…`, `Interrupted`, `RequestLost`, `RateLimited` and `ToolCall` are ours.
Fields that the server did not send are empty (`""`, `{}`, None), never made up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trunkline.protocol.observations import Speaker

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure, Verdict

__all__ = [
    "AudioCleared",
    "AudioCommitted",
    "AudioDelta",
    "AudioDone",
    "Event",
    "Interrupted",
    "ItemAdded",
    "ItemDeleted",
    "ItemDone",
    "ItemTruncated",
    "LineDropped",
    "LineGap",
    "LineLive",
    "RateLimited",
    "Raw",
    "Refusal",
    "RequestLost",
    "ResponseCreated",
    "ResponseDone",
    "ResponseStalled",
    "SessionClosed",
    "SessionCreated",
    "SessionUpdated",
    "SourceText",
    "Speaker",
    "SpeechStarted",
    "SpeechStopped",
    "TargetText",
    "TimeoutTriggered",
    "ToolCall",
    "TranscriptDelta",
    "TranscriptDone",
    "TranscriptFailed",
    "TranslatedAudio",
    "audio_delta",
]

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of all events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw(Event):
    """An event we do not act on, as the server sent it."""

    type: str
    data: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Event):
    """The server's `error` event: a request was not carried out; the session stays open unless it closes."""

    type: str
    code: str
    message: str
    param: str
    request_id: str
    """The `event_id` of the request, if the server could tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCreated(Event):
    """The first event of a session, with its full effective settings."""

    session: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionUpdated(Event):
    """The settings after an update, in full."""

    session: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted(Event):
    """The server heard the user begin to speak."""

    item_id: str
    audio_start_ms: int
    """Since the first sample of the session, prefix padding included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStopped(Event):
    """The server heard the user stop."""

    item_id: str
    audio_end_ms: int
    """Since the first sample of the session, the silence included that decided it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutTriggered(Event):
    """The user said nothing for so long that the server will speak; an item of silence follows."""

    item_id: str
    audio_start_ms: int
    audio_end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioCommitted(Event):
    """The input buffer became a user item."""

    item_id: str
    previous_item_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioCleared(Event):
    """The input buffer was thrown away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAdded(Event):
    """An item stands in the conversation, perhaps not yet complete."""

    item: JsonObject
    previous_item_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDone(Event):
    """An item is complete."""

    item: JsonObject
    previous_item_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDeleted(Event):
    """An item is gone."""

    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTruncated(Event):
    """An assistant item was cut, its transcript of the cut part removed."""

    item_id: str
    audio_end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptDelta(Event):
    """Some more words of the user or of the assistant (spoken or, in a text session, written)."""

    speaker: Speaker
    item_id: str
    response_id: str
    delta: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptDone(Event):
    """All words of one item."""

    speaker: Speaker
    item_id: str
    response_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptFailed(Event):
    """The user's speech could not be written down."""

    item_id: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCreated(Event):
    """The model began a response."""

    response_id: str
    conversation_id: str | None
    """None for a response outside the conversation, and for any response of some compatible servers."""
    response: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioDelta(Event):
    """Some more reply audio."""

    response_id: str
    item_id: str
    output_index: int
    content_index: int
    pcm: bytes = field(repr=False)
    """Little-endian int16, mono, at the session's output rate; whole samples."""


_set_response_id, _set_item_id, _set_output_index, _set_content_index, _set_pcm = (
    getattr(AudioDelta, name).__set__
    for name in ("response_id", "item_id", "output_index", "content_index", "pcm")
)


def audio_delta(
    response_id: str, item_id: str, output_index: int, content_index: int, pcm: bytes
) -> AudioDelta:
    """The same as by its name, for a third of the time: the way of frozen types round themselves is long."""
    delta = object.__new__(AudioDelta)
    _set_response_id(delta, response_id)
    _set_item_id(delta, item_id)
    _set_output_index(delta, output_index)
    _set_content_index(delta, content_index)
    _set_pcm(delta, pcm)
    return delta


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioDone(Event):
    """The audio of one item is complete."""

    response_id: str
    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseDone(Event):
    """The model ended a response; always the last word about it."""

    response_id: str
    status: str
    """completed, cancelled, failed or incomplete."""
    response: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedAudio(Event):
    """What an interpreter says while it listens: as long in all as what it heard, silence included."""

    pcm: bytes = field(repr=False)
    """Little-endian int16, mono, 24 kHz; whole samples, of any number."""
    elapsed_ms: int | None
    """Audio of the session that it belongs to; begins at 0 in each session. None if the server did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText(Event):
    """Some more words of the speaker; put them together as they come, without spaces of your own."""

    delta: str
    elapsed_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetText(Event):
    """Some more words of the translation; put them together as they come, without spaces of your own."""

    delta: str
    elapsed_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed(Event):
    """A translation session said all it had to say, as it was asked to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLive(Event):
    """The line is live: for the first time, or again."""

    epoch: int
    items_restored: int
    replayed_ms: float
    lost_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDropped(Event):
    """The line lost its link and tries to come back; audio is kept meanwhile."""

    closure: Closure
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGap(Event):
    """Audio that was not and will not be delivered."""

    start_ms: float
    """On the capture axis: milliseconds of audio since the line began."""
    duration_ms: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseStalled(Event):
    """An answer is due and nothing of it comes, although the link lives; told again when that is over."""

    response_id: str
    """Empty while the server has not begun the response."""
    silence: float
    """Seconds since anything of it came, or since it was due."""
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted(Event):
    """Stop playing what you have of this item: the user spoke, or the answer will be given anew."""

    item_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall(Event):
    """The model calls a function: told once for each `call_id`, over all sessions; act on this one.

    Answer with a `function_call_output` item and a `response.create`, whenever it is ready: if the session that
    asked is gone by then, the call is told to the new one together with its output.
    """

    call_id: str
    name: str
    arguments: str
    """JSON, as the model wrote it: check it."""
    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLost(Event):
    """A request of yours went down with a link and is not repeated: ask again if it still matters.

    That is so for responses outside the conversation (one may have been answered in part, and billed), for a commit
    whose audio became a gap, and for requests that mean something to their own session only.
    """

    request_id: str
    request_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimited(Event):
    """A response failed since the account's rate limit was met; the session goes on. Nothing is asked again."""

    response_id: str
    code: str
    message: str
    retry_after: float | None
    """Seconds, if the message names a time."""
