"""Tells what the outbox wrote into its books: each entry once, gaps before any audio after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.books import Gap, Lost

if TYPE_CHECKING:
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.outbox import Outbox
    from trunkline.protocol.policy import LinePolicy

__all__ = ["Bookkeeper"]


class Bookkeeper:
    """Empties the outbox's entries into observations and events."""

    def __init__(self, policy: LinePolicy, outbox: Outbox, drains: Drains) -> None:
        self._policy = policy
        self._outbox = outbox
        self._drains = drains

    def tell(self, now: float) -> None:
        """Tells all new entries."""
        while (entry := self._outbox.next_entry()) is not None:
            if isinstance(entry, Gap):
                self._gap(entry, now)
            elif isinstance(entry, Lost):
                lost = events.RequestLost(request_id=entry.event_id, request_type=entry.type)
                self._drains.events.append(lost)
            else:
                self._drains.observations.append(
                    seen.AudioConsumed(
                        at=now,
                        epoch=self._drains.epoch,
                        samples=entry.samples,
                        evidence=entry.evidence,
                    )
                )

    def sample(self, transport_bytes: int, now: float) -> int:
        """Tells how much waits, there and in the transport; gives how many samples wait to be sent."""
        books = self._outbox.books()
        self._drains.observations.append(
            seen.QueueSampled(
                at=now,
                epoch=self._drains.epoch,
                outbox_samples=books.waiting,
                retained_samples=books.retained,
                transport_bytes=transport_bytes,
            )
        )
        return books.waiting

    def _gap(self, gap: Gap, now: float) -> None:
        self._drains.observations.append(
            seen.AudioGap(
                at=now,
                epoch=self._drains.epoch,
                start_sample=gap.start,
                samples=gap.samples,
                reason=gap.reason,
            )
        )
        self._drains.events.append(
            events.LineGap(
                start_ms=self._policy.milliseconds(gap.start),
                duration_ms=self._policy.milliseconds(gap.samples),
                reason=gap.reason,
            )
        )
