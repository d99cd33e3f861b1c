from __future__ import annotations

import pytest

from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.lifecycle import State
from trunkline.telemetry import happenings
from trunkline.telemetry.happenings import happening_of
from trunkline.telemetry.levels import Level

WHEN = {"at": 1.0, "epoch": 2}
CLOSURE = Closure(code=1006)


@pytest.mark.parametrize(
    ("fact", "type_", "note", "level", "latency"),
    [
        (seen.RoundTrip(rtt=0.391, **WHEN), "ping", "", Level.OK, 0.391),
        (seen.PingTimedOut(**WHEN), "ping.timeout", "no pong in time", Level.WARNING, None),
        (seen.LinkOpened(took=0.3, phases=(("tcp", 0.096), ("tls", 0.101)), **WHEN), "link.opened",
         "link 2  tcp 96  tls 101 ms", Level.OK, 0.3),
        (seen.LinkOpened(took=0.3, **WHEN), "link.opened", "link 2", Level.OK, 0.3),
        (seen.LinkEnded(closure=CLOSURE, verdict=judge(CLOSURE), lived=9.0, **WHEN), "link.ended",
         "link 2 ended after 9.0 s: the connection broke without a close frame (close 1006)", Level.BAD, None),
        (seen.Transition(source=State.LIVE, target=State.WAITING, cause="link lost", **WHEN), "state",
         "live → waiting (link lost)", Level.WARNING, None),
        (seen.Transition(source=State.DIALING, target=State.OPENING, cause="link opened", **WHEN), "state",
         "dialing → opening (link opened)", Level.OK, None),
        (seen.RetryScheduled(attempt=3, delay=1.4, **WHEN), "retry", "attempt 3 in 1.40 s", Level.WARNING, None),
        (seen.AudioGap(start_sample=24_000, samples=2400, reason="budget", **WHEN), "audio.gap",
         "gap of 100 ms at 1.00 s: budget", Level.BAD, None),
        (seen.PlayStarted(item_id="i", samples=0, **WHEN), "playout.started", "", Level.OK, None),
        (seen.PlayStopped(item_id="i", cut=True, **WHEN), "playout.stopped", "cut", Level.OK, None),
        (seen.TruncateConfirmed(item_id="i", took=0.061, **WHEN), "truncate.confirmed", "", Level.OK, 0.061),
        (seen.WriterStalled(took=0.5, **WHEN), "send.stalled", "the link took nothing", Level.WARNING, 0.5),
        (seen.Muted(on=True, **WHEN), "muted", "muted: silence is sent", Level.OK, None),
    ],
)  # fmt: skip
def test_what_happens_is_a_line(fact, type_, note, level, latency):
    found = happening_of(fact, 24_000)
    assert (found.type, found.level, found.latency_s) == (type_, level, latency)
    assert found.note == note


@pytest.mark.parametrize(
    "fact",
    [
        seen.AudioAccepted(samples=1, **WHEN),
        seen.LoopLagged(lag=0.1, **WHEN),
        seen.Milestone(kind=seen.MilestoneKind.COMMITTED, **WHEN),
    ],
)
def test_what_messages_tell_is_no_happening(fact):
    assert happening_of(fact, 24_000) is None


def test_no_fact_has_two_lines():
    assert not set(happenings._OWN) & set(happenings._NAMED)
