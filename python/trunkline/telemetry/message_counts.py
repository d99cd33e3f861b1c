"""How many messages of which type passed, each way."""

from __future__ import annotations

__all__ = ["MOST_TYPES", "MessageCounts"]

MOST_TYPES = 64
"""Types that are told apart in each direction; what a server may send is not ours to bound."""
_OTHER = "other"


class MessageCounts:
    """The counts of one beat."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[str, dict[str, int]] = {}

    def count(self, direction: str, name: str, more: int = 1) -> None:
        """So many more of a type; beyond `MOST_TYPES` they are `other`."""
        if not more:
            return
        counts = self._counts.get(direction)
        if counts is None:
            counts = self._counts[direction] = {}
        if name not in counts and len(counts) >= MOST_TYPES:
            name = _OTHER
        counts[name] = counts.get(name, 0) + more

    def told(self) -> dict[str, int]:
        """Each type behind its direction."""
        return {
            f"{direction} {name}": count
            for direction, counts in self._counts.items()
            for name, count in counts.items()
        }
