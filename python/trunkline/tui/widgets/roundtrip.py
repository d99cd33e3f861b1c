"""The round trip of pings: numbers and the last minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import grade
from trunkline.tui.cells import pad
from trunkline.tui.ink import Line, Span, Tone, fit, join, label, level_tone, signed
from trunkline.tui.numbers import milliseconds
from trunkline.tui.widgets.sparkline import chart, hold

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot

__all__ = ["paint_round_trips"]

_SCALE_CELLS = 7
# Samples are one a second; a wider panel must not pretend to know more.
_MOST_COLUMNS = 60


def paint_round_trips(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """Numbers above, a chart in the room that is left, its axis below if there is room for it."""
    rows = max(height - 2, 1) if height >= 4 else max(height - _count_numbers(height), 1)
    numbers = _numbers(snapshot, width, height)
    lines = numbers[: 1 if height >= 4 else _count_numbers(height)]
    if height >= 2:
        lines += _chart(snapshot, width, rows)
    return [*lines, _axis(snapshot, width)] if height >= 4 else lines


def _count_numbers(height: int) -> int:
    return 2 if height == 3 else 1


def _numbers(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    rtt = snapshot.rtt
    p95 = signed(grade("rtt_ms", rtt.p95_ms), "p95", milliseconds(rtt.p95_ms, ""))
    jitter = signed(grade("jitter_ms", rtt.jitter_ms), "jitter", milliseconds(rtt.jitter_ms, ""))
    last = label("last", milliseconds(rtt.last_ms, ""))
    p50 = label("p50", milliseconds(rtt.p50_ms, ""))
    p99 = label("p99", milliseconds(rtt.p99_ms, ""))
    smoothed = label("smoothed", milliseconds(rtt.smoothed_ms, ""))
    more = [] if height == 3 else [p99, smoothed]
    return [
        join([last, p50, p95, jitter, *more], width, gap=2),
        join([p99, smoothed, label("pings", str(rtt.count))], width, gap=2),
    ]


def _chart(snapshot: LineSnapshot, width: int, rows: int) -> list[Line]:
    samples = hold(snapshot.rtt.samples_ms)
    largest = max((s.value for s in samples if s.value is not None), default=None)
    columns = min(max(width - _SCALE_CELLS, 1), _MOST_COLUMNS)
    drawn = chart(samples, columns, rows, tone_of=lambda value: level_tone(grade("rtt_ms", value)))
    scale = ["" for _ in drawn]
    scale[0] = milliseconds(largest, "")
    return [
        fit((Span(f"{pad(mark, _SCALE_CELLS - 1, right=True)}┤", Tone.DIM), *row), width)
        for mark, row in zip(scale, drawn, strict=True)
    ]


def _axis(snapshot: LineSnapshot, width: int) -> Line:
    columns = min(max(width - _SCALE_CELLS, 1), _MOST_COLUMNS)
    pings = f"{snapshot.rtt.count_window} pings"
    inner = max(columns - len(pings) - 7, 0)
    axis = f"{'0':>{_SCALE_CELLS - 1}}└-{columns} s {pings.center(inner)}now"
    return fit((Span(axis, Tone.DIM),), width)
