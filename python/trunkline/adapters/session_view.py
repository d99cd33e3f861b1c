"""The one session that a foreign client sees, whatever sessions the line goes through.

A client written for one link takes `session.created` for a beginning, and waits for the `response.done` of what it
saw begin. So beginnings are told once, settings only to who asked for them, and what broke off with a link is ended
in the words of the API. Items keep the names they had first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from trunkline.protocol import events, wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.adapters.messages import Messages
    from trunkline.protocol.events import Event

__all__ = ["SessionView"]

JsonObject = dict[str, Any]
_ARGUMENTS = "response.function_call_arguments.done"


@dataclass(slots=True)
class _Item:
    """An output item as far as it came."""

    added: JsonObject
    """The event that began it."""
    words: str = ""
    kind: str = "output_audio"

    def ended(self) -> JsonObject:
        """The item as the API tells one that was cut."""
        item: JsonObject = self.added["item"] | {"status": "incomplete"}
        if item.get("type") == "message":
            words = "text" if self.kind == "output_text" else "transcript"
            item["content"] = [{"type": self.kind, words: self.words}]
        return item


@dataclass(slots=True)
class _Response:
    """A response that has begun and not ended."""

    created: JsonObject
    items: dict[str, _Item] = field(default_factory=dict)


class SessionView:
    """Turns a line's events into the messages of one session."""

    def __init__(
        self,
        messages: Messages,
        *,
        items: Callable[[], list[JsonObject]],
        is_attached: bool = False,
    ) -> None:
        self._messages = messages
        self._items = items
        """Asks for the items of the line's snapshot, which know what they were called first."""
        self._is_attached = is_attached
        """Whether the session is a call's, which goes on without us."""
        self._names: dict[str, str] = {}
        """The names that items had first, to those in the current session."""
        self._first: dict[str, str] = {}
        self._epoch = 1
        """The link whose names these are."""
        self._has_begun = False
        self._has_dropped = False
        self._updates: set[str] = set()
        """Names of the client's updates of settings that it saw no answer to."""
        self._settings: bytes | None = None
        """The newest that any session confirmed."""
        self._open: dict[str, _Response] = {}
        self._arguments: dict[str, tuple[str, bytes]] = {}
        """By call id, with the response: told when the call is whole, since only then it is never made again."""

    def asked(self, type_: str, event_id: str) -> None:
        """The client made a request."""
        if type_ == "session.update":
            self._updates.add(event_id)

    def name(self, item_id: str, epoch: int) -> str:
        """What an item is called in the session of that link; the client may not have seen that there is a new one."""
        if epoch != self._epoch:
            self._epoch = epoch
            self._learn_names()
        return self._names.get(item_id, item_id)

    def see(self, event: Event) -> list[bytes]:
        """The messages that tell of an event; none if the client must not know of it."""
        found = self._messages.behind(event)
        message = None if found is None else found.text
        if isinstance(event, events.AudioDelta):
            # Most of what comes; it names nothing that is older than its response.
            return _told(message)
        if isinstance(event, events.SessionUpdated):
            seen = self._updated(message, "" if found is None else found.answers)
        else:
            seen = self._seen(event, message)
        return [self._renamed(one) for one in seen] if self._first else seen

    def _seen(self, event: Event, message: bytes | None) -> list[bytes]:
        if isinstance(event, events.SessionCreated):
            return self._created(message)
        if isinstance(event, events.Refusal):
            self._updates.discard(event.request_id)
            return _told(message)
        if isinstance(event, events.LineDropped | events.LineLive | events.RequestLost):
            return self._line(event)
        if isinstance(event, events.Raw) and event.type == "conversation.created":
            return [] if self._has_dropped else _told(message)
        return self._response(event, message)

    # What the session says of itself.

    def _created(self, message: bytes | None) -> list[bytes]:
        begins, self._has_begun = not self._has_begun, True
        if begins:
            return _told(message)
        self._learn_names()
        return self._end_all()

    def _updated(self, message: bytes | None, update_id: str) -> list[bytes]:
        self._settings = message
        if update_id not in self._updates:
            return []
        self._updates.discard(update_id)
        return _told(message)

    def _line(self, event: Event) -> list[bytes]:
        if isinstance(event, events.RequestLost):
            return [_lost(event)]
        if isinstance(event, events.LineDropped):
            self._has_dropped = True
            return self._end_all()
        self._learn_names()
        self._has_dropped = False
        # What went down with a link, or was asked for without one, is in force with the rest of the settings.
        settled = {one for one in self._updates if not self._messages.awaits(one)}
        self._updates -= settled
        return _told(self._settings) if settled else []

    # Responses.

    def _response(self, event: Event, message: bytes | None) -> list[bytes]:
        if isinstance(event, events.ResponseCreated):
            self._open[event.response_id] = _Response(event.response)
        elif isinstance(event, events.ResponseDone):
            self._open.pop(event.response_id, None)
        elif isinstance(event, events.TranscriptDelta):
            self._words(event, message or b"")
        elif isinstance(event, events.Raw):
            if event.type == _ARGUMENTS and message is not None:
                response_id = str(event.data.get("response_id"))
                self._arguments[str(event.data.get("call_id"))] = response_id, message
                return []
            self._output(event)
        return self._whole(event) + _told(message)

    def _output(self, event: events.Raw) -> None:
        response = self._open.get(str(event.data.get("response_id")))
        item = event.data.get("item")
        if response is None or not isinstance(item, dict):
            return
        if event.type == "response.output_item.added":
            response.items[str(item.get("id"))] = _Item(event.data)
        elif event.type == "response.output_item.done":
            response.items.pop(str(item.get("id")), None)

    def _words(self, event: events.TranscriptDelta, message: bytes) -> None:
        response = self._open.get(event.response_id)
        item = None if response is None else response.items.get(event.item_id)
        if item is not None:
            item.words += event.delta
            item.kind = "output_text" if b'"response.output_text.delta"' in message else item.kind

    def _whole(self, event: Event) -> list[bytes]:
        """The arguments of the calls that the event tells as whole."""
        if not self._arguments:
            return []
        ids = [str(item.get("call_id")) for item in _outputs(event)]
        if isinstance(event, events.ResponseDone):
            # Of a call that was cancelled no item need be told.
            ids += [name for name, one in self._arguments.items() if one[0] == event.response_id]
        whole = dict.fromkeys(one for one in ids if one in self._arguments)
        return [self._arguments.pop(one)[1] for one in whole]

    def _end_all(self) -> list[bytes]:
        """Ends what went down with a link; the line asks for it again, under other names."""
        if self._is_attached:
            return []
        self._arguments.clear()
        ended, self._open = self._open, {}
        return [message for one in ended.values() for message in _ended(one)]

    # Names.

    def _learn_names(self) -> None:
        renamed = [item for item in self._items() if item.get("former_id")]
        self._first = {item["id"]: item["former_id"] for item in renamed}
        self._names = {first: current for current, first in self._first.items()}

    def _renamed(self, message: bytes) -> bytes:
        data = orjson.loads(message)
        changed = [self._rename(one) for one in (data, data.get("item"), data.get("response"))]
        return wire.encode(data) if any(changed) else message

    def _rename(self, part: Any) -> bool:
        if not isinstance(part, dict):
            return False
        found = {
            key: self._first[part[key]]
            for key in ("id", "item_id", "previous_item_id")
            if isinstance(part.get(key), str) and part[key] in self._first
        }
        part.update(found)
        return bool(found)


def _told(message: bytes | None) -> list[bytes]:
    return [] if message is None else [message]


def _outputs(event: Event) -> list[JsonObject]:
    """The output items that an event tells as done."""
    found: Any = []
    if isinstance(event, events.ItemDone):
        found = [event.item]
    elif isinstance(event, events.ResponseDone):
        found = event.response.get("output")
    elif isinstance(event, events.Raw) and event.type == "response.output_item.done":
        found = [event.data.get("item")]
    return [item for item in found or () if isinstance(item, dict)]


def _ended(response: _Response) -> list[bytes]:
    """A response as the API ends one that was cancelled: its items as far as they came, and then itself."""
    output = [item.ended() for item in response.items.values()]
    ended: JsonObject = response.created | {
        "status": "cancelled",
        "status_details": {"type": "cancelled", "reason": "client_cancelled"},
        "output": output,
    }
    done = [
        {
            "type": "response.output_item.done",
            "event_id": _event_id("end", item.get("id")),
            "response_id": ended["id"],
            "output_index": one.added.get("output_index", 0),
            "item": item,
        }
        for one, item in zip(response.items.values(), output, strict=True)
    ]
    last = {"type": "response.done", "event_id": _event_id("end", ended["id"]), "response": ended}
    return [wire.encode(message) for message in (*done, last)]


def _event_id(what: str, name: object) -> str:
    """The name of a message that no server sent; it cannot be one of a server's."""
    return f"tk-{what}-{name}"[:64]


def _lost(event: events.RequestLost) -> bytes:
    error = {
        "type": "server_error",
        "code": "request_lost",
        "message": f"{event.request_type} went down with its link and is not repeated; ask again",
        "param": None,
        "event_id": event.request_id,
    }
    return wire.encode(
        {"type": "error", "event_id": _event_id("lost", event.request_id), "error": error}
    )
