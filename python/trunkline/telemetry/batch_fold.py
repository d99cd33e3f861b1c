"""Folds seconds that are all alike at once, to the same end as one after another.

What a second means is written in `telemetry.fold` and its parts, and asked there; here is only left out what a calm one
cannot have: an object for its beat and its ping, and the question whether anything of it is beyond its limit, but for
what pings move where that was not good lately.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trunkline.telemetry import beat
from trunkline.telemetry.calm import is_calm, pings_are_good
from trunkline.telemetry.frames import Beat
from trunkline.telemetry.history import Track
from trunkline.telemetry.levels import Level
from trunkline.telemetry.quality import LEAST_PINGS, QualityInputs
from trunkline.telemetry.sampling import pings_of

if TYPE_CHECKING:
    from trunkline.telemetry.batch import Batch
    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.pulse import Pulse

__all__ = ["fold_batch"]


def fold_batch(fold: LineFold, batch: Batch) -> None:
    """Takes a batch of the line. Cost: a little less than half of what its frames cost (`benches/batches.py`)."""
    frames = batch.frames()
    if is_calm(fold, batch, follows=True):
        judges = not pings_are_good(fold, batch)
        _close_lasting(fold, judges=judges)
        _fold_calm(fold, batch, 0, judges=judges)
        return
    for frame in frames:
        fold.apply(frame)
        if isinstance(frame, Beat):
            # What else was told in its first second is not known here.
            break
    if len(batch) > 1:
        fold.settle(batch.first + 1)
        if is_calm(fold, batch):
            _fold_calm(fold, batch, 1, judges=not pings_are_good(fold, batch))
            return
    for frame in frames:
        fold.apply(frame)


def _close_lasting(fold: LineFold, *, judges: bool) -> None:
    """The last second of the batch before is whole, and was as calm as the others."""
    pulse = fold.pulse
    pulse.close(fold.round_trips.worst_since(float(pulse.second)))
    alert = _end_second(fold, float(pulse.second), judges=judges)
    received, second = pulse.history.total(Track.RECEIVED, 1), pulse.second - 1
    fold.timeline.add_live(second, [received / pulse.rate_hz], [alert])


def _fold_calm(fold: LineFold, batch: Batch, start: int, *, judges: bool) -> None:
    """The seconds from that one on, column by column; the last of them is not over."""
    late = _take_pings(fold, batch, start, judges=judges)
    _spread(fold.pulse, batch, start)
    _add(fold.pulse, batch, start)
    fold.calmed()
    for place in range(late, len(batch.pings), 2):
        fold.apply(batch.ping(place))


def _take_pings(fold: LineFold, batch: Batch, start: int, *, judges: bool) -> int:
    """Round trips and the ends of seconds, in their order; gives the place of the first that came behind the last."""
    pings, trips, place, first = batch.pings, fold.round_trips, 0, batch.first + start
    worst: list[float] = []
    alerts: list[Level] = []
    while start and place < len(pings) and pings[place] < first:
        place += 2
    for second in range(first, batch.first + len(batch)):
        if second > first:
            alerts.append(_end_second(fold, float(second), judges=judges))
        worst.append(math.nan)
        while place < len(pings) and pings[place] < second + 1:
            at, rtt = pings[place], pings[place + 1]
            trips.add(at, rtt)
            fold.epoch = max(fold.epoch, batch.epoch)
            if at > second and not worst[-1] >= rtt:
                worst[-1] = rtt
            place += 2
    _close(fold, batch, worst[:-1], slice(start, len(batch) - 1), alerts)
    return place


def _end_second(fold: LineFold, now: float, *, judges: bool) -> Level:
    """The score moves, and what pings move is judged; gives the worst alert that was raised."""
    _score(fold, now)
    if not judges:
        return Level.OK
    alerts = fold.alerts
    alerts.judge_all(pings_of(fold, now), fold.rules, now + fold.began.wall_offset)
    return alerts.taken_worst()


def _score(fold: LineFold, now: float) -> None:
    """One step of the score, against which only round trips are held."""
    trips, scorer = fold.round_trips, fold.scorer
    p95, jitter = trips.p95(now), trips.jitter
    p95_ms = None if p95 is None else p95 * 1000
    jitter_ms = None if jitter is None else jitter * 1000
    pings = len(trips.recent)
    if pings < LEAST_PINGS:
        scorer.advance(QualityInputs(p95_ms, jitter_ms, pings=pings), now)
    else:
        scorer.glide(p95_ms, jitter_ms, now)


def _close(
    fold: LineFold, batch: Batch, worst: list[float], rows: slice, alerts: list[Level]
) -> None:
    """Seconds are whole of which nothing was told but those rows, the worst round trip and alert in each."""
    pulse, count = fold.pulse, len(worst)
    received = batch.column(beat.RECEIVED)[rows] or [0.0] * count
    fold.timeline.add_live(pulse.second, [int(n) / pulse.rate_hz for n in received], alerts)
    known = pulse.gauges.get(beat.KERNEL_RTT, math.nan)
    kernel_rtt = batch.column(beat.KERNEL_RTT)[rows] or [known] * count
    pulse.close_grown(
        [(track, batch.column(name)[rows]) for name, track in batch.shape.grown],
        {Track.RTT: worst, Track.KERNEL_RTT: kernel_rtt},
        count,
    )


def _spread(pulse: Pulse, batch: Batch, start: int) -> None:
    """The gaps between deltas."""
    if batch.gaps:
        windows = pulse.spread(beat.DELTA_GAP)
        for row in range(start, len(batch)):
            if gaps := batch.gaps_of(row):
                windows.add_all(batch.first + row + 1.0, gaps)
    pulse.fresh = _shown(batch, len(batch) - 1)
    if len(batch) > start + 1:
        pulse.passed = _shown(batch, len(batch) - 2)


def _shown(batch: Batch, row: int) -> dict[str, tuple[int, ...]]:
    gaps = batch.gaps_of(row)
    return {beat.DELTA_GAP: tuple(gaps)} if gaps else {}


def _add(pulse: Pulse, batch: Batch, start: int) -> None:
    """What is told once for all of them: sums, types, and the gauges as they were given, whole numbers as such."""
    shape, last = batch.shape, batch.row(len(batch) - 1)
    totals = {name: sum(batch.column(name)[start:]) for name in shape.sums}
    pulse.add_sums(totals.items())
    pulse.count_types((name, int(sum(batch.column(name)[start:]))) for name in shape.types)
    places = ((name, shape.places[name]) for name in shape.gauges)
    pulse.gauges.update((name, shape.kinds[place](last[place])) for name, place in places)
    pulse.outbox_most = max([pulse.outbox_most, *batch.column(beat.OUTBOX_MOST)])
