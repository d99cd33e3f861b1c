"""Whether all lines are as an operator asked them to be, and which are not: what an exit code says in one digit.

A line falls short if its link is `poor` or `lost`, if it failed or its process went without a word, or if its score is
under the least that was asked for. A line that was closed in order is none to be judged, and one that nobody measured
yet is not held to be bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow

__all__ = ["Shortfall", "shortfalls"]

_BAD_GRADES = frozenset({"poor", "lost"})
_BAD_STATES = frozenset({"failed", "gone"})
_OVER = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A line that is not as it should be, and why in words."""

    line: str
    """Its key."""
    name: Clean
    reason: Clean


def shortfalls(fleet: FleetSnapshot, *, min_score: float | None = None) -> tuple[Shortfall, ...]:
    """The lines that fall short, in the order of the rows; none if all is well."""
    found = ((row, _reason(row, min_score)) for row in fleet.rows)
    return tuple(
        Shortfall(line=row.key, name=row.name, reason=clean(reason))
        for row, reason in found
        if reason
    )


def _reason(row: LineRow, min_score: float | None) -> str:
    if row.state == _OVER:
        return ""
    if row.state in _BAD_STATES:
        return f"it is {row.state}"
    if row.grade in _BAD_GRADES:
        return f"its link is {row.grade}"
    if min_score is not None and row.score is not None and row.score < min_score:
        return f"its score {row.score:.1f} is under {min_score:g}"
    return ""
