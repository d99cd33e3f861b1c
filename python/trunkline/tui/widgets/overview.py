"""All lines in numbers: how many there are, how the link is, how fast answers come, how much flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.grading import grade_tone, graded
from trunkline.tui.ink import Line, Span, Tone, fit, join, label, level_tone, spread, text
from trunkline.tui.numbers import UNKNOWN, bare, milliseconds, percent, thousands
from trunkline.tui.widgets.sparkline import Sample, sparkline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.fleet_snapshot import FleetSnapshot
    from trunkline.telemetry.views import Spread

__all__ = ["paint_census", "paint_flow", "paint_link", "paint_summary", "paint_turn_times"]

_STATE_TONES = {
    "live": Tone.OK,
    "connecting": Tone.WARNING,
    "reconnecting": Tone.BAD,
    "failed": Tone.BAD,
    "gone": Tone.WARNING,
}
_SPARK_CELLS = 8


def paint_census(fleet: FleetSnapshot, width: int, _: int) -> list[Line]:
    """How many lines there are in each state, and how much of the time they were live."""
    counts = dict(fleet.states)
    total = len(fleet.rows)
    return [
        spread(_count("total", total, Tone.STRONG), _right("open", counts.get("live", 0)), width),
        spread(
            _counted("reconnecting", counts),
            _right("failed", counts.get("failed", 0), Tone.BAD),
            width,
        ),
        spread(_counted("connecting", counts), _availability(fleet), width),
    ]


def _count(name: str, count: int, tone: Tone = Tone.OK) -> Line:
    return (Span(f"{count:>3} ", tone), Span(name, Tone.DIM))


def _right(name: str, count: int, tone: Tone = Tone.OK) -> Line:
    return (Span(f"{count} ", tone if count else Tone.PLAIN), Span(name, Tone.DIM))


def _counted(state: str, counts: dict[str, int]) -> Line:
    count = counts.get(state, 0)
    return _count(state, count, _STATE_TONES[state] if count else Tone.PLAIN)


def _availability(fleet: FleetSnapshot) -> Line:
    share = fleet.availability
    words = UNKNOWN if share is None else f"{int(share * 10_000) / 100:.2f}"
    return (Span("avail ", Tone.DIM), Span(words, grade_tone("availability", share)))


def paint_link(fleet: FleetSnapshot, width: int, _: int) -> list[Line]:
    """Round trips by ping and by the kernel, and their jitter: p50, p95, p99."""
    return [
        _three("ping RTT", "rtt_ms", fleet.rtt, width),
        _three("tcp RTT", "rtt_ms", fleet.kernel_rtt, width),
        _three("jitter", "jitter_ms", fleet.jitter, width),
    ]


def _three(name: str, metric: str, spread_: Spread, width: int) -> Line:
    values = (spread_.p50_ms, spread_.p95_ms, spread_.p99_ms)
    return spread(
        text(name, Tone.DIM), (*_figures(metric, values, 3), Span(" ms", Tone.DIM)), width
    )


def _figures(metric: str, values: Sequence[float | None], cells: int) -> Line:
    spans: Line = ()
    for value in values:
        slash = (Span(" / ", Tone.DIM),) if spans else ()
        spans = (*spans, *slash, Span(f"{bare(value):>{cells}}", grade_tone(metric, value)))
    return spans


def paint_turn_times(fleet: FleetSnapshot, width: int, _: int) -> list[Line]:
    """How long callers wait: first audio, the gap they feel, and silence after they barge in; p50, p95."""
    return [
        _two("first audio", "first_audio_ms", fleet.first_audio, width),
        _two("turn gap", "turn_gap_ms", fleet.turn_gap, width),
        _two("barge-in", "barge_in_ms", fleet.barge_in, width),
    ]


def _two(name: str, metric: str, spread_: Spread, width: int) -> Line:
    # The first column is one cell less: with it, "first audio" would not fit beside four digits.
    first = f"{bare(spread_.p50_ms):>3}"
    figures = (
        Span(first, grade_tone(metric, spread_.p50_ms)),
        Span(" / ", Tone.DIM),
        *_figures(metric, (spread_.p95_ms,), 4),
        Span(" ms", Tone.DIM),
    )
    return spread(text(name, Tone.DIM), figures, width)


def paint_flow(fleet: FleetSnapshot, width: int, _: int) -> list[Line]:
    """Bytes both ways with their last minute, events, and how late the event loops are."""
    lag = fleet.loop_lag.p95_ms
    return [
        _stream("up  ", fleet.up_bytes_per_s, fleet.up_series, width),
        _stream("down", fleet.down_bytes_per_s, fleet.down_series, width),
        join(
            [
                label("events", f"{thousands(fleet.events_per_s)}/s", Tone.PLAIN),
                label("lag", milliseconds(lag), grade_tone("loop_lag_ms", lag)),
            ],
            width,
            gap=2,
        ),
    ]


def _stream(name: str, value: float | None, series: Sequence[float | None], width: int) -> Line:
    head = fit((*label(name, f"{_megabytes(value):>4} MB/s", Tone.PLAIN), Span("  ")), 16)
    columns = max(min(_SPARK_CELLS, width - 16), 0)
    samples = [Sample(value) for value in _thinned(series, columns)]
    return fit((*head, *sparkline(samples, columns, tone_of=lambda _: Tone.ACCENT)), width)


def _thinned(series: Sequence[float | None], columns: int) -> list[float | None]:
    """The last minute in so many columns: the largest of each."""
    if not columns or not series:
        return []
    step = max(len(series) // columns, 1)
    parts = [series[n : n + step] for n in range(len(series) - step * columns, len(series), step)]
    return [max((v for v in part if v is not None), default=None) for part in parts]


def _megabytes(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value / 1e6:.{1 if value >= 1e5 else 2}f}"


def paint_summary(fleet: FleetSnapshot, width: int, _: int) -> list[Line]:
    """The same in two lines."""
    counts = dict(fleet.states)
    return [
        join(
            [
                _short(len(fleet.rows), "sess", Tone.STRONG),
                _short(counts.get("live", 0), "open", Tone.OK),
                *(_short(counts[s], n, _STATE_TONES[s]) for s, n in _SHORT if counts.get(s)),
                _share(fleet),
                _raised(fleet),
            ],
            width,
            gap=2,
        ),
        join(
            [
                _p95("RTT p95", "rtt_ms", fleet.rtt, " ms"),
                _p95("jitter p95", "jitter_ms", fleet.jitter, ""),
                _p95("first audio p95", "first_audio_ms", fleet.first_audio, " ms"),
                (
                    *label("up", _megabytes(fleet.up_bytes_per_s), Tone.PLAIN),
                    *label(" down", f"{_megabytes(fleet.down_bytes_per_s)} MB/s", Tone.PLAIN),
                ),
            ],
            width,
            gap=2,
        ),
    ]


_SHORT = (("reconnecting", "reconn"), ("connecting", "conn"), ("failed", "fail"), ("gone", "gone"))


def _short(count: int, name: str, tone: Tone) -> Line:
    return (Span(f"{count} ", tone), Span(name, Tone.DIM))


def _share(fleet: FleetSnapshot) -> Line:
    tone = grade_tone("availability", fleet.availability)
    return label("avail", percent(fleet.availability), tone)


def _raised(fleet: FleetSnapshot) -> Line:
    levels = [row.level for row in fleet.rows]
    spans: Line = ()
    for level in (Level.WARNING, Level.BAD):
        count = levels.count(level)
        tone = level_tone(level) if count else Tone.DIM
        spans = (*spans, *((Span(" "),) if spans else ()), Span(f"{level.sign}{count}", tone))
    return spans


def _p95(name: str, metric: str, spread_: Spread, unit: str) -> Line:
    value = spread_.p95_ms
    sign = f" {level.sign}" if (level := graded(metric, value)) in _SIGNED else ""
    return label(name, f"{bare(value)}{unit}{sign}", grade_tone(metric, value))


_SIGNED = (Level.WARNING, Level.BAD)
