"""The round trip of pings and of the kernel: a chart of the last minute, and numbers."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from trunkline.tui.glyphs import Glyphs
from trunkline.tui.grading import grade_tone, graded, threshold
from trunkline.tui.ink import Line, Span, Tone, fit, join, label, level_tone, signed
from trunkline.tui.numbers import UNKNOWN, bare, milliseconds
from trunkline.tui.widgets.braille import Canvas
from trunkline.tui.widgets.sparkline import Sample, chart, hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.tui.ink import Painter

__all__ = ["paint_round_trip_row", "round_trip_painter", "round_trip_title"]

_SCALE_CELLS = 5
_SECONDS = 60
_LEAST_FULL_MS = 10.0


def round_trip_title(snapshot: LineSnapshot) -> str:
    """What it is, and its percentiles."""
    rtt = snapshot.rtt
    figures = zip(("p50", "p95", "p99"), (rtt.p50_ms, rtt.p95_ms, rtt.p99_ms), strict=True)
    return "RTT ms  60 s   " + "  ".join(f"{name} {bare(value)}" for name, value in figures)


def round_trip_painter(glyphs: Glyphs) -> Painter[LineSnapshot]:
    """The chart with the finest signs that the terminal has."""
    return partial(_paint, glyphs=glyphs)


def _paint(snapshot: LineSnapshot, width: int, height: int, *, glyphs: Glyphs) -> list[Line]:
    """The chart, its axis, and numbers below; in less than four rows a line of columns and numbers."""
    if height < 4 or width < 2 * _SCALE_CELLS:
        return paint_round_trip_row(snapshot, width, height)
    rows, columns = height - 2, width - _SCALE_CELLS
    top = _top(snapshot)
    plot = _dotted if glyphs is Glyphs.BRAILLE else _columned
    lines = plot(snapshot, columns, rows, top)
    scale = _scale(top, rows)
    return [
        *(
            fit(
                (
                    Span(f"{scale.get(n, ''):>4}", Tone.DIM),
                    Span("┤" if n in scale else "│", Tone.DIM),
                    *line,
                ),
                width,
            )
            for n, line in enumerate(lines)
        ),
        _axis(columns, width),
        _numbers(snapshot, width),
    ]


def paint_round_trip_row(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """Numbers, and the minute as one row of columns."""
    rtt = snapshot.rtt
    level = graded("rtt_ms", rtt.p95_ms)
    head = join(
        [
            label("RTT", bare(rtt.smoothed_ms), grade_tone("rtt_ms", rtt.smoothed_ms)),
            signed(level, "p95", bare(rtt.p95_ms)),
            label("p99", milliseconds(rtt.p99_ms), grade_tone("rtt_ms", rtt.p99_ms)),
            label("jit", bare(rtt.jitter_ms), grade_tone("jitter_ms", rtt.jitter_ms)),
            label("tcp", bare(snapshot.kernel.rtt_ms), Tone.PLAIN),
        ],
        width,
        gap=1,
    )
    used = (
        sum(len(span.text) for span in head[:-1]) + 2
        if head and not head[-1].text.strip()
        else width
    )
    room = min(width - used, _SECONDS)
    if room < 8:
        return [head]
    samples = hold(rtt.samples_ms)
    spark = chart(samples, room, 1, tone_of=_tone)[0]
    return [fit((*head[:-1], Span("  "), *spark), width)]


def _tone(value: float) -> Tone:
    return level_tone(graded("rtt_ms", value))


def _top(snapshot: LineSnapshot) -> float:
    """The upper end of the scale: the largest sample, with some air."""
    known = [v for v in (*snapshot.rtt.samples_ms, *snapshot.kernel.samples_ms) if v is not None]
    return max(max(known, default=0.0) * 1.1, _LEAST_FULL_MS)


def _scale(top: float, rows: int) -> dict[int, str]:
    """Which rows are labelled: the top, and the thresholds that are in the scale."""
    marks = {0: top / 1.1} | {
        _row_of(value, top, rows): value for value in _thresholds() if value < top
    }
    return {
        row: bare(value) if value < 10_000 else f"{value / 1000:.0f}s"
        for row, value in marks.items()
    }


def _row_of(value: float, top: float, rows: int) -> int:
    return min(max(rows - 1 - int(value / top * rows), 0), rows - 1)


def _dotted(snapshot: LineSnapshot, columns: int, rows: int, top: float) -> list[Line]:
    """Pings as a line, the kernel as dots, thresholds dashed where neither is."""
    pings, kernel = Canvas(columns, rows), Canvas(columns, rows)
    samples = hold(snapshot.rtt.samples_ms)
    _trace(pings, samples, top)
    _trace(kernel, hold(snapshot.kernel.samples_ms), top, sparse=True)
    tones = [_tone_at(samples, column, columns) for column in range(columns)]
    dashed = {_row_of(v, top, rows) for v in _thresholds() if v < top}
    return [_merge(pings.row(y), kernel.row(y), tones, dashed=y in dashed) for y in range(rows)]


def _thresholds() -> tuple[float, float]:
    return threshold("rtt_ms").warning, threshold("rtt_ms").bad


def _trace(canvas: Canvas, samples: Sequence[Sample], top: float, *, sparse: bool = False) -> None:
    """The samples from the left edge to the right one; a hole breaks the line."""
    last: tuple[int, int] | None = None
    count = max(len(samples) - 1, 1)
    for n, sample in enumerate(samples):
        if sample.value is None:
            last = None
            continue
        x = round(n / count * (canvas.width * 2 - 1))
        y = (
            canvas.height * 4
            - 1
            - min(int(sample.value / top * canvas.height * 4), canvas.height * 4 - 1)
        )
        if sparse or last is None:
            canvas.dot(x, y)
        else:
            canvas.line(*last, x, y)
        last = (x, y)


def _tone_at(samples: Sequence[Sample], column: int, columns: int) -> Tone:
    if not samples:
        return Tone.DIM
    sample = samples[min(column * len(samples) // columns, len(samples) - 1)]
    return Tone.DIM if sample.value is None else _tone(sample.value)


def _merge(pings: str, kernel: str, tones: Sequence[Tone], *, dashed: bool) -> Line:
    cells = [
        (ping, tone)
        if ping != " "
        else (dot, Tone.DIM)
        if dot != " "
        else ("┄" if dashed else " ", Tone.DIM)
        for ping, dot, tone in zip(pings, kernel, tones, strict=True)
    ]
    return _grouped(cells)


def _grouped(cells: Sequence[tuple[str, Tone]]) -> Line:
    return tuple(
        Span("".join(sign for sign, _ in group), tone)
        for tone, group in groupby(cells, key=lambda cell: cell[1])
    )


def _columned(snapshot: LineSnapshot, columns: int, rows: int, top: float) -> list[Line]:
    """Pings as columns, for terminals without braille."""
    samples = _stretched(hold(snapshot.rtt.samples_ms), columns)
    drawn = chart(samples, columns, rows, tone_of=_tone, top=top)
    dashed = {_row_of(v, top, rows) for v in _thresholds() if v < top}
    return [
        tuple(Span(span.text.replace(" ", "┄"), span.tone) for span in line)
        if y in dashed
        else line
        for y, line in enumerate(drawn)
    ]


def _stretched(samples: Sequence[Sample], columns: int) -> list[Sample]:
    if not samples or columns <= 0:
        return []
    return [samples[n * len(samples) // columns] for n in range(columns)]


def _axis(columns: int, width: int) -> Line:
    """Seconds before now, at every third."""
    marks = [" "] * columns
    for part in range(3):
        at, words = part * columns // 3, f"-{_SECONDS - part * _SECONDS // 3}s"
        marks[at : at + len(words)] = list(words)
    marks[-3:] = list("now")
    return fit((Span(f"   0└{''.join(marks[:columns])}", Tone.DIM),), width)


def _numbers(snapshot: LineSnapshot, width: int) -> Line:
    kernel, rtt = snapshot.kernel, snapshot.rtt
    least = UNKNOWN if kernel.rtt_min_ms is None else bare(kernel.rtt_min_ms)
    retransmits = UNKNOWN if kernel.retransmits is None else str(kernel.retransmits)
    return join(
        [
            signed(graded("jitter_ms", rtt.jitter_ms), "jitter", milliseconds(rtt.jitter_ms)),
            (*label("tcp", bare(kernel.rtt_ms), Tone.PLAIN), Span(f" (min {least})", Tone.DIM)),
            label("retrans", retransmits, Tone.PLAIN),
            label("app", milliseconds(rtt.application_ms), Tone.PLAIN),
        ],
        width,
    )
