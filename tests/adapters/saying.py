"""What a server says, as the adapters hear of it: the message, and the event that a line makes of it."""

from __future__ import annotations

import json
from typing import Any

from trunkline.adapters.messages import Messages
from trunkline.adapters.session_view import SessionView
from trunkline.protocol import events, wire
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.events import Event
from trunkline.protocol.observations import Direction, MessagePassed

DROPPED = events.LineDropped(closure=Closure(code=1006), verdict=judge(Closure(code=1006)))


def live(epoch: int = 1) -> events.LineLive:
    return events.LineLive(epoch=epoch, items_restored=0, replayed_ms=0, lost_ms=0)


def passed(data: dict[str, Any], epoch: int = 1, direction=Direction.DOWN) -> MessagePassed:
    message = json.dumps(data).encode()
    return MessagePassed(
        at=0.0,
        epoch=epoch,
        direction=direction,
        type=data["type"],
        size_bytes=len(message),
        message=message,
    )


def event_of(data: dict[str, Any]) -> Event:
    received = wire.decode(json.dumps(data).encode())
    assert isinstance(received, wire.Received)
    return received.event


class Stage:
    """A server's session, and a client that sees it."""

    def __init__(self, **settings: Any) -> None:
        self.messages = Messages()
        self.items: list[dict[str, Any]] = []
        self.view = SessionView(self.messages, items=lambda: self.items, **settings)

    def say(self, data: dict[str, Any], epoch: int = 1) -> list[dict[str, Any]]:
        """The server says it, and the line gives its event: what the client sees."""
        self.messages(passed(data, epoch))
        return self.tell(event_of(data))

    def update(self, event_id: str, *, epoch: int = 1) -> None:
        """A session is sent an update of its settings."""
        request = {"type": "session.update", "event_id": event_id}
        self.messages(passed(request, epoch, Direction.UP))

    def tell(self, event: Event) -> list[dict[str, Any]]:
        """The line tells something."""
        return [json.loads(message) for message in self.view.see(event)]


def types(messages: list[dict[str, Any]]) -> list[str]:
    return [message["type"] for message in messages]


def created(session_id: str = "sess_1") -> dict[str, Any]:
    return {"type": "session.created", "event_id": "e1", "session": {"id": session_id}}


def updated(event_id: str = "e2") -> dict[str, Any]:
    return {"type": "session.updated", "event_id": event_id, "session": {"id": "sess_1"}}


def response_created(response_id: str = "resp_1") -> dict[str, Any]:
    response = {"id": response_id, "object": "realtime.response", "conversation_id": "conv_1"}
    return {"type": "response.created", "event_id": "e3", "response": response}


def item_added(item_id: str = "item_1", response_id: str = "resp_1", **item: Any) -> dict[str, Any]:
    item = {"id": item_id, "type": "message", "role": "assistant", "content": [], **item}
    return {
        "type": "response.output_item.added",
        "event_id": "e4",
        "response_id": response_id,
        "output_index": 0,
        "item": item,
    }


def words(delta: str, item_id: str = "item_1", response_id: str = "resp_1") -> dict[str, Any]:
    return {
        "type": "response.output_audio_transcript.delta",
        "event_id": "e5",
        "response_id": response_id,
        "item_id": item_id,
        "output_index": 0,
        "content_index": 0,
        "delta": delta,
    }
