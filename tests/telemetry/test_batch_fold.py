"""A batch folds to what its frames fold to."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.batching import BEGAN, LINE, Streaming, steps, stretches
from trunkline.telemetry import beat, calm
from trunkline.telemetry.batch import Batch, Batcher
from trunkline.telemetry.batch_fold import fold_batch
from trunkline.telemetry.fleet import FleetFold
from trunkline.telemetry.fold import LineFold
from trunkline.telemetry.frames import Began, Told
from trunkline.telemetry.levels import Level
from trunkline.telemetry.line_view import snapshot_of
from trunkline.telemetry.presence import LIVE
from trunkline.telemetry.recordform import written


def streamed(taken):
    """A line whose seconds were held back, with nothing held any more."""
    held = Streaming(holds=True)
    for step in taken:
        held.take(step)
    held.digester.hold(None)
    return held


def folded(told, *, at_once):
    """A fold of what was told, and how many batches were taken."""
    fold, batches = LineFold.begun(BEGAN), 0
    for one in told:
        if not isinstance(one, Batch):
            if not isinstance(one, Began):
                fold.apply(one)
        elif at_once:
            fold_batch(fold, one)
            batches += 1
        else:
            for frame in one.frames():
                fold.apply(frame)
    return fold, batches


def state(fold):
    """All of it that means something, as it is written down: a version only says that something changed."""
    fold.version = 0
    return json.loads(written({"fold": fold}))


@given(st.one_of(steps(), stretches()))
def test_a_batch_folds_to_what_its_frames_fold_to(taken):
    held = streamed(taken)
    one, _ = folded(held.told, at_once=True)
    other, _ = folded(held.told, at_once=False)
    assert state(one) == state(other)
    assert one.alerts.fresh == other.alerts.fresh
    at = held.at + 2
    for fold in (one, other):
        fold.settle(int(at))
    assert snapshot_of(one, at, 60) == snapshot_of(other, at, 60)


@pytest.mark.parametrize("rtt", [0.02, 0.2, 0.6])
def test_once_a_line_goes_evenly_none_of_its_seconds_is_folded_as_a_beat(monkeypatch, rtt):
    made, make = [], Batch._beat
    monkeypatch.setattr(
        Batch, "_beat", lambda batch, number, at: made.append(number) or make(batch, number, at)
    )
    streams = [(1.0, 50, [rtt], None, 0)]
    fold, batches = folded(streamed(streams * 35).told, at_once=True)
    assert batches == 5
    # Before there are pings enough nothing is known to be calm, and what lasted then is whole only in the next batch.
    calm_since = made.index(0, len(made) - 1)
    made.clear()
    _, batches = folded(streamed(streams * 75).told, at_once=True)
    assert (batches, len(made)) == (9, calm_since + 1)
    # What else is told in between is judged by itself, with what lasts.
    made.clear()
    folded(streamed([*streams * 35, (1.0, 50, [rtt], 0, 0), *streams * 20]).told, at_once=True)
    assert len(made) > calm_since + 1
    assert made[-1] == 0
    assert fold.pulse.totals[beat.SENT] > 20 * 24_000


def test_alerts_of_pings_come_and_go_within_batches():
    """At the seconds in which they would by themselves, which the law above compares."""
    far, near = [(1.0, 50, [0.45], None, 0)], [(1.0, 50, [0.02], None, 0)]
    held = streamed(near * 70 + far * 30 + near * 70)
    fold, _ = folded(held.told, at_once=True)
    other, _ = folded(held.told, at_once=False)
    told = [(each.metric, each.level, each.at) for each in fold.alerts.fresh]
    assert {level for _, level, _ in told} == {Level.OK, Level.WARNING, Level.BAD}
    assert {metric for metric, _, _ in told} == {"rtt", "jitter", "score"}
    assert state(fold) == state(other)


def test_the_seconds_of_a_line_that_is_not_live_are_folded_frame_by_frame():
    told = []
    batcher = Batcher(LINE, told.append)
    batcher.hold(told.append)
    batcher.beat(101.0, 1, sums={}, spreads={}, gauges={beat.OUTBOX: 0}, types={})
    batcher.release()
    fold = LineFold.begun(BEGAN)
    assert fold.presence.state != LIVE
    version = fold.version
    fold_batch(fold, told[0])
    assert (fold.version, fold.pulse.gauges) == (version + 1, {beat.OUTBOX: 0})


def test_levels_are_folded_frame_by_frame():
    assert {beat.INPUT_SAMPLES, beat.INPUT_PEAK, beat.BUFFERED, beat.LEAD_LEAST}.isdisjoint(
        calm._PLAIN
    )


@given(steps())
def test_a_fleet_counts_a_batch_like_its_frames_or_takes_it_apart(taken):
    held = streamed(taken)
    for apart in (False, True):
        one, other = FleetFold(), FleetFold()
        for fleet in (one, other):
            if apart:
                fleet.take_apart()
        for told in held.told:
            if isinstance(told, Batch):
                one.apply_batch(told)
                for frame in told.frames():
                    other.apply(frame)
            else:
                one.apply(told)
                other.apply(told)
        for fleet in (one, other):
            fleet.lines[LINE].version = 0
        assert json.loads(one.dump()) == json.loads(other.dump())


def test_a_batch_of_a_line_that_was_never_introduced_is_passed_over():
    fleet = FleetFold()
    fleet.take_apart()
    held = streamed([(1.0, 50, [0.02], None, 0)] * 12)
    fleet.apply_batch(next(one for one in held.told if isinstance(one, Batch)))
    assert fleet.lines == {}
    assert any(isinstance(one, Told) for one in held.told)


def test_a_line_of_hours_is_no_more_than_one_of_an_hour():
    """The longest window that can be asked for is an hour: until then it grows."""
    held, fold, sizes = Streaming(holds=True), LineFold.begun(BEGAN), []
    for second in range(3 * 3600):
        held.take((1.0, 50, [0.02 + second % 7 / 1000], None, 0))
        for one in held.told:
            if isinstance(one, Batch):
                fold_batch(fold, one)
            elif not isinstance(one, Began):
                fold.apply(one)
        held.told.clear()
        if second % 3600 == 3599:
            sizes.append(len(written({"fold": fold})))
    first, *later = sizes
    assert max(later) < 1.1 * first
