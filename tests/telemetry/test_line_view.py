from __future__ import annotations

import pytest

from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.telemetry import beat
from trunkline.telemetry.fold import LineFold
from trunkline.telemetry.frames import Beat, Began, Told
from trunkline.telemetry.histogram import Histogram
from trunkline.telemetry.line_view import row_of, snapshot_of, spread_of
from trunkline.telemetry.views import NO_SPREAD

BEGAN = Began(line="k", at=100.0, wall_offset=1e9, name="x", server="s", process="p 1")
SECOND = 24_000


def _line(*frames):
    line = LineFold.begun(BEGAN)
    for frame in frames:
        line.apply(frame)
    return line


def _beat(at, sums=None, gauges=None, **more):
    return Beat(line="k", at=at, epoch=1, sums=sums or {}, gauges=gauges or {}, **more)


def _told(fact):
    return Told(line="k", fact=fact)


def _at(line, now):
    line.settle(int(now))
    return snapshot_of(line, now, 60)


def test_nothing_that_was_not_told_is_zero():
    snapshot = _at(_line(), 101.0)
    assert snapshot.queue is snapshot.playout is snapshot.availability is None
    assert snapshot.kernel.rtt_ms is snapshot.rtt.last_ms is snapshot.rtt.application_ms is None
    assert snapshot.lateness == snapshot.first_audio == NO_SPREAD
    row = row_of(_line(), 101.0)
    assert row.rtt_ms is row.late_p95_ms is row.buffer_ms is row.score is row.input_dbfs is None
    assert row.grade == "unknown"


def test_audio_waits_in_three_places_and_the_sum_is_shown():
    # A second of audio took 64,000 bytes so far.
    line = _line(
        _beat(101.0, {beat.SENT: SECOND, beat.UP_BYTES: 64_000, beat.UP_CHUNKS: 50},
              {beat.OUTBOX: 4800, beat.RETAINED: 9600, beat.TRANSPORT: 3200, beat.UNSENT: 6400,
               beat.OUTBOX_MOST: 7200}),
    )  # fmt: skip
    queue = _at(line, 101.0).queue
    assert (queue.outbox_ms, queue.retained_ms, queue.transport_bytes) == (200.0, 400.0, 3200)
    assert queue.audio_ms == pytest.approx(200 + 50 + 100)
    assert queue.messages == 10
    assert queue.largest_ms == 300.0


def test_what_the_kernel_does_not_explain_is_the_applications():
    line = _line(_told(seen.RoundTrip(at=100.5, epoch=1, rtt=0.391)),
                 _beat(101.0, gauges={beat.KERNEL_RTT: 0.298, beat.KERNEL_RTT_LEAST: 0.281,
                                      beat.RETRANSMITS: 14, beat.UNSENT: 0}))  # fmt: skip
    snapshot = _at(line, 101.0)
    assert snapshot.rtt.application_ms == pytest.approx(93.0)
    kernel = snapshot.kernel
    assert (kernel.rtt_ms, kernel.rtt_min_ms, kernel.retransmits, kernel.unsent_bytes) == (
        298.0,
        281.0,
        14,
        0,
    )


def test_a_playout_tells_its_target_its_least_and_its_underruns():
    line = _line(
        _beat(101.0, {beat.UNDERRUNS: 3, beat.SILENT: 0.2, beat.PLAYED: 0.8},
              {beat.BUFFERED: 95.0, beat.TARGET: 180.0, beat.BUFFERED_LEAST: 10.0}),
        _beat(102.0, {beat.UNDERRUNS: 1, beat.SILENT: 0.1, beat.PLAYED: 0.2}),
    )  # fmt: skip
    playout = _at(line, 102.0).playout
    assert (playout.buffered_ms, playout.target_ms, playout.least_ms) == (95.0, 180.0, 10.0)
    assert (playout.underruns, playout.underruns_window) == (4, 4)
    assert playout.silent_s == pytest.approx(0.3)
    assert playout.silent_percent == pytest.approx(30.0)
    assert playout.underruns_series[-2:] == (3, 1)


def test_where_nobody_tells_what_is_played_speech_is_what_came():
    line = _line(_beat(101.0, {beat.SILENT: 0.5, beat.RECEIVED: SECOND * 2}, {beat.BUFFERED: 0.0}))
    assert _at(line, 101.0).playout.silent_percent == pytest.approx(25.0)
    still = _line(_beat(101.0, gauges={beat.BUFFERED: 0.0}))
    assert _at(still, 101.0).playout.silent_percent is None


def test_flows_are_rates_totals_and_types():
    line = _line(*(
        _beat(101.0 + n / 2, {beat.UP_BYTES: 33_000, beat.UP_MESSAGES: 25, beat.UP_CHUNKS: 25,
                              beat.SENT: SECOND / 2, beat.DOWN_BYTES: 10},
              types={"up append": 24, "up commit": 1, "down x": 2})
        for n in range(6)
    ))  # fmt: skip
    up = _at(line, 104.0).up
    assert (up.messages_per_s, up.chunks_per_s) == (pytest.approx(125 / 3), pytest.approx(125 / 3))
    assert up.bytes_total == 198_000
    assert up.audio_ms == 3000.0
    assert up.types == (("append", 144), ("commit", 6))
    assert _at(line, 104.0).down.types == (("x", 12),)


def test_the_phases_of_a_dial_are_shown_by_name():
    phases = (("lookup", 0.003), ("tcp", 0.096), ("tls", 0.101), ("upgrade", 0.098), ("later", 1.0))
    connect = _at(
        _line(_told(seen.LinkOpened(at=100.3, epoch=1, took=0.3, phases=phases))), 101.0
    ).connect
    assert (connect.lookup_ms, connect.tcp_ms, connect.tls_ms, connect.upgrade_ms) == (
        3.0,
        96.0,
        101.0,
        98.0,
    )
    assert connect.proxy_ms is None


def test_a_spread_has_its_percentiles_and_its_highest():
    spread = spread_of(Histogram([0.010] * 94 + [0.050] * 5 + [0.200]))
    assert spread.p50_ms == pytest.approx(10, rel=0.04)
    assert (spread.p95_ms, spread.p99_ms) == (pytest.approx(50, rel=0.04),) * 2
    assert spread.max_ms == pytest.approx(200, rel=0.04)
    assert spread.count == 100
    assert spread_of(Histogram()) is NO_SPREAD


def test_a_row_is_the_snapshot_in_short():
    ready = seen.SessionReady(at=100.1, epoch=1, session_id="s", model="m", expires_at=None)
    live = seen.Transition(at=100.2, epoch=1, source=State.RESTORING, target=State.LIVE, cause="c")
    pings = [_told(seen.RoundTrip(at=100.5 + n, epoch=1, rtt=0.03)) for n in range(4)]
    line = _line(
        _told(ready), _told(live), *pings,
        _beat(104.0, {beat.UNDERRUNS: 2, beat.UP_BYTES: 300, beat.INPUT_SAMPLES: 480,
                      beat.INPUT_ENERGY: 240.0, beat.INPUT_CLIPPED: 3},
              {beat.BUFFERED: 80.0}, spreads={beat.LATENESS: (9,) * 5}),
        _told(seen.AudioGap(at=104.1, epoch=1, start_sample=0, samples=2400, reason="r")),
    )  # fmt: skip
    snapshot, row = _at(line, 104.9), row_of(line, 104.9)
    assert (row.key, row.name, row.model, row.server, row.process) == ("k", "x", "m", "s", "p 1")
    assert (
        (row.state, row.grade) == (snapshot.state, snapshot.quality.grade) == ("live", "excellent")
    )
    assert (row.rtt_ms, row.rtt_p95_ms) == (snapshot.rtt.smoothed_ms, snapshot.rtt.p95_ms)
    assert row.late_p95_ms == snapshot.lateness.p95_ms
    assert (row.underruns, row.buffer_ms, row.lost_ms) == (2, 80.0, 100.0)
    assert (row.input_dbfs, row.input_clips, row.output_clips) == (0.0, True, False)
    assert row.rtt_series == snapshot.rtt.samples_ms
    assert row.age_s == pytest.approx(4.9)


def test_the_next_attempt_is_told_by_number_and_by_time():
    line = _line(_told(seen.RetryScheduled(at=101.0, epoch=1, attempt=3, delay=2.0)))
    row = row_of(line, 101.5)
    assert (row.attempt, row.retry_in_s) == (3, 1.5)
    assert row_of(line, 109.0).retry_in_s == 0.0
    assert snapshot_of(line, 101.5, 60).retry_at == 103.0


def test_a_meter_falls_back_when_an_answer_ended_and_the_microphone_rests():
    sums = {beat.INPUT_SAMPLES: SECOND, beat.INPUT_ENERGY: 0.5 * SECOND}
    line = _line(_beat(101.0, sums | {beat.OUTPUT_SAMPLES: 100, beat.OUTPUT_ENERGY: 0.5}))
    heard = _at(line, 101.4)
    assert heard.input_level.rms_dbfs == 0.0
    assert heard.output_level.rms_dbfs is not None
    after = _at(line, 103.0)
    assert after.input_level.rms_dbfs is after.output_level.rms_dbfs is None
    row = row_of(line, 103.0)
    assert row.input_dbfs is row.output_dbfs is None
