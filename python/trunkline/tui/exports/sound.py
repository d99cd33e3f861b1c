"""The sound of a turn as a WAV file, where it is kept."""

from __future__ import annotations

import wave
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.telemetry.sound import Sound

__all__ = ["NOT_KEPT", "both_sides", "not_heard", "wav_file"]

NOT_KEPT = (
    "audio is not kept here: it is off unless the line's process has TRUNKLINE_KEEP_AUDIO=1, "
    "or the recording was made with --audio"
)
"""What is told where there is none."""


def not_heard(turn: int, heard: tuple[int, ...]) -> str:
    """Why there is no sound of a turn."""
    if not heard:
        return NOT_KEPT
    return f"the sound of turn {turn} is not kept; there are {', '.join(map(str, heard))}"


def both_sides(sound: Sound) -> bytes:
    """Two channels: the user at the left, the model at the right; the shorter one ends in silence."""
    frames = max(len(sound.user), len(sound.model)) // 2
    both = bytearray(4 * frames)
    for offset, pcm in ((0, sound.user), (2, sound.model)):
        whole = len(pcm) // 2 * 2
        both[offset : 2 * whole : 4] = pcm[0:whole:2]
        both[offset + 1 : 2 * whole : 4] = pcm[1:whole:2]
    return bytes(both)


def wav_file(sound: Sound) -> bytes:
    """A file of both sides."""
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(sound.rate_hz)
        out.writeframes(both_sides(sound))
    return file.getvalue()
