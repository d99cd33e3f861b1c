"""How late and how loud the audio of a line is; measured only while somebody wants to know.

The problem: a console wants to know of every chunk how long it waited here, and of every 100 ms how loud it was. That
costs an eighth of the whole way of a chunk, which must not pay while nobody looks. So whoever is on that way asks
`is_on` and nothing else.

When a sample was captured is known by two memories. One has each piece that was given and has not been sent,
exactly: a chunk is late by its last sample. The other has five positions a second for the last half minute, for
the question when the user's last voiced sample was spoken; between two of them audio comes as fast as it is spoken.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from trunkline.audio.codec import Meter
from trunkline.protocol import observations as seen
from trunkline.protocol.observations import Direction

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.books import Audio
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.observations import Observation

__all__ = ["Metering"]

_FULL_SCALE = 32768
# A meter moves ten times a second.
_METER_SECONDS = 0.1
_MEMORY_STEP = 0.2
_MEMORY_ENTRIES = 150


class _Level:
    """How loud one direction is."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.unread = 0
        """Samples since it was last told."""


class _Memory:
    """What is remembered while somebody wants to know: most lines never are so looked at, and it is 2 kB."""

    def __init__(self) -> None:
        self.up, self.down = _Level(), _Level()
        self.waiting: deque[tuple[int, float]] = deque()
        """Capture position after each piece that was given, and when; of what was not sent."""
        self.given: deque[tuple[int, float]] = deque(maxlen=_MEMORY_ENTRIES)
        self.latest = (0, 0.0)
        """The same of the latest piece."""


class Metering:
    """The measurements of one line; the connection, the stream and the conversation tell it while `is_on`."""

    def __init__(self, drains: Drains, *, rate_hz: int) -> None:
        self.is_on = False
        self.changed: Callable[[], None] = lambda: None
        """Called before it is turned."""
        self._drains = drains
        self._rate_hz = rate_hz
        self._least = round(rate_hz * _METER_SECONDS)
        self._memory: _Memory | None = None

    def turn(self, *, on: bool) -> None:
        """Begins to measure, or ends; nothing of before is remembered."""
        if on != self.is_on:
            self.changed()
            self.is_on = on
            self._memory = _Memory() if on else None

    def accepted(self, pcm: bytes, end: int, now: float) -> None:
        """The line took audio on its books, up to the capture position."""
        assert self._memory is not None
        memory = self._memory
        memory.latest = latest = (end, now)
        memory.waiting.append(latest)
        if not memory.given or now >= memory.given[-1][1] + _MEMORY_STEP:
            memory.given.append(latest)
        self._meter(Direction.UP, memory.up, pcm, now)

    def sent(self, audio: Audio, now: float) -> None:
        """A chunk was handed to the link; how late one comes that an earlier link had says nothing of this one."""
        assert self._memory is not None
        end, waiting = audio.start + audio.samples, self._memory.waiting
        while waiting and waiting[0][0] < end:
            waiting.popleft()
        if waiting and not audio.replayed:
            late = now - waiting[0][1]
            self._tell(
                seen.ChunkLate(at=now, epoch=self._drains.epoch, late=late, samples=audio.samples)
            )

    def received(self, pcm: bytes, now: float) -> None:
        """Reply audio came."""
        assert self._memory is not None
        self._meter(Direction.DOWN, self._memory.down, pcm, now)

    def speech_ended(self, item_id: str, end: int | None, now: float) -> None:
        """The server told where the user's last voiced sample was, on the capture axis."""
        captured_at = None if end is None else self._captured_at(end)
        if end is not None and captured_at is not None:
            self._tell(
                seen.SpeechEnded(
                    at=now,
                    epoch=self._drains.epoch,
                    item_id=item_id,
                    end_sample=end,
                    captured_at=captured_at,
                )
            )

    def _captured_at(self, position: int) -> float | None:
        """When the sample before the position was given; None if that is not remembered."""
        assert self._memory is not None
        _, latest_at = self._memory.latest
        for end, at in reversed(self._memory.given):
            if end <= position:
                return min(at + (position - end) / self._rate_hz, latest_at)
            latest_at = at
        return None

    def _meter(self, direction: Direction, level: _Level, pcm: bytes, now: float) -> None:
        level.meter.take(pcm)
        level.unread += len(pcm) // 2
        if level.unread < self._least:
            return
        level.unread = 0
        rms, peak, clipped, samples = level.meter.read()
        self._tell(
            seen.LevelSampled(
                at=now,
                epoch=self._drains.epoch,
                direction=direction,
                mean_square=(rms / _FULL_SCALE) ** 2,
                peak=peak / _FULL_SCALE,
                clipped=clipped,
                samples=samples,
            )
        )

    def _tell(self, fact: Observation) -> None:
        self._drains.observations.append(fact)
