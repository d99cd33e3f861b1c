"""The recorded turns of the package: what the demo's caller says."""

from __future__ import annotations

import json
import wave
from dataclasses import dataclass, field
from importlib.resources import files

__all__ = ["RecordedTurn", "recorded_turns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTurn:
    """What one caller says."""

    text: str
    pcm: bytes = field(repr=False)
    """24 kHz mono int16."""


def recorded_turns() -> list[RecordedTurn]:
    """The five turns, in order."""
    folder = files("trunkline") / "speech"
    document = json.loads((folder / "turns.json").read_text(encoding="utf-8"))
    turns = []
    for entry in document["turns"]:
        with (folder / entry["caller"]).open("rb") as file, wave.open(file) as sound:
            pcm = sound.readframes(sound.getnframes())
        turns.append(RecordedTurn(text=entry["caller_text"], pcm=pcm))
    return turns
