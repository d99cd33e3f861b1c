"""One session of the API, without a network and without a clock: dicts in, dicts out.

The caller tells the time with every call. `opened` begins the session; `receive`, `receive_text`
and `receive_binary` take what the client sends; `handle_timeout` lets time pass; `deadline` says
when that is next due; `next_event` gives out the server's events, in order, until it gives None.
`ending` says that the server closes the connection once they are sent. Nothing blocks, logs, sleeps
or draws a random number of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import orjson

from trunkline.simulator.buffer import ms_of
from trunkline.simulator.conversation import Conversation
from trunkline.simulator.ear import Ear
from trunkline.simulator.emitter import Emitter
from trunkline.simulator.history import (
    Ending,
    ItemRecord,
    SessionHistory,
    Truncation,
    Violation,
)
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.items import Item, decode_audio, item_from_client
from trunkline.simulator.refusals import Refusal, invalid_value, missing_parameter
from trunkline.simulator.requests import REQUESTS
from trunkline.simulator.responses import Responses
from trunkline.simulator.session import SessionConfig
from trunkline.simulator.timing import Timing
from trunkline.simulator.transcription import Transcriptions
from trunkline.simulator.vad import SpeechStarted, SpeechStopped

if TYPE_CHECKING:
    from trunkline.simulator.voice import Voice

__all__ = ["Engine", "Tally"]

_EXPIRY = "Your session hit the maximum duration of 60 minutes."
_Handler = Callable[["Engine", dict[str, Any], float], None]


class Tally:
    """What is counted over the whole life of a server, beyond one connection."""

    def __init__(self) -> None:
        self.turns = 0
        """User turns committed from audio."""


class Engine:
    """The façade: who calls whom on which event."""

    def __init__(
        self,
        *,
        model: str,
        voice: Voice,
        seed: int = 0,
        wall: float = 0.0,
        timing: Timing | None = None,
        session: dict[str, Any] | None = None,
        history: SessionHistory | None = None,
        tally: Tally | None = None,
    ) -> None:
        """`wall` is Unix time for `expires_at`; `session` is what a client secret brought along."""
        self._timing = timing or Timing()
        self._voice = voice
        chance = Chance(seed)
        self._identity = Identity(chance)
        self._emitter = Emitter(self._identity, chance)
        self._config = SessionConfig(
            session_id=self._identity.fresh("sess_"),
            model=model,
            expires_at=int(wall + self._timing.lifetime),
        )
        if session is not None:
            self._config.update(session, is_voice_locked=False)
        self._conversation = Conversation(self._identity.fresh("conv_"))
        self.history = history or SessionHistory(epoch=1, opened_at=0.0)
        self.history.session_id, self.history.model = self._config.id, model
        self.tally = tally or Tally()
        self._ear = Ear(self._config.turn_detection)
        self._transcriptions = Transcriptions(self._emitter)
        self._responses = Responses(
            config=self._config,
            conversation=self._conversation,
            emitter=self._emitter,
            identity=self._identity,
            voice=voice,
            timing=self._timing,
            history=self.history,
        )
        self._reserved_id: str | None = None
        self._speech_start = 0
        self._expires: float | None = None
        self.ending: Ending | None = None
        """How the server ends the connection, once it does."""

    def opened(self, now: float) -> None:
        """The connection is up: session.created, and nothing else until spoken to."""
        self._expires = now + self._timing.lifetime
        self._emitter.emit("session.created", session=self._config.view())

    def receive_text(self, text: str | bytes, now: float) -> None:
        """Take a text message."""
        try:
            event = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            message = f"Invalid event: failed to parse JSON value. {error}"
            self._refuse(Refusal(message, code="invalid_json"), {}, now)
            return
        if isinstance(event, dict):
            self.receive(event, now)
        else:
            message = "Invalid event: expected a JSON object."
            self._refuse(Refusal(message, code="invalid_event"), {}, now)

    def receive_binary(self, now: float) -> None:
        """Take a binary message, which the API does not read."""
        message = "Expected a text WebSocket message; binary frames are not supported."
        self._refuse(Refusal(message, code="invalid_event"), {}, now)

    def receive(self, event: dict[str, Any], now: float) -> None:
        """Take one client event."""
        self.handle_timeout(now)
        kind = event.get("type")
        self.history.note_received(str(kind or ""), now)
        try:
            if kind is None:
                raise missing_parameter("type")
            handler = _HANDLERS.get(kind) if isinstance(kind, str) else None
            if handler is None:
                raise invalid_value("type", kind, REQUESTS)
            REQUESTS[kind](event, "")
            handler(self, event, now)
        except Refusal as refusal:
            self._refuse(refusal, event, now)

    def handle_timeout(self, now: float) -> None:
        """Let everything happen that is due."""
        while (due := self._next_due()) is not None and due <= now:
            if due == self._expires:
                self._expire(now)
            elif due == self._transcriptions.deadline():
                self._transcriptions.advance()
            else:
                self._responses.advance(due)

    @property
    def has_events(self) -> bool:
        """Whether `next_event` would give one."""
        return len(self._emitter) > 0

    def adopt(self, items: Iterable[Item]) -> None:
        """Go on with another session's conversation: its items are there, and nobody is told."""
        for item in items:
            self._conversation.add(item)

    def deadline(self) -> float | None:
        """When `handle_timeout` has something to do next; None if only the client can go on."""
        return self._next_due()

    def next_event(self) -> dict[str, Any] | None:
        """The next event to send, or None. What is given out here counts as sent."""
        event = self._emitter.pop()
        if event is not None:
            self.history.note_sent(event)
        return event

    def inject_error(self, refusal: Refusal) -> None:
        """Send an error event that no request caused."""
        self._emitter.emit("error", error=refusal.body())

    def inject_call(self, name: str, arguments: str, now: float) -> str:
        """Let the model call a function, which no voice does by itself; gives the call's id."""
        call_id = self._identity.fresh("call_")
        body = {
            "id": self._identity.fresh("item_"),
            "type": "function_call",
            "status": "completed",
            "name": name,
            "call_id": call_id,
            "arguments": arguments,
        }
        item = Item(body=body)
        self._announce(item, self._conversation.add(item), origin="generated", now=now)
        return call_id

    @property
    def items(self) -> tuple[Item, ...]:
        """The conversation as it stands, in the order the model reads it."""
        return tuple(self._conversation)

    @property
    def session(self) -> dict[str, Any]:
        """The settings in force, as the API would echo them."""
        return self._config.view()

    @property
    def utterance_ms(self) -> float | None:
        """Audio appended since the user's speech began, if it goes on."""
        speech = self._ear.speech
        return None if speech is None else (self._ear.position - speech.onset) / 24

    def _next_due(self) -> float | None:
        # Asked twice for every chunk of audio, so without a list.
        due = self._expires
        for at in (self._transcriptions.deadline(), self._responses.deadline()):
            if at is not None and (due is None or at < due):
                due = at
        return due

    def _expire(self, now: float) -> None:
        self._expires = None
        self.inject_error(Refusal(_EXPIRY, code="session_expired"))
        self.ending = Ending(by="server", code=1001, reason=_EXPIRY, at=now)

    def _refuse(self, refusal: Refusal, event: dict[str, Any], now: float) -> None:
        event_id = event.get("event_id")
        body = refusal.body(event_id if isinstance(event_id, str) else None)
        self._emitter.emit("error", error=body)
        self.history.violations.append(
            Violation(
                type=str(event.get("type") or ""),
                code=refusal.code,
                param=refusal.param,
                message=refusal.message,
                at=now,
            )
        )

    # -- the session

    def _session_update(self, event: dict[str, Any], _now: float) -> None:
        self._config.update(event["session"], is_voice_locked=self._responses.has_spoken)
        self._ear.configure(self._config.turn_detection)
        view = self._config.view()
        self.history.updates.append(view)
        self._emitter.emit("session.updated", session=view)

    # -- what is heard

    def _append(self, event: dict[str, Any], now: float) -> None:
        pcm = decode_audio(event["audio"], "audio")
        self.history.note_append(self._ear.position, pcm, now)
        for signal in self._ear.hear(pcm):
            if isinstance(signal, SpeechStarted):
                self._speech_started(signal, now)
            else:
                self._speech_stopped(signal, now)

    def _speech_started(self, signal: SpeechStarted, now: float) -> None:
        self._reserved_id = self._identity.fresh("item_")
        self._speech_start = signal.sample
        self._emitter.emit(
            "input_audio_buffer.speech_started",
            audio_start_ms=ms_of(signal.sample),
            item_id=self._reserved_id,
        )
        if self._detection("interrupt_response"):
            self._responses.interrupt(now)

    def _speech_stopped(self, signal: SpeechStopped, now: float) -> None:
        item_id = self._take_reserved()
        self._emitter.emit(
            "input_audio_buffer.speech_stopped",
            audio_end_ms=ms_of(signal.sample),
            item_id=item_id,
        )
        self._commit_item(item_id, *self._ear.take(self._speech_start, signal.sample), now)
        if self._detection("create_response"):
            try:
                self._responses.create({}, turn=self.tally.turns, now=now)
            except Refusal as refusal:
                self.inject_error(refusal)

    def _commit(self, _event: dict[str, Any], now: float) -> None:
        pcm, samples = self._ear.commit()
        self._commit_item(self._take_reserved(), pcm, samples, now)

    def _clear(self, _event: dict[str, Any], _now: float) -> None:
        self._ear.clear()
        self._reserved_id = None
        self._emitter.emit("input_audio_buffer.cleared")

    def _detection(self, flag: str) -> bool:
        return bool((self._config.turn_detection or {}).get(flag))

    def _take_reserved(self) -> str:
        """The id given out at speech_started, or a new one."""
        item_id, self._reserved_id = self._reserved_id, None
        return item_id or self._identity.fresh("item_")

    def _commit_item(self, item_id: str, pcm: bytes, samples: tuple[int, int], now: float) -> None:
        body = {
            "id": item_id,
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        item = Item(body=body, pcm={0: pcm}, heard=self._voice.hear(pcm), samples=samples)
        previous = self._conversation.add(item)
        self.tally.turns += 1
        self._emitter.emit(
            "input_audio_buffer.committed", previous_item_id=previous, item_id=item_id
        )
        self._announce(item, previous, origin="committed", now=now)
        if self._config.transcription is not None:
            self._transcriptions.start(item, now + self._timing.transcription_delay)

    # -- the conversation

    def _create(self, event: dict[str, Any], now: float) -> None:
        given = event["item"]
        item = item_from_client(
            given,
            item_id=given.get("id") or self._identity.fresh("item_"),
            call_id=given.get("call_id") or self._identity.fresh("call_"),
        )
        previous = self._conversation.insert(item, event.get("previous_item_id"))
        item.heard = " ".join(self._voice.hear(pcm) for pcm in item.pcm.values())
        self._announce(item, previous, origin="created", now=now)

    def _announce(self, item: Item, previous: str | None, *, origin: str, now: float) -> None:
        for kind in ("conversation.item.added", "conversation.item.done"):
            self._emitter.emit(kind, previous_item_id=previous, item=item.view())
        self.history.items.append(
            ItemRecord(
                id=item.id,
                origin=origin,
                role=item.role,
                kind=str(item.body["type"]),
                text=item.text(),
                pcm=b"".join(item.pcm.values()),
                samples=item.samples,
                at=now,
            )
        )

    def _retrieve(self, event: dict[str, Any], _now: float) -> None:
        item = self._conversation.find(
            event["item_id"], doing="retrieving", code="item_retrieve_invalid_item_id"
        )
        self._emitter.emit("conversation.item.retrieved", item=item.retrieved())

    def _delete(self, event: dict[str, Any], _now: float) -> None:
        self._conversation.delete(event["item_id"])
        self.history.deleted.append(event["item_id"])
        self._emitter.emit("conversation.item.deleted", item_id=event["item_id"])

    def _truncate(self, event: dict[str, Any], now: float) -> None:
        item_id, end_ms = event["item_id"], event["audio_end_ms"]
        self._conversation.truncate(item_id, event["content_index"], end_ms)
        self.history.truncations.append(Truncation(item_id=item_id, audio_end_ms=end_ms, at=now))
        self._emitter.emit(
            "conversation.item.truncated",
            item_id=item_id,
            content_index=event["content_index"],
            audio_end_ms=end_ms,
        )

    # -- the responses

    def _respond(self, event: dict[str, Any], now: float) -> None:
        self._responses.create(event.get("response") or {}, turn=self.tally.turns, now=now)

    def _cancel(self, event: dict[str, Any], now: float) -> None:
        self._responses.cancel(event.get("response_id"), now=now)


_HANDLERS: dict[str, _Handler] = {
    "session.update": Engine._session_update,
    "input_audio_buffer.append": Engine._append,
    "input_audio_buffer.commit": Engine._commit,
    "input_audio_buffer.clear": Engine._clear,
    "conversation.item.create": Engine._create,
    "conversation.item.retrieve": Engine._retrieve,
    "conversation.item.delete": Engine._delete,
    "conversation.item.truncate": Engine._truncate,
    "response.create": Engine._respond,
    "response.cancel": Engine._cancel,
}
