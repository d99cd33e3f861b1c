"""What a foreign client sends: audio goes the line's way with its books, all else through the line's door."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from trunkline.audio import codec, g711
from trunkline.errors import LocalError, OutboxFull
from trunkline.protocol import events
from trunkline.protocol.compound_facts import APPEND
from trunkline.protocol.lifecycle import OVER

if TYPE_CHECKING:
    from trunkline.adapters.messages import Messages
    from trunkline.adapters.session_view import SessionView
    from trunkline.client.client import Line
    from trunkline.protocol.events import Event

__all__ = ["Outgoing"]

JsonObject = dict[str, Any]
_PIECE_SECONDS = 1
"""An append may be 15 MiB, five minutes: more than a line may keep."""
_ROOM_INTERVAL = 0.05
"""Seconds between two looks whether a full outbox has room: a chunk or two."""
_KEPT_BY_THE_LINE = frozenset(
    {
        "session.update",
        "conversation.item.create",
        "conversation.item.delete",
        "conversation.item.truncate",
        "response.cancel",
    }
)
"""Requests whose meaning a line keeps without a session: if it takes none of these, something is wrong with it."""
_RETRIEVE, _RETRIEVED = "conversation.item.retrieve", "conversation.item.retrieved"
_HELD_LIMIT = 64
"""Requests that wait for a session. They are questions; who has asked so many and goes on is told."""
_DECODERS = {"ulaw": g711.decode_ulaw, "alaw": g711.decode_alaw}


class _Question(NamedTuple):
    """A request for an item that was not answered yet: it changes nothing, so another session may be asked it."""

    event: JsonObject
    epoch: int
    """The link it went out on."""
    item_id: object
    """The item's name there."""


class Outgoing:
    """The way of one client's requests into its line."""

    def __init__(self, line: Line, view: SessionView, messages: Messages) -> None:
        self._line = line
        self._view = view
        self._cuts = messages.cuts
        self._half = b""
        """The first byte of a sample whose second is in the next append."""
        self._held: deque[JsonObject] = deque()
        self._questions: dict[str, _Question] = {}
        """By name; the newest ones."""
        policy = line.config.policy
        self._decoder = _DECODERS[policy.law] if policy.law else None
        self._piece_bytes = 2 * policy.rate_hz * _PIECE_SECONDS

    async def take(self, event: JsonObject) -> None:
        """One request. Waits while the line is given audio faster than it may keep it.

        Raises LocalError for what is not possible, CodecError for audio that is none, ConfigError for settings
        that a server would refuse.
        """
        type_ = event.get("type")
        if type_ == APPEND:
            await self._append(event)
            return
        if type_ in ("input_audio_buffer.commit", "input_audio_buffer.clear"):
            self._half = b""
        if type_ == "conversation.item.truncate" and event.get("item_id") in self._cuts:
            # The line was told what was played and has cut the item there itself.
            self._cuts.discard(str(event["item_id"]))
            return
        self._send(event)

    def live(self, epoch: int) -> None:
        """There is a session again: asks it what none could be asked, and what another one left unanswered."""
        held, self._held = self._held, deque()
        left = [name for name, one in self._questions.items() if one.epoch < epoch]
        for event in (*held, *[self._questions.pop(name).event for name in left]):
            # The line may have ended meanwhile; then there is nobody to ask, and whoever reads is told.
            with contextlib.suppress(LocalError):
                self._send(event)

    def answered(self, event: Event) -> None:
        """A session told something: perhaps what it was asked for."""
        if isinstance(event, events.Refusal):
            self._questions.pop(event.request_id, None)
        elif isinstance(event, events.Raw) and event.type == _RETRIEVED and self._questions:
            item = event.data.get("item")
            item_id = item.get("id") if isinstance(item, dict) else None
            asked = (name for name, one in self._questions.items() if one.item_id == item_id)
            self._questions.pop(next(asked, ""), None)

    def is_asked_again(self, request_id: str) -> bool:
        """Whether a request that went down with its link is none of the client's business."""
        return request_id in self._questions

    def _send(self, event: JsonObject) -> None:
        try:
            request = self._translated(event)
            event_id = self._line.send(request)
        except LocalError:
            if not self._may_wait(event):
                raise
            self._held.append(event)
        else:
            self._view.asked(str(event.get("type")), event_id)
            if event.get("type") == _RETRIEVE:
                self._ask(event | {"event_id": event_id}, request.get("item_id"))

    def _ask(self, event: JsonObject, item_id: object) -> None:
        self._questions[event["event_id"]] = _Question(event, self._line.epoch, item_id)
        if len(self._questions) > _HELD_LIMIT:
            del self._questions[next(iter(self._questions))]

    def _may_wait(self, event: JsonObject) -> bool:
        type_ = event.get("type")
        is_question = isinstance(type_, str) and type_ not in _KEPT_BY_THE_LINE
        return is_question and self._line.state not in OVER and len(self._held) < _HELD_LIMIT

    def _translated(self, event: JsonObject) -> JsonObject:
        """The request as the line takes it."""
        type_, session = event.get("type"), event.get("session")
        if type_ == "session.update" and isinstance(session, dict):
            # The model is the address's; SDKs say it again with every update.
            return event | {"session": {key: session[key] for key in session if key != "model"}}
        if type_ == _RETRIEVE:
            return event | {"item_id": self._view.name(str(event.get("item_id")), self._line.epoch)}
        return event

    async def _append(self, event: JsonObject) -> None:
        data = codec.decode(str(event.get("audio") or ""))
        pcm = self._half + data if self._decoder is None else self._decoder(data)
        end = len(pcm) - len(pcm) % 2
        self._half = pcm[end:]
        for start in range(0, end, self._piece_bytes):
            await self._give(pcm[start : min(end, start + self._piece_bytes)])

    async def _give(self, pcm: bytes) -> None:
        while True:
            try:
                self._line.send_audio(pcm)
            except OutboxFull:
                # A socket's buffer would hold the client up here as well.
                await asyncio.sleep(_ROOM_INTERVAL)
            else:
                return
