"""A recording that is read: where its cuts are, and its packets from any of them on."""

from __future__ import annotations

import bisect
import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from trunkline.errors import StreamError
from trunkline.fleet.attachment import read_block, read_cut
from trunkline.fleet.framing import (
    HEADER_BYTES,
    OPENING_BYTES,
    Damage,
    Header,
    Kind,
    Packet,
    check_opening,
    read_packet,
)

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Place", "Recording"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recording can be entered: the offset of a cut."""

    at: float
    """Unix seconds of what its keyframes show."""
    offset: int


class Recording:
    """A file, indexed by one scan over its packets' headers; it may still be written to.

    Raises StreamError for what is no recording, OSError as open() does. Cost: 3 µs a packet, of which an hour has some
    ten thousand with a hundred lines.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        self.cuts: tuple[Place, ...] = ()
        self.begins_at = self.ends_at = 0.0
        """Unix seconds of its first and its last frame."""
        self.damage: Damage | None = None
        """Where it cannot be read any further, if not at its end."""
        self.end = OPENING_BYTES
        """Offset after the last whole packet."""
        try:
            self._scan()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def enter(self, at: float) -> int:
        """Where to begin for a moment: the offset of the last cut before it, or of the first packet."""
        place = bisect.bisect_right(self.cuts, at, key=lambda cut: cut.at)
        return self.cuts[place - 1].offset if place else OPENING_BYTES

    def packet(self, offset: int) -> Packet | None:
        """The packet at an offset; None at the end. Raises StreamError if it is damaged."""
        if offset >= self.end:
            return None
        header = self._header_at(offset)
        data = self._pread(HEADER_BYTES + header.length, offset)
        packet = read_packet(memoryview(data), 0)
        if packet is None:
            raise StreamError("the recording became shorter while it was read")
        return packet

    def after(self, offset: int) -> int:
        """Where the packet after the one at an offset begins; all their headers were found whole."""
        header = self._header_at(offset)
        return offset + HEADER_BYTES + header.length

    def _scan(self) -> None:
        check_opening(self._pread(OPENING_BYTES, 0))
        size, offset = os.fstat(self._descriptor).st_size, OPENING_BYTES
        cuts: list[Place] = []
        blocks: list[tuple[int, float]] = []
        begun: Place | None = None
        lines = 0
        while offset < size and (header := self._header(offset, size)) is not None:
            if header.kind == Kind.BLOCK:
                blocks.append((offset, header.at))
            elif header.kind == Kind.CUT:
                # What comes before the first block is the state from the beginning on.
                begun, lines = Place(header.at if blocks else 0.0, offset), self._lines(offset)
            elif header.kind == Kind.KEYFRAME:
                lines -= 1
            if begun is not None and lines <= 0:
                cuts.append(begun)
                begun = None
            offset += HEADER_BYTES + header.length
        self.end, self.cuts = offset, tuple(cuts)
        self.begins_at = blocks[0][1] if blocks else 0.0
        self.ends_at = self._last_moment(blocks)

    def _header(self, offset: int, size: int) -> Header | None:
        if size - offset < HEADER_BYTES:
            self.damage = Damage(offset, "the recording ends within a packet")
            return None
        try:
            header = self._header_at(offset)
        except StreamError as error:
            self.damage = Damage(offset, error.reason)
            return None
        if size - offset < HEADER_BYTES + header.length:
            self.damage = Damage(offset, "the recording ends within a packet")
            return None
        return header

    def _lines(self, offset: int) -> int:
        """How many keyframes a cut has; more than there can be if it is damaged."""
        self.end = offset + 1
        try:
            packet = self.packet(offset)
            return sys.maxsize if packet is None else read_cut(packet).lines
        except StreamError:
            return sys.maxsize

    def _last_moment(self, blocks: list[tuple[int, float]]) -> float:
        """Of the last frame that can be read."""
        for offset, at in reversed(blocks):
            with contextlib.suppress(StreamError):
                packet = self.packet(offset)
                assert packet is not None
                return max((one.at for one in read_block(packet)), default=at)
        return self.begins_at

    def _header_at(self, offset: int) -> Header:
        data = self._pread(HEADER_BYTES, offset)
        if len(data) < HEADER_BYTES:
            raise StreamError("the recording became shorter while it was read")
        return Header.read(data)

    def _pread(self, count: int, offset: int) -> bytes:
        return os.pread(self._descriptor, count, offset)
