"""From the core's queue to the application, one event at a time.

Who listens may call the line from an event: what follows from that comes after the one it was given, and not within.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.client.inbox import Inbox
    from trunkline.protocol.events import AudioDelta, Event

__all__ = ["Delivery"]


class Delivery:
    """One line's; `driver.py` is its only caller."""

    def __init__(
        self, events: list[Event], inbox: Inbox, overflowed: Callable[[int], None]
    ) -> None:
        self._events = events
        self._inbox = inbox
        self._overflowed = overflowed
        """Is told how many bytes of audio were dropped."""
        self._is_busy = False

    def deliver(self) -> None:
        """Empties the queue."""
        if self._is_busy:
            return
        events, put = self._events, self._inbox.put
        self._is_busy = True
        try:
            while events:
                if dropped_bytes := put(events.pop(0)):
                    self._overflowed(dropped_bytes)
        finally:
            self._is_busy = False

    def heard(self, event: AudioDelta) -> None:
        """A delta that came the short way: mostly somebody listens, and nothing is before it."""
        take = self._inbox.listens_to_audio
        if take is None or self._is_busy or self._events:
            self._events.append(event)
            self.deliver()
            return
        self._is_busy = True
        try:
            take(event)
        except Exception as error:  # noqa: BLE001 - it is whoever listens who must know, and not the link
            self._inbox.failed(error)
        finally:
            self._is_busy = False
        if self._events:
            self.deliver()
