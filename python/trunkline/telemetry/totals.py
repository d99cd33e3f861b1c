"""Counters and histograms that only grow, by family and labels."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from trunkline.telemetry.labels import OTHER

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.telemetry.families import Family

__all__ = ["MOST_SERIES", "Distribution", "Labels", "Listener", "Totals"]

MOST_SERIES = 1_000
"""Of one family: beyond it all labels are `other`. Products of bounded labels are too many for a server of metrics."""

Labels: TypeAlias = tuple[str, ...]
"""Values in the order of `BASE_LABELS` and the family's own."""

Listener: TypeAlias = "Callable[[Family, Labels, float], None]"
"""Hears of each amount as it comes."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A histogram at one moment."""

    counts: tuple[int, ...]
    """In each bucket alone; one more than there are bounds."""
    sum: float

    @property
    def count(self) -> int:
        """Of all buckets."""
        return sum(self.counts)


class _Counts:
    __slots__ = ("counts", "sum")

    def __init__(self, size: int) -> None:
        self.counts = [0] * size
        self.sum = 0.0


class Totals:
    """Grows only; the labels of a line that ended stay, and so do their values."""

    def __init__(self, listener: Listener | None = None) -> None:
        self._sums: dict[Family, dict[Labels, float]] = {}
        self._counts: dict[Family, dict[Labels, _Counts]] = {}
        self._listener = listener

    def add(self, family: Family, labels: Labels, amount: float) -> None:
        """Count an amount; 0 makes the series be there, and less than 0 is passed over."""
        if amount < 0:
            return
        series = self._sums.setdefault(family, {})
        labels = _bounded(series, labels)
        series[labels] = series.get(labels, 0.0) + amount
        if self._listener is not None:
            self._listener(family, labels, amount)

    def observe(self, family: Family, labels: Labels, value: float, times: int = 1) -> None:
        """Count a value in its bucket, an upper bound included in its own; below 0 counts as 0."""
        value = max(value, 0.0)
        series = self._counts.setdefault(family, {})
        labels = _bounded(series, labels)
        kept = series.get(labels)
        if kept is None:
            kept = series[labels] = _Counts(len(family.bounds) + 1)
        kept.counts[bisect_left(family.bounds, value)] += times
        kept.sum += value * times
        if self._listener is not None:
            for _ in range(times):
                self._listener(family, labels, value)

    def sums(self, family: Family) -> list[tuple[Labels, float]]:
        """The counters of a family."""
        return list(self._sums.get(family, {}).items())

    def distributions(self, family: Family) -> list[tuple[Labels, Distribution]]:
        """The histograms of a family."""
        series = self._counts.get(family, {})
        return [
            (labels, Distribution(tuple(one.counts), one.sum)) for labels, one in series.items()
        ]


def _bounded(series: dict[Labels, float] | dict[Labels, _Counts], labels: Labels) -> Labels:
    return labels if labels in series or len(series) < MOST_SERIES else (OTHER,) * len(labels)
