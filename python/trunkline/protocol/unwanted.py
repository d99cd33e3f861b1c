"""An answer that nobody waits for any more: it is taken back, and the application never hears of it.

A restore asks for the answer that is owed. On a slow link that request may arrive after the user has spoken again and
the server has answered both turns by itself. It can no longer be recalled, and a person would hear the same answer
twice; so what it brings is cancelled as it begins, kept from the application, and its items are deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol import events

if TYPE_CHECKING:
    from trunkline.protocol.events import Event

__all__ = ["Unwanted"]

_OF_ITEMS = (events.ItemAdded, events.ItemDone)
_OF_RESPONSES = (
    events.AudioDelta,
    events.AudioDone,
    events.TranscriptDelta,
    events.TranscriptDone,
    events.ResponseDone,
)


class Unwanted:
    """The latest such response of the current session."""

    def __init__(self) -> None:
        self.response_id = ""
        """Nothing if there is none."""
        self.items: list[str] = []
        """Ids of what it has put into the conversation, oldest first."""

    def begin(self, response_id: str) -> None:
        """This response is not wanted."""
        self.response_id = response_id

    def owns(self, event: Event) -> bool:
        """Whether an event tells of the response, or of an item that it made."""
        if isinstance(event, _OF_ITEMS):
            return event.item["id"] in self.items
        if isinstance(event, events.ItemDeleted):
            return event.item_id in self.items
        if not self.response_id or _response_of(event) != self.response_id:
            return False
        self._note_item(event)
        return True

    def _note_item(self, event: Event) -> None:
        if isinstance(event, events.Raw) and event.type == "response.output_item.added":
            item = event.data.get("item")
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                self.items.append(item["id"])

    def dropped(self) -> None:
        """The session is gone, and it with it."""
        self.response_id = ""
        self.items.clear()


def _response_of(event: Event) -> object:
    if isinstance(event, events.Raw):
        return event.data.get("response_id")
    return event.response_id if isinstance(event, _OF_RESPONSES) else None
