"""A voice that answers with recordings of your own."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

from trunkline.errors import ConfigError
from trunkline.simulator.buffer import BYTES_PER_SAMPLE
from trunkline.simulator.voice import Reply, Tone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trunkline.simulator.voice import Utterance

__all__ = ["Playlist"]

_RATE_HZ = 24_000


class Playlist:
    """Answers the n-th user message of a conversation with the n-th recording, and then begins anew.

    So a conversation that was restored is gone on with where it was.
    """

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = tuple(replies)
        self._ear = Tone()

    @classmethod
    def of_folder(cls, folder: Path) -> Playlist:
        """The WAV files of a folder, by name; the text of `a.wav` is `a.txt`, or its name.

        Raises ConfigError if there is none, or one that is not 24 kHz, mono, 16 bit.
        """
        files = sorted(folder.glob("*.wav"))
        if not files:
            raise ConfigError("--wav", f"there is no .wav file in {folder}")
        return cls([_reply(path) for path in files])

    def hear(self, pcm: bytes) -> str:
        """A note of the audio's length."""
        return self._ear.hear(pcm)

    def reply(self, context: Sequence[Utterance]) -> Reply:
        """The recording whose turn it is."""
        asked = sum(line.role == "user" for line in context)
        return self._replies[max(asked - 1, 0) % len(self._replies)]


def _reply(path: Path) -> Reply:
    try:
        with wave.open(str(path)) as file:
            shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            pcm = file.readframes(file.getnframes())
    except (wave.Error, EOFError, OSError) as error:
        raise ConfigError(str(path), f"is no WAV file of PCM: {error}") from error
    if shape != (_RATE_HZ, 1, BYTES_PER_SAMPLE):
        made = f"{shape[0]} Hz, {shape[1]} channels, {shape[2] * 8} bit"
        reason = f"is {made}; it must be 24000 Hz, mono, 16 bit (ffmpeg -ar 24000 -ac 1 does it)"
        raise ConfigError(str(path), reason)
    words = path.with_suffix(".txt")
    text = words.read_text(encoding="utf-8").strip() if words.is_file() else ""
    return Reply(text=text or path.stem, pcm=pcm)
