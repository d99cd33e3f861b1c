"""Blocks: the frames of a moment in one payload, each with the time at which a player shall show it.

block = (length (u32), milliseconds after the packet's time (u32), frame as JSON)*
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from trunkline.errors import StreamError
from trunkline.fleet.cleaning import cleaned
from trunkline.telemetry import wireform
from trunkline.telemetry.frames import Beat, Began, Ended, Heard, Inspected, Marked, Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trunkline.fleet.breath import Breath
    from trunkline.telemetry.frames import Frame

__all__ = ["Stamped", "encoded", "moment", "pack_block", "unpack_block"]

_ENTRY = struct.Struct("<II")
_LATEST_MS = 2**32 - 1


class Stamped(NamedTuple):
    """A frame and when it came."""

    at: float
    """Unix seconds."""
    frame: Frame


def moment(frame: Frame) -> float:
    """When a frame came, in seconds of its line's clock."""
    if isinstance(frame, Beat | Began | Ended | Heard):
        return frame.at
    if isinstance(frame, Told):
        return frame.fact.at
    if isinstance(frame, Inspected):
        return frame.entry.until
    assert isinstance(frame, Marked)
    return frame.mark.at


def encoded(stamped: Iterable[Stamped], breath: Breath) -> Iterator[tuple[float, bytes]]:
    """The frames as JSON with their times and every string clean; takes breath between them."""
    for at, frame in stamped:
        yield at, wireform.encode(cleaned(frame))
        breath.take()


def pack_block(documents: Iterable[tuple[float, bytes]]) -> tuple[float, bytes]:
    """The block of encoded frames and the time for its packet: that of the first, which no other may precede far.

    A frame that is stamped earlier than the first gets the first's time. Raises ValueError if there is none.
    """
    first: float | None = None
    parts: list[bytes] = []
    for at, document in documents:
        if first is None:
            first = at
        offset_ms = min(max(0, int((at - first) * 1000)), _LATEST_MS)
        parts += (_ENTRY.pack(len(document), offset_ms), document)
    if first is None:
        raise ValueError("a block has at least one frame")
    return first, b"".join(parts)


def unpack_block(at: float, payload: bytes) -> Iterator[tuple[float, bytes]]:
    """The encoded frames of a block with their times. Raises StreamError where it is malformed."""
    position, end = 0, len(payload)
    while position < end:
        if end - position < _ENTRY.size:
            raise StreamError("a block ends within a frame")
        length, offset_ms = _ENTRY.unpack_from(payload, position)
        position += _ENTRY.size
        if length > end - position:
            raise StreamError("a frame is longer than its block")
        yield at + offset_ms / 1000, payload[position : position + length]
        position += length
