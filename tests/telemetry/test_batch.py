"""Seconds that are alike, held back: what they were, and when they are handed on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.batching import LINE, Streaming, steps
from trunkline.protocol.observations import Anomaly, RoundTrip
from trunkline.telemetry import beat
from trunkline.telemetry.batch import BATCH_SECONDS, Batch, Batcher
from trunkline.telemetry.frames import Beat, Told

SUMS = {beat.SENT: 24_000, beat.STALLED: 0.25}
GAUGES = {beat.OUTBOX: 480, beat.HEARD_AT: 3.5}
TYPES = {"up a": 50, "down b": 49}


def beaten(batcher, at, *, sums=None, epoch=1, gaps=(3, 4)):
    spreads = {beat.DELTA_GAP: gaps} if gaps else {}
    batcher.beat(
        at,
        epoch,
        sums=dict(sums or SUMS),
        spreads=spreads,
        gauges=dict(GAUGES),
        types=dict(TYPES),
    )


@pytest.fixture
def told():
    return []


@pytest.fixture
def batcher(told):
    made = Batcher("x", told.append, phase=4)
    made.hold(told.append)
    return made


def trip(at, rtt=0.02, epoch=1):
    return RoundTrip(at=at, epoch=epoch, rtt=rtt)


def test_seconds_that_are_alike_come_as_one_and_are_what_they_were(batcher, told):
    for second in range(1, 4):
        beaten(batcher, float(second))
        assert batcher.ping(trip(second + 0.4, rtt=second / 100))
    assert told == []
    batcher.release()
    (batch,) = told
    frames = list(batch.frames())
    assert [type(one) for one in frames] == [Beat, Told] * 3
    assert frames[2] == Beat(
        line="x",
        at=2.0,
        epoch=1,
        sums=SUMS,
        spreads={beat.DELTA_GAP: (3, 4)},
        gauges=GAUGES,
        types=TYPES,
    )
    assert [type(value) for value in frames[2].gauges.values()] == [int, float]
    assert [type(value) for value in frames[2].types.values()] == [int, int]
    assert frames[3].fact == trip(2.4, rtt=0.02)
    assert (len(batch), batch.until) == (3, 3.0)


def test_a_ping_stands_before_the_beat_of_its_second(batcher, told):
    beaten(batcher, 1.0)
    batcher.ping(trip(1.1))
    batcher.ping(trip(1.9))
    beaten(batcher, 2.0)
    batcher.release()
    assert [type(one) for one in told[0].frames()] == [Beat, Told, Told, Beat]


def test_nothing_is_held_while_it_is_off(told):
    batcher = Batcher("x", told.append)
    beaten(batcher, 1.0)
    assert not batcher.ping(trip(1.5))
    assert [type(one) for one in told] == [Beat]


def test_a_batch_is_handed_on_before_it_is_long(batcher, told):
    for second in range(1, 3 * BATCH_SECONDS):
        beaten(batcher, float(second))
    assert [len(one) for one in told] == [7, BATCH_SECONDS, BATCH_SECONDS]


def test_lines_with_other_phases_hand_on_at_other_seconds():
    handed = set()
    for phase in range(BATCH_SECONDS):
        told = []
        batcher = Batcher("x", told.append, phase=phase)
        batcher.hold(told.append)
        for second in range(1, BATCH_SECONDS + 1):
            beaten(batcher, float(second))
        handed.add(told[0].until)
    assert len(handed) == BATCH_SECONDS


def test_whatever_else_is_told_comes_behind_what_was_held_back(batcher, told):
    beaten(batcher, 1.0)
    rare = Told(line="x", fact=Anomaly(at=1.1, epoch=1, kind="k", sample=""))
    batcher.emit(rare)
    assert [type(one) for one in told] == [Batch, Told]
    assert told[1] is rare


@pytest.mark.parametrize(
    "other",
    [
        {"sums": {beat.SENT: 24_000}},
        {"sums": {beat.SENT: 24_000.0, beat.STALLED: 0.25}},
        {"epoch": 2},
        {"at": 3.0},
    ],
    ids=["other names", "other kinds of numbers", "another epoch", "a second without a word"],
)
def test_a_second_that_is_not_like_the_one_before_begins_another_batch(batcher, told, other):
    beaten(batcher, 1.0)
    beaten(batcher, **({"at": 2.0} | other))
    assert [len(one) for one in told] == [1]
    batcher.release()
    assert [len(one) for one in told] == [1, 1]


def test_a_beat_that_ends_within_a_second_or_measured_more_is_not_held(batcher, told):
    beaten(batcher, 1.5)
    batcher.beat(2.0, 1, sums={}, spreads={beat.LATENESS: (1,)}, gauges=dict(GAUGES), types={})
    assert [type(one) for one in told] == [Beat, Beat]


def test_a_ping_behind_a_batch_stands_before_the_first_beat_of_the_next(batcher, told):
    assert batcher.ping(trip(0.5))
    beaten(batcher, 1.0)
    batcher.release()
    assert batcher.ping(trip(1.5))
    beaten(batcher, 2.0)
    batcher.release()
    assert [type(one) for one in told] == [Batch, Batch]
    assert [type(one) for batch in told for one in batch.frames()] == [Told, Beat, Told, Beat]


@pytest.mark.parametrize(
    "early", [trip(0.5), trip(1.5, epoch=2)], ids=["before the pause", "another link"]
)
def test_a_ping_that_is_not_of_the_first_second_of_a_batch_is_told_before_it(batcher, told, early):
    assert batcher.ping(early)
    beaten(batcher, 2.0)
    batcher.release()
    assert [type(one) for one in told] == [Told, Batch]
    assert told[0].fact is early


def test_pings_alone_do_not_wait_for_ever_and_come_before_whatever_else_is_told(batcher, told):
    pings = [trip(0.1 * number) for number in range(BATCH_SECONDS + 1)]
    assert [batcher.ping(ping) for ping in pings] == [True] * BATCH_SECONDS + [False]
    batcher.emit(Told(line="x", fact=pings[-1]))
    assert [one.fact for one in told] == pings


def test_a_ping_that_is_of_another_link_or_before_the_last_beat_is_not_held(batcher):
    beaten(batcher, 1.0)
    assert not batcher.ping(trip(1.5, epoch=2))
    assert not batcher.ping(trip(0.9))


@given(steps())
def test_held_back_or_not_a_line_tells_the_same(taken):
    plain, held = Streaming(), Streaming(holds=True)
    for step in taken:
        plain.take(step)
        held.take(step)
    assert held.frames() == plain.frames()
    assert plain.frames()[0].line == LINE


@given(steps(), st.integers(0, 40))
def test_to_hold_no_longer_hands_on_all_that_was_held(taken, at):
    held = Streaming(holds=True)
    for step in taken[:at]:
        held.take(step)
    held.digester.hold(None)
    before = len(held.told)
    for step in taken[at:]:
        held.take(step)
    assert not any(isinstance(one, Batch) for one in held.told[before:])
