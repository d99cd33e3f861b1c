"""Observations as records of the standard `logging`: one line for each that matters.

The logger is `trunkline`; the application decides where its records go. Text is cleaned; numbers and names are fields
of the record, so that a formatter for JSON finds them: `line`, `epoch`, `at`, `observation`, `suppressed`, `fact`, what
the observation says, without anybody's words, and `unix`, when it happened: a record may be written later. A broken
server can make any of them come by the thousand, so each kind has its share of a minute; what goes beyond is counted,
and told with the next of its kind or with the line's end.
"""

from __future__ import annotations

import logging
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from trunkline.protocol.observations import (
    Anomaly,
    Fenced,
    SettingsConfirmed,
    Transcript,
    Transition,
)
from trunkline.telemetry.levels import Level
from trunkline.telemetry.sentences import describe
from trunkline.text import clean

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation

__all__ = ["BURST", "FIELDS", "MOST_OF_A_KIND", "WINDOW_SECONDS", "LogFold", "facts_of"]

BURST = 5
"""How many anomalies of a kind are told within a window; the rest are counted."""
MOST_OF_A_KIND = 60
"""The same of everything else: a conversation has some fifteen turns a minute, and a bad link fewer ends."""
WINDOW_SECONDS = 60.0
"""How long a window is: short enough to see that it goes on."""
FIELDS = ("line", "epoch", "at", "observation", "suppressed", "fact", "unix")
"""What each record has beside what all records have."""

_LEVELS = {
    Level.UNKNOWN: logging.DEBUG,
    Level.OK: logging.INFO,
    Level.WARNING: logging.WARNING,
    Level.BAD: logging.ERROR,
}
# The kinds come from us, yet a dictionary that grows by what arrives is a leak.
_MOST_KINDS = 64
_OVER = ("closed", "failed")
# What somebody said, and what an application told a model: not for logs.
_UNSAID = frozenset({Transcript, SettingsConfirmed})
_LONGEST_CHARS = 200


class LogFold:
    """Turns the observations of one line into log records. Unix seconds are those of its clock plus `wall_offset`."""

    def __init__(
        self,
        name: str,
        rate_hz: int,
        *,
        logger: logging.Logger | None = None,
        wall_offset: float | None = None,
    ) -> None:
        self._wall_offset = wall_offset
        self._name = clean(name, limit_chars=60)
        self._rate_hz = rate_hz
        self._logger = logger or logging.getLogger("trunkline")
        self._windows: dict[str, tuple[float, int]] = {}

    def observe(self, observation: Observation) -> None:
        """Log one fact, if it is one that matters and its kind has not used up its share."""
        sentence = describe(observation, self._rate_hz)
        level = _LEVELS[sentence.level] if sentence is not None else logging.NOTSET
        if sentence is None or not self._logger.isEnabledFor(level):
            return
        suppressed = self._suppressed(observation)
        if suppressed is not None:
            more = f" ({suppressed} more like it were not logged)" if suppressed else ""
            self._log(level, f"{sentence.text}{more}", observation, suppressed)
        if isinstance(observation, Transition) and observation.target.value in _OVER:
            self._close(observation)

    def _log(self, level: int, text: str, fact: Observation, suppressed: int) -> None:
        told = {
            "line": self._name,
            "epoch": fact.epoch,
            "at": fact.at,
            "observation": type(fact).__name__,
            "suppressed": suppressed,
            "fact": facts_of(fact),
        }
        if self._wall_offset is not None:
            told["unix"] = fact.at + self._wall_offset
        self._logger.log(level, "%s: %s", self._name, text, extra=told)

    def _close(self, fact: Observation) -> None:
        """Nothing comes that could tell what was kept silent, so it is told now."""
        for kind, (_, count) in self._windows.items():
            more = count - _share(kind)
            if more > 0:
                self._log(logging.WARNING, f"{more} more of {kind} were not logged", fact, more)
        self._windows.clear()

    def _suppressed(self, fact: Observation) -> int | None:
        """How many of its kind were kept silent before this one; None if this one is, too."""
        kind = _kind(fact)
        start, count = self._windows.get(kind, (fact.at, 0))
        if fact.at - start >= WINDOW_SECONDS:
            self._windows[kind] = (fact.at, 1)
            return max(count - _share(kind), 0)
        if kind not in self._windows and len(self._windows) >= _MOST_KINDS:
            return None
        self._windows[kind] = (start, count + 1)
        return 0 if count < _share(kind) else None


def facts_of(fact: Observation) -> dict[str, Any]:
    """What an observation says, as plain values: numbers, short clean text, and nothing that anybody said."""
    if type(fact) in _UNSAID:
        return {}
    kind: Any = type(fact)
    names = (name for name in _names(kind) if name not in ("at", "epoch"))
    return {name: _plain(getattr(fact, name)) for name in names}


def _kind(fact: Observation) -> str:
    if isinstance(fact, Anomaly):
        return f"anomaly {clean(fact.kind, limit_chars=60)}"
    if isinstance(fact, Fenced):
        return "anomaly fenced"
    if isinstance(fact, Transition):
        # The end of a line is never one too many.
        return f"Transition to {fact.target.value}"
    return type(fact).__name__


def _share(kind: str) -> int:
    return BURST if kind.startswith("anomaly ") else MOST_OF_A_KIND


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(each) for each in value[:16]]
    if is_dataclass(value) and not isinstance(value, type):
        known = {name: _plain(getattr(value, name)) for name in _names(type(value))}
        return {name: each for name, each in known.items() if each not in (None, "")}
    return clean(value, limit_chars=_LONGEST_CHARS)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.type != "bytes")
