"""Small columns on one axis, without the scale of a sparkline: how much of each moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.ink import Span, Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.tui.ink import Line

__all__ = ["resampled", "strip"]

_STEPS = "▁▂▃▄▅▆▇█"


def resampled(values: Sequence[float], cells: int) -> list[float]:
    """The largest of each part, so many parts; the last one ends at the last value."""
    count = len(values)
    if not count or cells <= 0:
        return [0.0] * max(cells, 0)
    return [
        max(values[n * count // cells : max((n + 1) * count // cells, n * count // cells + 1)])
        for n in range(cells)
    ]


def strip(values: Sequence[float], cells: int, tone: Tone, *, full: float) -> Line:
    """A row of columns from nothing, which is a thin line, to `full`."""
    last = len(_STEPS) - 1
    steps = [min(round(max(value, 0.0) / full * last), last) for value in resampled(values, cells)]
    return (Span("".join(_STEPS[step] for step in steps), tone),)
