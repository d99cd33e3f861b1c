"""Who is told the facts of a line, one by one or in lists.

Problem: a line tells some 250 facts a second, and a call for each costs more than what most observers do with it. An
observer that has a method `observe_all` is given lists: what is frequent waits for it, at most `LATEST` seconds and
never behind anything rare, so that the order holds and nothing that matters comes late. All others are told each fact
as it happens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from trunkline.protocol.compound_facts import FREQUENT_FACTS, Fact, Flow, expanded
from trunkline.protocol.observations import Observation

__all__ = ["LATEST", "ListObserver", "Observer", "Observers"]

Observer = Callable[[Observation], None]
"""Gets every fact, in order, in the driver's event loop; must be quick. One that raises is logged and asked no more."""

LATEST = 0.1
"""Seconds that a frequent fact waits for others at most: as often as a level meter moves."""
_log = logging.getLogger("trunkline")


@runtime_checkable
class ListObserver(Protocol):
    """An observer that takes facts in lists; it is called with one only by somebody else."""

    def __call__(self, fact: Observation) -> None:
        """Takes one fact."""

    def observe_all(self, facts: Sequence[Fact]) -> None:
        """Takes facts, oldest first, compound ones as such; the list is not changed afterwards."""


@runtime_checkable
class SummingObserver(ListObserver, Protocol):
    """One that mostly sums what it is told."""

    @property
    def sums(self) -> bool:
        """Whether ordinary audio may be told to it as `Flow`, for now."""


class Observers:
    """The observers of one line. `seldom` is told only what is not frequent."""

    def __init__(self, observers: Sequence[Observer], *, seldom: Observer) -> None:
        self._seldom = seldom
        self._each = [one for one in observers if not isinstance(one, ListObserver)]
        self._lists: list[Callable[[Any], None]] = [
            one.observe_all for one in observers if isinstance(one, ListObserver)
        ]
        self._summing = [one for one in observers if isinstance(one, SummingObserver)]
        self._waiting: list[Fact] = []
        self._due = 0.0

    def take(self, facts: list[Fact], *, growing: bool = False) -> None:
        """Tells what the core has to tell, and empties its queue, but for a flow at its end that is `growing`.

        An observer may call the line meanwhile.
        """
        left = facts.pop() if growing and facts and type(facts[-1]) is Flow else None
        if self._each or not FREQUENT_FACTS.issuperset(map(type, facts)):
            while facts:
                self.tell(facts.pop(0))
        elif facts:
            # Mostly these: a chunk that was given and sent, a delta that came.
            self._tell_lists(facts)
        if left is not None:
            facts.append(left)

    @property
    def is_detailed(self) -> bool:
        """Whether somebody wants to be told of each chunk and each delta."""
        if self._each or len(self._summing) < len(self._lists):
            return True
        return not all(one.sums for one in self._summing)

    def _tell_lists(self, facts: list[Fact]) -> None:
        newest = facts[-1]
        if self._lists:
            self._waiting.extend(facts)
        facts.clear()
        if self._lists:
            self._look(newest)

    def tell(self, fact: Fact) -> None:
        """Tells one fact."""
        if self._lists:
            self._waiting.append(fact)
            self._look(fact)
        if type(fact) not in FREQUENT_FACTS:
            _tell_all([self._seldom], fact)
        if self._each:
            for one in expanded((fact,)):
                _tell_all(self._each, one)

    def _look(self, newest: Fact) -> None:
        if newest.at >= self._due or type(newest) not in FREQUENT_FACTS:
            self._due = newest.at + LATEST
            waiting, self._waiting = self._waiting, []
            _tell_all(self._lists, waiting)


def _tell_all(observers: list[Callable[[Any], None]], told: Any) -> None:
    """Tells each, and takes out those that fail."""
    for observer in tuple(observers):
        try:
            observer(told)
        except Exception:  # noqa: BLE001 - foreign code: its mistake must not take the line with it
            _log.exception("an observer failed and is asked no more")
            observers.remove(observer)
