"""The recorded turns that come with the package: an English caller and the Spanish translation.

Read once, when a voice that needs them is made.
"""

from __future__ import annotations

import io
import json
import wave
from dataclasses import dataclass
from functools import cache
from importlib import resources

from trunkline.errors import MediaError

__all__ = ["RecordedTurn", "pcm_of_wav", "recorded_turns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTurn:
    """One turn: what the caller says and what the interpreter answers, as text and 24 kHz pcm."""

    caller_text: str
    caller_pcm: bytes
    reply_text: str
    reply_pcm: bytes


def pcm_of_wav(name: str, data: bytes) -> bytes:
    """The samples of a WAV file's bytes: 24 kHz, mono, int16 little-endian.

    Raises MediaError for any other encoding; nothing is converted.
    """
    try:
        with wave.open(io.BytesIO(data)) as sound:
            shape = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            if shape != (24000, 1, 2):
                raise MediaError(name, f"needs 24 kHz mono 16-bit, has {shape}")
            return bytes(sound.readframes(sound.getnframes()))
    except (wave.Error, EOFError) as error:
        raise MediaError(name, f"not a WAV file: {error}") from error


@cache
def recorded_turns() -> tuple[RecordedTurn, ...]:
    """The turns in the order of the conversation."""
    folder = resources.files("trunkline").joinpath("speech")
    script = json.loads(folder.joinpath("turns.json").read_text(encoding="utf-8"))

    def pcm(name: str) -> bytes:
        return pcm_of_wav(name, folder.joinpath(name).read_bytes())

    return tuple(
        RecordedTurn(
            caller_text=turn["caller_text"],
            caller_pcm=pcm(turn["caller"]),
            reply_text=turn["interpreter_text"],
            reply_pcm=pcm(turn["interpreter"]),
        )
        for turn in script["turns"]
    )
