"""Outages: from the end of a link until the line is live again, with what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trunkline.protocol.closure import Disposition
from trunkline.telemetry.snapshot import Outage
from trunkline.text import clean

if TYPE_CHECKING:
    from trunkline.protocol.observations import LinkEnded, Restored, RetryScheduled

__all__ = ["KEPT_OUTAGES", "Outages"]

KEPT_OUTAGES = 50
"""How many are kept for showing; the totals count all."""


@dataclass(slots=True)
class Outages:
    """Folds ends of links, retries, restores and the return to live.

    Failed attempts within an outage are counted in it; a final verdict takes over its cause, since
    that is what a person must act on.
    """

    rate_hz: int
    limit: int = KEPT_OUTAGES
    kept: list[Outage] = field(default_factory=list)
    ended: int = 0
    ended_seconds: float = 0.0
    _view: tuple[Outage, ...] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether one lasts now."""
        return bool(self.kept) and self.kept[-1].seconds is None

    @property
    def last_s(self) -> float:
        """How long the newest one lasted; 0 while it does, and without one."""
        return (self.kept[-1].seconds or 0.0) if self.kept else 0.0

    def link_ended(self, fact: LinkEnded, heard_at: float | None = None) -> None:
        """A link ended: an outage begins, or the one that lasts goes on. `heard_at` is when its last byte came."""
        if fact.verdict.disposition is Disposition.DONE:
            return
        if not self.is_open:
            detected = None if heard_at is None else max(fact.at - heard_at, 0.0)
            self.kept.append(replace(_begin(fact), detected_s=detected))
            while len(self.kept) > self.limit:
                del self.kept[0]
        elif fact.verdict.disposition is Disposition.FATAL:
            self.kept[-1] = replace(
                _begin(fact), at=self.kept[-1].at, attempts=self.kept[-1].attempts
            )
        self._view = None

    def retry_scheduled(self, fact: RetryScheduled) -> None:
        """The line will dial again."""
        if self.is_open:
            self._amend(attempts=max(fact.attempt, self.kept[-1].attempts))

    def restored(self, fact: Restored) -> None:
        """A new session was told what the old one knew; it may come before or after `live`."""
        if not self.kept or self.kept[-1].items is not None:
            return
        self._amend(
            restored_epoch=fact.epoch,
            items=fact.items,
            items_dropped=fact.items_dropped,
            replayed_ms=round(fact.replayed_samples * 1000 / self.rate_hz, 3),
            lost_ms=round(fact.lost_samples * 1000 / self.rate_hz, 3),
            verified=fact.verified,
        )

    def live(self, at: float, epoch: int) -> None:
        """The line is live: the outage that lasted is over."""
        if not self.is_open:
            return
        seconds = max(at - self.kept[-1].at, 0.0)
        self._amend(seconds=seconds, restored_epoch=epoch)
        self.ended += 1
        self.ended_seconds += seconds

    def seconds(self, now: float) -> float:
        """All outage so far, the one that lasts included."""
        lasting = now - self.kept[-1].at if self.is_open else 0.0
        return self.ended_seconds + max(lasting, 0.0)

    def ended_since(self, at: float) -> int:
        """How many of the kept ones ended after a moment."""
        if not self.kept:
            return 0
        ends = (each.at + each.seconds for each in self.kept if each.seconds is not None)
        return sum(end > at for end in ends)

    def starts(self) -> list[float]:
        """When the kept ones began."""
        return [outage.at for outage in self.kept]

    def shrink(self, limit: int) -> None:
        """Keep only so many, now and from now on."""
        self.limit = limit
        while len(self.kept) > limit:
            del self.kept[0]
            self._view = None

    def view(self) -> tuple[Outage, ...]:
        """The kept ones, oldest first."""
        if self._view is None:
            self._view = tuple(self.kept)
        return self._view

    def _amend(self, **changes: object) -> None:
        self.kept[-1] = replace(self.kept[-1], **changes)  # type: ignore[arg-type]
        self._view = None


def _begin(fact: LinkEnded) -> Outage:
    closure = fact.closure
    return Outage(
        at=fact.at,
        epoch=fact.epoch,
        code=closure.code,
        reason=clean(closure.describe(), limit_chars=300),
        cause=clean(fact.verdict.cause, limit_chars=200),
        advice=clean(fact.verdict.advice, limit_chars=200),
        final=fact.verdict.disposition is Disposition.FATAL,
    )
