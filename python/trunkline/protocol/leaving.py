"""A link that the line has left: it says goodbye, for a bounded time, and nothing it says counts any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.drains import AbortLink, CloseLink, Drains

if TYPE_CHECKING:
    from trunkline.protocol.link import Link

__all__ = ["Leaving"]


class Leaving:
    """At most one such link; `rotation.py` and `connection.py` call it."""

    def __init__(self, drains: Drains, *, patience: float) -> None:
        self.ends_at: float | None = None
        """When it is dropped, if it has not ended by then; None while there is none."""
        self._link: Link | None = None
        self._drains = drains
        self._patience = patience

    def owns(self, epoch: int) -> bool:
        """Whether an input speaks of it."""
        return self._link is not None and self._link.epoch == epoch

    def begin(self, link: Link, now: float) -> None:
        """The link is not needed any more: it is closed properly."""
        self._link, self.ends_at = link, now + self._patience
        self._drains.actions.append(CloseLink(epoch=link.epoch, code=1000, reason=""))

    def excuse(self, until: float) -> None:
        """The event loop was blocked: the answer to our goodbye may wait to be read."""
        if self.ends_at is not None:
            self.ends_at = max(self.ends_at, until)

    def handle_timeout(self, now: float) -> None:
        """Drops it, if its time is over."""
        if self.ends_at is not None and now >= self.ends_at:
            self.drop(now)

    def drop(self, now: float) -> None:
        """Its time is over, or the line's is."""
        if self._link is not None:
            self._drains.actions.append(AbortLink(epoch=self._link.epoch))
            self.ended(Closure(code=1006), now)

    def ended(self, closure: Closure, now: float) -> None:
        """It has ended, as we wanted, whatever came instead of the answer to our goodbye."""
        link, self._link, self.ends_at = self._link, None, None
        assert link is not None
        closure = replace(closure, by_us=True, fault=None)
        self._drains.observations.append(link.ending(closure, judge(closure), now))
