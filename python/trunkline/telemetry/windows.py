"""Histograms over 30 seconds up to an hour, in constant memory, that merge over lines.

Problem: percentiles over any window that an operator picks, for a thousand lines, in some kilobytes each. Keeping an
hour by the second would be 3,600 histograms. So time is cut into slots of three lengths: the newest minute into slots
of 5 s, a quarter of an hour into minutes, an hour into slots of 5 minutes, each length adding up into the next. A
window is a merge of slots, so its old edge is off by at most one slot: 5 s of a minute, a minute of a quarter. A slot
that is over never changes, so it is packed: 4 bytes a bucket.
"""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.telemetry.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["WINDOWS", "Slots", "Windows"]

WINDOWS = (30, 60, 300, 900, 3600)
"""The windows that can be asked for, in seconds."""

_COUNT_BITS = 22
_MOST = (1 << _COUNT_BITS) - 1
# Length of a slot in seconds, how many are kept, and the longest window that is made of them.
_LENGTHS = ((5, 12, 60), (60, 15, 900), (300, 12, 3600))


def _packed(counts: Mapping[int, int]) -> array[int]:
    """Bucket and count in one number; a count that does not fit takes several."""
    whole = array("I")
    for bucket, count in counts.items():
        while count > _MOST:
            whole.append(bucket << _COUNT_BITS | _MOST)
            count -= _MOST
        whole.append(bucket << _COUNT_BITS | count)
    return whole


def _unpack(packed: array[int], into: dict[int, int]) -> None:
    for each in packed:
        bucket = each >> _COUNT_BITS
        into[bucket] = into.get(bucket, 0) + (each & _MOST)


@dataclass(slots=True)
class Slots:
    """The slots of one length: those that are over, oldest first, and the counts of the one that lasts."""

    over: deque[tuple[int, array[int]]] = field(default_factory=deque)
    number: int = -1
    """Of the slot that lasts: its beginning divided by its length."""
    counts: dict[int, int] = field(default_factory=dict)

    def close(self, upper: Slots | None) -> None:
        """The slot that lasts is over; it adds up into the one of the next length."""
        if not self.counts:
            return
        self.over.append((self.number, _packed(self.counts)))
        if upper is not None:
            _unpack(self.over[-1][1], upper.counts)
        self.counts = {}


@dataclass(slots=True)
class Windows:
    """The histograms of one metric. Time does not go back: what comes late counts for now."""

    short: Slots = field(default_factory=Slots)
    middle: Slots = field(default_factory=Slots)
    long: Slots = field(default_factory=Slots)
    _older: tuple[int, int, Histogram] | None = field(
        default=None, init=False, repr=False, compare=False
    )
    """Window, slot and the merge of what is over: it changes with the slot only."""

    def add(self, at: float, bucket: int) -> None:
        """Count one duration, by its bucket."""
        self._advance(at)
        counts = self.short.counts
        counts[bucket] = counts.get(bucket, 0) + 1

    def add_all(self, at: float, counts: Mapping[int, int]) -> None:
        """Count those of a beat."""
        self._advance(at)
        into = self.short.counts
        for bucket, count in counts.items():
            into[bucket] = into.get(bucket, 0) + count

    def merged(self, now: float, seconds: int) -> Histogram:
        """All of a window that ends now, in one histogram of its own."""
        self._advance(now)
        if self._older is None or self._older[:2] != (seconds, self.short.number):
            self._older = (seconds, self.short.number, self._merge_older(now, seconds))
        whole = self._older[2].copy()
        whole.add_counts(self.short.counts)
        return whole

    def _merge_older(self, now: float, seconds: int) -> Histogram:
        tiers = (self.short, self.middle, self.long)
        which = next(n for n, (_, _, longest) in enumerate(_LENGTHS) if seconds <= longest)
        length = _LENGTHS[which][0]
        counts: dict[int, int] = {}
        for number, packed in tiers[which].over:
            if (number + 1) * length > now - seconds:
                _unpack(packed, counts)
        whole = Histogram()
        whole.add_counts(counts)
        # What the shorter lengths have gathered for the next slot of this one.
        for slots in tiers[1 : which + 1]:
            whole.add_counts(slots.counts)
        return whole

    def _advance(self, now: float) -> None:
        """Close what is over, the shortest first, since each adds up into the next."""
        if int(now) // _LENGTHS[0][0] <= self.short.number:
            return
        tiers = (self.short, self.middle, self.long)
        for slots, upper, (length, kept, _) in zip(
            tiers, (*tiers[1:], None), _LENGTHS, strict=True
        ):
            number = int(now) // length
            if number > slots.number:
                slots.close(upper)
                slots.number = number
            while slots.over and slots.over[0][0] < number - kept:
                slots.over.popleft()
