"""Which entries are shown, and which are only lit among all: the filter, errors only, one turn only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.filter.entries import ENTRIES
from trunkline.tui.filter.grammar import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.entry import Entry
    from trunkline.tui.filter.term import Predicate

__all__ = ["Choosing", "is_odd"]

_ODD = (Level.WARNING, Level.BAD)


def is_odd(entry: Entry) -> bool:
    """Whether an operator should see it."""
    return entry.level in _ODD


def _is_error(entry: Entry) -> bool:
    return entry.level is Level.BAD


class Choosing:
    """What the operator asked for; changed by keys, read as two predicates."""

    def __init__(self) -> None:
        self.text = ""
        self.errors_only = False
        self.shows_all = False
        """Whether what does not match is dimmed and not left out."""
        self.turn: int | None = None
        """The only turn that is shown."""
        self._matches: Predicate[Entry] | None = None
        self._of_turn: Predicate[Entry] | None = None

    def filter_by(self, text: str) -> None:
        """Another filter; `FilterError` leaves the one there was."""
        found = parse(text, ENTRIES)
        self.text = text.strip()
        self._matches = found.predicate() if found.terms else None

    def keep_turn(self, turn: int | None, entries: Sequence[Entry] = ()) -> None:
        """Only this turn and what happened here meanwhile; None for all."""
        self.turn = turn
        self._of_turn = None if turn is None else _turn_test(turn, entries)

    @property
    def shown(self) -> Predicate[Entry] | None:
        """What is let through; None for everything."""
        tests = [
            test
            for test in (
                None if self.shows_all else self._matches,
                _is_error if self.errors_only else None,
                self._of_turn,
            )
            if test is not None
        ]
        if len(tests) < 2:
            return tests[0] if tests else None
        return lambda entry: all(test(entry) for test in tests)

    @property
    def expression(self) -> str:
        """What is let through, as a filter would be written."""
        parts = [
            "" if self.shows_all else self.text,
            "err" if self.errors_only else "",
            "" if self.turn is None else f"turn:{self.turn}",
        ]
        return " ".join(part for part in parts if part)

    @property
    def lit(self) -> Predicate[Entry] | None:
        """What is lit among all; None where what is shown is what matches."""
        return self._matches if self.shows_all else None


def _turn_test(turn: int, entries: Sequence[Entry]) -> Predicate[Entry]:
    of_turn = [entry for entry in entries if entry.turn == turn]
    later = any(entry.turn is not None and entry.turn > turn for entry in entries)
    began = of_turn[0].at if of_turn else float("inf")
    # A turn that goes on has no end yet.
    ended = max((entry.until for entry in of_turn), default=began) if later else float("inf")

    def holds(entry: Entry) -> bool:
        return entry.turn == turn or (entry.turn is None and began <= entry.at <= ended)

    return holds
