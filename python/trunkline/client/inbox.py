"""What the application has yet to read, bounded so that a slow reader cannot fill the memory.

Reply audio comes several times faster than it is played, so minutes of it may wait here. Beyond the limit the oldest
audio is dropped, and counted; no other event ever is. An application that listens is given each event as it comes, and
nothing waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from trunkline.errors import LocalError
from trunkline.protocol.events import AudioDelta, TranslatedAudio
from trunkline.protocol.observations import Anomaly

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.events import Event

__all__ = ["Inbox", "overflow"]

# Ten minutes of 24 kHz PCM: longer than any one answer.
LIMIT_BYTES = 10 * 60 * 48_000
_AUDIO = (AudioDelta, TranslatedAudio)


class Inbox:
    """Events in order, from the driver to one reader, or to one listener."""

    def __init__(self, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._events: deque[Event] | None = None
        """None before there is one: an empty one takes as much as ninety events, and who listens has none."""
        self._limit_bytes = limit_bytes
        self._audio_bytes = 0
        self._closed = False
        self._readers: list[asyncio.Future[None]] = []
        """Those that wait for news; more than one only if somebody iterates twice."""
        self._listener: Callable[[Event], None] | None = None
        self.listens_to_audio: Callable[[AudioDelta], None] | None = None
        """Takes a delta of audio as the listener would; what it raises is `failed`."""
        self._error: Exception | None = None
        """What the listener raised."""

    def put(self, event: Event) -> int:
        """Takes an event; gives how many bytes of audio had to be dropped for it."""
        if self._listener is not None:
            try:
                self._listener(event)
            except Exception as error:  # noqa: BLE001 - it is whoever listens who must know, and not the link
                self.failed(error)
            return 0
        if self._events is None:
            self._events = deque()
        self._events.append(event)
        self._wake()
        if not isinstance(event, _AUDIO):
            return 0
        self._audio_bytes += len(event.pcm)
        dropped = 0
        while self._audio_bytes > self._limit_bytes:
            dropped += self._drop_oldest_audio()
        return dropped

    def failed(self, error: Exception) -> None:
        """The listener raised that: it is told to whoever waits, and asked no more."""
        self._error, self._listener, self.listens_to_audio = error, None, None
        self._wake()

    def close(self) -> None:
        """No more events will come."""
        self._closed = True
        self._wake()

    async def get(self) -> Event | None:
        """The next event; None when there will be no more."""
        while not self._events:
            if self._closed:
                return None
            await self._news()
        event = self._events.popleft()
        if isinstance(event, _AUDIO):
            self._audio_bytes -= len(event.pcm)
        return event

    async def listen(
        self,
        listener: Callable[[Event], None],
        *,
        audio: Callable[[AudioDelta], None] | None = None,
    ) -> None:
        """Gives each event to the listener as it comes, until there will be no more. Raises what that raises.

        `audio` does the same for deltas of audio, in fewer steps.
        Raises LocalError if there is one already.
        """
        if self._listener is not None or self._error is not None:
            raise LocalError("listening", "it is listened to already")
        while self._events:
            event = await self.get()
            assert event is not None
            listener(event)
        self._events = None
        self._listener, self.listens_to_audio = listener, audio
        try:
            while not self._closed and self._error is None:
                await self._news()
        finally:
            error, self._error = self._error, None
            self._listener = self.listens_to_audio = None
        if error is not None:
            raise error

    async def _news(self) -> None:
        reader = asyncio.get_running_loop().create_future()
        self._readers.append(reader)
        try:
            await reader
        finally:
            self._readers.remove(reader)

    def _wake(self) -> None:
        for reader in self._readers:
            if not reader.done():
                reader.set_result(None)

    def _drop_oldest_audio(self) -> int:
        assert self._events is not None
        oldest = next(event for event in self._events if isinstance(event, _AUDIO))
        self._events.remove(oldest)
        self._audio_bytes -= len(oldest.pcm)
        return len(oldest.pcm)


def overflow(dropped_bytes: int, *, at: float, epoch: int) -> Anomaly:
    """The fact that audio was dropped."""
    sample = f"{dropped_bytes} bytes of reply audio dropped: the application reads too slowly"
    return Anomaly(at=at, epoch=epoch, kind="inbox full", sample=sample)
