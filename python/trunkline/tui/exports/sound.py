"""The sound of a turn as a WAV file, where somebody keeps it."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol, runtime_checkable

__all__ = ["NOT_KEPT", "Sound", "Sounds", "wav_file"]

NOT_KEPT = "audio is not kept here, only its level and its outline are"
"""What is told where there is none."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What was said in a turn: little-endian int16, mono, both from the same moment on."""

    rate_hz: int
    user: bytes
    model: bytes


@runtime_checkable
class Sounds(Protocol):
    """A desk that keeps audio, too."""

    def sound(self, key: str, turn: int) -> Sound | None:
        """Of a turn of a line; None if it is not there."""


def wav_file(sound: Sound) -> bytes:
    """Two channels: the user at the left, the model at the right; the shorter one ends in silence."""
    frames = max(len(sound.user), len(sound.model)) // 2
    both = bytearray(4 * frames)
    for offset, pcm in ((0, sound.user), (2, sound.model)):
        whole = len(pcm) // 2 * 2
        both[offset : 2 * whole : 4] = pcm[0:whole:2]
        both[offset + 1 : 2 * whole : 4] = pcm[1:whole:2]
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(sound.rate_hz)
        out.writeframes(bytes(both))
    return file.getvalue()
