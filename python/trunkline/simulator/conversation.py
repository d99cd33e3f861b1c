"""The default conversation: items in order, and the rules of changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.simulator.buffer import BYTES_PER_SAMPLE, SAMPLES_PER_MS, ms_of
from trunkline.simulator.items import no_such_call
from trunkline.simulator.refusals import Refusal, missing_item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.simulator.items import Item

__all__ = ["ROOT", "Conversation"]

ROOT = "root"
"""As `previous_item_id`: before all others."""


class Conversation:
    """Items in the order the model reads them; ids are unique."""

    def __init__(self, conversation_id: str) -> None:
        self.id = conversation_id
        self._items: list[Item] = []

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Item) -> str | None:
        """Append an item of the server's own; the id of the one before it, if any."""
        previous = self._items[-1].id if self._items else None
        self._items.append(item)
        return previous

    def insert(self, item: Item, previous_item_id: str | None) -> str | None:
        """Put a client's item in its place; the id of the one before it, if any.

        `previous_item_id`: None = at the end, `root` = at the front, an id = after that item.
        Raises a Refusal, with nothing inserted, for an unknown one, an id in use, or an output
        without its call.
        """
        self._check_new(item)
        if previous_item_id is None:
            return self.add(item)
        index = 0 if previous_item_id == ROOT else self._after(previous_item_id)
        self._items.insert(index, item)
        return self._items[index - 1].id if index else None

    def find(self, item_id: str, *, doing: str, code: str) -> Item:
        """The item of that id; raises the Refusal of what was being done to it."""
        item = self.get(item_id)
        if item is None:
            raise missing_item(doing, item_id, code=code, param="item_id")
        return item

    def get(self, item_id: str) -> Item | None:
        """The item of that id, if it is there."""
        # Asked for every new item, so without a generator and the item's own property.
        for item in self._items:
            if item.body["id"] == item_id:
                return item
        return None

    def delete(self, item_id: str) -> None:
        """Remove an item."""
        self._items.remove(self.find(item_id, doing="deleting", code="item_delete_invalid_item_id"))

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Cut assistant audio to what was heard.

        The whole transcript goes, since no word of it is placed in time.
        """
        item = self.find(item_id, doing="truncating", code="item_truncate_invalid_item_id")
        pcm = item.pcm.get(content_index) if item.role == "assistant" else None
        if not pcm:
            # A text, or speech of which nothing has come yet.
            raise Refusal("Only model output audio messages can be truncated", code=None)
        samples = len(pcm) // BYTES_PER_SAMPLE
        if audio_end_ms > ms_of(samples):
            message = (
                f"Audio content of {ms_of(samples)}ms is already shorter than {audio_end_ms}ms"
            )
            raise Refusal(message, code="invalid_value", param="audio_end_ms")
        # A new object: a response still running adds to the old one.
        item.pcm[content_index] = pcm[: audio_end_ms * SAMPLES_PER_MS * BYTES_PER_SAMPLE]
        item.body["content"][content_index]["transcript"] = ""
        item.is_truncated = True

    def _check_new(self, item: Item) -> None:
        if self.get(item.id) is not None:
            message = f"Error adding item: an item with id '{item.id}' already exists."
            raise Refusal(message, code="item_create_duplicate_item_id", param="item.id")
        if item.body["type"] == "function_call_output":
            call_id = item.body["call_id"]
            calls = (one for one in self._items if one.body["type"] == "function_call")
            if not any(call.body["call_id"] == call_id for call in calls):
                raise no_such_call(call_id)

    def _after(self, item_id: str) -> int:
        for index, item in enumerate(self._items):
            if item.id == item_id:
                return index + 1
        message = f"Error adding item: the previous item with id '{item_id}' does not exist."
        code = "item_create_invalid_previous_item_id"
        raise Refusal(message, code=code, param="previous_item_id")
