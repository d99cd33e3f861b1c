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

from trunkline.simulator.allowance import Allowance
from trunkline.simulator.conversation import Conversation
from trunkline.simulator.emitter import Emitter
from trunkline.simulator.formats import WireFormat
from trunkline.simulator.hearing import Hearing
from trunkline.simulator.history import ItemRecord, SessionHistory, Truncation
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.intake import Intake, Tally
from trunkline.simulator.items import Item, item_from_client
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.requests import REQUESTS
from trunkline.simulator.responses import Responses
from trunkline.simulator.session import SessionConfig
from trunkline.simulator.timing import Timing
from trunkline.simulator.transcription import UNINTELLIGIBLE

if TYPE_CHECKING:
    from trunkline.simulator.voice import Voice

__all__ = ["Engine", "Tally"]

_Handler = Callable[["Engine", dict[str, Any], float], None]


class Engine(Intake):
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
        kind: str = "realtime",
        token_limit: int | None = None,
        takes_any_transcriber: bool = False,
    ) -> None:
        """`wall` is Unix time for `expires_at`; `session` is what a client secret brought along.

        `kind` is `realtime`, or `transcription` for a session that hears and never answers; what a
        secret says comes before it. `token_limit` is what a minute allows; with None no response
        fails for it. `takes_any_transcriber` lets transcription models have any name.
        """
        self._timing = timing or Timing()
        self._voice = voice
        chance = Chance(seed)
        self._identity = Identity(chance)
        super().__init__(
            emitter=Emitter(self._identity, chance),
            history=history or SessionHistory(epoch=1, opened_at=0.0),
            requests=REQUESTS,
            handlers=_HANDLERS,
            tally=tally,
        )
        self._config = SessionConfig(
            session_id=self._identity.fresh("sess_"),
            model=model,
            expires_at=int(wall + self._timing.lifetime),
            kind=(session or {}).get("type", kind),
            takes_any_transcriber=takes_any_transcriber,
        )
        self._conversation = Conversation(self._identity.fresh("conv_"))
        self.history.session_id, self.history.model = self._config.id, model
        self._responses = Responses(
            config=self._config,
            conversation=self._conversation,
            emitter=self._emitter,
            identity=self._identity,
            voice=voice,
            timing=self._timing,
            history=self.history,
            allowance=Allowance(token_limit),
        )
        self._hearing = self._ears(chance)
        if session is not None:
            self._configure(session)

    def _ears(self, chance: Chance) -> Hearing:
        return Hearing(
            config=self._config,
            conversation=self._conversation,
            responses=self._responses,
            emitter=self._emitter,
            identity=self._identity,
            chance=chance,
            voice=self._voice,
            timing=self._timing,
            history=self.history,
            tally=self.tally,
            announce=self._announce_committed,
        )

    def opened(self, now: float) -> None:
        """The connection is up: session.created, what its servers of tools have, nothing else until spoken to."""
        self._expires = now + self._timing.lifetime
        self._emitter.emit("session.created", session=self._config.view())
        self._list_tools()

    def receive(self, event: dict[str, Any], now: float) -> None:
        """Take one client event."""
        super().receive(event, now)
        self._hearing.settle(now)

    def handle_timeout(self, now: float) -> None:
        """Let everything happen that is due."""
        while (due := self._next_due()) is not None and due <= now:
            if due == self._expires:
                self._expire(now)
            elif due == self._hearing.deadline():
                self._hearing.advance(due)
            else:
                self._responses.advance(due)
            self._hearing.settle(due)

    def adopt(self, items: Iterable[Item]) -> None:
        """Go on with another session's conversation: its items are there, and nobody is told."""
        for item in items:
            self._conversation.add(item)

    def deadline(self) -> float | None:
        """When `handle_timeout` has something to do next; None if only the client can go on."""
        return self._next_due()

    def fail_next_response(self, failure: Refusal, count: int = 1) -> None:
        """Let so many of the next responses fail, which `response.done` alone tells."""
        self._responses.fail_next(failure, count)

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
        return self._hearing.utterance_ms

    def fail_next_transcription(self, error: dict[str, Any] | None = None, count: int = 1) -> None:
        """Let the next input transcriptions fail; by default the audio is unintelligible."""
        for _ in range(count):
            self._hearing.transcriptions.fail_next(error or UNINTELLIGIBLE)

    def _next_due(self) -> float | None:
        # Asked twice for every chunk of audio, so without a list.
        due = self._expires
        for at in (self._hearing.deadline(), self._responses.deadline()):
            if at is not None and (due is None or at < due):
                due = at
        return due

    # -- the session

    def _session_update(self, event: dict[str, Any], _now: float) -> None:
        self._configure(event["session"])
        view = self._config.view()
        self.history.updates.append(view)
        self._emitter.emit("session.updated", session=view)
        self._list_tools()

    def _configure(self, change: dict[str, Any]) -> None:
        self._config.update(change, is_voice_locked=self._responses.has_spoken)
        self._hearing.configure()

    def _list_tools(self) -> None:
        """Tell what its servers of tools have; a session that only hears has none."""
        if self._config.kind == "realtime":
            self._responses.list_tools()

    # -- what is heard

    def _append(self, event: dict[str, Any], now: float) -> None:
        self._hearing.append(event["audio"], now)

    def _commit(self, _event: dict[str, Any], now: float) -> None:
        self._hearing.commit(now)

    def _clear(self, _event: dict[str, Any], _now: float) -> None:
        self._hearing.clear()

    def _announce_committed(self, item: Item, previous: str | None, now: float) -> None:
        self._announce(item, previous, origin="committed", now=now)

    # -- the conversation

    @property
    def _input_format(self) -> WireFormat:
        return WireFormat.of(self._config.input_format)

    def _create(self, event: dict[str, Any], now: float) -> None:
        given = event["item"]
        item = item_from_client(
            given,
            item_id=given.get("id") or self._identity.fresh("item_"),
            call_id=given.get("call_id") or self._identity.fresh("call_"),
            audio_format=self._input_format,
        )
        previous = self._conversation.insert(item, event.get("previous_item_id"))
        item.heard = " ".join(self._voice.hear(bytes(pcm)) for pcm in item.pcm.values())
        self._announce(item, previous, origin="created", now=now)
        self._responses.settle_approval(item, turn=self.tally.turns, now=now)

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
        is_reply = item.role == "assistant"
        audio_format = WireFormat.of(self._config.output_format) if is_reply else self._input_format
        self._emitter.emit("conversation.item.retrieved", item=item.retrieved(audio_format))

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
        if self._config.kind == "transcription":
            message = "A transcription session does not create responses."
            raise Refusal(message, code="invalid_value", param="type")
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
