"""How much audio to have before playing goes on: more after each hole, and slowly less again."""

from __future__ import annotations

__all__ = ["LIMIT_MS", "JitterTarget"]

LIMIT_MS = 1_000
"""Beyond a second a hole is heard as an outage whether it is bridged or not, and waiting longer only adds to it."""
_GROWTH = 1.5
"""Five holes lead from 100 ms to the limit. Twice as much would do so after three, which one bad second can have."""
_SHRINK = 0.9
_CALM_MS = 20_000
"""So much must be played without a hole for a step back: a reply or two, so a bad network is remembered for minutes."""


class JitterTarget:
    """An aim in milliseconds, between where it began and `LIMIT_MS`; moved by what was played, not by a clock."""

    __slots__ = ("_base_ms", "_calm_ms", "_ms")

    def __init__(self, base_ms: int) -> None:
        self._base_ms = self._ms = float(base_ms)
        self._calm_ms = 0.0

    @property
    def ms(self) -> int:
        """The aim, in whole milliseconds."""
        return round(self._ms)

    @property
    def learned_ms(self) -> int:
        """How much of it is due to holes."""
        return round(self._ms - self._base_ms)

    def ran_dry(self) -> None:
        """There was a hole."""
        self._ms = max(self._base_ms, min(self._ms * _GROWTH, float(LIMIT_MS)))
        self._calm_ms = 0.0

    def played(self, ms: float) -> None:
        """So much was played without one."""
        self._calm_ms += ms
        while self._calm_ms >= _CALM_MS:
            self._calm_ms -= _CALM_MS
            self._ms = max(self._base_ms, self._ms * _SHRINK)
