"""The three formats of a session's audio, and the way from each to the simulator's own.

Inside, everything is pcm of 24 kHz: the sample clock, the detector and the voices know nothing
else. A session in `audio/pcmu` or `audio/pcma` (G.711, 8 kHz, a byte a sample) is converted at the
edge: three samples for one on the way in, exactly, so that the clock does not drift; one for three
on the way out.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trunkline.simulator.buffer import BYTES_PER_SAMPLE
from trunkline.simulator.companding import ALAW, ULAW
from trunkline.simulator.refusals import invalid_audio

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AUDIO_LIMIT_BYTES", "WireFormat"]

AUDIO_LIMIT_BYTES = 15 * 1024 * 1024
"""Of audio in one event (SDK); taken as decoded bytes, where the API does not say."""
_RATIO = 3
"""24 kHz to G.711's 8."""
_LAWS = {"audio/pcmu": ULAW, "audio/pcma": ALAW}
_REACH = 36
_TAPS = np.sinc(np.arange(-_REACH, _REACH + 1) * (2 * 3700 / 24000)) * np.kaiser(2 * _REACH + 1, 6)
_TAPS /= _TAPS.sum()
"""A low pass at 3.7 kHz: 60 dB down from 4.3 kHz on, so that nothing folds into speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFormat:
    """One direction's audio as it stands in events."""

    name: str
    """`audio/pcm`, `audio/pcmu` or `audio/pcma`."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> WireFormat:
        """The format of a session's `format` object."""
        return cls(name=str(settings["type"]))

    @property
    def bytes_per_ms(self) -> int:
        """Of audio, before base64."""
        return 8 if self.name in _LAWS else 48

    def read(self, encoded: str, path: str) -> bytes:
        """The pcm, still at its own rate, of strict base64: padded, without white space.

        Raises a Refusal for any other text, for a sample cut in two, and above 15 MiB.
        """
        if len(encoded) > AUDIO_LIMIT_BYTES * 4 // 3 + 4:
            raise self._invalid(path, "longer than 15 MiB")
        try:
            data = binascii.a2b_base64(encoded, strict_mode=True)
        except (binascii.Error, ValueError) as error:
            raise self._invalid(path, str(error).lower()) from error
        if len(data) > AUDIO_LIMIT_BYTES:
            raise self._invalid(path, "longer than 15 MiB")
        law = _LAWS.get(self.name)
        if law is not None:
            return law.decode(data)
        if len(data) % BYTES_PER_SAMPLE:
            raise self._invalid(path, f"{len(data)} bytes are not whole samples")
        return data

    def widen(self, pcm: bytes, *, before: int | None = None) -> bytes:
        """The same audio at 24 kHz, interpolated from the sample `before` it.

        With the sample that came before, the pieces a stream comes in make no difference.
        """
        if self.name not in _LAWS or not pcm:
            return pcm
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.int32)
        first = samples[:1] if before is None else np.array([before], dtype=np.int32)
        last = np.concatenate((first, samples[:-1]))
        wide = (last[:, None] * (2, 1, 0) + samples[:, None] * (1, 2, 3)) // _RATIO
        return wide.astype("<i2").tobytes()

    def decode(self, encoded: str, path: str) -> bytes:
        """The audio of one piece that stands alone, at 24 kHz."""
        return self.widen(self.read(encoded, path))

    def encode(self, pcm: bytes) -> str:
        """The base64 text of so much 24 kHz pcm; a last third of an 8 kHz sample is left out."""
        law = _LAWS.get(self.name)
        data = pcm if law is None else law.encode(_narrow(pcm))
        return binascii.b2a_base64(data, newline=False).decode()

    def samples_of(self, encoded: str) -> int:
        """The 24 kHz samples that a text of ours stands for."""
        size = len(encoded) // 4 * 3 - encoded.count("=", -2)
        return size * _RATIO if self.name in _LAWS else size // BYTES_PER_SAMPLE

    def _invalid(self, path: str, reason: str) -> Exception:
        kind = {"audio/pcm": "mono PCM16 at 24kHz"}.get(self.name, f"{self.name} at 8kHz")
        return invalid_audio(path, reason, kind=kind)


def _narrow(pcm: bytes) -> bytes:
    """Every third sample of the filtered audio.

    Beyond its ends the audio goes on mirrored through its last sample, which keeps the seam of two
    pieces quiet without knowing the neighbour.
    """
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    count = samples.size // _RATIO
    if count == 0:
        return b""
    padded = np.pad(samples, _REACH, mode="reflect", reflect_type="odd")
    smooth = np.convolve(padded, _TAPS, mode="valid")[_RATIO - 1 :: _RATIO][:count]
    return np.clip(np.rint(smooth), -32768, 32767).astype("<i2").tobytes()
