"""Folds seconds that are all alike at once, to the same end as one after another.

What a second means is written in `telemetry.fold` and its parts, and asked there; here is only left out what such a
second cannot have: an object for each beat and ping, and the questions of which kind it is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trunkline.telemetry import beat
from trunkline.telemetry.calm import is_calm
from trunkline.telemetry.levels import Level
from trunkline.telemetry.presence import LIVE
from trunkline.telemetry.quality import QualityInputs

if TYPE_CHECKING:
    from trunkline.telemetry.batch import Batch
    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.pulse import Pulse

__all__ = ["fold_batch"]

# Of what a beat holds: that of which nothing is asked but how much it was, or how it is at its end.
_TOLD = frozenset(
    {
        beat.ACCEPTED,
        beat.SENT,
        beat.REPLAYED,
        beat.CONSUMED,
        beat.RECEIVED,
        beat.HEARD,
        beat.UP_BYTES,
        beat.DOWN_BYTES,
        beat.UP_MESSAGES,
        beat.DOWN_MESSAGES,
        beat.UP_CHUNKS,
        beat.DOWN_CHUNKS,
        beat.OUTBOX,
        beat.OUTBOX_MOST,
        beat.RETAINED,
        beat.IMBALANCE,
        beat.TRANSPORT,
        beat.UNSENT,
        beat.KERNEL_RTT,
        beat.KERNEL_RTT_LEAST,
        beat.RETRANSMITS,
        beat.DELTA_JITTER,
        beat.HEARD_AT,
    }
)
# Of the gaps, only the last whole second's are asked for by themselves, and those of the one that lasts.
_SHOWN = 2


def fold_batch(fold: LineFold, batch: Batch) -> None:
    """Takes a batch of the line. Cost: 55 µs for each second of it, 80 for its frames (`benches/batches.py`)."""
    names = batch.shape.sums + batch.shape.gauges
    if fold.presence.state != LIVE or not _TOLD.issuperset(names):
        for frame in batch.frames():
            fold.apply(frame)
        return
    fold.version += 1
    # What else was told in its first second is not known here.
    told = _fold_rows(fold, batch, range(1), 0)
    rest = range(1, len(batch))
    if rest:
        fold.settle(batch.first + 1)
        fold_rest = _fold_calm if is_calm(fold, batch) else _fold_rows
        told = fold_rest(fold, batch, rest, told)
    for late in range(told, len(batch.pings), 2):
        _answered(fold, batch, late)
    _end(fold.pulse, batch)


def _fold_rows(fold: LineFold, batch: Batch, rows: range, told: int) -> int:
    """Some seconds, of which anything may be asked; gives how far the pings are told."""
    for row in rows:
        second = batch.first + row
        while told < len(batch.pings) and batch.pings[told] < second + 1:
            _answered(fold, batch, told)
            told += 2
        fold.settle(second)
        _add(fold.pulse, batch, row)
        _spread(fold.pulse, batch, row)
    return told


def _fold_calm(fold: LineFold, batch: Batch, rows: range, told: int) -> int:
    """The same for seconds that are calm: the score moves, and nothing else is judged."""
    pulse, trips, pings = fold.pulse, fold.round_trips, batch.pings
    ages_from = fold.outages.starts()
    for row in rows:
        second = batch.first + row
        if row > rows.start:
            _close(fold, batch, row - 1, ages_from)
        while told < len(pings) and pings[told] < second + 1:
            trips.add(pings[told], pings[told + 1])
            fold.epoch = max(fold.epoch, batch.epoch)
            told += 2
        _spread(pulse, batch, row)
    _add_sums(pulse, batch, rows)
    return told


def _close(fold: LineFold, batch: Batch, row: int, ages_from: list[float]) -> None:
    """A second is whole of which nothing was told but a row of the batch."""
    pulse, trips, places = fold.pulse, fold.round_trips, batch.shape.places
    second, values = pulse.second, batch.row(row)
    kernel_rtt, received = places.get(beat.KERNEL_RTT), places.get(beat.RECEIVED)
    pulse.close_grown(
        batch.shape.grown,
        values,
        rtt=trips.worst_since(float(second)),
        kernel_rtt=pulse.gauges.get(beat.KERNEL_RTT, math.nan)
        if kernel_rtt is None
        else values[kernel_rtt],
    )
    now = second + 1.0
    p95, jitter = trips.p95(now), trips.jitter
    inputs = QualityInputs(
        rtt_p95_ms=None if p95 is None else p95 * 1000,
        jitter_ms=None if jitter is None else jitter * 1000,
        outage_ages=tuple(now - start for start in ages_from),
        pings=len(trips.recent),
    )
    fold.scorer.advance(inputs, now)
    fold.timeline.add(
        second,
        fold.presence.condition,
        user_s=0.0,
        model_s=0.0 if received is None else values[received] / fold.began.rate_hz,
        underruns=0,
        alert=Level.OK,
    )


def _answered(fold: LineFold, batch: Batch, place: int) -> None:
    """A ping was."""
    at, rtt = batch.pings[place : place + 2]
    fold.settle(math.floor(at))
    fold.epoch = max(fold.epoch, batch.epoch)
    fold.round_trips.add(at, rtt)


def _add(pulse: Pulse, batch: Batch, row: int) -> None:
    """The sums and the gauges of one beat."""
    shape, values = batch.shape, batch.row(row)
    gauges = dict(zip(shape.gauges, values[len(shape.sums) :], strict=False))
    pulse.add_row(zip(shape.sums, values, strict=False), gauges)


def _add_sums(pulse: Pulse, batch: Batch, rows: range) -> None:
    """The same of many, at their end."""
    shape, width = batch.shape, len(batch.shape.kinds)
    first = rows.start * width
    sums = (
        (name, sum(batch.rows[first + place :: width])) for place, name in enumerate(shape.sums)
    )
    pulse.add_row(sums, {})
    pulse.outbox_most = max([pulse.outbox_most, *batch.column(beat.OUTBOX_MOST)])


def _spread(pulse: Pulse, batch: Batch, row: int) -> None:
    """The gaps between deltas of one beat."""
    gaps = batch.gaps_of(row)
    if gaps:
        pulse.spread(beat.DELTA_GAP).add_all(batch.first + row + 1.0, gaps)
        if row >= len(batch) - _SHOWN:
            pulse.fresh[beat.DELTA_GAP] = tuple(gaps)


def _end(pulse: Pulse, batch: Batch) -> None:
    """What is told once for all of it: the types, and the gauges as they were given, whole numbers as such."""
    shape, rows, width = batch.shape, batch.rows, len(batch.shape.kinds)
    types_at = width - len(shape.types)
    pulse.count_types(
        (name, int(sum(rows[place::width]))) for place, name in enumerate(shape.types, types_at)
    )
    places = range(len(shape.sums), types_at)
    last = rows[-width:]
    pulse.gauges.update(
        (name, shape.kinds[place](last[place]))
        for name, place in zip(shape.gauges, places, strict=True)
    )
