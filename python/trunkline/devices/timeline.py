"""When samples were captured, or will be heard, by the event loop's clock.

A device tells a time with each block, by a clock of its own: on ALSA the wall clock, which may be set, elsewhere any.
A block may be called for late, since the interpreter was busy, and then many at once, so the arrival tells nothing.
Instead the device's clock is compared with ours at each call (`DeviceClock`), and the times of blocks follow each
other sample by sample (`Timeline`), unless the device shows, for half a second or at a known break, that some are
missing.
"""

from __future__ import annotations

import math
from collections import deque

__all__ = ["DeviceClock", "Timeline"]

# Calls that are compared: one that waited for the interpreter is found out by the others, and a wall clock that was
# set back is followed after 160 ms.
_COMPARED = 8
# A call that waited longer tells no time that a timeline should follow.
_WAITED = 0.005
# A device that is this far from its own `now` tells no times (some host APIs leave the field to chance).
_FAR = 5.0
# A block: devices lose whole ones, and on a busy machine the times they tell were up to 15 ms off.
_SLACK = 0.02
# Blocks that must all be late before samples count as missing without a word: half a second.
_LATE_BLOCKS = 25
# And right after a beginning or a break, where devices are often wrong about the first (a stream that was opened
# while its sink was suspended said that it had captured ever since).
_SETTLING_BLOCKS = 5
# Times that come earlier than expected are nearer to the truth: a quarter of it at once, but never backwards.
_EARLIER = 0.25
_MOST_OF_A_BLOCK = 0.75


class DeviceClock:
    """Reads the times of one stream; belongs to the stream's thread."""

    __slots__ = ("_latency", "_offsets", "is_sure", "is_told")

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._offsets: deque[float] = deque(maxlen=_COMPARED)
        self.is_sure = True
        """Whether the last call came at once."""
        self.is_told = False
        """Whether the device tells times at all."""

    def read(self, now: float, device_now: float, told: float) -> float:
        """The told time by our clock; `now` is ours, `device_now` the device's, both of this call.

        Without times of the device it is `now` and the latency (negative for what was captured).
        """
        self.is_told = bool(device_now and told) and abs(told - device_now) < _FAR
        if not self.is_told:
            self.is_sure = True
            return now + self._latency
        offset = now - device_now
        self._offsets.append(offset)
        least = min(self._offsets)
        self.is_sure = offset - least < _WAITED
        return told + least


class Timeline:
    """The times of the blocks of one device, one after the other."""

    __slots__ = ("_late_blocks", "_lates", "_looked_at", "_next", "hole")

    def __init__(self, *, late_blocks: int = _LATE_BLOCKS) -> None:
        """So many blocks must all be late before the timeline follows: few where it does not matter what is missing."""
        self._late_blocks = late_blocks
        self._looked_at = min(late_blocks, _SETTLING_BLOCKS)
        self._next: float | None = None
        self._lates: list[float] = []
        self.hole = 0.0
        """Seconds that are missing right before the last block."""

    def follow(
        self, told: float, seconds: float, *, is_sure: bool = True, is_broken: bool = False
    ) -> float:
        """The time of a block's first sample: never before the end of the block before.

        `seconds` is how long it lasts; `is_broken` says that something is known to be missing before it.
        """
        self.hole = 0.0
        at = told
        if self._next is not None:
            at = self._next + self._shift(told - self._next, seconds, is_sure, is_broken)
        self._next = at + seconds
        return at

    def _shift(self, late: float, seconds: float, is_sure: bool, is_broken: bool) -> float:
        if is_broken:
            self._lates.clear()
            self._looked_at = min(self._late_blocks, _SETTLING_BLOCKS)
            return self._judged(late) if late > _SLACK else 0.0
        if is_sure and late < 0:
            self._lates.clear()
            return max(late * _EARLIER, -seconds * _MOST_OF_A_BLOCK)
        # On a busy machine half of them are not sure; the others tell.
        self._lates.append(late if is_sure else math.inf)
        if len(self._lates) < self._looked_at:
            return 0.0
        least = min(self._lates)
        self._lates.clear()
        self._looked_at = self._late_blocks
        return self._judged(least) if least < math.inf else 0.0

    def _judged(self, late: float) -> float:
        """Missing samples if it is much, the drift of two clocks if it is little."""
        if late > _SLACK:
            self.hole = late
        return late
