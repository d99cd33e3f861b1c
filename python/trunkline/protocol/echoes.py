"""What a new session says of the items it was told: each must come back as it was sent, and behind the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trunkline.protocol.settings import JsonObject

__all__ = ["ITEM_MARK", "Echoes", "item_mark"]

ITEM_MARK = "tk-"
"""Begins the event id of a request for an item; commits and the like are the conversation's business."""


def item_mark(item_id: str) -> str:
    """The event id of the request for an item; the item's id, which it is made of, is unique in the line."""
    return f"{ITEM_MARK}{item_id}"[:64]


class Echoes:
    """The items of one session that are to come back."""

    def __init__(self) -> None:
        self.differences: list[str] = []
        """In words, one for each thing that came back otherwise."""
        self._awaited: dict[str, JsonObject] = {}
        """Item id to what its echo must hold."""
        self._before: dict[str, str] = {}
        """Item id to the id of the one it must stand behind; none where that is not known."""

    @property
    def are_all_here(self) -> bool:
        """Whether nothing is waited for."""
        return not self._awaited

    def ids(self) -> Iterable[str]:
        """The items whose echoes are still to come."""
        return self._awaited.keys()

    def expect(self, item: JsonObject, *, behind: str | None = None) -> None:
        """The session is told an item."""
        self._awaited[item["id"]] = item
        if behind is not None:
            self._before[item["id"]] = behind

    def refused(self, event_id: str, message: str) -> None:
        """The session did not take an item."""
        for item_id in [one for one in self._awaited if item_mark(one) == event_id]:
            self.forget(item_id)
        self.differences.append(message)

    def forget(self, item_id: str) -> None:
        """The item was deleted, or refused: nothing of it is waited for."""
        self._awaited.pop(item_id, None)
        self._before.pop(item_id, None)

    def take(self, item: JsonObject, previous_item_id: str | None = None) -> None:
        """The server added an item; compares it with what we asked for."""
        item_id = item["id"]
        expected = self._awaited.get(item_id)
        behind = self._before.get(item_id, previous_item_id)
        self.forget(item_id)
        if expected is None:
            return
        if _words(item) != _words(expected):
            self.differences.append(f"item {item_id} came back with other words")
        for key in ("type", "role", "call_id", "name"):
            # Servers leave things out of their echoes; what is there must be ours.
            if item.get(key) is not None and item[key] != expected.get(key):
                self.differences.append(f"item {item_id} came back with another {key}")
        if previous_item_id is not None and behind != previous_item_id:
            self.differences.append(f"item {item_id} came back behind {previous_item_id}")

    def end(self) -> bool:
        """Whatever has not come by now was not confirmed; gives whether all is as it should be."""
        self.differences += [f"item {item_id} was not confirmed" for item_id in self._awaited]
        self._awaited.clear()
        self._before.clear()
        return not self.differences


def _words(item: JsonObject) -> str:
    """What must be equal of an item: its text parts, or the arguments or output of a call."""
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    texts += [item.get("arguments"), item.get("output")]
    return "".join(text for text in texts if isinstance(text, str))
