"""The way out: events in the order they happen, each with its id."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.simulator.identity import Chance, Identity

__all__ = ["Emitter"]

_BLOCK = 16


class Emitter:
    """A queue of server events; the first key is the type, the second the event's id."""

    def __init__(self, identity: Identity, chance: Chance) -> None:
        self._identity = identity
        self._chance = chance
        self._queue: deque[dict[str, Any]] = deque()
        self.watch: Callable[[dict[str, Any]], None] | None = None
        """Is shown every event when it is queued."""

    def __len__(self) -> int:
        return len(self._queue)

    def emit(self, kind: str, **fields: Any) -> None:
        """Queue an event."""
        event = {"type": kind, "event_id": self._identity.fresh("event_"), **fields}
        self._queue.append(event)
        if self.watch is not None:
            self.watch(event)

    def emit_padded(self, kind: str, *, delta: str, **fields: Any) -> None:
        """Queue a delta of text with the padding that hides its length.

        Recorded on every text, transcript and argument delta: `obfuscation` fills up to a multiple
        of 16.
        """
        padding = self._chance.text(-len(delta) % _BLOCK)
        self.emit(kind, **fields, delta=delta, obfuscation=padding)

    def pop(self) -> dict[str, Any] | None:
        """The oldest event, or None."""
        return self._queue.popleft() if self._queue else None
