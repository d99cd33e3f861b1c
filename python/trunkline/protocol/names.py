"""Every id an item ever had, to the one it has now; the ids of forgotten items for a while longer."""

from __future__ import annotations

__all__ = ["Names"]

_FORGOTTEN_LIMIT = 4096
"""Items: an hour of the busiest talk. Who names an older one is told by the server that it does not exist."""


class Names:
    """The ids of one line's items."""

    def __init__(self) -> None:
        self._current: dict[str, str] = {}
        self._former: dict[str, list[str]] = {}
        """The id an item has now to those it had, oldest first; almost always one."""
        self._forgotten: dict[str, None] = {}
        """In the order they were forgotten."""
        # In place of sets: an empty one takes three times as much as an empty map.
        self._gone: dict[str, None] = {}
        """Of the forgotten: those that the current session does not have either."""
        self._deleted: dict[str, None] = {}
        """Of the current session: those that were taken out of it, whose echoes may still be on their way."""

    def current(self, item_id: str) -> str:
        """The id the item has now; one that is not known is given back as it is."""
        return self._current.get(item_id, item_id)

    def former(self, item_id: str) -> str | None:
        """The id that the item had first, if it was renamed."""
        olds = self._former.get(item_id)
        return olds[0] if olds else None

    def rename(self, old: str, new: str) -> None:
        """The item is called otherwise from now on; whatever it was called before leads there at once."""
        olds = self._former[new] = [*self._former.pop(old, []), old]
        for older in olds:
            self._current[older] = new

    def forget(self, item_id: str) -> None:
        """The item is kept no longer: the session may have it still, the next one will not."""
        self._forgotten[item_id] = None
        while len(self._forgotten) > _FORGOTTEN_LIMIT:
            oldest = next(iter(self._forgotten))
            del self._forgotten[oldest]
            self._gone.pop(oldest, None)
            self.drop(oldest)

    def drop(self, item_id: str) -> None:
        """Nobody will ask for the item again."""
        for old in self._former.pop(item_id, []):
            del self._current[old]

    def new_session(self) -> None:
        """A new session is told what is kept: what was forgotten is gone."""
        self._gone = dict(self._forgotten)
        self._deleted.clear()

    def delete(self, item_id: str) -> None:
        """The item was taken out of the current session."""
        self._deleted[item_id] = None

    def create(self, item_id: str) -> None:
        """An item is put into it, perhaps under the id of one that was taken out."""
        self._deleted.pop(item_id, None)

    def is_deleted(self, item_id: str) -> bool:
        """Whether the current session tells only late news of it."""
        return item_id in self._deleted

    def is_gone(self, item_id: str) -> bool:
        """Whether it is an item that stood before all that the current session knows."""
        return self.current(item_id) in self._gone
