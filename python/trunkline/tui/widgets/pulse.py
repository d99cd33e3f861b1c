"""The last minute of a line's round trips in a few cells."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from trunkline.tui.grading import graded
from trunkline.tui.ink import Span, Tone, level_tone

if TYPE_CHECKING:
    from trunkline.telemetry.fleet_snapshot import LineRow
    from trunkline.tui.ink import Line

__all__ = ["pulse"]

_STEPS = "▁▂▃▄▅▆▇█"
# The scale is the same for all rows, so that they can be compared: a full column is what is bad.
_FULL_MS = 400.0


def pulse(row: LineRow, cells: int) -> Line:
    """The worst of each part of the minute; `!` where a ping waits for its answer, `·` before the first."""
    series = row.rtt_series
    if not series or cells <= 0:
        return ()
    worst = [_worst(series, cell, cells) for cell in range(cells)]
    signs = [_cell(value) for value in _carried(worst)]
    if row.unanswered:
        signs = _unanswered(signs, worst)
    return tuple(
        Span("".join(sign for sign, _ in group), tone)
        for tone, group in groupby(signs, key=lambda sign: sign[1])
    )


def _worst(series: tuple[float | None, ...], cell: int, cells: int) -> float | None:
    part = series[cell * len(series) // cells : max((cell + 1) * len(series) // cells, 1)]
    return max((value for value in part if value is not None), default=None)


def _carried(values: list[float | None]) -> list[float | None]:
    """Pings come every few seconds: a part without one looks as the one before."""
    carried: list[float | None] = []
    for value in values:
        carried.append(value if value is not None or not carried else carried[-1])
    return carried


def _cell(value: float | None) -> tuple[str, Tone]:
    if value is None:
        return "·", Tone.DIM
    step = min(int(value / _FULL_MS * len(_STEPS)), len(_STEPS) - 1)
    return _STEPS[step], level_tone(graded("rtt_ms", value))


def _unanswered(signs: list[tuple[str, Tone]], worst: list[float | None]) -> list[tuple[str, Tone]]:
    """The parts at the end that nothing came in; at least the last one."""
    first = len(worst) - 1
    while first > 0 and worst[first - 1] is None:
        first -= 1
    return [*signs[:first], *[("!", Tone.BAD)] * (len(signs) - first)]
