"""What the alerts of a line judge: one value for each metric at the end of each second, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry import beat
from trunkline.telemetry.histogram import percentile_of
from trunkline.telemetry.history import Track

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.pulse import Pulse

__all__ = ["backlog_s", "samples_of", "silenced_percent"]

_RECONNECT_SECONDS = 600.0
# Of a younger line it says only how long the first dial took.
_AVAILABILITY_SECONDS = 600.0
_PERCENT_SECONDS = 60
_CLIPPED_SECONDS = 5
# A second that is speech for less says little about how loud somebody speaks.
_LEAST_SPEECH = 0.5


def samples_of(fold: LineFold, now: float) -> Iterator[tuple[str, float]]:
    """Metric and value in its unit, of the second that ended at `now`; what is unknown is left out."""
    trips, pulse = fold.round_trips, fold.pulse
    p95 = trips.percentile(95, now)
    if p95 is not None:
        yield "rtt", p95 * 1000
    if trips.jitter is not None:
        yield "jitter", trips.jitter * 1000
    if fold.scorer.known and fold.scorer.score is not None and not fold.scorer.lost:
        yield "score", fold.scorer.score
    available = fold.presence.availability(now)
    if available is not None and now - fold.began.at >= _AVAILABILITY_SECONDS:
        yield "availability", available
    yield "reconnects", float(fold.outages.ended_since(now - _RECONNECT_SECONDS))
    for metric, spread in (("lateness", beat.LATENESS), ("loop_lag", beat.LOOP_LAG)):
        counts = pulse.passed.get(spread)
        if counts:
            yield metric, percentile_of(counts, 95) * 1000
    yield from _queues(pulse)
    yield from _audio(pulse)


def _queues(pulse: Pulse) -> Iterator[tuple[str, float]]:
    """What waits on its way up."""
    outbox = pulse.gauges.get(beat.OUTBOX)
    if outbox is not None:
        yield "queue", outbox * 1000 / pulse.rate_hz
    unsent = pulse.gauges.get(beat.UNSENT)
    if unsent is not None:
        yield "unsent", backlog_s(pulse, unsent) * 1000


def _audio(pulse: Pulse) -> Iterator[tuple[str, float]]:
    """What is heard, on both sides."""
    history, row = pulse.history, pulse.last_row
    target = pulse.gauges.get(beat.TARGET)
    least = row[Track.BUFFERED_LEAST]
    if target and least == least:  # noqa: PLR0124 - NaN is unknown
        yield "buffer", 100 * least / target
    silenced = silenced_percent(pulse, _PERCENT_SECONDS)
    if silenced is not None:
        yield "silence", silenced
    if not row[Track.INPUT_SAMPLES]:
        return
    if row[Track.USER] >= _LEAST_SPEECH:
        level = pulse.input.dbfs() or 0.0
        yield "input_low", level
        yield "input_high", level
    yield "input_silent", pulse.input.silent_s() or 0.0
    counted = history.total(Track.INPUT_SAMPLES, _CLIPPED_SECONDS)
    clipped = history.total(Track.INPUT_CLIPPED, _CLIPPED_SECONDS)
    yield "clipping", 100 * clipped / counted if counted else 0.0


def backlog_s(pulse: Pulse, waiting_bytes: float) -> float:
    """How much audio some bytes on the way up are, by what a second of it took in bytes so far; 0 where none was."""
    totals = pulse.totals
    sent = totals.get(beat.SENT, 0.0) + totals.get(beat.REPLAYED, 0.0)
    carried = totals.get(beat.UP_BYTES, 0.0)
    return waiting_bytes * sent / carried / pulse.rate_hz if carried else 0.0


def silenced_percent(pulse: Pulse, seconds: int) -> float | None:
    """Silence for want of audio, of all speech of the last seconds; None where there was no speech.

    Speech is what was played, its silences included; where nobody tells what is played, it is what was received.
    """
    history = pulse.history
    speech = history.total(Track.PLAYED, seconds)
    if not speech:
        speech = history.total(Track.RECEIVED, seconds) / pulse.rate_hz
    if not speech:
        return None
    return min(100 * history.total(Track.SILENT, seconds) / speech, 100.0)
