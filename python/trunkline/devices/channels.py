"""One channel to two and back, for devices that know no mono; int16."""

from __future__ import annotations

__all__ = ["first_of", "spread"]


def first_of(pcm: bytes, channels: int) -> bytes:
    """The first channel: where a device has two, a microphone is on both or on the first."""
    return pcm if channels == 1 else memoryview(pcm).cast("h")[::channels].tobytes()


def spread(pcm: bytes, channels: int) -> bytes:
    """The same on every channel."""
    if channels == 1:
        return pcm
    mono = memoryview(pcm).cast("h")
    wide = bytearray(len(pcm) * channels)
    samples = memoryview(wide).cast("h")
    for channel in range(channels):
        samples[channel::channels] = mono
    return bytes(wide)
