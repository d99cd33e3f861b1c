"""Which seconds need not be judged one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.batching import BEGAN, Streaming
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.lifecycle import State
from trunkline.telemetry import beat
from trunkline.telemetry.alerts import rules_of
from trunkline.telemetry.batch import Batch
from trunkline.telemetry.batch_fold import fold_batch
from trunkline.telemetry.calm import is_calm, pings_are_good
from trunkline.telemetry.fold import LineFold
from trunkline.telemetry.frames import Told
from trunkline.telemetry.levels import THRESHOLDS, Level
from trunkline.telemetry.roundtrip import RoundTrips

GOOD = (1.0, 50, [0.02], None, 0)


def streamed(seconds=20, *, last=GOOD, began=BEGAN):
    """A fold of a line that streams, and a batch behind whose first second it stands."""
    held = Streaming(holds=True)
    for _ in range(seconds):
        held.take(GOOD)
    for _ in range(seconds):
        held.take(last)
    *before, batch = (one for one in held.told if isinstance(one, Batch) and len(one) > 5)
    fold = LineFold.begun(began)
    for one in held.told[1:]:
        if one is batch:
            break
        if isinstance(one, Batch):
            fold_batch(fold, one)
        else:
            fold.apply(one)
    assert before
    first = Batch(batch.line, batch.epoch, batch.first, batch.shape)
    first.rows, first.ends = batch.row(0), batch.ends[:1]
    first.gaps = batch.gaps_of(0)
    fold_batch(fold, first)
    fold.settle(batch.first + 1)
    return fold, batch


def test_seconds_of_a_line_that_goes_well_are_calm():
    fold, batch = streamed()
    assert is_calm(fold, batch)
    assert pings_are_good(fold, batch)


def test_before_there_are_pings_enough_nothing_is():
    fold, batch = streamed()
    fold.scorer.known = False
    assert not is_calm(fold, batch)


@pytest.mark.parametrize(
    ("bad", "pings", "expected"),
    [
        (0.5, 40, True),
        (0.5, 12, False),
        # A twentieth of a minute's may be.
        (0.5, 58, True),
        (6.0, 12, False),
    ],
)
def test_one_ping_of_many_may_have_taken_long(bad, pings, expected):
    fold, batch = streamed()
    trips = RoundTrips()
    for number in range(pings):
        trips.add(batch.first - pings + number, 0.02)
    worst = trips.recent
    worst[0] = bad
    fold.round_trips = trips
    assert is_calm(fold, batch)
    assert pings_are_good(fold, batch) is expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ((1.0, 50, [0.5], None, 0), (True, False)),
        ((1.0, 50, [0.02, 0.2], None, 0), (True, False)),
        ((1.0, 50, [0.02], None, 480_000), (False, False)),
    ],
    ids=["a ping took long", "pings differ", "audio waits"],
)
def test_a_second_that_may_be_bad_is_not(last, expected):
    fold, batch = streamed(last=last)
    assert (is_calm(fold, batch), pings_are_good(fold, batch)) == expected


def over(fold):
    fold.ended_at = 1.0


def watched(fold):
    fold.alerts.raise_at_once("x", Level.BAD, "x", 1.0)


def lately(fold):
    fold.alerts.worst_lately = Level.BAD


def lost(fold):
    fold.scorer.lost = True


def reconnected(fold):
    at, closure = float(fold.pulse.second - 20), Closure(code=1006)
    ended = seen.LinkEnded(at=at, epoch=1, closure=closure, verdict=judge(closure), lived=1.0)
    fold.outages.link_ended(ended)
    fold.outages.live(at + 1, 2)


def broken(fold):
    reconnected(fold)
    fold.outages.kept[-1] = replace(fold.outages.kept[-1], seconds=None)


def speaking(fold):
    fold.pulse.speaks(1.0)


def starved(fold):
    fold.pulse.extremes[beat.BUFFERED_LEAST] = 3.0


def timed(fold):
    fold.pulse.fresh[beat.LATENESS] = (1,)


def loud(fold):
    fold.pulse.voice.samples = 480.0


def unsent(fold):
    fold.pulse.gauges[beat.UNSENT] = 10


def waiting(fold):
    fold.pulse.gauges[beat.OUTBOX] = 480_000


def narrow(fold):
    fold.pulse.history = fold.pulse.history.begun(fold.pulse.second)


def unavailable(fold):
    fold.began = replace(fold.began, at=fold.pulse.second - 700.0)
    fold.presence.wanted_s += 300.0


@pytest.mark.parametrize(
    "happened",
    [
        over, watched, lately, lost, reconnected, broken, speaking, starved, timed, loud, unsent,
        waiting, narrow, unavailable,
    ],
)  # fmt: skip
def test_seconds_are_not_calm_on_a_line_that_is_not(happened):
    fold, batch = streamed()
    happened(fold)
    assert not is_calm(fold, batch)


def strict(fold):
    fold.judge_by(rules_of({**THRESHOLDS, "score": replace(THRESHOLDS["score"], warning=99.9)}))


def far(fold):
    fold.alerts.raise_at_once("rtt", Level.BAD, "x", 1.0)
    fold.alerts.taken_worst()


@pytest.mark.parametrize("happened", [strict, far])
def test_what_pings_move_is_asked_about_by_itself(happened):
    fold, batch = streamed()
    happened(fold)
    assert is_calm(fold, batch)
    assert not pings_are_good(fold, batch)


def test_an_outage_of_long_ago_is_over():
    fold, batch = streamed()
    reconnected(fold)
    kept = fold.outages.kept
    kept[-1] = replace(kept[-1], at=kept[-1].at - 700)
    assert is_calm(fold, batch)


def test_an_old_line_that_was_there_all_the_time_is_calm():
    fold, batch = streamed(began=replace(BEGAN, at=BEGAN.at - 700))
    assert is_calm(fold, batch)


def test_what_began_between_is_not_the_next_second():
    fold, batch = streamed()
    live = State.LIVE
    told = seen.Transition(
        at=batch.first + 3.5, epoch=1, source=live, target=State.ROTATING, cause="c"
    )
    fold.apply(Told(line="x", fact=told))
    assert not is_calm(fold, batch)
