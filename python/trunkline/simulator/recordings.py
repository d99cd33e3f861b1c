"""The recorded turns that come with the package: an English caller and the Spanish translation.

Read once, when a voice that needs them is made. Replies of one's own come from a folder of WAV files.
"""

from __future__ import annotations

import io
import json
import wave
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from trunkline.errors import MediaError
from trunkline.simulator.reply import Reply

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RecordedTurn", "pcm_of_wav", "recorded_turns", "replies_in"]


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
                raise MediaError(
                    name,
                    f"needs 24 kHz mono 16-bit, has {shape}; "
                    "ffmpeg -i IN.wav -ar 24000 -ac 1 -c:a pcm_s16le OUT.wav makes it so",
                )
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


def replies_in(folder: Path) -> tuple[Reply, ...]:
    """The replies of a folder: each `NAME.wav` by its name, with the words of `NAME.txt`.

    Without the text file the words are the name. Raises MediaError for a folder without WAV files,
    an empty one, or one of another encoding.
    """
    files = sorted(path for path in folder.glob("*") if path.suffix.lower() == ".wav")
    if not files:
        raise MediaError(str(folder), "has no .wav files; put there what the simulator is to say")
    return tuple(_reply(path) for path in files)


def _reply(path: Path) -> Reply:
    script = path.with_suffix(".txt")
    try:
        text = script.read_text(encoding="utf-8").strip() if script.is_file() else ""
        pcm = pcm_of_wav(path.name, path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise MediaError(str(path), f"cannot be read: {error}") from error
    if not pcm:
        raise MediaError(path.name, "holds no audio")
    return Reply(text=text or path.stem.replace("_", " "), pcm=pcm)
