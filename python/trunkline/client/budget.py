"""What the lines of a process dial again from."""

from __future__ import annotations

from functools import cache

from trunkline.protocol.backoff import RetryBudget

__all__ = ["process_budget"]


@cache
def process_budget() -> RetryBudget:
    """The retry budget that all lines of this process share unless they are given another."""
    return RetryBudget()
