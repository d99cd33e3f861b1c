"""Histograms over 30 seconds up to an hour, in constant memory, that merge over lines.

Problem: percentiles over any window that an operator picks, for a thousand lines, in some kilobytes each. Keeping an
hour by the second would be 3,600 histograms. So time is cut into slots of three lengths: the newest minute into slots
of 10 s, a quarter of an hour into minutes, an hour into slots of 10 minutes, each made of those of the length below
when it is over. A window is a merge of slots, so its old edge is off by at most one slot. A slot that is over never
changes, so it is packed, mostly into 2 bytes a bucket; the one that lasts is a list of what came.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.errors import StreamError
from trunkline.telemetry.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["WINDOWS", "Windows"]

WINDOWS = (30, 60, 300, 900, 3600)
"""The windows that can be asked for, in seconds."""

# A bucket is below 512; the rest of a number counts.
_BUCKET_BITS = 9
_BUCKET_MASK = (1 << _BUCKET_BITS) - 1
_MOST_SHORT = (1 << (16 - _BUCKET_BITS)) - 1
_MOST = (1 << (32 - _BUCKET_BITS)) - 1
# Length of a slot in seconds, how many are kept, and the longest window that is made of them.
_LENGTHS = ((10, 7, 60), (60, 16, 900), (600, 7, 3600))

# Thousands of lines bring some hundred thousand durations in a slot: they are packed in between.
_MOST_FRESH = 50_000


def _packed(counts: Mapping[int, int]) -> array[int]:
    """Bucket and count in one number; a count that does not fit takes several."""
    code = "H" if max(counts.values()) <= _MOST_SHORT else "I"
    whole = array(code)
    for bucket, count in counts.items():
        while count > _MOST:
            whole.append(_MOST << _BUCKET_BITS | bucket)
            count -= _MOST
        whole.append(count << _BUCKET_BITS | bucket)
    return whole


def _unpacked(slots: Iterable[array[int]]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for packed in slots:
        for each in packed:
            counts[each & _BUCKET_MASK] += each >> _BUCKET_BITS
    return counts


if TYPE_CHECKING:
    _Slots = deque[tuple[int, array[int]]]


@dataclass(slots=True)
class Windows:
    """The histograms of one metric. Time does not go back: what comes late counts for now."""

    short: deque[tuple[int, array[int]]] = field(default_factory=deque)
    """Number of the slot, its beginning divided by its length, and its buckets; oldest first."""
    middle: deque[tuple[int, array[int]]] = field(default_factory=deque)
    long: deque[tuple[int, array[int]]] = field(default_factory=deque)
    second: int = -1
    """When the newest came, in whole seconds; -1 before the first."""
    fresh: list[int] = field(default_factory=list)
    """The buckets of the short slot that lasts."""
    _older: tuple[int, int, Histogram] | None = field(
        default=None, init=False, repr=False, compare=False
    )
    """Window, short slot and the merge of what is over: it changes with the slot only."""

    def __post_init__(self) -> None:
        if self.fresh and not 0 <= min(self.fresh) <= max(self.fresh) <= _BUCKET_MASK:
            raise StreamError("a window has a bucket that is none")

    def add(self, at: float, bucket: int) -> None:
        """Count one duration, by its bucket."""
        self._advance(at)
        self.fresh.append(bucket)

    def add_all(self, at: float, buckets: Collection[int]) -> None:
        """Count those of a beat."""
        self._advance(at)
        self.fresh.extend(buckets)
        if len(self.fresh) > _MOST_FRESH:
            # Of a whole fleet: in between as it will be.
            self._close_short()

    def merged(self, now: float, seconds: int) -> Histogram:
        """All of a window that ends now, in one histogram of its own."""
        whole = self.older(now, seconds).copy()
        whole.add_buckets(self.fresh)
        return whole

    def older(self, now: float, seconds: int) -> Histogram:
        """The same without the slot that lasts; made once for each slot, and not to be changed by the caller."""
        self._advance(now)
        number = self.second // _LENGTHS[0][0]
        if self._older is None or self._older[:2] != (seconds, number):
            whole = Histogram()
            whole.add_counts(_unpacked(self._over(now - seconds, seconds)))
            self._older = (seconds, number, whole)
        return self._older[2]

    def _over(self, begins: float, seconds: int) -> list[array[int]]:
        """The slots of a window that are over: those of its length, and shorter ones since the last of them."""
        which = next(n for n, (_, _, longest) in enumerate(_LENGTHS) if seconds <= longest)
        tiers = (self.short, self.middle, self.long)
        length = _LENGTHS[which][0]
        found = [packed for number, packed in tiers[which] if (number + 1) * length > begins]
        for shorter in range(which):
            since = self.second // _LENGTHS[shorter + 1][0] * _LENGTHS[shorter + 1][0]
            length = _LENGTHS[shorter][0]
            found += (packed for number, packed in tiers[shorter] if number * length >= since)
        return found

    def _advance(self, now: float) -> None:
        """Close what is over, the shortest first, since each is made of those below."""
        second, before = int(now), self.second
        if second <= before:
            return
        if second // _LENGTHS[0][0] > before // _LENGTHS[0][0] >= 0:
            self._close_short()
            self._close_longer(self.middle, self.short, 1, second)
            self._close_longer(self.long, self.middle, 2, second)
            for tier, (length, kept, _) in zip(
                (self.short, self.middle, self.long), _LENGTHS, strict=True
            ):
                while tier and tier[0][0] < second // length - kept:
                    tier.popleft()
        self.second = second

    def _close_longer(self, longer: _Slots, shorter: _Slots, which: int, second: int) -> None:
        """If the slot of this length is over, make it of those of the length below."""
        length, below = _LENGTHS[which][0], _LENGTHS[which - 1][0]
        number = self.second // length
        inside = [packed for n, packed in shorter if n * below // length == number]
        if inside and second // length > number:
            longer.append((number, _packed(_unpacked(inside))))

    def _close_short(self) -> None:
        if self.fresh:
            self.short.append((self.second // _LENGTHS[0][0], _packed(Counter(self.fresh))))
            self.fresh = []
            self._older = None
