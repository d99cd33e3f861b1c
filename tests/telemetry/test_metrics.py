from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.recorded import END, HOSTILE, RATE_HZ, START, metrics_of, recorded, snapshot_at
from trunkline.protocol import observations
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import AudioAccepted, AudioConsumed, AudioGap, QueueSampled
from trunkline.telemetry.metrics import LineMetrics


def test_nothing_is_known_before_the_first_fact():
    snapshot = LineMetrics("demo", RATE_HZ, started_at=5.0).snapshot(6.0)
    assert snapshot.age_s == 1.0
    assert snapshot.rtt.last_ms is snapshot.queue is snapshot.playout is None
    assert snapshot.availability is snapshot.model is snapshot.quality.score is None


def test_the_recorded_run_adds_up():
    snapshot = snapshot_at()
    assert snapshot.state == "live"
    assert snapshot.epoch == 3
    assert snapshot.reconnects == 2
    assert snapshot.outage_s == pytest.approx(1.06)
    assert snapshot.books.balanced is True
    assert snapshot.books.gap_ms == 0
    assert snapshot.books.replayed_ms == 1500
    assert snapshot.turns_answered == 3
    assert (snapshot.anomalies, snapshot.fenced) == (1, 1)
    assert 0.96 < snapshot.availability < 0.98
    assert dict(snapshot.quality.deductions).keys() == {"outages"}


def test_a_score_is_lost_while_the_line_is():
    assert snapshot_at(START + 10.7).quality.grade == "lost"


def test_streaming_speech_is_one_second_of_audio_per_second():
    assert snapshot_at(START + 4).up.audio_per_s == 1.0


def test_a_snapshot_does_not_change_when_the_line_goes_on():
    metrics = metrics_of(until=START + 10)
    before = metrics.snapshot(START + 10)
    copy = replace(before)
    for fact in recorded():
        if fact.at > START + 10:
            metrics.observe(fact)
    assert before == copy
    with pytest.raises(FrozenInstanceError):
        before.epoch = 7


def test_untouched_parts_are_shared_between_snapshots():
    metrics = metrics_of()
    first, second = metrics.snapshot(END), metrics.snapshot(END + 0.1)
    assert first.log is second.log
    assert first.transcript is second.transcript
    assert first.turns is second.turns


def test_strings_from_outside_are_clean():
    text = repr(snapshot_at())
    assert "\x1b" not in HOSTILE.replace("\x1b", "")
    assert "\\x1b" not in text
    assert "\\x07" not in text


def rotating(*, owed: bool = False) -> LineMetrics:
    """A line whose rotation fails once for good, and then succeeds."""
    metrics = LineMetrics("x", RATE_HZ, started_at=0.0)
    fact = observations
    live, around = State.LIVE, State.ROTATING
    going = {"old_epoch": 1, "items": 1, "items_dropped": 0, "replayed_samples": 0}
    done = {"lost_samples": 0, "verified": True, "moment": "in silence", "took": 1.0}
    for one in (
        fact.Transition(at=0.0, epoch=1, source=State.RESTORING, target=live, cause="restored"),
        fact.RoundTrip(at=0.5, epoch=1, rtt=0.05),
        fact.Transcript(at=0.6, epoch=1, speaker=fact.Speaker.ASSISTANT, item_id="a", text="so",
                        final=False),
        fact.Transition(at=1.0, epoch=1, source=live, target=around, cause="rotate"),
        fact.RotationFailed(at=1.5, epoch=1, cause="c", advice="", closure=None, final=False),
        fact.LinkOpened(at=1.6, epoch=2, took=0.1),
        fact.RotationFailed(at=2.0, epoch=1, cause="c", advice="", closure=None, final=True),
        fact.Transition(at=2.0, epoch=1, source=around, target=live, cause="rotation ended"),
        fact.Transition(at=3.0, epoch=1, source=live, target=around, cause="rotate"),
        fact.LinkOpened(at=3.5, epoch=3, took=0.1),
    ):  # fmt: skip
        metrics.observe(one)
    assert metrics.snapshot(3.5).epoch == 1
    assert metrics.snapshot(3.5).rtt.last_ms == 50.0
    metrics.observe(fact.Rotated(at=4.0, epoch=3, owed=owed, **going, **done))
    metrics.observe(
        fact.Transition(at=4.0, epoch=3, source=around, target=live, cause="switch due")
    )
    return metrics


def test_a_rotation_is_counted_and_is_no_outage():
    metrics = rotating()
    left = Closure(code=1000, by_us=True)
    metrics.observe(
        observations.LinkEnded(at=5.0, epoch=1, closure=left, verdict=judge(left), lived=5.0)
    )
    snapshot = metrics.snapshot(10.0)
    assert (snapshot.rotations, snapshot.rotations_failed) == (1, 1)
    assert (snapshot.epoch, snapshot.state, snapshot.reconnects) == (3, "live", 0)
    assert snapshot.live_s == 10.0
    assert snapshot.availability == 1.0
    assert snapshot.outages == ()
    # What was measured on the link that was left says nothing of the new one.
    assert snapshot.rtt.last_ms is None


def test_a_rotation_that_breaks_an_answer_off_ends_its_words():
    whole, broken = rotating().snapshot(9.0), rotating(owed=True).snapshot(9.0)
    assert [line.text for line in whole.transcript] == [line.text for line in broken.transcript]
    assert whole.transcript != broken.transcript


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5_000)), max_size=40))
def test_the_books_balance_whatever_happens_to_the_audio(steps):
    metrics = LineMetrics("x", RATE_HZ, started_at=0.0)
    retained = 0
    for what, samples in steps:
        if what == 0:
            metrics.observe(AudioAccepted(at=0.0, epoch=1, samples=samples))
            retained += samples
            continue
        samples = min(samples, retained)
        retained -= samples
        if what == 1:
            metrics.observe(AudioConsumed(at=0.0, epoch=1, samples=samples, evidence="heard"))
        else:
            metrics.observe(
                AudioGap(at=0.0, epoch=1, start_sample=0, samples=samples, reason="budget")
            )
    metrics.observe(QueueSampled(at=0.0, epoch=1, outbox_samples=0, retained_samples=retained,
                                 transport_bytes=0))  # fmt: skip
    assert metrics.snapshot(1.0).books.balanced is True


def test_the_folds_need_neither_numbers_nor_screens_nor_sockets():
    code = (
        "import sys, trunkline.telemetry.metrics;"
        "print(sorted({'numpy', 'textual', 'websockets', 'asyncio'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
