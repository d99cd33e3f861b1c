"""The newest observations in words, equal ones in a row as one line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from sys import intern
from typing import TYPE_CHECKING

from trunkline.telemetry.sentences import describe
from trunkline.telemetry.snapshot import LogLine
from trunkline.text import Clean

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation

__all__ = ["KEPT_LINES", "Journal"]

KEPT_LINES = 300
"""How many lines are kept; a run of five turns with two outages makes about 60."""


@dataclass(slots=True)
class Journal:
    """Folds observations into lines; what comes by the chunk makes none."""

    rate_hz: int
    limit: int = KEPT_LINES
    lines: list[LogLine] = field(default_factory=list)
    _view: tuple[LogLine, ...] | None = field(default=None, init=False, repr=False, compare=False)

    def observe(self, fact: Observation) -> None:
        """Take one fact."""
        sentence = describe(fact, self.rate_hz)
        if sentence is None:
            return
        self._view = None
        last = self.lines[-1] if self.lines else None
        if last is not None and last.text == sentence.text and last.epoch == fact.epoch:
            self.lines[-1] = replace(last, at=fact.at, count=last.count + 1)
            return
        # Most lines of a fleet have met the same.
        text = Clean(intern(sentence.text))
        self.lines.append(LogLine(at=fact.at, epoch=fact.epoch, level=sentence.level, text=text))
        while len(self.lines) > self.limit:
            del self.lines[0]

    def shrink(self, limit: int) -> None:
        """Keep only so many, now and from now on."""
        self.limit = limit
        while len(self.lines) > limit:
            del self.lines[0]
            self._view = None

    def view(self) -> tuple[LogLine, ...]:
        """The kept lines, oldest first."""
        if self._view is None:
            self._view = tuple(self.lines)
        return self._view
