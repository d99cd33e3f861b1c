"""The server's own message behind each event of a line.

Foreign clients read messages, a line gives events. What a line keeps to itself (echoes of a restore, late deltas,
answers that nobody waits for) must stay there, so its events decide; but their text is the server's, with
every field that we do not read. An observer keeps the messages, and each event is found again in them.
"""

from __future__ import annotations

import base64
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import orjson

from trunkline.protocol import events, wire
from trunkline.protocol.compound_facts import DELTA
from trunkline.protocol.observations import AudioTruncated, Direction, MessagePassed

if TYPE_CHECKING:
    from trunkline.audio.codec import Law
    from trunkline.protocol.events import Event
    from trunkline.protocol.observations import Observation

__all__ = ["Message", "Messages"]

LIMIT_BYTES = 64 * 1024 * 1024
"""The ten minutes of audio that a line keeps for a slow reader, as messages."""


class Message(NamedTuple):
    """What a server said."""

    text: bytes
    is_audio: bool = False
    answers: str = ""
    """Of settings: the `event_id` of the update that they confirm."""


class Messages:
    """The messages of one line that no event was found in yet; an observer of it."""

    def __init__(self, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.law: Law | None = None
        """How the audio in them is coded, if it is G.711."""
        self.cuts: set[str] = set()
        """The item that the line cut last, on its own account, until the client cuts it as well."""
        self._kept: dict[int, deque[Message]] = {}
        """By epoch: during a rotation two links speak."""
        self._updates: dict[int, deque[str]] = {}
        """By epoch: names of the updates of settings that the session has not answered yet."""
        self._limit_bytes = limit_bytes
        self._audio_bytes = 0

    def __call__(self, fact: Observation) -> None:
        """Takes one fact."""
        if type(fact) is MessagePassed and fact.direction is Direction.DOWN:
            self._keep(fact)
        elif type(fact) is MessagePassed and fact.type == "session.update":
            name = orjson.loads(fact.message).get("event_id")
            self._updates.setdefault(fact.epoch, deque()).append(str(name))
        elif type(fact) is AudioTruncated:
            self.cuts.clear()
            self.cuts.add(fact.item_id)

    def awaits(self, update_id: str) -> bool:
        """Whether a session was sent the update, and its confirmation has yet to come or to be read."""
        newest = max((*self._updates, *self._kept), default=0)
        unread = (one.answers for one in self._kept.get(newest, ()))
        return update_id in self._updates.get(newest, ()) or update_id in unread

    def _keep(self, fact: MessagePassed) -> None:
        is_audio = fact.type == DELTA
        kept = Message(fact.message, is_audio, self._answered(fact))
        self._kept.setdefault(fact.epoch, deque()).append(kept)
        self._audio_bytes += len(kept.text) * is_audio
        while self._audio_bytes > self._limit_bytes:
            self._drop_oldest_audio()

    def _answered(self, fact: MessagePassed) -> str:
        """Updates are answered in order, by the settings or by an error that names the update."""
        asked = self._updates.get(fact.epoch)
        if not asked:
            return ""
        if fact.type == "session.updated":
            return asked.popleft()
        if fact.type == "error":
            error = orjson.loads(fact.message).get("error")
            name = str(error.get("event_id")) if isinstance(error, dict) else ""
            if name in asked:
                asked.remove(name)
        return ""

    def behind(self, event: Event) -> Message | None:
        """The message of an event; None for what the line tells by itself."""
        for epoch in sorted(self._kept):
            for index, kept in enumerate(self._kept[epoch]):
                if self._says(kept.text, event):
                    self._forget(epoch, index)
                    return kept
        retold = _retold(event)
        return None if retold is None else Message(retold)

    def _says(self, message: bytes, event: Event) -> bool:
        received = wire.decode(message, law=self.law)
        return isinstance(received, wire.Received) and received.event == event

    def _forget(self, epoch: int, index: int) -> None:
        """Events come in the order of their messages, link by link: what stands before was told to nobody."""
        for older in [one for one in self._kept if one < epoch]:
            self._drop(older, len(self._kept[older]))
            self._updates.pop(older, None)
        self._drop(epoch, index + 1)

    def _drop(self, epoch: int, count: int) -> None:
        queue = self._kept[epoch]
        for _ in range(count):
            kept = queue.popleft()
            self._audio_bytes -= len(kept.text) * kept.is_audio
        if not queue:
            del self._kept[epoch]

    def _drop_oldest_audio(self) -> None:
        """What an inbox drops, too; no other message is ever dropped unread."""
        for epoch in sorted(self._kept):
            for index, kept in enumerate(self._kept[epoch]):
                if kept.is_audio:
                    del self._kept[epoch][index]
                    self._audio_bytes -= len(kept.text)
                    return


def _retold(event: Event) -> bytes | None:
    """An event in the words of the API: audio whose message was dropped, a refusal that the line put together."""
    if isinstance(event, events.AudioDelta):
        return wire.encode(
            {
                "type": DELTA,
                "event_id": "",
                "response_id": event.response_id,
                "item_id": event.item_id,
                "output_index": event.output_index,
                "content_index": event.content_index,
                "delta": base64.b64encode(event.pcm).decode(),
            }
        )
    if isinstance(event, events.Refusal):
        error = {
            "type": event.type,
            "code": event.code or None,
            "message": event.message,
            "param": event.param or None,
            "event_id": event.request_id or None,
        }
        return wire.encode({"type": "error", "event_id": "", "error": error})
    return None
