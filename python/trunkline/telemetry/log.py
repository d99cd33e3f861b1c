"""Observations as records of the standard `logging`: one line for each that matters.

The logger is `trunkline`; the application decides where its records go. Text is cleaned; numbers
and names are fields of the record (`line`, `epoch`, `at`, `observation`), so that a formatter for
JSON finds them. Anomalies can come by the thousand from a broken server: they are counted and told
by the minute.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from trunkline.protocol.observations import Anomaly, Fenced
from trunkline.telemetry.levels import Level
from trunkline.telemetry.sentences import describe
from trunkline.text import clean

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation

__all__ = ["BURST", "WINDOW_SECONDS", "LogFold"]

BURST = 5
"""How many anomalies of a kind are told within a window; the rest are counted."""
WINDOW_SECONDS = 60.0
"""How long a window is: short enough to see that it goes on."""

_LEVELS = {
    Level.UNKNOWN: logging.DEBUG,
    Level.OK: logging.INFO,
    Level.WARNING: logging.WARNING,
    Level.BAD: logging.ERROR,
}
# What a broken peer can send in any number.
_LIMITED = (Anomaly, Fenced)
# The kinds come from us, yet a dictionary that grows by what arrives is a leak.
_MOST_KINDS = 64


class LogFold:
    """Turns the observations of one line into log records."""

    def __init__(self, name: str, rate_hz: int, *, logger: logging.Logger | None = None) -> None:
        self._name = clean(name, limit_chars=60)
        self._rate_hz = rate_hz
        self._logger = logger or logging.getLogger("trunkline")
        self._windows: dict[str, tuple[float, int]] = {}

    def observe(self, observation: Observation) -> None:
        """Log one fact, if it is one that matters and its kind has not used up its share."""
        sentence = describe(observation, self._rate_hz)
        if sentence is None:
            return
        suppressed = self._suppressed(observation)
        if suppressed is None:
            return
        more = f" ({suppressed} more like it were not logged)" if suppressed else ""
        self._logger.log(
            _LEVELS[sentence.level],
            "%s: %s%s",
            self._name,
            sentence.text,
            more,
            extra={
                "line": self._name,
                "epoch": observation.epoch,
                "at": observation.at,
                "observation": type(observation).__name__,
            },
        )

    def _suppressed(self, fact: Observation) -> int | None:
        """How many of its kind were kept silent before this one; None if this one is, too."""
        if not isinstance(fact, _LIMITED):
            return 0
        kind = fact.kind if isinstance(fact, Anomaly) else "fenced"
        start, count = self._windows.get(kind, (fact.at, 0))
        if fact.at - start >= WINDOW_SECONDS:
            self._windows[kind] = (fact.at, 1)
            return max(count - BURST, 0)
        if kind not in self._windows and len(self._windows) >= _MOST_KINDS:
            return None
        self._windows[kind] = (start, count + 1)
        return 0 if count < BURST else None
