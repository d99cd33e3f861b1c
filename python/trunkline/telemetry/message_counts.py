"""How many messages of which type passed, each way."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["MOST_TYPES", "MessageCounts"]

MOST_TYPES = 64
"""Types that are told apart in each direction; what a server may send is not ours to bound."""
_OTHER = "other"


class MessageCounts:
    """The counts of one beat."""

    __slots__ = ("_counts", "_types")

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._types: dict[str, int] = {}
        """How many of each direction are told apart."""

    def count(self, direction: str, name: str, more: int = 1) -> None:
        """So many more of a type; beyond `MOST_TYPES` they are `other`."""
        if not more:
            return
        counts, key = self._counts, _key(direction, name)
        if key not in counts:
            types = self._types.get(direction, 0)
            if types >= MOST_TYPES:
                key = _key(direction, _OTHER)
            self._types[direction] = types + 1
        counts[key] = counts.get(key, 0) + more

    def told(self) -> dict[str, int]:
        """Each type behind its direction."""
        return self._counts


@lru_cache(maxsize=4 * MOST_TYPES)
def _key(direction: str, name: str) -> str:
    return f"{direction} {name}"
