"""What the application may ask for: one handler per request type.

While the line is live a request goes out in its place after the audio accepted before it. Otherwise what it means
is written into the ledger or the turns, and the next session is told; what has no meaning without a session is
refused with a `LocalError`. Every request gets an `event_id`, since the server names the culprit of an error
only if it had one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from trunkline.errors import LocalError
from trunkline.protocol import wire
from trunkline.protocol.turns import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.conversation import Conversation

__all__ = ["Requests"]

JsonObject = dict[str, Any]


class Requests:
    """The door for everything but audio."""

    def __init__(self, conversation: Conversation, *, new_id: Callable[[], str]) -> None:
        self._conversation = conversation
        self._ledger = conversation.ledger
        self._outbox = conversation.outbox
        self._turns = conversation.turns
        self._new_id = new_id

    def send(self, event: JsonObject, *, has_session: bool, state: str) -> str:
        """Takes one request; gives its event id, by which a refusal names it.

        Raises LocalError for what is not possible in the state, or by this door.
        """
        type_ = event.get("type")
        if not isinstance(type_, str):
            raise LocalError("a request without a type", state)
        event = _copy(event, state)
        event_id = str(event.get("event_id") or self._new_id())
        event["event_id"] = event_id
        handler = self._HANDLERS.get(type_)
        if handler is None and not has_session:
            raise LocalError(type_, state)
        if handler is None or handler(self, event, has_session):
            self._mark(event, foreign=handler is None)
        return event_id

    def _mark(self, event: JsonObject, *, foreign: bool = False) -> None:
        lasting = event["type"] == "input_audio_buffer.commit"
        message = wire.encode(event)
        self._outbox.mark(
            event["type"], event["event_id"], message, lasting=lasting, foreign=foreign
        )

    # Each gives whether the request itself must go out.

    def _update(self, event: JsonObject, has_session: bool) -> bool:
        session = event.get("session")
        if not isinstance(session, dict):
            raise LocalError("session.update without a session", "any state")
        event["session"] = {"type": self._ledger.settings.kind()} | session
        self._ledger.settings.ask(event["event_id"], session)
        return has_session

    def _create(self, event: JsonObject, has_session: bool) -> bool:
        item = event.get("item")
        if not isinstance(item, dict):
            raise LocalError("conversation.item.create without an item", "any state")
        event["item"] = item = {"id": self._new_id()} | item
        if not isinstance(item["id"], str):
            raise LocalError("conversation.item.create with an id that is no string", "any state")
        previous = event.get("previous_item_id")
        if previous is not None:
            previous = str(previous)
            event["previous_item_id"] = self._ledger.place(previous)
        if has_session:
            previous = self._tell_call(event, previous)
        self._ledger.created(item, previous, asked_by=event["event_id"])
        return has_session

    def _tell_call(self, event: JsonObject, previous: str | None) -> str | None:
        """The call of an output that comes late is told to a session that was not there when it was made.

        Gives what the output then stands behind.
        """
        call = self._ledger.missing_call(event["item"], previous)
        if call is None:
            return previous
        request = event | {"event_id": self._new_id(), "item": call.replay_body("")}
        self._mark(request)
        event["previous_item_id"] = call.id
        return call.id

    def _delete(self, event: JsonObject, has_session: bool) -> bool:
        self._resolve(event)
        self._ledger.delete(event["item_id"])
        return has_session

    def _truncate(self, event: JsonObject, has_session: bool) -> bool:
        self._resolve(event)
        end_ms = event.get("audio_end_ms")
        if isinstance(end_ms, int):
            self._ledger.truncate(event["item_id"], self._conversation.samples(end_ms))
        entry = self._ledger.get(event["item_id"])
        # One that a restore created is text, which the server does not truncate; the next session is told.
        return has_session and not (entry is not None and entry.replayed)

    def _resolve(self, event: JsonObject) -> None:
        event["item_id"] = self._ledger.name(str(event.get("item_id", "")))

    def _respond(self, event: JsonObject, has_session: bool) -> bool:
        if self._conversation.asides.is_aside(event):
            if not has_session:
                raise LocalError("a response outside the conversation", "no session")
            self._conversation.asides.ask(event)
            return True
        request = Request(event_id=event["event_id"], message=wire.encode(event))
        now = self._turns.ask(request, live=has_session)
        return now is not None

    def _cancel(self, event: JsonObject, has_session: bool) -> bool:
        self._turns.cancel(event.get("response_id"))
        return has_session

    def _append(self, _event: JsonObject, _has_session: bool) -> bool:
        raise LocalError("input_audio_buffer.append", "audio goes through send_audio")

    def _commit(self, _event: JsonObject, _has_session: bool) -> bool:
        return True

    def _clear(self, _event: JsonObject, has_session: bool) -> bool:
        self._conversation.clear()
        return has_session

    # Of the class: one for each line would be most of what it occupies.
    _HANDLERS: ClassVar[dict[str, Callable[[Requests, JsonObject, bool], bool]]] = {
        "session.update": _update,
        "conversation.item.create": _create,
        "conversation.item.delete": _delete,
        "conversation.item.truncate": _truncate,
        "response.create": _respond,
        "response.cancel": _cancel,
        "input_audio_buffer.append": _append,
        "input_audio_buffer.commit": _commit,
        "input_audio_buffer.clear": _clear,
    }


def _copy(event: JsonObject, state: str) -> JsonObject:
    """The request as it will be on the wire: what the caller changes later changes nothing here."""
    try:
        return wire.canonical(event)
    except TypeError as error:
        raise LocalError(f"a {event['type']} that JSON cannot say ({error})", state) from error
