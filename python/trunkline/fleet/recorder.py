"""A recording on disk: the stream that consoles get, framed alike, readable up to its last second whatever happens.

Faults of the disk never reach the call: the recording ends there, which is logged once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.errors import ConfigError
from trunkline.fleet.breath import Breath
from trunkline.fleet.coding import Coding, best_coding
from trunkline.fleet.part import Hearing, Part
from trunkline.fleet.scribe import Scribe
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trunkline.fleet.block import Stamped
    from trunkline.fleet.state import Keyframe
    from trunkline.fleet.worker import Worker

__all__ = ["Recorder", "RecordingFile"]

_log = logging.getLogger("trunkline")


class RecordingFile:
    """A new file, mode 0600, that holds whole packets only: one that does not fit is taken back."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
        # What is no file, as a pipe or a device, is there before.
        if not self.path.exists() or self.path.is_file():
            flags |= os.O_EXCL
        try:
            self._descriptor = os.open(self.path, flags, 0o600)
        except FileExistsError:
            raise ConfigError("recording", f"{path} is there already; name another file") from None
        except OSError as error:
            raise ConfigError("recording", f"{path}: {error.strerror}") from None
        self.size_bytes = 0

    def write(self, packet: bytes) -> None:
        """Hands a packet to the kernel, whole. Raises OSError, and the file then ends before the packet."""
        written = 0
        try:
            while written < len(packet):
                written += os.write(self._descriptor, memoryview(packet)[written:])
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.size_bytes)
            raise
        self.size_bytes += written

    def close(self) -> None:
        """Closes it; what was written is there."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Recorder(Part):
    """Records lines to a file: `connect(telemetry=Recorder("call.tlrec"))`.

    No audio is recorded unless `audio` is True: then what both sides say is in it, 100 kB a second and line. Words are,
    unless `transcripts` is False, and then there is no audio either. With `messages` the messages of all lines are in
    it one by one, at some 40 µs each in the event loop. The file is compressed if Zstandard is installed.
    Raises ConfigError for audio without words, and from `start` if the file is there already or cannot be made.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        transcripts: bool = True,
        messages: bool = False,
        audio: bool = False,
        coding: Coding | None = None,
    ) -> None:
        if audio and not transcripts:
            raise ConfigError("audio", "a recording without words holds no audio either")
        self.path = Path(path)
        self.failure: Clean | None = None
        """Why it ended too early, in words."""
        self.inspects = messages
        self.hears = Hearing.ALL if audio else Hearing.NOTHING
        self._transcripts = transcripts
        self._coding = coding
        self._file: RecordingFile | None = None
        self._scribe: Scribe | None = None
        self._breath = Breath()
        self._began_at = 0.0

    def recorded_s(self) -> float | None:
        """For how long it has been recording; None if it is not."""
        return None if self._scribe is None else time.monotonic() - self._began_at

    @property
    def size_bytes(self) -> int:
        """What is in the file."""
        return 0 if self._file is None else self._file.size_bytes

    def start(self, worker: Worker) -> None:
        """Makes the file. Raises ConfigError if that cannot be."""
        del worker
        coding = best_coding() if self._coding is None else self._coding
        self._file = RecordingFile(self.path)
        self._scribe = Scribe(
            self._file.write,
            coding=coding,
            transcripts=self._transcripts,
            audio=self.hears is Hearing.ALL,
        )
        self._began_at = time.monotonic()
        with self._safely():
            self._scribe.begin(time.time())

    def adopt(self, keyframe: Keyframe) -> None:
        """A line that was followed elsewhere."""
        with self._safely():
            if self._scribe is not None:
                self._scribe.adopt(keyframe, time.time())

    def take(self, stamped: Sequence[Stamped], breath: Breath) -> None:
        """Frames to record."""
        self._breath = breath
        if self._scribe is not None:
            self._scribe.take(stamped, breath)

    def forget(self, key: str) -> None:
        """A line leaves the fleet."""
        if self._scribe is not None:
            self._scribe.forget(key)

    def measures(self) -> bool:
        """What is recorded is looked at later."""
        return True

    def tick(self, now: float) -> None:
        """Writes what is due."""
        with self._safely():
            if self._scribe is not None:
                self._scribe.tick(now, self._breath)

    def stop(self) -> None:
        """Writes what waits, and closes the file."""
        with self._safely():
            if self._scribe is not None:
                self._scribe.flush(time.time())
        self._close()

    @contextlib.contextmanager
    def _safely(self) -> Iterator[None]:
        """The disk may refuse: then the recording is over, and nothing else is."""
        try:
            yield
        except OSError as error:
            self.failure = clean(f"recording to {self.path} stopped: {error.strerror or error}")
            _log.warning("%s", self.failure)
            self._close()

    def _close(self) -> None:
        self._scribe = None
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
