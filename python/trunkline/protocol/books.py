"""The books of the user's audio: its pieces, what is entered once, and the sums, which always balance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.protocol.marks import Mark

__all__ = ["Audio", "Books", "Consumed", "Gap", "Lost", "SavedAudio"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """Audio to send now."""

    start: int
    """Capture position of its first sample."""
    pcm: bytes = field(repr=False)
    replayed: bool
    """Whether an earlier link had it."""

    @property
    def samples(self) -> int:
        """How many samples it holds."""
        return len(self.pcm) // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumed:
    """An entry of the books: samples that need not be kept any longer."""

    samples: int
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An entry of the books: samples that will not be delivered."""

    start: int
    samples: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An entry of the books: a request that no session will be told."""

    type: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The sums, in samples; accepted = consumed + retained + gap."""

    accepted: int
    consumed: int
    retained: int
    gap: int
    waiting: int
    """Of the retained: not yet handed to the current link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAudio:
    """What one process hands over to another."""

    accepted: int
    consumed: int
    gap: int
    read: int
    reached: int
    settled: list[tuple[int, int]]
    items: list[tuple[int, int]]
    kept_from: int
    pcm: bytes = field(repr=False)
    commits: list[Mark]
