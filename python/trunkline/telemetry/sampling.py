"""What the alerts of a line judge: one value for each metric at the end of each second, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry import beat
from trunkline.telemetry.histogram import middle_of, percentile_of
from trunkline.telemetry.history import Track

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trunkline.telemetry.alerts import Rule
    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.pulse import Pulse

__all__ = [
    "AVAILABILITY_SECONDS",
    "PINGED",
    "RECONNECT_SECONDS",
    "backlog_s",
    "pings_of",
    "samples_of",
    "silenced_percent",
]

RECONNECT_SECONDS = 600.0
"""Reconnects of so long ago are judged no more."""
AVAILABILITY_SECONDS = 600.0
"""Of a younger line availability says only how long the first dial took."""
PINGED = ("rtt", "jitter", "score")
"""Metrics that move with each ping's answer, and of a line that goes well otherwise with nothing else."""
_PERCENT_SECONDS = 60
_CLIPPED_SECONDS = 5


def samples_of(fold: LineFold, rules: Mapping[str, Rule], now: float) -> list[tuple[str, float]]:
    """Metric and value in its unit, of the second that ended at `now`; what is unknown is left out."""
    pulse, found = fold.pulse, pings_of(fold, now)
    if now - fold.began.at >= AVAILABILITY_SECONDS:
        available = fold.presence.availability(now)
        if available is not None:
            found.append(("availability", available))
    found.append(("reconnects", float(fold.outages.ended_since(now - RECONNECT_SECONDS))))
    for metric, spread in _SPREADS:
        buckets = pulse.passed.get(spread)
        if buckets:
            worst = middle_of(max(buckets)) * 1000
            # What is good at its worst needs no percentile.
            is_good = worst < rules[metric].limit
            found.append((metric, worst if is_good else percentile_of(buckets, 95) * 1000))
    _queues(pulse, found)
    _audio(pulse, found, now)
    return found


def pings_of(fold: LineFold, now: float) -> list[tuple[str, float]]:
    """Those of them that pings move: all of `PINGED` that is known."""
    trips, scorer = fold.round_trips, fold.scorer
    found: list[tuple[str, float]] = []
    p95 = trips.p95(now)
    if p95 is not None:
        found.append(("rtt", p95 * 1000))
    if trips.jitter is not None:
        found.append(("jitter", trips.jitter * 1000))
    if scorer.known and scorer.score is not None and not scorer.lost:
        found.append(("score", scorer.score))
    return found


_SPREADS = (("lateness", beat.LATENESS), ("loop_lag", beat.LOOP_LAG))


def _queues(pulse: Pulse, found: list[tuple[str, float]]) -> None:
    """What waits on its way up."""
    outbox = pulse.gauges.get(beat.OUTBOX)
    if outbox is not None:
        found.append(("queue", outbox * 1000 / pulse.rate_hz))
    unsent = pulse.gauges.get(beat.UNSENT)
    if unsent is not None:
        found.append(("unsent", backlog_s(pulse, unsent) * 1000 if unsent else 0.0))


def _audio(pulse: Pulse, found: list[tuple[str, float]], now: float) -> None:
    """What is heard, on both sides."""
    history = pulse.history
    target = pulse.gauges.get(beat.TARGET)
    least = history.last(Track.BUFFERED_LEAST)
    if target and least == least:  # noqa: PLR0124 - NaN is unknown
        found.append(("buffer", 100 * least / target))
    silenced = history.total(Track.SILENT, _PERCENT_SECONDS)
    found.append(
        ("silence", (silenced_percent(pulse, _PERCENT_SECONDS) or 0.0) if silenced else 0.0)
    )
    if not history.total(Track.INPUT_SAMPLES, 1):
        return
    level = pulse.voice.dbfs(pulse.rate_hz)
    if level is not None:
        found += (("input_low", level), ("input_high", level))
    found.append(("input_silent", pulse.input.silent_s(now) or 0.0))
    clipped = history.total(Track.INPUT_CLIPPED, _CLIPPED_SECONDS)
    counted = history.total(Track.INPUT_SAMPLES, _CLIPPED_SECONDS) if clipped else 1
    found.append(("clipping", 100 * clipped / max(counted, 1)))


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
    speech_ms = float(history.total(Track.PLAYED, seconds))
    if not speech_ms:
        speech_ms = history.total(Track.RECEIVED, seconds) * 1000 / pulse.rate_hz
    if not speech_ms:
        return None
    return min(100 * history.total(Track.SILENT, seconds) / speech_ms, 100.0)
