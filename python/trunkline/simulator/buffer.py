"""Input audio that no item holds yet, on the session's sample clock.

The clock counts every sample ever appended in the session; commits, clears and silence do not stop
it.
"""

from __future__ import annotations

__all__ = ["BYTES_PER_SAMPLE", "SAMPLES_PER_MS", "InputBuffer", "ms_of"]

SAMPLES_PER_MS = 24
BYTES_PER_SAMPLE = 2


def ms_of(samples: int) -> int:
    """Whole milliseconds of so many samples, as the API counts them."""
    return samples // SAMPLES_PER_MS


class InputBuffer:
    """Invariant: holds exactly the samples of the session from `start` up to `position`."""

    def __init__(self) -> None:
        self.start = 0
        """Session sample of the first byte that is held."""
        self.position = 0
        """Samples appended in the session so far."""
        self._held = bytearray()

    def append(self, pcm: bytes) -> None:
        """Add whole samples at the end."""
        self._held += pcm
        self.position += len(pcm) // BYTES_PER_SAMPLE

    def peek(self, start: int, end: int) -> bytes:
        """What is held of the samples from `start` to `end`; nothing changes."""
        first = max(start - self.start, 0) * BYTES_PER_SAMPLE
        last = max(end - self.start, 0) * BYTES_PER_SAMPLE
        return bytes(self._held[first:last])

    def take(self, start: int, end: int) -> bytes:
        """Remove everything before `end`; what of it is held from `start` on."""
        pcm = self.peek(start, end)
        self.drop(end)
        return pcm

    def drop(self, before: int) -> None:
        """Forget the samples before `before`; nothing if they are gone already."""
        count = min(max(before, self.start), self.position) - self.start
        del self._held[: count * BYTES_PER_SAMPLE]
        self.start += count

    def clear(self) -> None:
        """Forget everything; the clock keeps running."""
        self.drop(self.position)
