"""What the application has yet to read, bounded so that a slow reader cannot fill the memory.

Reply audio comes several times faster than it is played, so minutes of it may wait here. Beyond the limit the oldest
audio is dropped, and counted; no other event ever is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from trunkline.protocol.events import AudioDelta, TranslatedAudio

if TYPE_CHECKING:
    from trunkline.protocol.events import Event

__all__ = ["Inbox"]

# Ten minutes of 24 kHz PCM: longer than any one answer.
LIMIT_BYTES = 10 * 60 * 48_000
_AUDIO = (AudioDelta, TranslatedAudio)


class Inbox:
    """Events in order, from the driver to one reader."""

    def __init__(self, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._events: deque[Event] = deque()
        self._limit_bytes = limit_bytes
        self._audio_bytes = 0
        self._closed = False
        self._news = asyncio.Event()

    def put(self, event: Event) -> int:
        """Takes an event; gives how many bytes of audio had to be dropped for it."""
        self._events.append(event)
        self._news.set()
        if not isinstance(event, _AUDIO):
            return 0
        self._audio_bytes += len(event.pcm)
        dropped = 0
        while self._audio_bytes > self._limit_bytes:
            dropped += self._drop_oldest_audio()
        return dropped

    def close(self) -> None:
        """No more events will come."""
        self._closed = True
        self._news.set()

    async def get(self) -> Event | None:
        """The next event; None when there will be no more."""
        while not self._events:
            if self._closed:
                return None
            self._news.clear()
            await self._news.wait()
        event = self._events.popleft()
        if isinstance(event, _AUDIO):
            self._audio_bytes -= len(event.pcm)
        return event

    def _drop_oldest_audio(self) -> int:
        oldest = next(event for event in self._events if isinstance(event, _AUDIO))
        self._events.remove(oldest)
        self._audio_bytes -= len(oldest.pcm)
        return len(oldest.pcm)
