"""Each observation that a person should see, in words; the journal and the logs share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from trunkline.protocol.closure import Disposition
from trunkline.protocol.observations import (
    Anomaly,
    AudioGap,
    AudioTruncated,
    CaptureOverrun,
    Congested,
    DrainBegun,
    Fenced,
    FunctionAnswered,
    FunctionCalled,
    LinkEnded,
    LinkOpened,
    LoopBlocked,
    Milestone,
    MilestoneKind,
    Muted,
    PingTimedOut,
    PlayStopped,
    ResponseFailed,
    Restored,
    RetryScheduled,
    Rotated,
    RotationBegun,
    RotationFailed,
    ServerError,
    SessionReady,
    Stalled,
    Suspended,
    TakenOver,
    Transition,
    TruncateConfirmed,
)
from trunkline.telemetry.levels import Level
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Observation

__all__ = ["LIMIT_CHARS", "Sentence", "describe"]

LIMIT_CHARS = 240
"""Longer sentences are cut: a foreign reason must not push everything else away."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened, and how good that is."""

    level: Level
    text: Clean


_Fact = TypeVar("_Fact", bound="Observation")


def describe(fact: Observation, rate_hz: int) -> Sentence | None:
    """The sentence for a fact; None for those that come by the second or by the chunk."""
    words = _WORDS.get(type(fact))
    said = words(fact, rate_hz) if words else None
    return None if said is None else Sentence(said[0], clean(said[1], limit_chars=LIMIT_CHARS))


_Words = tuple[Level, str] | None


def _milliseconds(samples: int, rate_hz: int) -> str:
    return f"{round(samples * 1000 / rate_hz)} ms"


_STATE_LEVELS = {
    "live": Level.OK,
    "rotating": Level.OK,
    "closed": Level.OK,
    "waiting": Level.WARNING,
    "failed": Level.BAD,
}

# Each of these is entered by a fact that has its own sentence: link opened, session ready, restored.
_TOLD_OTHERWISE = frozenset({"opening", "configuring", "restoring"})


def _transition(fact: Transition, _: int) -> _Words:
    target = str(fact.target.value)
    if target in _TOLD_OTHERWISE:
        return None
    level = _STATE_LEVELS.get(target, Level.UNKNOWN)
    return level, f"{fact.source.value} → {target} ({fact.cause})"


def _link_opened(fact: LinkOpened, _: int) -> _Words:
    return Level.UNKNOWN, f"link {fact.epoch} open after {fact.took * 1000:.0f} ms"


def _session_ready(fact: SessionReady, _: int) -> _Words:
    return Level.OK, f"session {fact.session_id} of {fact.model}"


def _link_ended(fact: LinkEnded, _: int) -> _Words:
    if fact.verdict.disposition is Disposition.DONE:
        return Level.OK, f"link {fact.epoch} closed by us"
    lived = f"link {fact.epoch} ended after {fact.lived:.1f} s"
    return Level.BAD, f"{lived}: {fact.verdict.cause} ({fact.closure.describe()})"


def _retry_scheduled(fact: RetryScheduled, _: int) -> _Words:
    return Level.WARNING, f"attempt {fact.attempt} in {fact.delay:.2f} s"


def _restored(fact: Restored, rate_hz: int) -> _Words:
    return _moved(fact, rate_hz, f"restored {fact.items} items", "echoes differ")


def _moved(fact: Restored | Rotated, rate_hz: int, what: str, unverified: str) -> _Words:
    """A conversation is in another session now."""
    level = Level.OK if fact.verified and not fact.lost_samples else Level.WARNING
    parts = [
        what,
        f"replayed {_milliseconds(fact.replayed_samples, rate_hz)}",
        f"lost {_milliseconds(fact.lost_samples, rate_hz)}",
        f"{fact.items_dropped} items dropped" if fact.items_dropped else "",
        "" if fact.verified else unverified,
        "reply asked for again" if fact.owed else "",
        f"took {fact.took:.2f} s",
    ]
    return level, ", ".join(part for part in parts if part)


def _taken_over(fact: TakenOver, rate_hz: int) -> _Words:
    retained = fact.accepted_samples - fact.consumed_samples - fact.gap_samples
    return (
        Level.UNKNOWN,
        f"taken over: {fact.items} items, {_milliseconds(retained, rate_hz)} of audio retained",
    )


def _failed(fact: ResponseFailed, _: int) -> _Words:
    return Level.BAD, f"response failed, {fact.code}: {fact.message}"


def _rotation_begun(fact: RotationBegun, _: int) -> _Words:
    return Level.UNKNOWN, f"rotation begun, {fact.cause}, within {fact.within:.0f} s"


def _rotated(fact: Rotated, rate_hz: int) -> _Words:
    what = f"rotated {fact.old_epoch} → {fact.epoch} {fact.moment}, {fact.items} items"
    return _moved(fact, rate_hz, what, "echoes differ or are late")


def _rotation_failed(fact: RotationFailed, _: int) -> _Words:
    how = "" if fact.closure is None else f" ({fact.closure.describe()})"
    what = "rotation given up" if fact.final else "second link failed, will be tried again"
    return Level.WARNING, f"{what}: {fact.cause}{how}"


def _gap(fact: AudioGap, rate_hz: int) -> _Words:
    where = fact.start_sample / rate_hz
    return (
        Level.BAD,
        f"gap of {_milliseconds(fact.samples, rate_hz)} at {where:.2f} s: {fact.reason}",
    )


def _truncated(fact: AudioTruncated, _: int) -> _Words:
    return Level.UNKNOWN, f"reply cut to the {fact.heard_ms} ms that were heard"


_QUIET_MILESTONES = frozenset({MilestoneKind.COMMITTED})


def _milestone(fact: Milestone, _: int) -> _Words:
    if fact.kind in _QUIET_MILESTONES:
        return None
    good = fact.status in ("", "completed")
    level = Level.OK if good else Level.WARNING
    return level, f"{fact.kind.value}: {fact.status}" if fact.status else fact.kind.value


def _anomaly(fact: Anomaly, _: int) -> _Words:
    return Level.WARNING, f"anomaly, {fact.kind}: {fact.sample}"


def _fenced(fact: Fenced, _: int) -> _Words:
    return Level.UNKNOWN, f"discarded from link {fact.stale_epoch}: {fact.what}"


def _server_error(fact: ServerError, _: int) -> _Words:
    return Level.WARNING, f"the server sent an error, {fact.code or fact.type}: {fact.message}"


def _ping_timed_out(_: PingTimedOut, __: int) -> _Words:
    return Level.WARNING, "a ping was not answered in time"


def _capture_overrun(fact: CaptureOverrun, _: int) -> _Words:
    return Level.WARNING, f"the microphone lost {fact.lost_ms:.0f} ms"


def _play_stopped(fact: PlayStopped, _: int) -> _Words:
    return (Level.UNKNOWN, "the speaker is silent, as asked") if fact.cut else None


def _truncate_confirmed(fact: TruncateConfirmed, _: int) -> _Words:
    return Level.OK, f"the server cut the reply as asked, after {fact.took * 1000:.0f} ms"


def _function_called(fact: FunctionCalled, _: int) -> _Words:
    return Level.UNKNOWN, f"the model calls {fact.name}"


def _function_answered(_: FunctionAnswered, __: int) -> _Words:
    return Level.UNKNOWN, "a function's output was given"


def _muted(fact: Muted, _: int) -> _Words:
    return Level.UNKNOWN, "muted: silence is sent" if fact.on else "no longer muted"


def _drain_begun(_: DrainBegun, __: int) -> _Words:
    return Level.UNKNOWN, "the line will close when the answer has ended"


def _congested(fact: Congested, rate_hz: int) -> _Words:
    if fact.over:
        return Level.OK, "the link takes the audio again"
    waiting = _milliseconds(fact.waiting_samples, rate_hz)
    return Level.WARNING, f"the link is slower than the audio: {waiting} wait"


def _stalled(fact: Stalled, _: int) -> _Words:
    if fact.over:
        return Level.OK, f"no longer stalled, after {fact.silence:.1f} s"
    return Level.WARNING, f"the model stalls: nothing for {fact.silence:.1f} s on a link that lives"


def _loop_blocked(fact: LoopBlocked, _: int) -> _Words:
    return Level.WARNING, f"the event loop was blocked for {fact.lag:.2f} s"


def _suspended(fact: Suspended, _: int) -> _Words:
    return Level.WARNING, f"this machine slept for {fact.gap:.0f} s"


def _row(
    kind: type[_Fact], words: Callable[[_Fact, int], _Words]
) -> tuple[type[Observation], Callable[[Observation, int], _Words]]:
    """A row of the table; the key is the type the function takes."""
    return kind, cast("Callable[[Observation, int], _Words]", words)


_WORDS: dict[type[Observation], Callable[[Observation, int], _Words]] = dict(
    [
        _row(Transition, _transition),
        _row(LinkOpened, _link_opened),
        _row(SessionReady, _session_ready),
        _row(LinkEnded, _link_ended),
        _row(RetryScheduled, _retry_scheduled),
        _row(Restored, _restored),
        _row(TakenOver, _taken_over),
        _row(ResponseFailed, _failed),
        _row(RotationBegun, _rotation_begun),
        _row(Rotated, _rotated),
        _row(RotationFailed, _rotation_failed),
        _row(AudioGap, _gap),
        _row(AudioTruncated, _truncated),
        _row(Milestone, _milestone),
        _row(Anomaly, _anomaly),
        _row(Fenced, _fenced),
        _row(ServerError, _server_error),
        _row(PingTimedOut, _ping_timed_out),
        _row(CaptureOverrun, _capture_overrun),
        _row(PlayStopped, _play_stopped),
        _row(TruncateConfirmed, _truncate_confirmed),
        _row(FunctionCalled, _function_called),
        _row(FunctionAnswered, _function_answered),
        _row(Muted, _muted),
        _row(DrainBegun, _drain_begun),
        _row(Congested, _congested),
        _row(Stalled, _stalled),
        _row(LoopBlocked, _loop_blocked),
        _row(Suspended, _suspended),
    ]
)
