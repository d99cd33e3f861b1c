"""The rows of the inspector: the entries that a filter lets through, runs of audio as one row if wanted.

Ten times a second new entries come and runs grow, so rows are made anew only from the first entry that changed. That
one is found by comparing objects that are mostly the same ones: an entry that grew is another.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from trunkline.tui.inspector.runs import continues, run_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trunkline.telemetry.entry import Entry
    from trunkline.tui.filter.term import Predicate

__all__ = ["Stream"]

_NUMBER = attrgetter("number")
_BLOCK = 1024


class Stream:
    """Entries in, rows out; a row is an entry, or a run of them under the number of the first."""

    def __init__(self) -> None:
        self.rows: list[Entry] = []
        """As shown, oldest first. Not to be kept: it changes in place."""
        self.collapsed = True
        self._given: Sequence[Entry] = ()
        self._entries: list[Entry] = []
        self._wanted: Predicate[Entry] | None = None

    @property
    def entries(self) -> Sequence[Entry]:
        """All that are kept, oldest first."""
        return self._entries

    def feed(self, entries: Sequence[Entry]) -> bool:
        """Take the entries of now; whether any row changed. About 0.2 ms for 10,000 of which few are new."""
        if entries is self._given:
            return False
        before, self._given, self._entries = self._entries, entries, list(entries)
        if not self._entries:
            gone, self.rows = bool(self.rows), []
            return gone
        first = self._first_change(before)
        dropped = self._drop_old()
        if first < len(self._entries):
            self._fold_from(first)
            return True
        return dropped

    def choose(self, wanted: Predicate[Entry] | None) -> None:
        """From now on only these; None for all."""
        self._wanted = wanted
        self._fold_all()

    def collapse(self, *, collapsed: bool) -> None:
        """Show runs of audio as one row, or each entry by itself."""
        self.collapsed = collapsed
        self._fold_all()

    def index_of(self, number: int) -> int:
        """The row that has the entry of this number, or the last one before it; -1 if there is none."""
        return bisect_right(self.rows, number, key=_NUMBER) - 1

    def shows(self, number: int) -> bool:
        """Whether the entry of this number is in one of the rows."""
        place = self.place_of(number)
        if place >= len(self._entries) or self._entries[place].number != number:
            return False
        return self._wanted is None or self._wanted(self._entries[place])

    def place_of(self, number: int) -> int:
        """Index among all entries of the one of this number, or of the next one."""
        return bisect_left(self._entries, number, key=_NUMBER)

    def _first_change(self, before: Sequence[Entry]) -> int:
        """Index of the first entry that is not as it was; their count if all are."""
        entries = self._entries
        begun = bisect_left(before, entries[0].number, key=_NUMBER)
        kept = before[begun:]
        both = min(len(kept), len(entries))
        for start in range(0, both, _BLOCK):
            end = min(start + _BLOCK, both)
            # Lists compare what is identical without asking it.
            if kept[start:end] != entries[start:end]:
                return next(n for n in range(start, end) if kept[n] != entries[n])
        return both

    def _drop_old(self) -> bool:
        """Let rows go whose entries are no more; what is left of a run at the edge is folded anew."""
        gone = bisect_left(self.rows, self._entries[0].number, key=_NUMBER)
        if not gone:
            return False
        del self.rows[:gone]
        end = len(self._entries)
        if self.rows:
            end = bisect_left(self._entries, self.rows[0].number, key=_NUMBER)
        self.rows[:0] = self._fold(self._entries[:end])
        return True

    def _fold_all(self) -> None:
        self.rows = list(self._fold(self._entries))

    def _fold_from(self, index: int) -> None:
        """Make the rows anew from this entry on, and from the row before it, which it may belong to."""
        row = max(self.index_of(self._entries[index].number) - 1, 0)
        if row < len(self.rows):
            index = min(bisect_left(self._entries, self.rows[row].number, key=_NUMBER), index)
        else:
            index = 0
        del self.rows[row:]
        self.rows.extend(self._fold(self._entries[index:]))

    def _fold(self, entries: Sequence[Entry]) -> Iterable[Entry]:
        wanted = self._wanted
        shown = entries if wanted is None else [entry for entry in entries if wanted(entry)]
        return _runs(shown) if self.collapsed else shown


def _runs(entries: Iterable[Entry]) -> Iterable[Entry]:
    run: list[Entry] = []
    for entry in entries:
        if run and not continues(entry, run[-1]):
            yield run_of(run)
            run = []
        run.append(entry)
    if run:
        yield run_of(run)
