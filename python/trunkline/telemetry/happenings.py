"""What happens on our own side, as a line of the event inspector: its name, its note, how good and how long it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from trunkline.protocol import observations as seen
from trunkline.telemetry.levels import Level
from trunkline.telemetry.sentences import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Observation

__all__ = ["Happening", "happening_of"]


class Happening(NamedTuple):
    """One line."""

    type: str
    note: str
    level: Level = Level.OK
    latency_s: float | None = None
    item_id: str = ""


_Fact = TypeVar("_Fact", bound="Observation")


def happening_of(fact: Observation, rate_hz: int) -> Happening | None:
    """The line for a fact; None for those that messages tell, or that come by the chunk."""
    own = _OWN.get(type(fact))
    if own is not None:
        return own(fact)
    name = _NAMED.get(type(fact))
    sentence = None if name is None else describe(fact, rate_hz)
    if name is None or sentence is None:
        return None
    level = Level.OK if sentence.level is Level.UNKNOWN else sentence.level
    return Happening(name, sentence.text, level)


def _link_opened(fact: seen.LinkOpened) -> Happening:
    phases = "  ".join(f"{name} {took * 1000:.0f}" for name, took in fact.phases)
    note = f"link {fact.epoch}  {phases} ms" if phases else f"link {fact.epoch}"
    return Happening("link.opened", note, latency_s=fact.took)


def _transition(fact: seen.Transition) -> Happening:
    note = f"{fact.source.value} → {fact.target.value} ({fact.cause})"
    bad = fact.target.value in ("waiting", "failed")
    return Happening("state", note, Level.WARNING if bad else Level.OK)


def _ping(fact: seen.RoundTrip) -> Happening:
    return Happening("ping", "", latency_s=fact.rtt)


def _ping_timed_out(_: seen.PingTimedOut) -> Happening:
    return Happening("ping.timeout", "no pong in time", Level.WARNING)


def _play_started(fact: seen.PlayStarted) -> Happening:
    return Happening("playout.started", "", item_id=fact.item_id)


def _play_stopped(fact: seen.PlayStopped) -> Happening:
    return Happening("playout.stopped", "cut" if fact.cut else "", item_id=fact.item_id)


def _truncate_confirmed(fact: seen.TruncateConfirmed) -> Happening:
    return Happening("truncate.confirmed", "", latency_s=fact.took, item_id=fact.item_id)


def _stalled_writer(fact: seen.WriterStalled) -> Happening:
    return Happening("send.stalled", "the link took nothing", Level.WARNING, latency_s=fact.took)


def _row(
    kind: type[_Fact], words: Callable[[_Fact], Happening]
) -> tuple[type[Observation], Callable[[Observation], Happening]]:
    """A row of the table; the key is the type the function takes."""
    return kind, cast("Callable[[Observation], Happening]", words)


_OWN: dict[type[Observation], Callable[[Observation], Happening]] = dict(
    [
        _row(seen.LinkOpened, _link_opened),
        _row(seen.Transition, _transition),
        _row(seen.RoundTrip, _ping),
        _row(seen.PingTimedOut, _ping_timed_out),
        _row(seen.PlayStarted, _play_started),
        _row(seen.PlayStopped, _play_stopped),
        _row(seen.TruncateConfirmed, _truncate_confirmed),
        _row(seen.WriterStalled, _stalled_writer),
    ]
)
"""Those that are said otherwise here than in the log."""

_NAMED: dict[type[Observation], str] = {
    seen.LinkEnded: "link.ended",
    seen.RetryScheduled: "retry",
    seen.Restored: "restored",
    seen.TakenOver: "taken over",
    seen.RotationBegun: "rotation.begun",
    seen.Rotated: "rotated",
    seen.RotationFailed: "rotation.failed",
    seen.AudioGap: "audio.gap",
    seen.AudioTruncated: "audio.truncated",
    seen.CaptureOverrun: "capture.overrun",
    seen.Anomaly: "anomaly",
    seen.Fenced: "fenced",
    seen.Congested: "congested",
    seen.Stalled: "model.stalled",
    seen.LoopBlocked: "loop.blocked",
    seen.Suspended: "suspended",
    seen.Muted: "muted",
    seen.DrainBegun: "drain",
}
"""Those that the log has the words for."""
