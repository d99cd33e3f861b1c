"""The newest observations in words, equal ones in a row as one line."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.telemetry.sentences import describe
from trunkline.telemetry.snapshot import LogLine

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation

__all__ = ["KEPT_LINES", "Journal"]

KEPT_LINES = 300
"""How many lines are kept; a run of five turns with two outages makes about 60."""


class Journal:
    """Folds observations into lines; what comes by the chunk makes none."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._lines: deque[LogLine] = deque(maxlen=KEPT_LINES)
        self._view: tuple[LogLine, ...] | None = ()

    def observe(self, fact: Observation) -> None:
        """Take one fact."""
        sentence = describe(fact, self._rate_hz)
        if sentence is None:
            return
        self._view = None
        last = self._lines[-1] if self._lines else None
        if last is not None and last.text == sentence.text and last.epoch == fact.epoch:
            self._lines[-1] = replace(last, at=fact.at, count=last.count + 1)
            return
        self._lines.append(
            LogLine(at=fact.at, epoch=fact.epoch, level=sentence.level, text=sentence.text)
        )

    def view(self) -> tuple[LogLine, ...]:
        """The kept lines, oldest first."""
        if self._view is None:
            self._view = tuple(self._lines)
        return self._view
