"""What somebody who comes later is told of a line's past: enough to show it as if he had been there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.protocol.observations import (
    LinkEnded,
    PlayStarted,
    PlayStopped,
    RateLimits,
    RoundTrip,
    SessionReady,
    SettingsConfirmed,
    TakenOver,
    Transcript,
    Transition,
)
from trunkline.telemetry.beat import HEARD_AT
from trunkline.telemetry.frames import Beat, Told

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation
    from trunkline.telemetry.frames import Began, Frame

__all__ = ["KEPT_FACTS", "KEPT_TRANSITIONS", "Past"]

KEPT_FACTS = 128
"""Rare facts that are kept: about the last ten turns."""
KEPT_TRANSITIONS = 64
"""Changes of state that are kept, for the shares of time: some sixteen outages."""

# Of these the last one says everything.
_STANDING = frozenset({SessionReady, SettingsConfirmed, RateLimits, TakenOver})
# As much as a transcript shows of an item, and items that are said at the same time.
_MOST_CHARS = 2000
_MOST_OPEN = 8

# Old ones of these say nothing.
_FLEETING = frozenset({RoundTrip, PlayStarted, PlayStopped})


class Past:
    """Keeps rare facts and the totals of the frequent ones; constant in size."""

    __slots__ = ("_facts", "_gauges", "_open", "_standing", "_totals", "_transitions", "_types")

    def __init__(self) -> None:
        # Lists: most lines have a handful of them, and an empty deque takes as much as ninety.
        self._facts: list[Observation] = []
        self._transitions: list[Observation] = []
        self._standing: dict[type[Observation], Observation] = {}
        self._open: dict[tuple[str, str], Transcript] = {}
        self._totals: dict[str, float] = {}
        self._types: dict[str, int] = {}
        self._gauges: dict[str, float] = {}

    def told(self, fact: Observation) -> None:
        """A rare fact went out."""
        kind = type(fact)
        if isinstance(fact, Transcript):
            self._spoken(fact)
        elif kind in _STANDING:
            self._standing[kind] = fact
        elif kind is Transition:
            self._transitions.append(fact)
            del self._transitions[:-KEPT_TRANSITIONS]
        elif kind not in _FLEETING:
            if kind is LinkEnded:
                # What was being said is cut off by it.
                self._facts.extend(self._open.values())
                self._open.clear()
            self._facts.append(fact)
        del self._facts[:-KEPT_FACTS]

    def _spoken(self, fact: Transcript) -> None:
        """Words of one item become one fact, of the time when they began."""
        key = (fact.speaker.value, fact.item_id)
        begun = self._open.pop(key, None)
        if fact.final:
            self._facts.append(fact if begun is None else replace(fact, at=begun.at))
            return
        text = fact.text if begun is None else (begun.text + fact.text)[:_MOST_CHARS]
        self._open[key] = replace(fact if begun is None else begun, text=text)
        while len(self._open) > _MOST_OPEN:
            self._facts.append(self._open.pop(next(iter(self._open))))

    def beaten(self, sent: Beat) -> None:
        """A beat went out."""
        _add(self._totals, sent.sums)
        _add(self._types, sent.types)
        self._gauges.update(sent.gauges)
        # It is younger than the facts that will be told, and would say of old outages that they were seen at once.
        self._gauges.pop(HEARD_AT, None)

    def frames(self, began: Began) -> tuple[Frame, ...]:
        """The line's beginning, its totals as one beat at that moment, and the kept facts in order."""
        line = began.line
        kept = (*self._facts, *self._open.values(), *self._transitions, *self._standing.values())
        totals = Beat(
            line=line,
            at=began.at,
            epoch=0,
            sums=dict(self._totals),
            gauges=dict(self._gauges),
            types=dict(self._types),
        )
        told = (Told(line=line, fact=fact) for fact in sorted(kept, key=lambda fact: fact.at))
        return (began, totals, *told)


def _add(
    totals: dict[str, float] | dict[str, int], sums: dict[str, float] | dict[str, int]
) -> None:
    for name, amount in sums.items():
        totals[name] = totals.get(name, 0) + amount  # type: ignore[assignment]
