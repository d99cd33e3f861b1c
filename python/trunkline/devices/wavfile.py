"""Sound files in and out: any WAV to the line's samples, and back."""

from __future__ import annotations

import re
import wave
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.errors import MediaError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["read_wav", "write_wav"]

# libsndfile reads on through a file that was cut short, and notes it in its log only.
_CUT_SHORT = re.compile(r"^\s*data\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE)
# What writers to a pipe put where they cannot know the length.
_STREAMED_SIZES = frozenset({0, 0xFFFFFFFF, 0x7FFFFFFF, 0xFFFFFFDB})


def read_wav(path: str | Path, *, rate_hz: int) -> bytes:
    """The file's sound as PCM of the given rate: little-endian int16, mono.

    Takes any encoding, rate and number of channels that libsndfile reads; channels are averaged, the rate is
    converted by soxr at high quality. Raises MediaError for a file that is missing, broken, cut short or empty, and
    if the extra is not installed.
    """
    try:
        return _converted(Path(path), rate_hz)
    except ImportError:
        advice = "reading it needs the extra 'wav': pip install 'trunkline[wav]'"
        raise MediaError(str(path), advice) from None


def _converted(path: Path, rate_hz: int) -> bytes:
    import numpy as np  # noqa: PLC0415 - start-up time of the command line

    samples, file_rate_hz = _read(path)
    mono = samples.mean(axis=1, dtype=np.float32) if samples.shape[1] > 1 else samples[:, 0]
    if file_rate_hz != rate_hz:
        import soxr  # noqa: PLC0415 - only for files of another rate

        mono = soxr.resample(mono, file_rate_hz, rate_hz, quality="HQ")
    scaled = np.clip(np.rint(mono * 32768.0), -32768, 32767)
    return scaled.astype("<i2").tobytes()


def _read(path: Path) -> tuple[np.ndarray, int]:
    import soundfile  # noqa: PLC0415 - an extra

    if not path.is_file():
        raise MediaError(str(path), "there is no such file")
    try:
        with soundfile.SoundFile(path) as file:
            _check_whole(path, file.extra_info)
            samples = file.read(dtype="float32", always_2d=True)
            rate_hz = int(file.samplerate)
    except (soundfile.LibsndfileError, RuntimeError, OSError) as error:
        reason = getattr(error, "error_string", str(error)).rstrip(".")
        raise MediaError(str(path), f"not a readable sound file: {reason}") from error
    if len(samples) == 0:
        raise MediaError(str(path), "it holds no sound")
    return samples, rate_hz


def _check_whole(path: Path, log: str) -> None:
    cut = _CUT_SHORT.search(log)
    if cut and int(cut.group(1)) not in _STREAMED_SIZES:
        announced, present = cut.groups()
        reason = f"cut short: {announced} bytes of sound are announced, {present} are there"
        raise MediaError(str(path), reason)


def write_wav(path: str | Path, pcm: bytes, *, rate_hz: int) -> None:
    """Writes PCM (little-endian int16, mono) as a WAV file. Raises MediaError if that is not possible."""
    try:
        # Opened by us: the wave module leaves a half-made writer behind where it cannot open.
        with Path(path).open("wb") as target, wave.open(target, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            file.writeframes(pcm)
    except OSError as error:
        raise MediaError(str(path), f"cannot be written: {error.strerror}") from error
