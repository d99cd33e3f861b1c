"""Numbers with units, as an operator writes them: `400ms`, `5m`, `1.5kB`, `99.9%`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BYTES", "COUNT", "DECIBELS", "MILLISECONDS", "PERCENT", "SECONDS", "Quantity", "Scale"]

# Beyond twelve digits and six decimals a float would not be what was written.
_WRITTEN = re.compile(r"([+-]?\d{1,12}(?:\.\d{1,6})?)([A-Za-z%/]*)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit, as written; an empty unit is the scale's own."""

    number: float
    unit: str = ""

    def __str__(self) -> str:
        """As it would be written."""
        digits = f"{self.number:.6f}".rstrip("0").rstrip(".")
        return f"{digits}{self.unit}"


@dataclass(frozen=True, slots=True)
class Scale:
    """Units of one kind, and what each is in the one that values are in."""

    units: Mapping[str, float]
    exact: bool = False
    """Whether values are counted and not measured, so that equal means equal."""

    def parse(self, text: str) -> Quantity | None:
        """The quantity; None if it is no number or has another unit."""
        found = _WRITTEN.fullmatch(text)
        if found is None or found[2].lower() not in self.units:
            return None
        # Plus zero: there is no negative zero on a screen.
        return Quantity(float(found[1]) + 0.0, found[2].lower())

    def amount(self, quantity: Quantity) -> float:
        """In the unit that values are in."""
        return quantity.number * self.units[quantity.unit]

    def slack(self, quantity: Quantity) -> float:
        """How far a value may be off and still be called equal: half a unit, as screens round."""
        return 0.0 if self.exact else self.units[quantity.unit] / 2

    @property
    def known(self) -> str:
        """The units in words, for who wrote another one."""
        return ", ".join(unit for unit in self.units if unit) or "none"


def _scale(*, exact: bool = False, **units: float) -> Scale:
    return Scale(MappingProxyType({"": 1.0, **units}), exact)


COUNT = _scale(exact=True, k=1e3)
MILLISECONDS = _scale(us=1e-3, ms=1.0, s=1e3, m=6e4, min=6e4, h=3.6e6)
SECONDS = _scale(ms=1e-3, s=1.0, m=60.0, min=60.0, h=3600.0)
BYTES = Scale(
    MappingProxyType(
        {"": 1.0, "b": 1.0, "kb": 1e3, "mb": 1e6, "k": 1e3, "m": 1e6}
        | {"b/s": 1.0, "kb/s": 1e3, "mb/s": 1e6}
    )
)
DECIBELS = _scale(db=1.0, dbfs=1.0)
PERCENT = Scale(MappingProxyType({"": 1.0, "%": 1.0}))
