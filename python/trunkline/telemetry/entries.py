"""The lines of the event inspector that a console keeps: a ring with numbers that stay."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trunkline.telemetry.depth import FULL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.entry import Entry

__all__ = ["Entries"]


@dataclass(slots=True)
class Entries:
    """Entries in the order in which they came; one that grew takes the place of what it was.

    They are numbered here, since a console adds what it finds by itself: alerts. A number stays.
    """

    limit: int = FULL.entries
    kept: deque[tuple[int, Entry]] = field(default_factory=deque)
    """The number at the line, 0 for what was added here, and the entry with its number here."""
    last: int = 0
    """The highest number that was given."""
    newest: int = 0
    """The highest number at the line that was seen."""
    _view: tuple[Entry, ...] | None = field(default=None, init=False, repr=False, compare=False)

    def put(self, entry: Entry) -> None:
        """A new entry of the line, or a kept one that grew; one that was forgotten stays so."""
        if entry.number > self.newest:
            self.newest = entry.number
            self._append(entry.number, entry)
            return
        # What still grows is near the end.
        for back in range(1, len(self.kept) + 1):
            number, known = self.kept[-back]
            if number == entry.number:
                self.kept[-back] = (number, replace(entry, number=known.number))
                self._view = None
                return

    def add(self, entry: Entry) -> None:
        """Something that the console found."""
        self._append(0, entry)

    def shrink(self, limit: int) -> None:
        """Keep only so many, now and from now on."""
        self.limit = limit
        while len(self.kept) > limit:
            self.kept.popleft()
            self._view = None

    def view(self) -> Sequence[Entry]:
        """The kept ones, oldest first; the same object until something changes."""
        if self._view is None:
            self._view = tuple(entry for _, entry in self.kept)
        return self._view

    def _append(self, number: int, entry: Entry) -> None:
        self.last += 1
        self.kept.append((number, replace(entry, number=self.last)))
        while len(self.kept) > self.limit:
            self.kept.popleft()
        self._view = None
