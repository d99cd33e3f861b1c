"""What a loudspeaker gave, put on the microphone's time: the reference of an echo canceller.

Both sides tell the time of each block by their own device's clock. Those times jitter by a millisecond or two, and a
reference that jitters cannot be cancelled; so a block follows the one before it without a seam unless it is off by
more than 5 ms, which is a hole, a lost device, or two clocks that have drifted apart by then.
"""

from __future__ import annotations

from collections import deque

from trunkline.audio.format import PCM_24K

__all__ = ["FarEnd"]

_TOLERANCE_SAMPLES = 120
_KEPT_SAMPLES = 2 * PCM_24K.rate_hz
"""A loudspeaker is never ahead of a microphone by more than its own buffer; more is what nobody asked for."""


class _Axis:
    """Positions of blocks whose times jitter."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next: int | None = None

    def place(self, position: int, samples: int) -> int:
        """Where the block is put, and the next expected."""
        if self._next is not None and abs(position - self._next) <= _TOLERANCE_SAMPLES:
            position = self._next
        self._next = position + samples
        return position


class FarEnd:
    """A queue of what was given, asked for by time; `give` may be called in another thread than `take`."""

    __slots__ = ("_given", "_held", "_near", "_start", "_written")

    def __init__(self) -> None:
        self._given: deque[tuple[bytes, float]] = deque()
        self._near, self._written = _Axis(), _Axis()
        self._held = bytearray()
        self._start = 0
        """The position of the first sample that is held."""

    def give(self, pcm: bytes, heard_at: float) -> None:
        """The loudspeaker plays this from that time on."""
        self._given.append((pcm, heard_at))

    def take(self, at: float, samples: int) -> bytes:
        """What is heard in so many samples from that time on; silence where nothing is known.

        What is older is forgotten: times are to grow.
        """
        self._collect()
        position = self._near.place(round(at * PCM_24K.rate_hz), samples)
        self._forget(position)
        early = min(samples, max(0, self._start - position))
        found = bytes(self._held[: 2 * (samples - early)])
        self._forget(position + samples)
        return (bytes(2 * early) + found).ljust(2 * samples, b"\0")

    def _collect(self) -> None:
        while self._given:
            pcm, heard_at = self._given.popleft()
            samples = len(pcm) // 2
            self._write(self._written.place(round(heard_at * PCM_24K.rate_hz), samples), pcm)
        self._forget(self._start + len(self._held) // 2 - _KEPT_SAMPLES)

    def _write(self, position: int, pcm: bytes) -> None:
        end = self._start + len(self._held) // 2
        if not self._held or position < self._start or position - end > _KEPT_SAMPLES:
            self._held, self._start = bytearray(), position
        elif position < end:
            # It is heard in place of what was to be: the device has begun anew.
            del self._held[2 * (position - self._start) :]
        else:
            self._held += bytes(2 * (position - end))
        self._held += pcm

    def _forget(self, position: int) -> None:
        old = position - self._start
        if old > 0:
            del self._held[: 2 * old]
            self._start = position
