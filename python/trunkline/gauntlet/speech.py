"""What a client is given to say: one WAV file in which every place is like no other.

Five recorded utterances with pauses between them, all under a noise of a few steps of the converter
(-72 dBFS, far below any detector's threshold). The noise makes even the silence recognisable: from
sixteen samples of what a client appended, the place in the file follows.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from functools import cache

import numpy as np

from trunkline.simulator.recordings import recorded_turns

__all__ = ["RATE_HZ", "Speech", "Utterance", "gauntlet_speech"]

RATE_HZ = 24_000
_LEAD_SAMPLES = RATE_HZ * 3 // 10
_PAUSE_SAMPLES = RATE_HZ * 26 // 10
"""Half a second until the turn is over, a reply of 1.5 s played to its end, and a breath: nobody is
interrupted unless a trial wants it."""
_ORDER = (2, 3, 4, 1, 0)
"""The short ones first: a trial that ends early is a gauntlet that ends early."""
_NOISE_STEPS = 8
_FRAME = 480
_LOUD_POWER = float((32768 * 10 ** (-40 / 20)) ** 2)
"""-40 dBFS, above the noise by 30 dB and below any syllable of the recordings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One of the utterances: where its speech is in the file, in samples, and what it says."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The file's sound: 24 kHz mono int16."""

    pcm: bytes
    utterances: tuple[Utterance, ...]

    @property
    def samples(self) -> int:
        """Its length; after it a client begins anew."""
        return len(self.pcm) // 2

    def wav(self) -> bytes:
        """The sound as a WAV file."""
        target = io.BytesIO()
        with wave.open(target, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(self.pcm)
        return target.getvalue()


@cache
def gauntlet_speech(seed: int = 0) -> Speech:
    """The speech of a gauntlet; the same seed gives the same file to the byte."""
    turns = recorded_turns()
    pieces = [np.zeros(_LEAD_SAMPLES, dtype=np.int32)]
    utterances = []
    at = _LEAD_SAMPLES
    for index in _ORDER:
        said = np.frombuffer(turns[index].caller_pcm, dtype="<i2").astype(np.int32)
        first, last = _loud_part(said)
        utterances.append(Utterance(start=at + first, end=at + last, text=turns[index].caller_text))
        pieces += [said, np.zeros(_PAUSE_SAMPLES, dtype=np.int32)]
        at += said.size + _PAUSE_SAMPLES
    sound = np.concatenate(pieces)
    noise = np.random.default_rng(seed).integers(-_NOISE_STEPS, _NOISE_STEPS + 1, sound.size)
    pcm = np.clip(sound + noise, -32768, 32767).astype("<i2").tobytes()
    return Speech(pcm=pcm, utterances=tuple(utterances))


def _loud_part(said: np.ndarray) -> tuple[int, int]:
    """From the first loud frame of 20 ms to the end of the last one, in samples."""
    count = said.size // _FRAME
    frames = said[: count * _FRAME].reshape(count, _FRAME).astype(np.float64)
    loud = np.flatnonzero((frames * frames).mean(axis=1) > _LOUD_POWER)
    return int(loud[0]) * _FRAME, (int(loud[-1]) + 1) * _FRAME
