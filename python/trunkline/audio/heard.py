"""What of that which a loudspeaker was given has been heard.

The problem: a loudspeaker is given samples 20 to 200 ms before they are heard, and one that is unplugged never plays
what it still holds. An interrupted answer must be cut where it was heard, not where it was given.

Our way: each piece is noted with the time its first sample is heard at, by the device's clock. What is heard of an item
is a position in it, the end of the last sample whose time has passed. What a lost device has swallowed is not heard;
if playing goes on behind it later, the position is beyond it again, as behind a scratch in a record.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from trunkline.audio.format import PCM_24K

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trunkline.audio.jitter import Span

__all__ = ["HeardLedger"]

# Times are sums of floats: a sample whose time is less than this away has come. A fiftieth of a sample.
_TOLERANCE = 1e-6


class _Piece(NamedTuple):
    item_id: str
    position: int
    samples: int
    heard_at: float

    def heard_by(self, now: float) -> int:
        passed = int((now - self.heard_at + _TOLERANCE) * PCM_24K.rate_hz)
        return max(0, min(passed, self.samples))


class HeardLedger:
    """What is on its way to the ear; one thread at a time, told in the order it is played."""

    __slots__ = ("_given", "_told")

    def __init__(self) -> None:
        self._given: deque[_Piece] = deque()
        self._told = 0
        """How much of the oldest piece has been told."""

    def give(self, heard_at: float, spans: Iterable[Span]) -> None:
        """The device was given samples; the first of them, maybe of silence, is heard at that time."""
        for span in spans:
            at = heard_at + span.offset / PCM_24K.rate_hz
            self._given.append(_Piece(span.item_id, span.position, span.samples, at))

    def heard(self, now: float) -> list[tuple[str, int]]:
        """The items of which more was heard than when last asked, and how far in all, in the order they were played."""
        heard: dict[str, int] = {}
        while self._given:
            piece = self._given[0]
            samples = piece.heard_by(now)
            if samples > self._told:
                heard[piece.item_id] = piece.position + samples
            self._told = max(self._told, samples)
            if self._told < piece.samples:
                break
            self._given.popleft()
            self._told = 0
        return list(heard.items())

    def lose(self, at: float) -> int:
        """The device was lost at that time: gives how many samples will not be heard."""
        held = self._given
        self._given = deque()
        lost = 0
        for piece in held:
            samples = piece.heard_by(at)
            lost += piece.samples - samples
            if samples:
                self._given.append(piece._replace(samples=samples))
        if not self._given or self._told >= self._given[0].samples:
            self._settle()
        return lost

    def _settle(self) -> None:
        """The oldest piece was told as far as it goes now."""
        if self._given:
            self._given.popleft()
        self._told = 0

    @property
    def is_empty(self) -> bool:
        """Whether all that was given has been heard and told."""
        return not self._given
