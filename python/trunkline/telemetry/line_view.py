"""The snapshot and the row of a line, made of its fold; seconds become milliseconds here, for showing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.telemetry import beat
from trunkline.telemetry.fleet_snapshot import LineRow
from trunkline.telemetry.history import Track
from trunkline.telemetry.sampling import backlog_s, silenced_percent
from trunkline.telemetry.snapshot import LineSnapshot
from trunkline.telemetry.turns import BARGE_IN, FIRST_AUDIO, RESPONSE, TURN_GAP
from trunkline.telemetry.views import (
    NO_SPREAD,
    ConnectView,
    FlowView,
    KernelView,
    PlayoutView,
    QueueView,
    Spread,
    UsageView,
)
from trunkline.text import Clean

if TYPE_CHECKING:
    from trunkline.telemetry.books import Ledgers
    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.histogram import Histogram
    from trunkline.telemetry.views import RoundTripView

__all__ = ["queue_of", "row_of", "snapshot_of", "spread_of"]


def snapshot_of(fold: LineFold, now: float, window_s: int) -> LineSnapshot:
    """Everything that is known of a line at `now`, seconds of its own clock; spreads are over the window."""
    return _measured(_standing(fold, now), fold, now, window_s)


def _standing(fold: LineFold, now: float) -> LineSnapshot:
    """How it stands: state, books, what happened."""
    presence = fold.presence
    return LineSnapshot(
        at=now,
        started_at=fold.began.at,
        name=fold.name,
        server=fold.server,
        model=fold.standing.model,
        session_id=fold.standing.session_id,
        expires_at=fold.standing.expires_at,
        state=Clean(presence.state),
        state_since=presence.since,
        epoch=fold.epoch,
        live_s=presence.live_seconds(now),
        availability=presence.availability(now),
        quality=fold.scorer.view(now),
        books=_ledgers(fold).view(),
        outages=fold.outages.view(),
        reconnects=fold.outages.ended,
        outage_s=fold.outages.seconds(now),
        rotations=fold.standing.rotations,
        rotations_failed=fold.standing.rotations_failed,
        turns=fold.turns.view(),
        turns_total=fold.turns.total,
        turns_answered=fold.turns.answered,
        transcript=fold.transcripts.view(),
        log=fold.journal.view(),
        anomalies=fold.standing.anomalies,
        fenced=fold.standing.fenced,
        key=fold.began.line,
        wall_offset=fold.began.wall_offset,
        rate_hz=fold.began.rate_hz,
        usage=UsageView(
            input_tokens=fold.standing.input_tokens,
            output_tokens=fold.standing.output_tokens,
            cached_tokens=fold.standing.cached_tokens,
            limits=fold.standing.limits,
        ),
        state_seconds=presence.all_seconds(now),
        attempt=fold.standing.attempt,
        retry_at=fold.standing.retry_at,
        duplicated_ms=fold.books.milliseconds(fold.standing.duplicated_samples),
        capture_lost_ms=fold.standing.capture_lost_ms,
        gaps=tuple(
            (reason, fold.books.milliseconds(samples))
            for reason, samples in sorted(fold.standing.gaps.items(), key=lambda item: -item[1])
        ),
        errors=tuple(sorted(fold.standing.errors.items(), key=lambda item: -item[1])),
        connect=_connect(fold.standing.phases),
        settings=fold.standing.laid_out(),
    )


def _measured(standing: LineSnapshot, fold: LineFold, now: float, window_s: int) -> LineSnapshot:
    """With what was measured."""
    pulse, kernel = fold.pulse, _kernel(fold)
    return replace(
        standing,
        rtt=_round_trips(fold, kernel, now),
        up=_up(fold, now),
        down=_down(fold, now),
        queue=queue_of(fold),
        playout=_playout(fold),
        kernel=kernel,
        lateness=_window(fold, beat.LATENESS, now, window_s),
        stall_s=pulse.totals.get(beat.STALLED, 0.0),
        delta_gap=_window(fold, beat.DELTA_GAP, now, window_s),
        delta_jitter_ms=_milliseconds(pulse.gauges.get(beat.DELTA_JITTER)),
        lead_least_ms=_milliseconds(pulse.history.least(Track.LEAD_LEAST, 60)),
        loop_lag=_window(fold, beat.LOOP_LAG, now, window_s),
        barge_in=_window(fold, BARGE_IN, now, window_s),
        first_audio=_window(fold, FIRST_AUDIO, now, window_s),
        turn_gap=_window(fold, TURN_GAP, now, window_s),
        response=_window(fold, RESPONSE, now, window_s),
        input_level=pulse.input.view(
            pulse.history, Track.INPUT_SAMPLES, Track.INPUT_CLIPPED, Track.INPUT_PEAK, now
        ),
        output_level=pulse.output.view(
            pulse.history, Track.OUTPUT_SAMPLES, Track.OUTPUT_CLIPPED, Track.OUTPUT_PEAK, now
        ),
        timeline=fold.timeline.view(tuple(fold.marks)),
        alerts=fold.alerts.raised(),
        speech_series=tuple(
            min((each or 0.0) / 1000, 1.0) for each in pulse.history.series(Track.USER)
        ),
    )


def row_of(fold: LineFold, now: float) -> LineRow:
    """The line as a table wants it; made for every line twice a second, so nothing here walks over a window."""
    pulse, presence, round_trips = fold.pulse, fold.presence, fold.round_trips
    gauges, history = pulse.gauges, pulse.history
    retry_at = fold.standing.retry_at
    lasts = now if fold.ended_at is None else fold.ended_at
    return LineRow(
        key=fold.began.line,
        name=fold.name,
        model=fold.standing.model or _NOTHING,
        server=fold.server,
        process=fold.process,
        state=_GONE if fold.gone else Clean(presence.state),
        attempt=fold.standing.attempt,
        retry_in_s=None if retry_at is None else max(retry_at - now, 0.0),
        age_s=max(lasts - fold.began.at, 0.0),
        grade=fold.scorer.grade,
        score=fold.scorer.score if fold.scorer.known or fold.scorer.lost else None,
        rtt_ms=_milliseconds(round_trips.smoothed),
        rtt_p95_ms=_milliseconds(round_trips.p95(now)),
        jitter_ms=_milliseconds(round_trips.jitter),
        first_audio_ms=fold.turns.last_first_audio_ms,
        late_p95_ms=_milliseconds(pulse.late_p95()),
        buffer_ms=gauges.get(beat.BUFFERED),
        underruns=int(history.total(Track.UNDERRUNS, 60)),
        reconnects=fold.outages.ended,
        lost_ms=fold.books.milliseconds(fold.books.gap),
        input_dbfs=pulse.input.dbfs(now),
        output_dbfs=pulse.output.dbfs(now),
        input_clips=history.total(Track.INPUT_CLIPPED, 5) > 0,
        output_clips=history.total(Track.OUTPUT_CLIPPED, 5) > 0,
        rtt_series=pulse.rtt_ms(),
        unanswered=round_trips.unanswered,
        availability=presence.availability(lasts),
        level=fold.alerts.worst,
        alerts=fold.alerts.count,
        turns=fold.turns.total,
        turns_answered=fold.turns.answered,
        up_bytes_per_s=history.rate(Track.UP_BYTES, now),
        down_bytes_per_s=history.rate(Track.DOWN_BYTES, now),
        controllable=fold.began.controllable,
    )


def spread_of(histogram: Histogram) -> Spread:
    """The percentiles of a histogram."""
    if not len(histogram):
        return NO_SPREAD
    p50, p95, p99, most = histogram.percentiles(50, 95, 99, 100)
    return Spread(
        p50_ms=_milliseconds(p50),
        p95_ms=_milliseconds(p95),
        p99_ms=_milliseconds(p99),
        max_ms=_milliseconds(most),
        count=len(histogram),
    )


_NOTHING = Clean("")
_GONE = Clean("gone")
_PHASES = {
    "lookup": "lookup_ms",
    "tcp": "tcp_ms",
    "proxy": "proxy_ms",
    "tls": "tls_ms",
    "upgrade": "upgrade_ms",
}


def _window(fold: LineFold, metric: str, now: float, window_s: int) -> Spread:
    windows = fold.pulse.spreads.get(metric)
    return NO_SPREAD if windows is None else spread_of(windows.merged(now, window_s))


def _ledgers(fold: LineFold) -> Ledgers:
    """The books with what the beats told."""
    totals, books = fold.pulse.totals, fold.books
    imbalance = fold.pulse.gauges.get(beat.IMBALANCE)
    return replace(
        books,
        accepted=books.accepted + int(totals.get(beat.ACCEPTED, 0)),
        sent=books.sent + int(totals.get(beat.SENT, 0)),
        consumed=books.consumed + int(totals.get(beat.CONSUMED, 0)),
        replayed=books.replayed + int(totals.get(beat.REPLAYED, 0)),
        imbalance=None if imbalance is None else int(imbalance),
    )


def _round_trips(fold: LineFold, kernel: KernelView, now: float) -> RoundTripView:
    view = fold.round_trips.view(now, fold.pulse.rtt_ms())
    if view.smoothed_ms is None or kernel.rtt_ms is None:
        return view
    return replace(view, application_ms=max(round(view.smoothed_ms - kernel.rtt_ms, 3), 0.0))


def _kernel(fold: LineFold) -> KernelView:
    gauges = fold.pulse.gauges
    retransmits, unsent = gauges.get(beat.RETRANSMITS), gauges.get(beat.UNSENT)
    return KernelView(
        rtt_ms=_milliseconds(gauges.get(beat.KERNEL_RTT)),
        rtt_min_ms=_milliseconds(gauges.get(beat.KERNEL_RTT_LEAST)),
        retransmits=None if retransmits is None else int(retransmits),
        unsent_bytes=None if unsent is None else int(unsent),
        samples_ms=tuple(map(_milliseconds, fold.pulse.history.series(Track.KERNEL_RTT))),
    )


def _connect(phases: tuple[tuple[str, float], ...]) -> ConnectView:
    took = {_PHASES[name]: _milliseconds(each) for name, each in phases if name in _PHASES}
    return ConnectView(**took)


def _up(fold: LineFold, now: float) -> FlowView:
    return _flow(
        fold,
        now,
        tracks=(Track.UP_BYTES, Track.UP_MESSAGES, Track.UP_CHUNKS),
        audio=((Track.SENT, beat.SENT), (Track.REPLAYED, beat.REPLAYED)),
        totals=(beat.UP_BYTES, beat.UP_MESSAGES),
        way="up ",
    )


def _down(fold: LineFold, now: float) -> FlowView:
    return _flow(
        fold,
        now,
        tracks=(Track.DOWN_BYTES, Track.DOWN_MESSAGES, Track.DOWN_CHUNKS),
        audio=((Track.RECEIVED, beat.RECEIVED),),
        totals=(beat.DOWN_BYTES, beat.DOWN_MESSAGES),
        way="down ",
    )


def _flow(
    fold: LineFold,
    now: float,
    *,
    tracks: tuple[int, int, int],
    audio: tuple[tuple[int, str], ...],
    totals: tuple[str, str],
    way: str,
) -> FlowView:
    pulse, rate_hz = fold.pulse, fold.began.rate_hz
    history, summed = pulse.history, pulse.totals
    rates = [history.rate(track, now) for track, _ in audio]
    samples = sum(summed.get(name, 0.0) for _, name in audio)
    types = [
        (name.removeprefix(way), count)
        for name, count in pulse.types.items()
        if name.startswith(way)
    ]
    return FlowView(
        bytes_per_s=history.rate(tracks[0], now),
        messages_per_s=history.rate(tracks[1], now),
        chunks_per_s=history.rate(tracks[2], now),
        audio_per_s=None if None in rates else sum(each or 0.0 for each in rates) / rate_hz,
        bytes_series=history.series(tracks[0]),
        bytes_total=int(summed.get(totals[0], 0)),
        messages_total=int(summed.get(totals[1], 0)),
        audio_ms=round(samples * 1000 / rate_hz, 3),
        types=tuple(sorted(types, key=lambda item: -item[1])),
    )


def queue_of(fold: LineFold) -> QueueView | None:
    """What waits to be sent; None before the line told of it."""
    gauges, milliseconds = fold.pulse.gauges, fold.books.milliseconds
    outbox = gauges.get(beat.OUTBOX)
    if outbox is None:
        return None
    return QueueView(
        outbox_ms=milliseconds(outbox),
        retained_ms=milliseconds(gauges.get(beat.RETAINED, 0.0)),
        transport_bytes=int(gauges.get(beat.TRANSPORT, 0)),
        messages=_messages(fold, outbox),
        audio_ms=milliseconds(outbox) + _backlog_ms(fold),
        largest_ms=milliseconds(fold.pulse.outbox_most),
    )


def _messages(fold: LineFold, outbox: float) -> int:
    """How many messages wait, if they are as long as those that were sent."""
    totals = fold.pulse.totals
    chunks = totals.get(beat.UP_CHUNKS, 0.0)
    sent = totals.get(beat.SENT, 0.0) + totals.get(beat.REPLAYED, 0.0)
    return round(outbox * chunks / sent) if sent else 0


def _backlog_ms(fold: LineFold) -> float:
    """Audio in the event loop and unsent in the kernel."""
    gauges = fold.pulse.gauges
    waiting = gauges.get(beat.TRANSPORT, 0.0) + gauges.get(beat.UNSENT, 0.0)
    return round(backlog_s(fold.pulse, waiting) * 1000, 3)


def _playout(fold: LineFold) -> PlayoutView | None:
    pulse = fold.pulse
    buffered = pulse.gauges.get(beat.BUFFERED)
    if buffered is None:
        return None
    history = pulse.history
    return PlayoutView(
        buffered_ms=buffered,
        underruns=int(pulse.totals.get(beat.UNDERRUNS, 0)),
        largest_ms=pulse.buffered_most,
        target_ms=pulse.gauges.get(beat.TARGET),
        least_ms=history.least(Track.BUFFERED_LEAST, 60),
        underruns_window=int(history.total(Track.UNDERRUNS, 60)),
        silent_s=history.total(Track.SILENT, 60) / 1000,
        silent_percent=silenced_percent(pulse, 60),
        underruns_series=tuple(int(each or 0) for each in history.series(Track.UNDERRUNS)),
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
