"""Folds seconds that are all alike at once, to the same end as one after another.

What a second means is written in `telemetry.fold` and its parts, and asked there; here is only left out what a calm one
cannot have: an object for its beat and its ping, and the question whether anything of it is beyond its limit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trunkline.telemetry import beat
from trunkline.telemetry.calm import is_calm
from trunkline.telemetry.frames import Beat

if TYPE_CHECKING:
    from trunkline.telemetry.batch import Batch
    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.pulse import Pulse

__all__ = ["fold_batch"]

# Of the gaps, only the last whole second's are asked for by themselves, and those of the one that lasts.
_SHOWN = 2


def fold_batch(fold: LineFold, batch: Batch) -> None:
    """Takes a batch of the line. Cost: three quarters of what its frames cost (`benches/batches.py`)."""
    frames = batch.frames()
    for frame in frames:
        fold.apply(frame)
        if isinstance(frame, Beat):
            # What else was told in its first second is not known here.
            break
    if len(batch) > 1:
        fold.settle(batch.first + 1)
        if is_calm(fold, batch):
            _fold_calm(fold, batch)
            return
    for frame in frames:
        fold.apply(frame)


def _fold_calm(fold: LineFold, batch: Batch) -> None:
    """The seconds behind the first."""
    pulse, pings = fold.pulse, batch.pings
    told = 2 * sum(at < batch.first + 1 for at in pings[::2])
    for row in range(1, len(batch)):
        second = batch.first + row
        if row > 1:
            _close(fold, batch, row - 1)
        while told < len(pings) and pings[told] < second + 1:
            fold.round_trips.add(pings[told], pings[told + 1])
            fold.epoch = max(fold.epoch, batch.epoch)
            told += 2
        _spread(pulse, batch, row)
    _add(pulse, batch)
    fold.version += 1
    for late in range(told, len(pings), 2):
        fold.apply(batch.ping(late))


def _close(fold: LineFold, batch: Batch, row: int) -> None:
    """A second is whole of which nothing was told but a row of the batch."""
    pulse, values = fold.pulse, batch.row(row)
    place = batch.shape.places.get(beat.KERNEL_RTT)
    known = pulse.gauges.get(beat.KERNEL_RTT, math.nan)
    pulse.close_grown(
        batch.shape.grown,
        values,
        rtt=fold.round_trips.worst_since(float(pulse.second)),
        kernel_rtt=known if place is None else values[place],
    )
    fold.end_second(float(pulse.second), is_calm=True)


def _spread(pulse: Pulse, batch: Batch, row: int) -> None:
    """The gaps between deltas of one beat."""
    gaps = batch.gaps_of(row)
    if gaps:
        pulse.spread(beat.DELTA_GAP).add_all(batch.first + row + 1.0, gaps)
        if row >= len(batch) - _SHOWN:
            pulse.fresh[beat.DELTA_GAP] = tuple(gaps)


def _add(pulse: Pulse, batch: Batch) -> None:
    """What is told once for all of them: sums, types, and the gauges as they were given, whole numbers as such."""
    shape, last = batch.shape, batch.row(len(batch) - 1)
    totals = {name: sum(batch.column(name)[1:]) for name in shape.sums}
    pulse.add_sums(totals.items())
    pulse.count_types((name, int(sum(batch.column(name)[1:]))) for name in shape.types)
    places = ((name, shape.places[name]) for name in shape.gauges)
    pulse.gauges.update((name, shape.kinds[place](last[place])) for name, place in places)
    pulse.outbox_most = max([pulse.outbox_most, *batch.column(beat.OUTBOX_MOST)])
