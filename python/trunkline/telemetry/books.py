"""The books of the caller's audio: every sample is consumed, retained or announced as a gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.telemetry.snapshot import Books

if TYPE_CHECKING:
    from trunkline.protocol.observations import TakenOver

__all__ = ["Ledgers"]


@dataclass(slots=True)
class Ledgers:
    """Counts samples exactly; milliseconds are made only for showing.

    The law, accepted = consumed + retained + gap, is checked at each moment the line tells how much
    it retains: between two such moments our own sums may be ahead of its word.
    """

    rate_hz: int
    accepted: int = 0
    sent: int = 0
    consumed: int = 0
    replayed: int = 0
    gap: int = 0
    imbalance: int | None = None
    """What the line's own count differed by when it was last told."""

    def take_over(self, fact: TakenOver) -> None:
        """The line goes on with the books of another process."""
        self.accepted += fact.accepted_samples
        self.consumed += fact.consumed_samples
        self.gap += fact.gap_samples

    @property
    def retained(self) -> int:
        """Samples that the law leaves to be kept."""
        return self.accepted - self.consumed - self.gap

    def compare(self, retained_samples: int) -> None:
        """Hold the line's own count of what it keeps against the law."""
        self.imbalance = retained_samples - self.retained

    def milliseconds(self, samples: float) -> float:
        """Samples as milliseconds, to a thousandth."""
        return round(samples * 1000 / self.rate_hz, 3)

    def view(self) -> Books:
        """The books for a reader."""
        imbalance = self.imbalance
        return Books(
            accepted_ms=self.milliseconds(self.accepted),
            sent_ms=self.milliseconds(self.sent),
            consumed_ms=self.milliseconds(self.consumed),
            replayed_ms=self.milliseconds(self.replayed),
            gap_ms=self.milliseconds(self.gap),
            retained_ms=self.milliseconds(self.retained),
            imbalance_ms=None if imbalance is None else self.milliseconds(imbalance),
        )
