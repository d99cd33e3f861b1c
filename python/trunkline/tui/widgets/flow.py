"""Both directions: what goes up to the model and what comes down from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.grading import grade_tone, graded
from trunkline.tui.ink import Line, Span, Tone, fit, join, label, level_tone, line_width
from trunkline.tui.numbers import (
    UNKNOWN,
    audio,
    bare,
    clock,
    dbfs,
    kilobytes,
    milliseconds,
    rate,
    seconds,
)
from trunkline.tui.widgets.bar import bar
from trunkline.tui.widgets.strips import strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.telemetry.views import FlowView, LevelView

__all__ = [
    "paint_downlink",
    "paint_downlink_row",
    "paint_uplink",
    "paint_uplink_row",
]

_NAME_CELLS = 7
_METER_CELLS = 18
_ROW_METER_CELLS = 18
# The meter begins where a room is silent; below it nobody hears a difference.
_FLOOR_DBFS = -60.0
_QUEUE_FULL_MS = 2000.0
_PLAYOUT_LEAST_FULL_MS = 400.0
_SILENT_DBFS = -95.9


def paint_uplink(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """Level, rate, queue, lateness, and when the user spoke."""
    lines = [
        _level(snapshot.input_level, width),
        _sent(snapshot, width),
        _queue(snapshot, width),
        _lateness(snapshot, width),
        _speech(snapshot, width),
    ]
    return _most_urgent(lines, height)


def paint_downlink(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """Level, rate, playout buffer, gaps of the delivery, and underruns."""
    lines = [
        _level(snapshot.output_level, width),
        _received(snapshot, width),
        _buffer(snapshot, width),
        _delivery(snapshot, width),
        _underruns(snapshot, width),
    ]
    return _most_urgent(lines, height)


def paint_uplink_row(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """Level, rate, queue and lateness in one line."""
    late = snapshot.lateness.p95_ms
    waiting = _waiting(snapshot)
    return [
        join(
            [
                _level_row(snapshot.input_level),
                text_of(kilobytes(snapshot.up.bytes_per_s)),
                label("queue", milliseconds(waiting), grade_tone("queue_ms", waiting)),
                label("late p95", milliseconds(late), grade_tone("late_ms", late)),
            ],
            width,
            gap=2,
        )
    ]


def paint_downlink_row(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """Level, rate, buffer and underruns in one line."""
    playout = snapshot.playout
    buffered = UNKNOWN if playout is None else bare(playout.buffered_ms)
    target = UNKNOWN if playout is None else bare(playout.target_ms)
    return [
        join(
            [
                _level_row(snapshot.output_level),
                text_of(kilobytes(snapshot.down.bytes_per_s)),
                label("buffer", f"{buffered}/{target} ms", _buffer_tone(snapshot)),
                _starved(snapshot),
            ],
            width,
            gap=2,
        )
    ]


def text_of(words: str) -> Line:
    """Words that need no name."""
    return (Span(words),)


def _named(name: str, line: Sequence[Span], width: int) -> Line:
    return fit((Span(f"{name:<{_NAME_CELLS}}", Tone.DIM), *line), width)


def _most_urgent(lines: list[Line], height: int) -> list[Line]:
    """As many as fit: the history goes first, then the rates."""
    if height >= len(lines):
        return lines
    order = (2, 0, 3, 1, 4)
    kept = sorted(order[: max(height, 1)])
    return [lines[n] for n in kept]


def _meter(level: LevelView, cells: int) -> Line:
    """The last 100 ms as a bar from -60 dBFS, with the highest of the last seconds held."""
    span = -_FLOOR_DBFS
    rms = None if level.rms_dbfs is None else max(level.rms_dbfs - _FLOOR_DBFS, 0.0)
    peak = None if level.peak_dbfs is None else level.peak_dbfs - _FLOOR_DBFS
    held = peak if peak is not None and peak > 0 else None
    return bar(rms, span, cells, _level_tone(level), mark=held, sign="│")


def _level_tone(level: LevelView) -> Tone:
    if level.clipped_percent:
        return level_tone(graded("clipped_percent", level.clipped_percent))
    return Tone.OK if level.rms_dbfs is not None else Tone.DIM


def _level(level: LevelView, width: int) -> Line:
    """Bar, loudness, peak, clipping; how long it is silent, if it is."""
    clip = graded("clipped_percent", level.clipped_percent)
    sign = f" {clip.sign}" if clip in (Level.WARNING, Level.BAD) else ""
    return _named(
        "level",
        join(
            [
                _meter(level, _METER_CELLS),
                (Span(f"{dbfs(level.momentary_dbfs):>4} "), Span("rms", Tone.DIM)),
                (Span(f"{_peak(level):>5} "), Span("pk" if level.clipped else "pk dBFS", Tone.DIM)),
                label(
                    "clip",
                    f"{level.clipped}{sign}",
                    grade_tone("clipped_percent", level.clipped_percent),
                ),
                *_silence(level),
            ],
            width - _NAME_CELLS,
            gap=1,
        ),
        width,
    )


def _peak(level: LevelView) -> str:
    peak = level.peak_dbfs
    return UNKNOWN if peak is None else "-inf" if peak <= _SILENT_DBFS else f"{peak:.1f}"


def _silence(level: LevelView) -> list[Line]:
    silent = level.silent_s
    if silent is None or silent < 10:
        return []
    return [((Span(f" silent {silent:.0f} s", Tone.BAD if silent >= 30 else Tone.WARNING)),)]


def _level_row(level: LevelView) -> Line:
    sign = "!" if level.clipped_percent else ""
    words = f" {dbfs(level.momentary_dbfs)}/{_peak(level)}{sign}"
    return (*_meter(level, _ROW_METER_CELLS), Span(words), Span(" dBFS", Tone.DIM))


def _sent(snapshot: LineSnapshot, width: int) -> Line:
    lost = snapshot.books.gap_ms + snapshot.capture_lost_ms
    return _named(
        "rate",
        _rates(
            snapshot.up,
            "frm",
            label("sent", _long(snapshot.books.sent_ms), Tone.PLAIN),
            label("lost", audio(lost), grade_tone("gap_ms", lost)),
            width,
        ),
        width,
    )


def _received(snapshot: LineSnapshot, width: int) -> Line:
    return _named(
        "rate",
        _rates(
            snapshot.down,
            "dlt",
            label("recv", _long(snapshot.down.audio_ms), Tone.PLAIN),
            label("dup", audio(snapshot.duplicated_ms), Tone.PLAIN),
            width,
        ),
        width,
    )


def _rates(flow: FlowView, chunk: str, total: Line, rest: Line, width: int) -> Line:
    items = [
        text_of(kilobytes(flow.bytes_per_s)),
        text_of(rate(flow.chunks_per_s, chunk)),
        total,
        rest,
    ]
    return join(items, width - _NAME_CELLS, gap=2)


def _long(length_ms: float) -> str:
    return clock(length_ms / 1000) if length_ms >= 60_000 else f"{length_ms / 1000:.1f} s"


def _waiting(snapshot: LineSnapshot) -> float | None:
    queue = snapshot.queue
    if queue is None:
        return None
    return queue.outbox_ms if queue.audio_ms is None else queue.audio_ms


def _queue(snapshot: LineSnapshot, width: int) -> Line:
    waiting = _waiting(snapshot)
    level = graded("queue_ms", waiting)
    queue = snapshot.queue
    sign = f" {level.sign}" if level in (Level.WARNING, Level.BAD) else ""
    return _named(
        "queue",
        join(
            [
                bar(waiting, _QUEUE_FULL_MS, _METER_CELLS, level_tone(level)),
                text_of(f"{UNKNOWN if queue is None else queue.messages} frm"),
                (
                    Span(f"{milliseconds(waiting)}{sign}", level_tone(level)),
                    Span(f" / {_QUEUE_FULL_MS / 1000:.1f} s", Tone.DIM),
                ),
                label("max", bare(None if queue is None else queue.largest_ms), Tone.PLAIN),
            ],
            width - _NAME_CELLS,
            gap=2,
        ),
        width,
    )


def _lateness(snapshot: LineSnapshot, width: int) -> Line:
    late = snapshot.lateness
    level = graded("late_ms", late.p95_ms)
    sign = f" {level.sign}" if level in (Level.WARNING, Level.BAD) else ""
    return _named(
        "late",
        join(
            [
                label("p50", bare(late.p50_ms), Tone.PLAIN),
                label("p95", f"{bare(late.p95_ms)}{sign}", grade_tone("late_ms", late.p95_ms)),
                label("max", milliseconds(late.max_ms), Tone.PLAIN),
                label("  stalls", seconds(snapshot.stall_s), Tone.PLAIN),
            ],
            width - _NAME_CELLS,
            gap=2,
        ),
        width,
    )


def _speech(snapshot: LineSnapshot, width: int) -> Line:
    cells = max(min(width - _NAME_CELLS - 7 - 6, 60), 0)
    spoken = strip(snapshot.speech_series, cells, Tone.ACCENT, full=1.0)
    return _named("vad", (Span("speech ", Tone.DIM), *spoken, Span("  60 s", Tone.DIM)), width)


def _buffer_tone(snapshot: LineSnapshot) -> Tone:
    """Graded against its target while the model speaks; else an empty buffer is as it should be."""
    playout = snapshot.playout
    speaking = bool(snapshot.turns) and snapshot.turns[-1].status == "speaking"
    if playout is None or not playout.target_ms or not speaking:
        return Tone.ACCENT
    return level_tone(graded("buffer_percent", playout.buffered_ms / playout.target_ms * 100))


def _buffer(snapshot: LineSnapshot, width: int) -> Line:
    playout = snapshot.playout
    if playout is None:
        return _named("buffer", text_of("nobody tells what is played"), width)
    full = max(playout.largest_ms, playout.target_ms or 0.0, _PLAYOUT_LEAST_FULL_MS)
    return _named(
        "buffer",
        join(
            [
                bar(
                    playout.buffered_ms,
                    full,
                    _METER_CELLS,
                    _buffer_tone(snapshot),
                    mark=playout.target_ms,
                ),
                (Span(milliseconds(playout.buffered_ms), Tone.STRONG),),
                label("target", bare(playout.target_ms), Tone.PLAIN),
                label("min", bare(playout.least_ms), Tone.PLAIN),
            ],
            width - _NAME_CELLS,
            gap=2,
        ),
        width,
    )


def _delivery(snapshot: LineSnapshot, width: int) -> Line:
    gap, lead = snapshot.delta_gap, snapshot.lead_least_ms
    starved = lead is not None and lead < 0
    return _named(
        "delta",
        join(
            [
                label("gap p50", bare(gap.p50_ms), Tone.PLAIN),
                label("p95", milliseconds(gap.p95_ms), Tone.PLAIN),
                label(" lead min", f"{milliseconds(lead)}{' ▲' if starved else ''}",
                      Tone.WARNING if starved else Tone.PLAIN),
            ],
            width - _NAME_CELLS,
            gap=2,
        ),
        width,
    )  # fmt: skip


def _underruns(snapshot: LineSnapshot, width: int) -> Line:
    playout = snapshot.playout
    series = () if playout is None else playout.underruns_series
    head = _starved(snapshot, long=True)
    cells = max(min(width - _NAME_CELLS - line_width(head) - 2, 60), 0)
    marks = strip([float(n) for n in series], cells, Tone.WARNING, full=2.0)
    return _named("under", (*head, Span("  "), *marks), width)


def _starved(snapshot: LineSnapshot, *, long: bool = False) -> Line:
    """How often and for how long the speaker starved in the last minute."""
    playout = snapshot.playout
    count = None if playout is None else playout.underruns_window
    share = None if playout is None else playout.silent_percent
    tone = grade_tone("silent_percent", share) if count else Tone.PLAIN
    words = UNKNOWN if count is None else str(count)
    percent = f"{share:.1f} %" if share is not None else ""
    if not long:
        return label("under", f"{words} {percent}".strip(), tone)
    silent = 0.0 if playout is None else playout.silent_s
    detail = f"  {silent:.2f} s silent" + (f" ({percent})" if percent else "") if count else ""
    return (Span(f"{words} in 60 s", tone), Span(detail))
