"""What a talker should be told while he talks, in words: outages, what they cost, and what becomes of his devices."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from trunkline.devices.base import Change, Notice
from trunkline.protocol.observations import (
    AudioGap,
    CaptureOverrun,
    Congested,
    LinkEnded,
    ResponseFailed,
    Restored,
    RetryScheduled,
    Rotated,
    Stalled,
    Suspended,
    Transition,
)
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Observation

__all__ = ["News", "Tidings", "Weight", "of_device"]

_RATE_HZ = 24_000
# Beyond that a person notices a hole in what a microphone gives.
_NOTICEABLE_MS = 100.0


class Weight(Enum):
    """How good a piece of news is."""

    GOOD = "good"
    PLAIN = "plain"
    WARNING = "warning"
    BAD = "bad"


class Tidings(NamedTuple):
    """One piece of news, clean."""

    weight: Weight
    text: str


class News:
    """An observer of a line, which hands on what is worth a line of its own."""

    def __init__(self, tell: Callable[[Tidings], None]) -> None:
        self._tell = tell
        self._cause: str | None = None
        """Why the link ended, until it is known when the line comes back."""
        self._is_out = False
        """Whether a link was lost and nothing restored yet: what that costs is told once, then."""

    def __call__(self, fact: Observation) -> None:
        """Takes one fact."""
        handler = _HANDLERS.get(type(fact))
        if handler is not None:
            handler(self, fact)

    def say(self, weight: Weight, text: str) -> None:
        """Hands on what somebody else found, cleaned."""
        self._tell(Tidings(weight, clean(text, limit_chars=300)))

    def _ended(self, fact: LinkEnded) -> None:
        if not fact.closure.by_us:
            self._cause, self._is_out = fact.verdict.cause, True

    def _scheduled(self, fact: RetryScheduled) -> None:
        when = f"{fact.delay:.1f} s"
        if fact.attempt == 1:
            self._lost(f"coming back in {when}")
        else:
            cause, self._cause = self._cause or "no link", None
            self.say(Weight.WARNING, f"not yet back: {cause}; next try in {when}")

    def _moved(self, fact: Transition) -> None:
        """A link that is dialed again at once has no time to wait for; one that is final is told as the error it is."""
        if fact.target.value == "dialing":
            self._lost("coming back at once")
        elif fact.target.value == "failed":
            self._cause = None

    def _lost(self, then: str) -> None:
        if self._cause is not None:
            cause, self._cause = self._cause, None
            self.say(Weight.WARNING, f"link lost: {cause}; {then}")

    def _restored(self, fact: Restored) -> None:
        self._is_out = False
        took = f"{fact.took * 1000:.0f} ms" if fact.took < 1 else f"{fact.took:.1f} s"
        lost_ms = fact.lost_samples * 1000 / _RATE_HZ
        what = f"{lost_ms:.0f} ms of what you said lost" if lost_ms else "nothing lost"
        dropped = f", {fact.items_dropped} oldest items left out" if fact.items_dropped else ""
        weight = Weight.WARNING if lost_ms or not fact.verified else Weight.GOOD
        self.say(weight, f"restored in {took}, {what}{dropped}")

    def _rotated(self, _fact: Rotated) -> None:
        self.say(Weight.GOOD, "changed to a new session before the old one ends, nothing lost")

    def _gap(self, fact: AudioGap) -> None:
        if not self._is_out:
            lost_ms = fact.samples * 1000 / _RATE_HZ
            self.say(Weight.BAD, f"{lost_ms:.0f} ms of what you said not delivered: {fact.reason}")

    def _stalled(self, fact: Stalled) -> None:
        if not fact.over:
            words = f"no answer for {fact.silence:.0f} s; the link is well, the model is slow"
            self.say(Weight.WARNING, words)

    def _congested(self, fact: Congested) -> None:
        words = "caught up" if fact.over else "the link takes less than you say; it waits here"
        self.say(Weight.GOOD if fact.over else Weight.WARNING, words)

    def _slept(self, fact: Suspended) -> None:
        self.say(Weight.WARNING, f"this machine slept for {fact.gap:.0f} s")

    def _failed(self, fact: ResponseFailed) -> None:
        self.say(Weight.BAD, f"the model could not answer: {fact.message or fact.code}")

    def _overran(self, fact: CaptureOverrun) -> None:
        if fact.lost_ms >= _NOTICEABLE_MS:
            self.say(Weight.WARNING, f"the microphone lost {fact.lost_ms:.0f} ms")


_HANDLERS: dict[type[Observation], Callable[..., None]] = {
    AudioGap: News._gap,
    CaptureOverrun: News._overran,
    Congested: News._congested,
    LinkEnded: News._ended,
    ResponseFailed: News._failed,
    Restored: News._restored,
    RetryScheduled: News._scheduled,
    Rotated: News._rotated,
    Stalled: News._stalled,
    Suspended: News._slept,
    Transition: News._moved,
}

_CHANGES = {
    Change.OPENED: (Weight.PLAIN, ""),
    Change.LOST: (Weight.WARNING, "gone; waiting for it"),
    Change.STALLED: (Weight.WARNING, "does nothing; waiting for it"),
    Change.RETURNED: (Weight.GOOD, "back"),
}


def of_device(notice: Notice) -> Tidings:
    """What has become of a device."""
    weight, words = _CHANGES[notice.change]
    name = f" ({notice.name})" if words else f": {notice.name}"
    detail = f": {notice.detail}" if notice.detail else ""
    text = f"{notice.device} {words}{name}" if words else f"{notice.device}{name}"
    return Tidings(weight, clean(text + detail, limit_chars=300))
