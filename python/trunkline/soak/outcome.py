"""What a run found: sums that can be added to those of other runs, and violations that cannot be argued with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Outcome", "Violation", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One law that was broken."""

    law: str
    seed: str
    """Of the segment: `SEED/NUMBER`; the same profile with it makes the same life."""
    at: float
    """Seconds since the segment began."""
    detail: str
    context: tuple[str, ...] = ()
    """What happened just before."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "law": self.law,
            "seed": self.seed,
            "at": round(self.at, 6),
            "detail": self.detail,
            "context": list(self.context),
        }


@dataclass(slots=True, kw_only=True)
class Outcome:
    """Of one segment, or of many."""

    hours: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Fault and the state it struck in."""
    figures: Counter[str] = field(default_factory=Counter)
    """What gives the hours their weight: audio seconds, turns, sessions, messages."""
    trace_hash: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The five keys of `trunkline soak --json`."""
        matrix: dict[str, dict[str, int]] = {}
        for (fault, state), count in sorted(self.coverage.items()):
            matrix.setdefault(fault, {})[state] = count
        return {
            "hours": round(self.hours, 3),
            "faults": dict(sorted(self.faults.items())),
            "violations": [violation.to_dict() for violation in self.violations],
            "coverage": matrix,
            "trace_hash": self.trace_hash,
        }


def total(outcomes: Iterable[Outcome]) -> Outcome:
    """The sum, in the order given; the hash is that of all hashes."""
    sum_, digest = Outcome(), blake2b(digest_size=16)
    for outcome in outcomes:
        sum_.hours += outcome.hours
        sum_.faults.update(outcome.faults)
        sum_.violations += outcome.violations
        sum_.coverage.update(outcome.coverage)
        sum_.figures.update(outcome.figures)
        digest.update(outcome.trace_hash.encode())
    sum_.trace_hash = digest.hexdigest()
    return sum_
