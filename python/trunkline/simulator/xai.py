"""xAI's Grok voice: GA names with its own habits, and sessions that can be resumed.

From recordings (pydantic-ai's cassettes, July and August 2026). How long a dropped session is kept
is not confirmed; half an hour is what its documents hint at.
"""

from __future__ import annotations

import binascii
import re
import uuid
from typing import TYPE_CHECKING, Any

from trunkline.simulator.beta import flat_session
from trunkline.simulator.dialect import part_of
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trunkline.simulator.identity import Identity
    from trunkline.simulator.items import Item

__all__ = ["RESUME_SECONDS", "Resumptions", "XaiDialect"]

Event = dict[str, Any]

RESUME_SECONDS = 1800.0
_OURS = re.compile(r"(event|item|resp|sess|conv)_[0-9A-Za-z]{21}")
_BYTES_PER_MS = 48
_UNSPOKEN = frozenset({"conversation.item.done"})
_TRANSCRIPTION = "conversation.item.input_audio_transcription"


class Resumptions:
    """The conversations that can be gone on with, by id; kept over connections."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, tuple[Item, ...]]] = {}

    def keep(self, conversation_id: str, items: Iterable[Item], now: float) -> None:
        """Remember a conversation whose connection ended."""
        self._kept[conversation_id] = (now + RESUME_SECONDS, tuple(items))

    def find(self, conversation_id: str, now: float) -> tuple[Item, ...]:
        """Its items; none if it is unknown or too old."""
        until, items = self._kept.get(conversation_id, (0.0, ()))
        return items if now < until else ()


class XaiDialect:
    """One connection to xAI."""

    def __init__(
        self, identity: Identity, *, conversation_id: str | None, resumed: Sequence[Item] = ()
    ) -> None:
        """`resumed` are the items of the conversation that the client asked to go on with."""
        self._identity = identity
        self._ours: dict[str, str] = {}
        self._theirs: dict[str, str] = {}
        self.conversation_id = conversation_id or str(uuid.UUID(bytes=_sixteen(identity)))
        self.is_resumable = False
        """Whether the client asked for its conversation to be kept."""
        self._resumed = list(resumed)
        self._announced: set[str] = set()
        self._transcripts: dict[str, str] = {}

    def outgoing(self, event: Event) -> Iterable[Event]:
        """The events of xAI for one of ours."""
        return [self._in_uuids(one) for one in self._said(event)]

    def incoming(self, event: Event) -> Event:
        """A request in our ids, without what this server does not honour."""
        event = _mapped(event, self._ours)
        kind = event.get("type")
        if kind == "conversation.item.truncate":
            raise Refusal(f"Unknown event type: '{kind}'.", code="invalid_value", param="type")
        if kind == "session.update" and isinstance(event.get("session"), dict):
            return event | {"session": self._session(event["session"])}
        if kind == "response.create" and isinstance(event.get("response"), dict):
            return event | {"response": _without(event["response"], "output_modalities")}
        return event

    def ping(self, wall: float) -> Event:
        """The application's own ping, beside the WebSocket's."""
        return self._event("ping", timestamp=int(wall * 1000))

    def _said(self, event: Event) -> list[Event]:  # noqa: PLR0911 - a table of what differs
        kind = event["type"]
        if kind in _UNSPOKEN:
            return []
        if kind == "session.created":
            return [event | {"session": flat_session(event["session"])}, self._conversation()]
        if kind == "session.updated":
            return [*self._burst(), self._updated(event)]
        if kind == "input_audio_buffer.speech_started":
            return [event, self._early(event["item_id"])]
        if kind == "conversation.item.added" and event["item"]["id"] in self._announced:
            return []
        if kind == "response.output_audio.delta":
            return [event | {"audio_duration_ms": _milliseconds(event["delta"])}]
        if kind.startswith(_TRANSCRIPTION):
            return [self._transcription(event)]
        return [_done(event)] if kind == "response.done" else [event]

    def _conversation(self) -> Event:
        conversation = {"id": self.conversation_id, "object": "realtime.conversation"}
        return self._event("conversation.created", conversation=conversation)

    def _updated(self, event: Event) -> Event:
        session = event["session"] | {"resumption": {"enabled": self.is_resumable}}
        return event | {"session": session}

    def _burst(self) -> list[Event]:
        """The items of a resumed conversation; recorded before the first `session.updated`."""
        items, self._resumed = self._resumed, []
        previous: str | None = None
        said = []
        for item in items:
            added = {"previous_item_id": previous, "item": item.view()}
            said.append(self._event("conversation.item.added", **added))
            previous = item.id
        return said

    def _early(self, item_id: str) -> Event:
        """The user's item, which this server tells when the speech begins."""
        self._announced.add(item_id)
        content = [{"type": "input_audio", "transcript": None}]
        item = {"id": item_id, "type": "message", "status": "in_progress", "role": "user"}
        return self._event(
            "conversation.item.added", previous_item_id=None, item=item | {"content": content}
        )

    def _transcription(self, event: Event) -> Event:
        kind, item_id = event["type"], event["item_id"]
        if kind == f"{_TRANSCRIPTION}.completed":
            return event | {"status": "completed"}
        if kind != f"{_TRANSCRIPTION}.delta":
            return event
        self._transcripts[item_id] = self._transcripts.get(item_id, "") + event["delta"]
        said = _without(event, "delta", "obfuscation")
        return said | {
            "type": f"{_TRANSCRIPTION}.updated",
            "transcript": self._transcripts[item_id],
        }

    def _session(self, session: dict[str, Any]) -> dict[str, Any]:
        resumption = session.get("resumption")
        if resumption is not None:
            self.is_resumable = bool(part_of(session, "resumption").get("enabled"))
        return _without(session, "resumption", "output_modalities")

    def _event(self, kind: str, **fields: Any) -> Event:
        return {"type": kind, "event_id": self._identity.fresh("event_"), **fields}

    def _in_uuids(self, event: Event) -> Event:
        """With UUIDs for ids, which this server uses everywhere."""
        for value in _ids_in(event):
            if value not in self._theirs:
                self._theirs[value] = theirs = str(uuid.uuid5(uuid.NAMESPACE_OID, value))
                self._ours[theirs] = value
        said: Event = _mapped(event, self._theirs)
        return said


def _mapped(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _mapped(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_mapped(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def _ids_in(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _ids_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from _ids_in(one)
    elif isinstance(value, str) and _OURS.fullmatch(value):
        yield value


def _done(event: Event) -> Event:
    """Usage beside the response, and details that are one word."""
    response = dict(event["response"])
    usage = response.pop("usage", None)
    details = response.get("status_details")
    if details is not None:
        response["status_details"] = details.get("reason") or details.get("type")
    return event | {"response": response, "usage": usage}


def _without(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: one for key, one in value.items() if key not in keys}


def _milliseconds(delta: str) -> int:
    return len(binascii.a2b_base64(delta)) // _BYTES_PER_MS


def _sixteen(identity: Identity) -> bytes:
    return uuid.uuid5(uuid.NAMESPACE_OID, identity.fresh("conv_")).bytes
