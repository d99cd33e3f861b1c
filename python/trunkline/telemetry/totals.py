"""Counters and histograms that only grow, by family and labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from trunkline.telemetry.labels import OTHER

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trunkline.telemetry.families import Family

__all__ = ["MOST_SERIES", "Counts", "Distribution", "Labels", "Listener", "Sum", "Totals"]

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


class Sum:
    """One counter. Whoever adds often keeps it, and adds to it by itself."""

    __slots__ = ("labels", "value")

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.value = 0.0


class Counts:
    """One histogram, kept as a `Sum` is."""

    __slots__ = ("counts", "labels", "sum")

    def __init__(self, labels: Labels, size: int) -> None:
        self.labels = labels
        self.counts = [0] * size
        self.sum = 0.0


class Totals:
    """Grows only; the labels of a line that ended stay, and so do their values."""

    def __init__(self) -> None:
        self._sums: dict[Family, dict[Labels, Sum]] = {}
        self._counts: dict[Family, dict[Labels, Counts]] = {}

    def sum_of(self, family: Family, labels: Labels) -> Sum:
        """The counter of these labels; it is there from now on."""
        series = self._sums.setdefault(family, {})
        labels = _bounded(series, labels)
        found = series.get(labels)
        if found is None:
            found = series[labels] = Sum(labels)
        return found

    def counts_of(self, family: Family, labels: Labels) -> Counts:
        """The histogram of these labels; it is there from now on."""
        series = self._counts.setdefault(family, {})
        labels = _bounded(series, labels)
        found = series.get(labels)
        if found is None:
            found = series[labels] = Counts(labels, len(family.bounds) + 1)
        return found

    def sums(self, family: Family) -> list[tuple[Labels, float]]:
        """The counters of a family."""
        return [(labels, one.value) for labels, one in self._sums.get(family, {}).items()]

    def distributions(self, family: Family) -> list[tuple[Labels, Distribution]]:
        """The histograms of a family."""
        series = self._counts.get(family, {})
        return [
            (labels, Distribution(tuple(one.counts), one.sum)) for labels, one in series.items()
        ]


def _bounded(series: Collection[Labels], labels: Labels) -> Labels:
    return labels if labels in series or len(series) < MOST_SERIES else (OTHER,) * len(labels)
