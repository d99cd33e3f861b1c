"""Whether anything of some seconds could be judged, before they are folded.

A line is asked each second whether any of a dozen metrics is beyond its limit. Of seconds that are told at once it is
asked once, by the worst that any of them can come to; where that is not good, each is judged by itself. What pings move
is asked about by itself: a line far away may be beyond its limits for hours, and goes on evenly all the same.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

from trunkline.telemetry import beat
from trunkline.telemetry.history import HISTORY_SECONDS, Track
from trunkline.telemetry.levels import Level
from trunkline.telemetry.presence import LIVE
from trunkline.telemetry.pulse import TRACK_OF
from trunkline.telemetry.quality import OUTAGE_SECONDS, QualityInputs, deductions
from trunkline.telemetry.roundtrip import smoothed_jitter
from trunkline.telemetry.sampling import AVAILABILITY_SECONDS, PINGED, RECONNECT_SECONDS

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator

    from trunkline.telemetry.batch import Batch
    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.pulse import Pulse

__all__ = ["is_calm", "pings_are_good"]

_AGO_SECONDS = max(RECONNECT_SECONDS, OUTAGE_SECONDS)
_MINUTE = 60
_PINGED = frozenset(PINGED)
_NEEDED = (Track.RTT, Track.KERNEL_RTT)
# Of what a beat holds: that of which nothing is asked but how much it was, or how it is at its end.
_PLAIN = frozenset(name for name, track in TRACK_OF.items() if track < Track.TIMED_CHUNKS) | {
    beat.ACCEPTED,
    beat.CONSUMED,
    beat.HEARD,
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


def is_calm(fold: LineFold, batch: Batch, *, follows: bool = False) -> bool:
    """Whether of a batch's seconds behind its first nothing but `PINGED` can be bad; the first is whole.

    Or of all of them, where it `follows` a calm one at once, whose last second is not over.
    """
    return (
        (_is_next(fold, batch) if follows else _is_begun(fold.pulse, batch))
        and _PLAIN.issuperset(batch.shape.sums + batch.shape.gauges)
        and _is_settled(fold)
        and _is_quiet(fold.pulse, batch)
        and all(fold.rules[metric].is_good(value) for metric, value in _worst(fold, batch))
    )


def pings_are_good(fold: LineFold, batch: Batch) -> bool:
    """Whether what pings move was good lately, and is in those seconds whatever they were."""
    return not fold.alerts.watches and all(
        fold.rules[metric].is_good(value) for metric, value in _worst_of_pings(fold, batch)
    )


def _is_begun(pulse: Pulse, batch: Batch) -> bool:
    """Whether its first second is whole, and nothing of another was told."""
    return pulse.second == batch.first + 1 and not pulse.fresh


def _is_next(fold: LineFold, batch: Batch) -> bool:
    """Whether a calm second lasts of which, and since which, nothing else was told."""
    return (
        fold.is_calm
        and fold.pulse.second == batch.first - 1
        and not (batch.pings and batch.pings[0] < batch.first)
    )


def _is_settled(fold: LineFold) -> bool:
    """Whether nothing was wrong lately but with pings, and the score is known."""
    now, kept, scorer = float(fold.pulse.second), fold.outages.kept, fold.scorer
    return (
        fold.ended_at is None
        and fold.presence.state == LIVE
        and _PINGED.issuperset(fold.alerts.watches)
        and fold.alerts.worst_lately is Level.OK
        and fold.presence.worst == fold.presence.condition
        and scorer.known
        and not scorer.lost
        and not (kept and now - kept[-1].at - (kept[-1].seconds or now) < _AGO_SECONDS)
    )


def _is_quiet(pulse: Pulse, batch: Batch) -> bool:
    """Whether nobody speaks, plays, measures or waits as far as anybody tells, and the history has its columns."""
    history = pulse.history
    return (
        pulse.second == history.newest + 1
        and pulse.speaking_since is None
        and not (pulse.extremes or pulse.voice.samples)
        and not history.total(Track.SILENT, _MINUTE)
        and not history.total(Track.TIMED_CHUNKS, _MINUTE)
        and not (pulse.gauges.get(beat.UNSENT) or any(batch.column(beat.UNSENT)))
        and history.holds(_NEEDED)
        and history.holds(track for _, track in batch.shape.grown)
    )


def _worst_of_pings(fold: LineFold, batch: Batch) -> Iterator[tuple[str, float]]:
    """`PINGED`, and what they can come to at worst, or worse."""
    rtts = batch.pings[1::2]
    rtt_ms, jitter_ms = _worst_rtt_ms(fold, batch, rtts), _worst_jitter_ms(fold, rtts)
    yield "rtt", rtt_ms
    yield "jitter", jitter_ms
    taken = deductions(QualityInputs(rtt_p95_ms=rtt_ms, jitter_ms=jitter_ms))
    yield "score", min(fold.scorer.score or 0.0, 100 - sum(taken.values()))


def _worst(fold: LineFold, batch: Batch) -> Iterator[tuple[str, float]]:
    """The other metrics, and what they can come to at worst."""
    pulse = fold.pulse
    waiting = max([pulse.gauges.get(beat.OUTBOX, 0.0), *batch.column(beat.OUTBOX)])
    yield "queue", waiting * 1000 / pulse.rate_hz
    yield "reconnects", 0.0
    yield "silence", 0.0
    since = fold.began.at + AVAILABILITY_SECONDS
    if batch.until >= since:
        # It only rises while the line is live.
        available = fold.presence.availability(max(since, float(pulse.second)))
        yield "availability", 1.0 if available is None else available


def _worst_rtt_ms(fold: LineFold, batch: Batch, rtts: array[float]) -> float:
    """No 95th percentile of a minute that ends in the batch is above it.

    Of all that can be in such a minute, as many are left out at the top as the percentile leaves out of the fewest that
    are in one for certain.
    """
    trips = fold.round_trips
    since = batch.until - HISTORY_SECONDS
    certain = len(trips.times) - bisect_right(trips.times, since)
    above = certain - math.ceil(certain * 95 / 100)
    ordered = sorted([*trips.recent, *rtts])
    return 1000 * ordered[-1 - above] if ordered else 0.0


def _worst_jitter_ms(fold: LineFold, rtts: array[float]) -> float:
    """As `RoundTrips` smooths it."""
    last, jitter = fold.round_trips.last, fold.round_trips.jitter or 0.0
    worst = jitter
    for rtt in rtts:
        if last is not None:
            jitter = smoothed_jitter(jitter, rtt - last)
            worst = max(worst, jitter)
        last = rtt
    return 1000 * worst
