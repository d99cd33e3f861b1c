"""Frames on their way from the event loops of lines to the thread that takes care of them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from trunkline.fleet.block import Stamped, moment
from trunkline.telemetry.batch import BATCH_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trunkline.telemetry.batch import Batch
    from trunkline.telemetry.frames import Frame

__all__ = ["Held", "Intake", "one_by_one"]

# A thousand lines for twenty seconds, 40 MB: longer than a disk that is waited for, shorter than memory.
_MOST_FRAMES = 50_000
# Audio is 2 to 10 kB a frame, and the first that is let go: 20 MB, and twenty seconds of ten lines.
_MOST_BEFORE_AUDIO = 2_000


class Held(NamedTuple):
    """Frames that were held back, and what their line's seconds are less than Unix seconds."""

    wall_offset: float
    batch: Batch


def one_by_one(told: Iterable[Stamped | Held]) -> Iterator[Stamped]:
    """The frames, those that were held back with the times at which they would have come."""
    for one in told:
        if isinstance(one, Stamped):
            yield one
            continue
        for frame in one.batch.frames():
            yield Stamped(moment(frame) + one.wall_offset, frame)


class Intake:
    """A bounded queue between threads, without a lock: a deque's ends are safe by themselves.

    Problem: an event loop must never wait for whoever reads, nor wake it. So `put` appends and nothing else, and a
    queue that is full loses what comes, which is counted.
    """

    def __init__(self, most_frames: int = _MOST_FRAMES) -> None:
        self._most = most_frames
        self._waiting: deque[Stamped | Held] = deque()
        self._lost = 0
        self._told = 0

    def put(self, at: float, frame: Frame) -> None:
        """Takes a frame of any thread, in 0.2 µs."""
        if len(self._waiting) < self._most:
            self._waiting.append(Stamped(at, frame))
        else:
            # Threads may count one for two of these: it says that some were lost, not an exact number.
            self._lost += 1

    def put_batch(self, wall_offset: float, batch: Batch) -> None:
        """Takes frames that were held back; as many may wait as of frames."""
        if len(self._waiting) < self._most // BATCH_SECONDS:
            self._waiting.append(Held(wall_offset, batch))
        else:
            self._lost += len(batch)

    def put_audio(self, at: float, frame: Frame) -> None:
        """Takes a frame of audio, unless so much waits that it must not wait, too."""
        if len(self._waiting) < min(self._most, _MOST_BEFORE_AUDIO):
            self._waiting.append(Stamped(at, frame))
        else:
            self._lost += 1

    def take(self) -> list[Stamped | Held]:
        """What came since the last time; for one thread only."""
        waiting = self._waiting
        return [waiting.popleft() for _ in range(len(waiting))]

    def lost(self) -> int:
        """How many were lost since this was asked the last time."""
        lost, self._told = self._lost - self._told, self._lost
        return lost
