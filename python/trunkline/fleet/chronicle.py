"""A recording from its first frame to its last, told at once: what a report is made of.

The frames are folded as fast as they can be read, and every half minute of theirs a snapshot of each line is put to
its story. Cost: that of reading and folding, some 80 µs a frame: two minutes for an hour of a hundred lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.errors import StreamError
from trunkline.fleet.attachment import read_block, read_cut, read_keyframe
from trunkline.fleet.framing import OPENING_BYTES, Damage, Kind
from trunkline.fleet.recording import Recording
from trunkline.fleet.state import FleetState
from trunkline.telemetry.levels import THRESHOLDS
from trunkline.telemetry.story import EVERY_SECONDS, LineStory, Story

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    from trunkline.fleet.block import Stamped
    from trunkline.fleet.framing import Packet
    from trunkline.fleet.state import Cut, Keyframe
    from trunkline.telemetry.levels import Threshold

__all__ = ["Chronicle", "chronicle"]

# The fold waits so long for the last beats of a second.
_SETTLING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Chronicle:
    """What a recording tells."""

    lines: tuple[LineStory, ...]
    begins_at: float
    """Unix seconds of the first frame."""
    ends_at: float
    damage: Damage | None
    """The first place where it could not be read, if there was one."""


def chronicle(
    path: str | os.PathLike[str],
    *,
    tell: Callable[[float], None] = lambda _: None,
    thresholds: Mapping[str, Threshold] = THRESHOLDS,
) -> Chronicle:
    """Reads a recording to its end, over places that are damaged; `tell` gets the share that is read, now and then.

    Raises StreamError if the file is no recording or of another version, OSError as open() does.
    """
    with Recording(path) as recording:
        return _Telling(recording, tell, FleetState(thresholds)).tell()


class _Telling:
    """One reading of one recording."""

    def __init__(
        self, recording: Recording, progress: Callable[[float], None], state: FleetState
    ) -> None:
        self._recording = recording
        self._progress = progress
        self._state = state
        self._story = Story()
        self._damage = recording.damage
        self._due = math.floor(recording.begins_at) + EVERY_SECONDS
        self._passed_over = 0
        """How many keyframes of a cut are still to come."""

    def tell(self) -> Chronicle:
        for packet in self._packets():
            try:
                self._read(packet)
            except (StreamError, LookupError, TypeError, ValueError) as error:
                self._note(error)
        ends_at = self._recording.ends_at
        self._look(math.ceil(ends_at + _SETTLING_SECONDS))
        self._progress(1.0)
        lines = self._story.lines(ends_at)
        return Chronicle(lines, self._recording.begins_at, ends_at, self._damage)

    def _packets(self) -> Iterator[Packet]:
        """All that are whole."""
        self._offset = OPENING_BYTES
        while True:
            try:
                packet = self._recording.packet(self._offset)
            except StreamError as error:
                self._note(error)
                self._offset = self._recording.after(self._offset)
                continue
            if packet is None:
                return
            yield packet
            self._offset += packet.size_bytes

    def _read(self, packet: Packet) -> None:
        if packet.kind == Kind.BLOCK:
            for stamped in read_block(packet):
                self._take(stamped)
        elif packet.kind == Kind.CUT:
            self._cut(read_cut(packet))
        elif packet.kind == Kind.KEYFRAME:
            self._adopt(read_keyframe(packet))

    def _take(self, stamped: Stamped) -> None:
        while stamped.at >= self._due:
            self._look(self._due)
            self._progress(min(self._offset / self._recording.end, 1.0))
            self._due += EVERY_SECONDS
        self._state.apply(stamped.frame)

    def _cut(self, cut: Cut) -> None:
        """The first one says what was before the recording; any other repeats what was folded."""
        self._passed_over = cut.lines
        if cut.document and not self._state.known():
            self._state.resume(cut)

    def _adopt(self, keyframe: Keyframe) -> None:
        """A keyframe of a cut repeats what was folded, but for a line that nobody has told of yet."""
        repeats = self._passed_over > 0
        self._passed_over -= repeats
        if not (repeats and self._state.knows(keyframe.line)):
            self._state.adopt(keyframe)

    def _look(self, now: float) -> None:
        fold = self._state.fold
        for key in tuple(fold.lines):
            line = fold.line(key, now)
            if line is not None:
                self._story.take(line)
        self._story.take_alerts(fold.snapshot(now).alerts)

    def _note(self, error: Exception) -> None:
        if self._damage is None:
            self._damage = Damage.of(self._offset, error)
