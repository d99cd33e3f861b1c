"""Moments of the line's clock that may not be set."""

from __future__ import annotations

__all__ = ["earliest"]


def earliest(*times: float | None) -> float | None:
    """The first of those that are set; None if none is."""
    # After every input some of these are asked for, so without a list or a generator.
    first = None
    for at in times:
        if at is not None and (first is None or at < first):
            first = at
    return first
