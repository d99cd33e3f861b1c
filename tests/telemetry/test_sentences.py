from __future__ import annotations

import pytest

from telemetry.recorded import RATE_HZ, recorded
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import (
    Anomaly,
    AudioGap,
    AudioSent,
    AudioTruncated,
    CaptureOverrun,
    Congested,
    Direction,
    DrainBegun,
    Fenced,
    FunctionAnswered,
    FunctionCalled,
    LinkEnded,
    LoopBlocked,
    MessagePassed,
    Milestone,
    MilestoneKind,
    Muted,
    PingTimedOut,
    PlayStopped,
    ResponseFailed,
    Rotated,
    RotationBegun,
    RotationFailed,
    ServerError,
    Stalled,
    Suspended,
    TakenOver,
    Transition,
    TruncateConfirmed,
)
from trunkline.telemetry.levels import Level
from trunkline.telemetry.sentences import LIMIT_CHARS, describe


def _link_ended(**evidence):
    closure = Closure(**evidence)
    return LinkEnded(at=1.0, epoch=2, closure=closure, verdict=judge(closure), lived=3.25)


def _rotated(**fields):
    usual = {
        "old_epoch": 1,
        "items": 3,
        "items_dropped": 0,
        "replayed_samples": 12_000,
        "lost_samples": 0,
        "verified": True,
        "owed": False,
        "moment": "in silence",
        "took": 1.25,
    }
    return Rotated(at=1.0, epoch=2, **usual | fields)


@pytest.mark.parametrize(
    ("fact", "level", "words"),
    [
        (_link_ended(code=1011), Level.BAD,
         "link 2 ended after 3.2 s: the server met an unexpected condition (close 1011)"),
        (_link_ended(code=1000, by_us=True), Level.OK, "link 2 closed by us"),
        (AudioGap(at=1.0, epoch=1, start_sample=24_000, samples=480, reason="budget"), Level.BAD,
         "gap of 20 ms at 1.00 s: budget"),
        (AudioTruncated(at=1.0, epoch=1, item_id="i", heard_ms=120), Level.UNKNOWN,
         "reply cut to the 120 ms that were heard"),
        (ResponseFailed(at=1.0, epoch=1, response_id="r", code="c", message="m"), Level.BAD,
         "response failed, c: m"),
        (TakenOver(at=1.0, epoch=0, items=2, accepted_samples=24_000, consumed_samples=0,
                   gap_samples=0), Level.UNKNOWN,
         "taken over: 2 items, 1000 ms of audio retained"),
        (Fenced(at=1.0, epoch=2, stale_epoch=1, what="delta"), Level.UNKNOWN,
         "discarded from link 1: delta"),
        (Milestone(at=1.0, epoch=1, kind=MilestoneKind.RESPONSE_DONE, status="failed"),
         Level.WARNING, "response done: failed"),
        (ServerError(at=1.0, epoch=1, code="c", type="t", message="m"), Level.WARNING,
         "the server sent an error, c: m"),
        (PingTimedOut(at=1.0, epoch=1), Level.WARNING, "a ping was not answered in time"),
        (CaptureOverrun(at=1.0, epoch=1, lost_ms=40.0), Level.WARNING, "the microphone lost 40 ms"),
        (PlayStopped(at=1.0, epoch=1, item_id="i", cut=True), Level.UNKNOWN,
         "the speaker is silent, as asked"),
        (TruncateConfirmed(at=1.0, epoch=1, item_id="i", took=0.061), Level.OK,
         "the server cut the reply as asked, after 61 ms"),
        (FunctionCalled(at=1.0, epoch=1, call_id="c", name="get_slot"), Level.UNKNOWN,
         "the model calls get_slot"),
        (FunctionAnswered(at=1.0, epoch=1, call_id="c"), Level.UNKNOWN,
         "a function's output was given"),
        (Muted(at=1.0, epoch=1, on=True), Level.UNKNOWN, "muted: silence is sent"),
        (Muted(at=1.0, epoch=1, on=False), Level.UNKNOWN, "no longer muted"),
        (DrainBegun(at=1.0, epoch=1), Level.UNKNOWN,
         "the line will close when the answer has ended"),
        (Transition(at=1.0, epoch=1, source=State.LIVE, target=State.WAITING, cause="link lost"),
         Level.WARNING, "live → waiting (link lost)"),
        (Congested(at=1.0, epoch=1, waiting_samples=24_000, over=False), Level.WARNING,
         "the link is slower than the audio: 1000 ms wait"),
        (Congested(at=1.0, epoch=1, waiting_samples=0, over=True), Level.OK,
         "the link takes the audio again"),
        (Stalled(at=1.0, epoch=1, response_id="", silence=10.04, over=False), Level.WARNING,
         "the model stalls: nothing for 10.0 s on a link that lives"),
        (Stalled(at=1.0, epoch=1, response_id="", silence=12.0, over=True), Level.OK,
         "no longer stalled, after 12.0 s"),
        (RotationBegun(at=1.0, epoch=1, cause="planned", within=180.0), Level.UNKNOWN,
         "rotation begun, planned, within 180 s"),
        (_rotated(), Level.OK,
         "rotated 1 → 2 in silence, 3 items, replayed 500 ms, lost 0 ms, took 1.25 s"),
        (_rotated(lost_samples=480, items_dropped=2, verified=False, owed=True,
                  moment="at the deadline"), Level.WARNING,
         ("rotated 1 → 2 at the deadline, 3 items, replayed 500 ms, lost 20 ms, 2 items dropped, "
          "echoes differ or are late, reply asked for again, took 1.25 s")),
        (RotationFailed(at=1.0, epoch=1, cause="too many requests", advice="wait",
                        closure=Closure(status=429), final=False), Level.WARNING,
         "second link failed, will be tried again: too many requests (HTTP 429)"),
        (RotationFailed(at=1.0, epoch=1, cause="no second link in time", advice="", closure=None,
                        final=True), Level.WARNING,
         "rotation given up: no second link in time"),
        (Transition(at=1.0, epoch=1, source=State.LIVE, target=State.ROTATING, cause="rotate"),
         Level.OK, "live → rotating (rotate)"),
        (LoopBlocked(at=1.0, epoch=1, lag=5.25), Level.WARNING,
         "the event loop was blocked for 5.25 s"),
        (Suspended(at=1.0, epoch=1, gap=3600.0), Level.WARNING, "this machine slept for 3600 s"),
    ],
)  # fmt: skip
def test_what_is_said(fact, level, words):
    sentence = describe(fact, RATE_HZ)
    assert (sentence.level, sentence.text) == (level, words)


@pytest.mark.parametrize(
    "fact",
    [
        AudioSent(at=1.0, epoch=1, samples=480, replayed=False),
        Milestone(at=1.0, epoch=1, kind=MilestoneKind.COMMITTED),
        MessagePassed(at=1.0, epoch=1, direction=Direction.DOWN, type="error", size_bytes=9),
        PlayStopped(at=1.0, epoch=1, item_id="i", cut=False),
        Transition(at=1.0, epoch=1, source=State.DIALING, target=State.OPENING, cause="x"),
    ],
)
def test_what_comes_by_the_chunk_or_is_told_otherwise_is_not_said(fact):
    assert describe(fact, RATE_HZ) is None


def test_foreign_words_are_cleaned_and_cut():
    sentence = describe(Anomaly(at=1.0, epoch=1, kind="odd", sample="\x1b[31m" * 500), RATE_HZ)
    assert "\x1b" not in sentence.text
    assert len(sentence.text) <= LIMIT_CHARS


def test_all_of_a_recording_can_be_told():
    assert all(s is None or s.text for s in (describe(fact, RATE_HZ) for fact in recorded()))
