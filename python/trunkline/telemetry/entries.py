"""The lines of the event inspector that a console keeps: a ring with numbers that stay."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.telemetry.depth import FULL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.entry import Entry

__all__ = ["Entries"]


@dataclass(slots=True)
class Entries:
    """Entries in the order of their numbers; one that grew takes the place of what it was."""

    limit: int = FULL.entries
    kept: deque[Entry] = field(default_factory=deque)
    _view: tuple[Entry, ...] | None = field(default=None, init=False, repr=False, compare=False)

    def put(self, entry: Entry) -> None:
        """A new entry, or a kept one that grew; one that was forgotten stays so."""
        self._view = None
        kept = self.kept
        if not kept or entry.number > kept[-1].number:
            kept.append(entry)
            while len(kept) > self.limit:
                kept.popleft()
            return
        # What still grows is near the end.
        for back in range(1, len(kept) + 1):
            number = kept[-back].number
            if number == entry.number:
                kept[-back] = entry
            if number <= entry.number:
                return

    def shrink(self, limit: int) -> None:
        """Keep only so many, now and from now on."""
        self.limit = limit
        while len(self.kept) > limit:
            self.kept.popleft()
            self._view = None

    def view(self) -> Sequence[Entry]:
        """The kept ones, oldest first; the same object until something changes."""
        if self._view is None:
            self._view = tuple(self.kept)
        return self._view
