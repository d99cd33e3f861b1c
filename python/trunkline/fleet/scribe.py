"""Writes the stream of all lines as packets: into a file, or into memory.

Frames wait for a second and go out as one block. Each minute, or sooner where much happens, comes a cut: the
state of every line, one keyframe each, so that a player can enter there, and has half a second of folding at most.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.fleet.block import Stamped, encoded, pack_block
from trunkline.fleet.breath import Breath
from trunkline.fleet.coding import Coding, compress
from trunkline.fleet.framing import Kind, opening, pack
from trunkline.fleet.state import FleetState
from trunkline.protocol.observations import Transcript
from trunkline.telemetry.frames import Heard, Inspected, Told
from trunkline.text import Clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trunkline.fleet.state import Keyframe
    from trunkline.telemetry.frames import Frame

__all__ = ["Scribe"]

FLUSH_SECONDS = 1.0
CUT_SECONDS = 60.0
# Half a second of folding, so that no moment takes a player longer: a minute of fifty lines.
_MOST_FRAMES = 10_000
_WITHHELD = Clean("[left out of this recording]")


class Scribe:
    """Folds and writes; `write` gets whole packets, and its errors come out of every method that writes."""

    def __init__(
        self,
        write: Callable[[bytes], None],
        *,
        coding: Coding,
        process: str = "",
        transcripts: bool = True,
        audio: bool = False,
        cut_seconds: float = CUT_SECONDS,
        breath: Breath | None = None,
    ) -> None:
        self._write = write
        self._coding = coding
        self._process = process
        self._transcripts = transcripts
        self._audio = audio
        self._cut_seconds = cut_seconds
        self._state = FleetState()
        self._waiting: list[Stamped] = []
        self._breath = breath or Breath()
        self._flushed_at = 0.0
        self._cut_at: float | None = None
        self._latest = 0.0
        self._has_news = False
        self._since = 0
        """Frames since the last cut."""

    def begin(self, now: float) -> None:
        """Writes what every recording begins with."""
        self._write(opening())
        told = {
            "process": self._process,
            "transcripts": self._transcripts,
            "audio": self._audio,
        }
        self._packet(Kind.INTRODUCTION, now, json.dumps(told).encode())
        self._flushed_at = now

    def adopt(self, keyframe: Keyframe, now: float) -> None:
        """A line's state by somebody who has followed it; written at once, in its place among the blocks."""
        self.flush(now)
        self._state.adopt(keyframe)
        if not self._transcripts:
            self._state.silence(keyframe.line)
            keyframe = self._state.keyframe(keyframe.line)
        self._packet(Kind.KEYFRAME, now, keyframe.encode())
        self._has_news = True

    def take(self, stamped: Sequence[Stamped], breath: Breath) -> None:
        """Frames to write; those of audio only if that was asked for."""
        for at, frame in stamped:
            if isinstance(frame, Heard):
                self._hear(at, frame)
                continue
            if not self._transcripts and (shown := _without_words(frame)) is not frame:
                if shown is None:
                    continue
                frame = shown
            self._state.apply(frame)
            self._waiting.append(Stamped(at, frame))
            breath.take()

    def _hear(self, at: float, piece: Heard) -> None:
        if self._audio:
            self._waiting.append(Stamped(at, piece))
            # It costs a player no folding, so it makes no cut come sooner.
            self._since -= 1

    def forget(self, key: str) -> None:
        """A line leaves the fleet."""
        self._state.forget(key)

    def tick(self, now: float, breath: Breath) -> None:
        """Writes what is due."""
        if not 0 <= now - self._flushed_at < FLUSH_SECONDS:
            self.flush(now)
        passed = None if self._cut_at is None else now - self._cut_at
        if passed is None or not 0 <= passed < self._cut_seconds or self._since > _MOST_FRAMES:
            self.cut(now, breath)

    def flush(self, now: float) -> None:
        """Writes all that waits."""
        self._flushed_at = now
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        self._since += len(waiting)
        at, block = pack_block(encoded(waiting, self._breath))
        self._latest = max(self._latest, *(one.at for one in waiting))
        self._packet(Kind.BLOCK, at, block)
        self._has_news = True

    def cut(self, now: float, breath: Breath) -> None:
        """Writes the state of all lines, if anything came since it was written last."""
        self.flush(now)
        self._cut_at, self._since = now, 0
        if not self._has_news:
            return
        self._has_news = False
        at = self._latest or now
        self._packet(Kind.CUT, at, self._state.cut().encode())
        for key in self._state.known():
            self._packet(Kind.KEYFRAME, at, self._state.keyframe(key).encode())
            breath.take()

    def _packet(self, kind: Kind, at: float, payload: bytes) -> None:
        self._write(pack(kind, at, compress(payload, self._coding), coding=self._coding))


def _without_words(frame: Frame) -> Frame | None:
    """The frame without what people said; None if it holds nothing else."""
    if isinstance(frame, Told) and isinstance(frame.fact, Transcript):
        return None
    if isinstance(frame, Inspected) and frame.entry.detail:
        return replace(frame, entry=replace(frame.entry, detail=_WITHHELD))
    return frame
