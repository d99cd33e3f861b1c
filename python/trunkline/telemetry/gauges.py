"""How all lines are right now, added up or the worst of them: gauges, made when somebody asks.

Most gauges of many lines mean nothing as a sum: of a round trip the worst is told (`agg` is `max`), of the score the
least; what waits somewhere is told as a sum, too. A line that is over has no gauge but its state.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from trunkline.telemetry import beat
from trunkline.telemetry import families as of
from trunkline.telemetry.fleet import condition_of
from trunkline.telemetry.history import Track
from trunkline.telemetry.line_view import queue_of
from trunkline.telemetry.presence import CONDITIONS
from trunkline.telemetry.quality import GRADES, LOST, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trunkline.telemetry.account import Account
    from trunkline.telemetry.families import Family
    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.totals import Labels
    from trunkline.telemetry.views import LevelView

__all__ = ["AGGREGATES", "gauges_of"]

AGGREGATES: dict[Family, tuple[str, ...]] = {
    of.JITTER: ("max",),
    of.TCP_RTT: ("max",),
    of.TCP_RTT_MIN: ("max",),
    of.UNSENT: ("sum", "max"),
    of.QUEUE_BYTES: ("sum", "max"),
    of.QUEUE_MESSAGES: ("sum", "max"),
    of.QUEUE_AUDIO: ("sum", "max"),
    of.PLAYOUT: ("min", "max"),
    of.PLAYOUT_TARGET: ("max",),
    of.SCORE: ("min",),
    of.RATE_LIMIT: ("min",),
}
"""What is made of a gauge of many lines, where it has the label `agg`."""

_REDUCE: dict[str, Callable[[Iterable[float]], float]] = {"sum": sum, "min": min, "max": max}
_GRADES = (*(name for _, name in GRADES), LOST, UNKNOWN)

_Values = dict[tuple["Family", "Labels"], list[float]]


def gauges_of(
    lines: Iterable[LineFold], account: Account, now_unix: float
) -> dict[Family, list[tuple[Labels, float]]]:
    """The gauges of all lines. Cost: about 20 µs a line."""
    values: _Values = defaultdict(list)
    counts: dict[tuple[Family, Labels], float] = {
        (family, (*base, name)): 0.0
        for base in account.bases
        for family, names in ((of.SESSIONS, CONDITIONS), (of.GRADES, _GRADES))
        for name in names
    }
    for fold in lines:
        base = account.known(fold).base
        counts[of.SESSIONS, (*base, condition_of(fold))] += 1
        counts[of.GRADES, (*base, fold.scorer.grade)] += 1
        if not fold.is_over:
            _line(values, fold, base, now_unix - fold.began.wall_offset, account)
    found: dict[Family, list[tuple[Labels, float]]] = defaultdict(list)
    for (family, labels), count in counts.items():
        found[family].append((labels, count))
    for (family, labels), each in values.items():
        found[family] += _aggregated(family, labels, each)
    return found


def _aggregated(family: Family, labels: Labels, values: list[float]) -> list[tuple[Labels, float]]:
    if family is of.LEVEL:
        # The mean of two levels is the level of nothing.
        return [(labels, values[0])] if len(values) == 1 else []
    return [((*labels, agg), _REDUCE[agg](values)) for agg in AGGREGATES[family]]


def _line(values: _Values, fold: LineFold, base: Labels, now: float, account: Account) -> None:
    gauges, scorer = fold.pulse.gauges, fold.scorer
    told = (
        (of.JITTER, fold.round_trips.jitter),
        (of.TCP_RTT, gauges.get(beat.KERNEL_RTT)),
        (of.TCP_RTT_MIN, gauges.get(beat.KERNEL_RTT_LEAST)),
        (of.UNSENT, gauges.get(beat.UNSENT)),
        (of.PLAYOUT, _seconds(gauges.get(beat.BUFFERED))),
        (of.PLAYOUT_TARGET, _seconds(gauges.get(beat.TARGET))),
        (of.SCORE, scorer.score if scorer.known or scorer.lost else None),
        *_queue(fold),
    )
    for family, value in told:
        if value is not None:
            values[family, base].append(value)
    for name, _, left, _ in fold.standing.limits:
        values[of.RATE_LIMIT, (*base, account.book.value("name", name))].append(left)
    _levels(values, (*base, "up"), fold.pulse.input.view(fold.pulse.history, *_UP, now))
    _levels(values, (*base, "down"), fold.pulse.output.view(fold.pulse.history, *_DOWN, now))


def _queue(fold: LineFold) -> tuple[tuple[Family, float | None], ...]:
    queue = queue_of(fold)
    if queue is None:
        return ()
    return (
        (of.QUEUE_BYTES, queue.transport_bytes),
        (of.QUEUE_MESSAGES, queue.messages),
        (of.QUEUE_AUDIO, _seconds(queue.audio_ms)),
    )


_UP = (Track.INPUT_SAMPLES, Track.INPUT_CLIPPED, Track.INPUT_PEAK)
_DOWN = (Track.OUTPUT_SAMPLES, Track.OUTPUT_CLIPPED, Track.OUTPUT_PEAK)


def _levels(values: _Values, labels: Labels, view: LevelView) -> None:
    if view.momentary_dbfs is not None:
        values[of.LEVEL, (*labels, "rms")].append(view.momentary_dbfs)
    if view.peak_dbfs is not None:
        values[of.LEVEL, (*labels, "peak")].append(view.peak_dbfs)


def _seconds(value_ms: float | None) -> float | None:
    return None if value_ms is None else value_ms / 1000
