"""Every id an item ever had, to the one it has now; the ids of forgotten items for a while longer."""

from __future__ import annotations

__all__ = ["Names"]

_FORGOTTEN_LIMIT = 4096
"""Items: an hour of the busiest talk. Who names an older one is told by the server that it does not exist."""


class Names:
    """The ids of one line's items."""

    def __init__(self) -> None:
        self._current: dict[str, str] = {}
        self._former: dict[str, str] = {}
        self._forgotten: dict[str, None] = {}
        """In the order they were forgotten."""
        self._gone: set[str] = set()
        """Of the forgotten: those that the current session does not have either."""

    def current(self, item_id: str) -> str:
        """The id the item has now; one that is not known is given back as it is."""
        return self._current.get(item_id, item_id)

    def former(self, item_id: str) -> str | None:
        """The id that the server had given the item, if it was renamed."""
        return self._former.get(item_id)

    def rename(self, old: str, new: str) -> None:
        """The item is called otherwise from now on; an id of ours is never given up again."""
        self._current[old] = new
        self._former[new] = old

    def forget(self, item_id: str) -> None:
        """The item is kept no longer: the session may have it still, the next one will not."""
        self._forgotten[item_id] = None
        while len(self._forgotten) > _FORGOTTEN_LIMIT:
            oldest = next(iter(self._forgotten))
            del self._forgotten[oldest]
            self._gone.discard(oldest)
            self.drop(oldest)

    def drop(self, item_id: str) -> None:
        """Nobody will ask for the item again."""
        former = self._former.pop(item_id, None)
        if former is not None:
            del self._current[former]

    def new_session(self) -> None:
        """A new session is told what is kept: what was forgotten is gone."""
        self._gone = set(self._forgotten)

    def is_gone(self, item_id: str) -> bool:
        """Whether it is an item that stood before all that the current session knows."""
        return self.current(item_id) in self._gone
