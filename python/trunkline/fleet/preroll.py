"""What was said just before the place where a recording is entered: its audio, and nothing else of it.

A cut has the state of all lines, and audio is no state. So a player that jumps reads the two minutes before the cut
once more for the turns that began there, and folds nothing of them.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from trunkline.errors import StreamError
from trunkline.fleet.attachment import read_note
from trunkline.fleet.block import Stamped, unpack_block
from trunkline.fleet.coding import decompress
from trunkline.fleet.framing import OPENING_BYTES, Kind
from trunkline.telemetry import wireform
from trunkline.telemetry.frames import Heard
from trunkline.telemetry.sound import KEPT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.fleet.framing import Packet
    from trunkline.fleet.recording import Recording

__all__ = ["has_audio", "preroll"]

# Half a second of reading: two minutes of a few lines.
_MOST_BYTES = 32 * 2**20
_MARK = b'"kind":"heard"'
# Where that stands: behind the version.
_HEAD_BYTES = 40


def has_audio(recording: Recording) -> bool:
    """Whether it says of itself that audio was kept."""
    with contextlib.suppress(StreamError):
        first = recording.packet(OPENING_BYTES)
        if first is not None and first.kind == Kind.INTRODUCTION:
            return read_note(first).get("audio") is True
    return False


def preroll(recording: Recording, entry: int, at: float) -> list[Stamped]:
    """The audio of two minutes before a moment that stands before the offset at which the recording is entered."""
    if not has_audio(recording):
        return []
    found = []
    for packet in _packets(recording, _begin(recording, entry, at), entry):
        # What is damaged is told when it is played.
        with contextlib.suppress(StreamError):
            found += [one for one in _pieces(packet) if one.at >= at - KEPT_SECONDS]
    return found


def _begin(recording: Recording, entry: int, at: float) -> int:
    """At most so much is read, from a cut on."""
    begin = recording.enter(at - KEPT_SECONDS)
    if entry - begin <= _MOST_BYTES:
        return begin
    return next((cut.offset for cut in recording.cuts if entry - cut.offset <= _MOST_BYTES), entry)


def _packets(recording: Recording, offset: int, end: int) -> Iterator[Packet]:
    while offset < end:
        after = recording.after(offset)
        with contextlib.suppress(StreamError):
            packet = recording.packet(offset)
            if packet is not None:
                yield packet
        offset = after


def _pieces(packet: Packet) -> Iterator[Stamped]:
    if packet.kind != Kind.BLOCK:
        return
    for at, document in unpack_block(packet.at, decompress(packet.payload, packet.coding)):
        if _MARK in document[:_HEAD_BYTES]:
            frame = wireform.decode(document)
            if isinstance(frame, Heard):
                yield Stamped(at, frame)
