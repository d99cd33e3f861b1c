"""Which ends of a link are final, by the documents of the API and the line's own promise, read once more.

The judge's statement of the rule, apart from the core's table: two that were derived from one another would agree on
every mistake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure

__all__ = ["Final", "Finality", "is_expiry", "is_fatal"]

_FATAL_STATUS = frozenset({400, 403, 404, 407, 426})
_ONCE_MORE = frozenset({1002, 1003, 1007, 1008, 1009, 1010})
"""Close codes that say that somebody makes a mistake: one more try shows whether it was chance, a third nothing new."""
_MEMORY = 600.0
"""Seconds in which two of one such code count together."""


def is_fatal(closure: Closure) -> bool:
    """What dialing again cannot help against, whatever was before."""
    code = closure.code or 0
    return (
        closure.status in _FATAL_STATUS
        or code >= 3000
        or closure.reason.startswith(("insufficient_quota", "invalid_request_error"))
    )


def is_expiry(closure: Closure) -> bool:
    """Whether the session had its time."""
    return closure.reason.startswith("Your session hit the maximum duration")


class Final(NamedTuple):
    """What an end means for whoever would dial again."""

    may: bool = False
    """Whether it may be the last."""
    must: bool = False
    """Whether it has to be."""


class Finality:
    """One line's memory of how its links ended."""

    def __init__(self) -> None:
        self._refusals_of_key = 0
        self._told: dict[int, float] = {}
        """When each code was last met; what an error event explained is not sure to be counted by its code."""
        self._sure: dict[int, float] = {}

    def live(self) -> None:
        """The line is live: its key is good."""
        self._refusals_of_key = 0

    def ended(self, closure: Closure, now: float, *, explained: bool) -> Final:
        """A link ended; `explained` says whether an error event came just before, which says more than a code."""
        self._refusals_of_key += closure.status == 401
        final = is_fatal(closure) or (closure.status == 401 and self._refusals_of_key > 1)
        may = final or self._is_repeated(self._told, closure, now)
        must = not explained and (final or self._is_repeated(self._sure, closure, now))
        if closure.code in _ONCE_MORE and not closure.reason:
            self._told[closure.code] = now
            if not explained:
                self._sure[closure.code] = now
        return Final(may, must)

    def _is_repeated(self, met: dict[int, float], closure: Closure, now: float) -> bool:
        at = met.get(closure.code or 0)
        return at is not None and not closure.reason and now - at < _MEMORY
