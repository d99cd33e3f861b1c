"""The values of all metrics at one moment, as a server of metrics takes them: frozen, so any thread may have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from trunkline.telemetry.families import BASE_LABELS, BUILD_INFO, FAMILIES, Family

if TYPE_CHECKING:
    from trunkline.telemetry.totals import Distribution, Labels

__all__ = ["Reading", "Series"]

Series: TypeAlias = "tuple[tuple[Labels, float | Distribution], ...]"
"""Values of labels in their order, and what was measured."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known at a moment."""

    at: float = 0.0
    """Unix seconds."""
    values: tuple[tuple[Family, Series], ...] = tuple((family, ()) for family in FAMILIES)
    """All families in their order, those without a value too."""
    base: tuple[str, ...] = BASE_LABELS

    def labels(self, family: Family) -> tuple[str, ...]:
        """The names of the labels of a family."""
        return family.labels if family is BUILD_INFO else (*self.base, *family.labels)

    def of(self, family: Family) -> Series:
        """The values of one family."""
        return next(series for one, series in self.values if one is family)
