"""A log-linear histogram of durations: fixed in size, mergeable, with percentiles.

Problem: percentiles over a window, and over many lines, in constant memory. Averaging percentiles
is wrong, and keeping all values is not constant. So values are counted in buckets that are linear
within each power of two and the counts are added. A percentile is then off by at most
`RELATIVE_ERROR`. Left out on purpose: minimum and maximum, which cannot be taken out of a window
again.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, ItemsView, Iterable, Mapping

__all__ = [
    "BUCKET_LIMIT",
    "RELATIVE_ERROR",
    "Histogram",
    "bucket_of",
    "bucket_of_finer",
    "middle_of",
    "percentile_of",
]

# 10 µs: finer than any clock a ping is measured with. Doubling it would blur loopback links.
_UNIT_SECONDS = 1e-5
# 2^4 steps in each power of two: an error of 3.1 %. Twice as many would be half of that, and twice the memory of a
# thousand lines' windows; what a screen colours by is 20 % apart at the least.
_STEP_BITS = 4
_STEPS = 1 << _STEP_BITS
# What streams were written with before that.
_FINER_STEP_BITS = 5
# 2^24 units are 168 s: longer than any link lives without an answer.
_LARGEST = (1 << 24) - 1

RELATIVE_ERROR = 0.5 / _STEPS
"""How far a percentile may be from the true value, as a share of it; 5 µs at the very least."""


def _bucket(units: int) -> int:
    """The bucket of a count of units; buckets keep the order of values."""
    if units < _STEPS:
        return units
    shift = units.bit_length() - _STEP_BITS - 1
    return (shift << _STEP_BITS) + (units >> shift)


def _middle(bucket: int, step_bits: int = _STEP_BITS) -> float:
    """The value in seconds that stands for a bucket."""
    steps = 1 << step_bits
    if bucket < steps:
        return bucket * _UNIT_SECONDS
    shift = (bucket >> step_bits) - 1
    low = ((bucket & (steps - 1)) + steps) << shift
    return (low + ((1 << shift) - 1) / 2) * _UNIT_SECONDS


def bucket_of(seconds: float) -> int:
    """The bucket of a duration; below zero is the first, above 168 s the last. Cost: 0.2 µs up to 40 ms."""
    units = round(seconds * _UNITS_PER_SECOND)
    if 0 <= units < _QUICK:
        return _QUICK_BUCKETS[units]
    return _bucket(min(max(units, 0), _LARGEST))


# Most durations are short, and a line measures a hundred of them a second.
_UNITS_PER_SECOND = 100_000
_QUICK = 4096
_QUICK_BUCKETS = [_bucket(units) for units in range(_QUICK)]

BUCKET_LIMIT = _bucket(_LARGEST) + 1
"""How many buckets there can be, however many values come."""


def bucket_of_finer(bucket: int) -> int:
    """The bucket of what was counted in one of 32 steps to a power of two, as it was done once."""
    return bucket_of(_middle(bucket, _FINER_STEP_BITS))


def middle_of(bucket: int) -> float:
    """The value in seconds that stands for a bucket."""
    return _middle(bucket)


def percentile_of(buckets: Collection[int], percent: float) -> float:
    """The value in seconds that so many of some buckets do not exceed; there is at least one."""
    return _middle(sorted(buckets)[max(math.ceil(len(buckets) * percent / 100), 1) - 1])


class Histogram:
    """Counts of durations in at most `BUCKET_LIMIT` buckets; only the used ones take memory."""

    __slots__ = ("_counts", "_total")

    def __init__(self, values: Iterable[float] = ()) -> None:
        self._counts: Counter[int] = Counter()
        self._total = 0
        for value in values:
            self.add(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self._counts == other._counts

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __len__(self) -> int:
        return self._total

    @property
    def buckets(self) -> int:
        """How many buckets are in use."""
        return len(self._counts)

    def items(self) -> ItemsView[int, int]:
        """Buckets and their counts."""
        return self._counts.items()

    def add(self, seconds: float) -> None:
        """Count one duration; below zero counts as zero, above 168 s as 168 s."""
        bucket = bucket_of(seconds)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self._total += 1

    def merge(self, other: Histogram) -> None:
        """Add the counts of another histogram to this one."""
        for bucket, count in other._counts.items():
            self._counts[bucket] = self._counts.get(bucket, 0) + count
        self._total += other._total

    def add_buckets(self, buckets: Collection[int]) -> None:
        """Count one duration for each bucket; a C loop, so the cheapest way."""
        self._counts.update(buckets)
        self._total += len(buckets)

    def add_counts(self, counts: Mapping[int, int]) -> None:
        """Add durations that were counted elsewhere, by their buckets."""
        for bucket, count in counts.items():
            self._counts[bucket] = self._counts.get(bucket, 0) + count
            self._total += count

    def copy(self) -> Histogram:
        """The same counts in a histogram of their own."""
        twin = Histogram()
        twin._counts = self._counts.copy()
        twin._total = self._total
        return twin

    def percentile(self, percent: float) -> float | None:
        """The value that `percent` of the durations do not exceed; None if empty."""
        return self.percentiles(percent)[0]

    def percentiles(self, *percents: float) -> tuple[float | None, ...]:
        """Several of them, in rising order, for the price of one; 100 gives the middle of the highest bucket."""
        if not self._total:
            return (None,) * len(percents)
        buckets = iter(sorted(self._counts.items()))
        found: list[float | None] = []
        bucket, seen = next(buckets)
        for percent in percents:
            wanted = max(self._total * percent / 100, 1e-9)
            while seen < wanted:
                bucket, count = next(buckets)
                seen += count
            found.append(_middle(bucket))
        return tuple(found)
