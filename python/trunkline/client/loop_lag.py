"""Whether the event loop keeps its appointments: one timer per loop, for all who want to know.

A timer of 100 ms that comes late tells that something else held the loop up, and that whatever was due meanwhile was
late as well. It runs only while somebody listens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

__all__ = ["INTERVAL", "LoopLag"]

INTERVAL = 0.1
"""Seconds."""

_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, LoopLag] = WeakKeyDictionary()


class LoopLag:
    """The timer of one event loop; belongs to that loop's thread."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[float], None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> LoopLag:
        """The one of the loop."""
        return _by_loop.setdefault(loop, cls())

    def listen(self, loop: asyncio.AbstractEventLoop, listener: Callable[[float], None]) -> None:
        """From here on the listener gets the lag in seconds, ten times a second."""
        self._listeners.append(listener)
        if self._timer is None:
            self._due = loop.time() + INTERVAL
            self._timer = loop.call_at(self._due, self._tick, loop)

    def leave(self, listener: Callable[[float], None]) -> None:
        """The listener gets nothing any more; one that did not listen is no mistake."""
        if listener in self._listeners:
            self._listeners.remove(listener)
        if not self._listeners and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        lag = max(0.0, loop.time() - self._due)
        # Not one behind the other: what was missed while the loop stood still is one late timer.
        self._due = max(self._due, loop.time()) + INTERVAL
        self._timer = loop.call_at(self._due, self._tick, loop)
        for listener in tuple(self._listeners):
            listener(lag)
