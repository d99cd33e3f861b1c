"""A row or a chart of small columns, one for each second."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from trunkline.tui.ink import Span, Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trunkline.tui.ink import Line

__all__ = ["HELD_SECONDS", "Sample", "chart", "hold", "sparkline"]

HELD_SECONDS = 5
"""For how long a value stands when no new one came: idle lines are pinged every 5 s."""

_STEPS = " ▁▂▃▄▅▆▇█"
_NOTHING = "·"


class Sample(NamedTuple):
    """A column: its value, and whether it was measured in its own second."""

    value: float | None
    fresh: bool = True


def hold(values: Sequence[float | None]) -> list[Sample]:
    """The values with short holes filled by what stood before; long ones stay empty."""
    held: list[Sample] = []
    last, age = None, 0
    for value in values:
        last, age = (value, 0) if value is not None else (last, age + 1)
        known = value if value is not None else last if age <= HELD_SECONDS else None
        held.append(Sample(known, value is not None))
    return held


def sparkline(
    samples: Sequence[Sample],
    width: int,
    *,
    tone_of: Callable[[float], Tone],
    top: float | None = None,
) -> Line:
    """One row of the newest `width` samples, from zero to `top` or the largest."""
    return chart(samples, width, 1, tone_of=tone_of, top=top)[0]


def chart(
    samples: Sequence[Sample],
    width: int,
    height: int,
    *,
    tone_of: Callable[[float], Tone],
    top: float | None = None,
) -> list[Line]:
    """The newest `width` samples as columns of `height` rows; the newest at the right edge.

    A hole is a dot in the lowest row. What was held over from an earlier second is dim.
    """
    shown = list(samples[-width:]) if width > 0 else []
    shown = [Sample(None, fresh=False)] * (width - len(shown)) + shown
    largest = top or max((s.value for s in shown if s.value is not None), default=0.0)
    return [_row(shown, row, height, largest, tone_of) for row in reversed(range(height))]


def _row(
    samples: Sequence[Sample], row: int, height: int, top: float, tone_of: Callable[[float], Tone]
) -> Line:
    cells = [_cell(sample, row, height, top, tone_of) for sample in samples]
    return tuple(
        Span("".join(cell.text for cell in cells), tone)
        for tone, cells in groupby(cells, key=lambda cell: cell.tone)
    )


def _cell(
    sample: Sample, row: int, height: int, top: float, tone_of: Callable[[float], Tone]
) -> Span:
    if sample.value is None:
        return Span(_NOTHING if row == 0 else " ", Tone.DIM)
    eighths = round(sample.value / top * height * 8) if top > 0 else 0
    # What is there must be seen, and zero must not look as if it were something.
    eighths = max(min(eighths, height * 8), 1 if sample.value > 0 else 0)
    step = min(max(eighths - row * 8, 0), 8)
    return Span(_STEPS[step], tone_of(sample.value) if sample.fresh else Tone.DIM)
