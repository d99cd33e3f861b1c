"""Responses outside the conversation (`conversation: "none"`): several may run beside the one in it.

The server says `conversation_id: null` for them, but compatible servers say null for ordinary ones too. So what counts
is how we asked: a request gets a mark in its metadata, which the server repeats in the response. Only where no
metadata comes back does a null mean the oldest request of this kind that has no response yet.

They belong to a session and not to the conversation: one that a lost link cut is not asked for again (it was perhaps
answered in part, and billed), but told as `RequestLost`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.protocol.events import Raw, ResponseDone

if TYPE_CHECKING:
    from trunkline.protocol.events import Event, ResponseCreated
    from trunkline.protocol.settings import JsonObject

__all__ = ["Asides"]

_MARK = "trunkline_request"
_METADATA_LIMIT = 16
"""Keys a server takes (OpenAI's API reference, `response.metadata`)."""


class Asides:
    """The out-of-band responses of the current session."""

    def __init__(self) -> None:
        self._asked: dict[str, JsonObject] = {}
        """Event id to the metadata that a response to it will carry."""
        self._running: dict[str, str] = {}
        """Response id to the event id that asked for it."""

    @property
    def are_busy(self) -> bool:
        """Whether one is asked for or being given."""
        return bool(self._asked or self._running)

    @staticmethod
    def is_aside(request: JsonObject) -> bool:
        """Whether a `response.create` asks for a response outside the conversation."""
        response = request.get("response")
        return isinstance(response, dict) and response.get("conversation") == "none"

    def ask(self, request: JsonObject) -> None:
        """Such a request goes out; it is given its mark, if there is room for one."""
        response: dict[str, Any] = request["response"]
        metadata = response.get("metadata")
        metadata = dict(metadata) if isinstance(metadata, dict) else {}
        if len(metadata) < _METADATA_LIMIT:
            metadata[_MARK] = request["event_id"][:512]
        response["metadata"] = metadata
        self._asked[request["event_id"]] = metadata

    def created(self, event: ResponseCreated) -> bool:
        """A response began; gives whether it is one of these."""
        event_id = self._request_of(event)
        if event_id is None:
            return False
        del self._asked[event_id]
        self._running[event.response_id] = event_id
        return True

    def _request_of(self, event: ResponseCreated) -> str | None:
        metadata = event.response.get("metadata")
        if isinstance(metadata, dict) and metadata:
            return next((key for key, asked in self._asked.items() if asked == metadata), None)
        return next(iter(self._asked), None) if event.conversation_id is None else None

    def owns(self, event: Event) -> bool:
        """Whether an event that tells a tool call is of one of these, or of a response that is done."""
        if isinstance(event, Raw):
            return event.data.get("response_id") in self._running
        return isinstance(event, ResponseDone)

    def done(self, response_id: str) -> None:
        """A response ended; one that is none of these is not known here."""
        self._running.pop(response_id, None)

    def refused(self, event_id: str) -> None:
        """The server refused a request."""
        self._asked.pop(event_id, None)

    def dropped(self) -> list[str]:
        """The session is gone; gives the event ids of the requests it had not answered to the end."""
        lost = [*self._running.values(), *self._asked]
        self._running.clear()
        self._asked.clear()
        return lost
