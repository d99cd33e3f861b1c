"""A file in place of a microphone, and one in place of a loudspeaker, both in real time."""

from __future__ import annotations

import contextlib
import struct
import wave
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

from trunkline.devices.base import BLOCK_BYTES, RATE_HZ, SILENCE
from trunkline.devices.paced import PacedSink, PacedSource
from trunkline.devices.wavfile import read_wav
from trunkline.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from trunkline.devices.base import Fill, Tell

__all__ = ["WavSink", "pcm_source", "wav_source"]


def wav_source(path: str | Path, *, is_endless: bool = False) -> PacedSource:
    """The file's sound as if it were said now; opening it raises MediaError as `wavfile.read_wav` does.

    Its last block may be short. With `is_endless` it is filled up and silence follows without an end, as behind a
    person who has said all: a server finds the end of a turn by the silence behind it.
    """
    return PacedSource(
        str(path), lambda: _blocks(read_wav(path, rate_hz=RATE_HZ), is_endless=is_endless)
    )


def pcm_source(pcm: bytes, *, name: str = "pcm", is_endless: bool = False) -> PacedSource:
    """The same for samples that are here already: little-endian int16, mono, 24 kHz."""
    return PacedSource(name, lambda: _blocks(pcm, is_endless=is_endless))


def _blocks(pcm: bytes, *, is_endless: bool) -> Iterator[bytes]:
    for start in range(0, len(pcm), BLOCK_BYTES):
        block = pcm[start : start + BLOCK_BYTES]
        yield block.ljust(BLOCK_BYTES, b"\0") if is_endless else block
    if is_endless:
        yield from repeat(SILENCE)


class WavSink:
    """A file that is written in real time, silence included: time in the file is time of the call.

    It begins when the sink is started, and is a whole WAV file after every block: what was played is there, however
    the program ends.
    """

    def __init__(self, path: str | Path, *, tell: Tell | None = None) -> None:
        """`tell` gets the loss of the file: a full disk, say."""
        self._path = Path(path)
        self._paced = PacedSink(str(path), take=self._write, tell=tell)
        self._target: BinaryIO | None = None
        self._file: wave.Wave_write | None = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self._paced.name

    async def __aenter__(self) -> Self:
        """Opens the file, a new one or in place of another. Raises MediaError if that is not possible."""
        try:
            # Opened by us: the wave module leaves a half-made writer behind where it cannot open.
            self._target = self._path.open("wb")
        except OSError as error:
            raise self._failed(error) from error
        self._file = wave.Wave_write(self._target)
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(RATE_HZ)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the playing and the file. Raises MediaError if it could not be written."""
        try:
            await self._paced.__aexit__(kind, error, trace)
        finally:
            self._close()

    def start(self, fill: Fill) -> None:
        """Begins to ask for samples, and goes on until it is closed."""
        self._paced.start(fill)

    def _write(self, pcm: bytes) -> None:
        assert self._file is not None, "it plays while it is open"
        try:
            self._file.writeframes(pcm)
        except OSError as error:
            raise self._failed(error) from error
        except struct.error as error:
            raise MediaError(self.name, "is full: a WAV file ends at 4 GiB, 24 hours") from error

    def _close(self) -> None:
        file, target = self._file, self._target
        self._file = self._target = None
        try:
            if file is not None:
                file.close()
        except OSError as error:
            raise self._failed(error) from error
        finally:
            if target is not None:
                # What the disk would not take before it will not take now; that was raised where it was new.
                with contextlib.suppress(OSError):
                    target.close()

    def _failed(self, error: OSError) -> MediaError:
        return MediaError(self.name, f"cannot be written: {error.strerror}")
