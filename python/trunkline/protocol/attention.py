"""Whether the event loop attends to the line: a tick that comes late tells of a loop that was held up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LAG", "TIME_TO_READ", "Attention"]

# Later than its deadline by so much, a tick tells of a block.
LAG = 0.25
TIME_TO_READ = 0.25
"""Seconds that are given after a block to read what had come meanwhile, before anything is judged."""


class Attention:
    """When the loop last showed that it runs; the supervisor and the fast path tell it."""

    def __init__(self) -> None:
        self.ran_at = float("-inf")
        """When it was last asked."""

    def lag(self, due_at: Callable[[], float | None], now: float) -> float:
        """How long it was held up until now, if something was due; 0 if that is not worth a word."""
        ran_at, self.ran_at = self.ran_at, now
        if now - ran_at < LAG:
            # Most messages come close behind another: then it does not matter what was due.
            return 0.0
        due = due_at()
        lag = 0.0 if due is None else now - max(due, ran_at)
        return lag if lag >= LAG else 0.0
