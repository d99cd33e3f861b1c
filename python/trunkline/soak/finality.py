"""Which ends of a link are final, by the documents of the API and the line's own promise, read once more.

The judge's statement of the rule, apart from the core's table: two that were derived from one another would agree on
every mistake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure

__all__ = ["Finality", "is_expiry", "is_fatal"]

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


class Finality:
    """One line's memory of how its links ended."""

    def __init__(self) -> None:
        self.may_end = False
        """Whether the line may give up after the last end."""
        self.must_end = False
        """Whether it has to."""
        self._refusals_of_key = 0
        self._told: dict[int, float] = {}
        """When each code was last met; what an error event explained is not sure to be counted by its code."""
        self._sure: dict[int, float] = {}

    def live(self) -> None:
        """The line is live: its key is good."""
        self._refusals_of_key = 0

    def ended(self, closure: Closure, now: float, *, explained: bool) -> None:
        """A link ended; `explained` says whether an error event came just before, which says more than a code."""
        self._refusals_of_key += closure.status == 401
        final = is_fatal(closure) or self._refusals_of_key > 1
        self.may_end = final or self._is_repeated(self._told, closure, now)
        self.must_end = not explained and (final or self._is_repeated(self._sure, closure, now))
        if closure.code in _ONCE_MORE and not closure.reason:
            self._told[closure.code] = now
            if not explained:
                self._sure[closure.code] = now

    def left(self) -> None:
        """The line dropped the link by itself, which is never final."""
        self.may_end = self.must_end = False

    def _is_repeated(self, met: dict[int, float], closure: Closure, now: float) -> bool:
        at = met.get(closure.code or 0)
        return at is not None and not closure.reason and now - at < _MEMORY
