"""How much is kept of a line's past: much of a few lines, little of each of a thousand."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FULL", "LEAN", "LEAN_FROM", "Depth"]

LEAN_FROM = 64
"""With more lines than this only the one that is watched keeps all: a thousand must fit in a console's memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How many of each are kept."""

    log: int
    transcript: int
    turns: int
    outages: int
    entries: int


FULL = Depth(log=300, transcript=200, turns=50, outages=50, entries=10_000)
"""A run of five turns with two outages makes some 60 lines of log; 10,000 entries are twenty minutes of speech."""

LEAN = Depth(log=30, transcript=16, turns=8, outages=8, entries=100)
"""The last minutes of a call."""
