"""The last minutes of all lines in memory, and on disk once something fails.

Memory is bounded in bytes: what is kept is compressed like a recording, and the oldest goes first. A dump is a
recording like any other, and begins with the state of all lines.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trunkline.errors import ConfigError
from trunkline.fleet.breath import Breath
from trunkline.fleet.coding import best_coding
from trunkline.fleet.framing import Header, Kind, opening, pack
from trunkline.fleet.part import Part
from trunkline.fleet.recorder import RecordingFile
from trunkline.fleet.scribe import Scribe
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Transition
from trunkline.telemetry.frames import Began, Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.fleet.block import Stamped
    from trunkline.fleet.state import Keyframe
    from trunkline.fleet.worker import Worker
    from trunkline.telemetry.frames import Frame

__all__ = ["FlightRecorder"]

# What is kept begins at a cut, so up to one segment more than was asked for is there.
_SEGMENT_SECONDS = 30.0
_MOST_BYTES = 64 * 2**20
# A server that dies takes all its lines along: one dump shows them all.
_DUMPS_APART_SECONDS = 60.0
# The last words of a line come after its failure, and those of its neighbours, too.
_AFTER_FAILURE_SECONDS = 1.0
_log = logging.getLogger("trunkline")


class FlightRecorder(Part):
    """Keeps the last `minutes`, and writes them to a file in `directory` when a line fails.

    Also on `dump()`, and on SIGUSR1 with `on_signal` (the recorder is then made on the main thread). At most one dump a
    minute is written for failures. Memory: `most_bytes`, of which a line takes some kB a minute.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        *,
        minutes: float = 5.0,
        most_bytes: int = _MOST_BYTES,
        on_signal: bool = False,
        transcripts: bool = True,
    ) -> None:
        self.directory = Path(directory)
        if minutes <= 0:
            raise ConfigError("minutes", "it must be above 0")
        self.dumps: tuple[Path, ...] = ()
        """What was written, oldest first."""
        self._seconds = minutes * 60
        self._most_bytes = most_bytes
        self._transcripts = transcripts
        self._segments: deque[_Segment] = deque()
        self._wanted: str | None = None
        self._failed: tuple[str, float] | None = None
        """Name of a line that failed, and when it is to be written."""
        self._dumped_at: float | None = None
        self._now = 0.0
        self._names: dict[str, str] = {}
        self._scribe: Scribe | None = None
        self._breath = Breath()
        self._worker: Worker | None = None
        if on_signal:
            signal.signal(signal.SIGUSR1, self._signalled)

    def dump(self, reason: str = "asked") -> None:
        """Writes what is kept, soon and in telemetry's thread; from any thread."""
        self._wanted = reason
        if self._worker is not None:
            self._worker.wake()

    # The worker's thread.

    def start(self, worker: Worker) -> None:
        """Begins with nothing."""
        self._worker = worker
        self._segments.clear()
        self._scribe = Scribe(
            self._keep,
            coding=best_coding(),
            transcripts=self._transcripts,
            cut_seconds=_SEGMENT_SECONDS,
        )

    def adopt(self, keyframe: Keyframe) -> None:
        """A line that was followed elsewhere."""
        assert self._scribe is not None
        self._scribe.adopt(keyframe, time.time())

    def take(self, stamped: Sequence[Stamped], breath: Breath) -> None:
        """Frames to keep; a line that failed is a reason to write them."""
        assert self._scribe is not None
        self._breath = breath
        for _, frame in stamped:
            if isinstance(frame, Began):
                self._names[frame.line] = frame.name
            elif _is_failure(frame) and self._failed is None:
                due = time.monotonic() + _AFTER_FAILURE_SECONDS
                self._failed = (self._names.get(frame.line, "line"), due)
        self._scribe.take(stamped, breath)

    def forget(self, key: str) -> None:
        """A line leaves the fleet."""
        assert self._scribe is not None
        self._names.pop(key, None)
        self._scribe.forget(key)

    def measures(self) -> bool:
        """What is recorded is looked at later."""
        return True

    def tick(self, now: float) -> None:
        """Keeps what came, forgets what is too old, and writes what was asked for."""
        assert self._scribe is not None
        self._now = now
        self._scribe.tick(now, self._breath)
        if self._segments and self._segments[-1].size_bytes > self._most_bytes // 4:
            self._scribe.cut(now, self._breath)
        self._trim(now)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._write(wanted, now)
        self._write_failure(now)

    def stop(self) -> None:
        """Writes what a line's failure still wants written; the rest is gone with the process."""
        if self._failed is not None:
            self._failed = (self._failed[0], 0.0)
            self._write_failure(time.time())
        self._worker = None

    def _keep(self, packet: bytes) -> None:
        if Header.read(packet).kind == Kind.CUT:
            self._segments.append(_Segment(self._now))
        # What comes before the first cut is in its state.
        if self._segments:
            self._segments[-1].keep(packet)

    def _trim(self, now: float) -> None:
        segments = self._segments
        while len(segments) > 1 and (
            segments[1].began_at <= now - self._seconds
            or sum(one.size_bytes for one in segments) > self._most_bytes
        ):
            segments.popleft()

    def _write_failure(self, now: float) -> None:
        if self._failed is None or time.monotonic() < self._failed[1]:
            return
        (name, _), self._failed = self._failed, None
        before = self._dumped_at
        if before is None or time.monotonic() - before >= _DUMPS_APART_SECONDS:
            self._dumped_at = time.monotonic()
            self._write(name, now)

    def _write(self, reason: str, now: float) -> None:
        assert self._scribe is not None
        self._scribe.flush(now)
        try:
            file = RecordingFile(self._path(reason, now))
            self._write_to(file, now)
        except (OSError, ConfigError) as error:
            _log.warning("the flight recorder could not write: %s", error)
            return
        self.dumps += (file.path,)
        _log.info("the flight recorder wrote %s", file.path)

    def _write_to(self, file: RecordingFile, now: float) -> None:
        try:
            file.write(opening())
            told = {"process": "flight recorder", "transcripts": self._transcripts}
            file.write(pack(Kind.INTRODUCTION, now, json.dumps(told).encode()))
            for segment in self._segments:
                for packet in segment.packets:
                    file.write(packet)
        finally:
            file.close()

    def _path(self, reason: str, now: float) -> Path:
        moment = datetime.fromtimestamp(now, tz=UTC).strftime("%Y%m%dT%H%M%SZ")
        about = re.sub(r"[^A-Za-z0-9._-]+", "-", reason).strip("-.")[:40] or "line"
        name = f"flight-{moment}-{os.getpid()}-{about}"
        self.directory.mkdir(parents=True, exist_ok=True)
        taken = sum(one.name.startswith(name) for one in self.dumps)
        return self.directory / f"{name}{f'.{taken + 1}' if taken else ''}.tlrec"

    def _signalled(self, _number: int, _frame: Any) -> None:
        self.dump("signal")


class _Segment:
    """From one cut to the next."""

    def __init__(self, began_at: float) -> None:
        self.began_at = began_at
        self.packets: list[bytes] = []
        self.size_bytes = 0

    def keep(self, packet: bytes) -> None:
        """Puts it behind the others."""
        self.packets.append(packet)
        self.size_bytes += len(packet)


def _is_failure(frame: Frame) -> bool:
    return (
        isinstance(frame, Told)
        and isinstance(frame.fact, Transition)
        and frame.fact.target is State.FAILED
    )
