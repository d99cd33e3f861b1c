"""Histograms over 30 seconds up to an hour, in constant memory, that merge over lines.

Problem: percentiles over any window that an operator picks, for a thousand lines, in some kilobytes each. Keeping an
hour by the second would be 3,600 histograms. So time is cut into slots of three lengths: the newest minute into slots
of 10 s, a quarter of an hour into minutes, an hour into slots of 10 minutes, each made of those of the length below
when it is over. A window is a merge of slots, so its old edge is off by at most one slot. A slot that is over never
changes, so it is packed, for a line into 2 bytes a bucket; the one that lasts is what came, as it came.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.errors import StreamError
from trunkline.telemetry.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["WINDOWS", "Slots", "Windows"]

WINDOWS = (30, 60, 300, 900, 3600)
"""The windows that can be asked for, in seconds."""

# A bucket is below 512; the rest of a number counts.
_BUCKET_BITS = 9
_BUCKET_MASK = (1 << _BUCKET_BITS) - 1
_WRAP = 0xFFFFFFFF
# Length of a slot in seconds, how many are kept, and the longest window that is made of them.
_LENGTHS = ((10, 7, 60), (60, 16, 900), (600, 7, 3600))
# Thousands of lines bring some hundred thousand durations in a slot: they are packed in between.
_MOST_FRESH = 50_000


@dataclass(slots=True)
class Slots:
    """Those of one length that are over, oldest first, one after another in one array: a fleet has 100,000 of them."""

    numbers: array[int] = field(default_factory=lambda: array("I"))
    """The beginning of each slot divided by its length."""
    lengths: array[int] = field(default_factory=lambda: array("I"))
    """How much of the array it takes."""
    packed: array[int] = field(default_factory=lambda: array("H"))
    """Count and bucket in one number; a count that does not fit takes several."""

    def __post_init__(self) -> None:
        if len(self.numbers) != len(self.lengths) or sum(self.lengths) != len(self.packed):
            raise StreamError("a window has slots without a time")

    def append(self, number: int, counts: Mapping[int, int], *, wide: bool) -> None:
        """Another slot is over; `wide` for counts that are large."""
        if wide and self.packed.typecode == "H":
            self.packed = array("I", self.packed)
        most = (1 << (8 * self.packed.itemsize - _BUCKET_BITS)) - 1
        before = len(self.packed)
        for bucket, count in counts.items():
            while count > most:
                self.packed.append(most << _BUCKET_BITS | bucket)
                count -= most
            self.packed.append(count << _BUCKET_BITS | bucket)
        self.numbers.append(number & _WRAP)
        self.lengths.append(len(self.packed) - before)

    def since(self, least: float) -> array[int]:
        """Those with a number of at least this."""
        return self.packed[self._before(least) :]

    def between(self, least: float, end: float) -> array[int]:
        """Those with a number of at least the one, and below the other."""
        return self.packed[self._before(least) : self._before(end)]

    def forget(self, least: float) -> None:
        """Drop those with a number below this."""
        if self.numbers and self.numbers[0] < least:
            del self.packed[: self._before(least)]
            while self.numbers and self.numbers[0] < least:
                del self.numbers[0], self.lengths[0]

    def _before(self, least: float) -> int:
        """How much of the array is of slots with a lower number."""
        return sum(
            length for n, length in zip(self.numbers, self.lengths, strict=True) if n < least
        )


@dataclass(slots=True)
class Windows:
    """The histograms of one metric. Time does not go back: what comes late counts for now."""

    wide: bool = False
    """Whether counts are of a whole fleet."""
    short: Slots = field(default_factory=Slots)
    middle: Slots = field(default_factory=Slots)
    long: Slots = field(default_factory=Slots)
    second: int = -1
    """When the newest came, in whole seconds; -1 before the first."""
    fresh: array[int] = field(default_factory=lambda: array("H"))
    """The buckets of the short slot that lasts."""
    _until: float = field(default=-1.0, init=False, repr=False, compare=False)
    """The end of the short slot that lasts: before it nothing is to be done but to append."""
    _older: tuple[int, int, Histogram] | None = field(
        default=None, init=False, repr=False, compare=False
    )
    """Window, short slot and the merge of what is over: it changes with the slot only."""

    def __post_init__(self) -> None:
        if self.fresh and max(self.fresh) > _BUCKET_MASK:
            raise StreamError("a window has a bucket that is none")

    def add(self, at: float, bucket: int) -> None:
        """Count one duration, by its bucket."""
        if at >= self._until:
            self._advance(at)
        self.fresh.append(bucket)

    def add_all(self, at: float, buckets: Collection[int]) -> None:
        """Count those of a beat."""
        if at >= self._until:
            self._advance(at)
        self.fresh.extend(buckets)
        if len(self.fresh) > _MOST_FRESH:
            # Of a whole fleet: in between as it will be.
            self._close_short()

    def merged(self, now: float, seconds: int) -> Histogram:
        """All of a window that ends now, in one histogram of its own."""
        self._advance(now)
        number = self.second // _LENGTHS[0][0]
        if self._older is None or self._older[:2] != (seconds, number):
            self._older = (seconds, number, self.over(now, seconds))
        whole = self._older[2].copy()
        whole.add_buckets(self.fresh)
        return whole

    def over(self, now: float, seconds: int) -> Histogram:
        """The same without the slot that lasts: slots of the window's length, and shorter ones since their last."""
        self._advance(now)
        which = next(n for n, (_, _, longest) in enumerate(_LENGTHS) if seconds <= longest)
        tiers = (self.short, self.middle, self.long)
        found = [tiers[which].since(math.floor((now - seconds) / _LENGTHS[which][0]))]
        for shorter in range(which):
            longer = _LENGTHS[shorter + 1][0]
            since = self.second // longer * longer // _LENGTHS[shorter][0]
            found.append(tiers[shorter].since(since))
        whole = Histogram()
        whole.add_counts(_unpacked(found))
        return whole

    def _advance(self, now: float) -> None:
        """Close what is over, the shortest first, since each is made of those below."""
        second, before = int(now), self.second
        if second <= before:
            return
        self._until = (second // _LENGTHS[0][0] + 1.0) * _LENGTHS[0][0]
        if second // _LENGTHS[0][0] > before // _LENGTHS[0][0] >= 0:
            self._close_short()
            self._close_longer(self.middle, self.short, 1, second)
            self._close_longer(self.long, self.middle, 2, second)
            for tier, (length, kept, _) in zip(
                (self.short, self.middle, self.long), _LENGTHS, strict=True
            ):
                tier.forget(second // length - kept)
        self.second = second

    def _close_longer(self, longer: Slots, shorter: Slots, which: int, second: int) -> None:
        """If the slot of this length is over, make it of those of the length below."""
        length, below = _LENGTHS[which][0], _LENGTHS[which - 1][0]
        number = self.second // length
        if second // length > number:
            ratio = length // below
            inside = shorter.between(number * ratio, (number + 1) * ratio)
            if inside:
                longer.append(number, _unpacked([inside]), wide=self.wide)

    def _close_short(self) -> None:
        if self.fresh:
            self.short.append(self.second // _LENGTHS[0][0], Counter(self.fresh), wide=self.wide)
            self.fresh = array("H")
            self._older = None


def _unpacked(slots: Iterable[array[int]]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for packed in slots:
        for each in packed:
            counts[each & _BUCKET_MASK] += each >> _BUCKET_BITS
    return counts
