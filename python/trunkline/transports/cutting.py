"""Cuts usual frames out of what was read, and gives all else to who knows what it means, in the order of the stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.transports.frames import MASKED, TEXT, header

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Cutter"]


class Cutter:
    """Of one stream; `connection.py` is its only caller.

    `feed` gets bytes of the library's, `hand_over` the payloads of whole, unmasked text frames of at most
    `limit_bytes`, which are in no fragmented message; at most `turn` of them for a read.
    """

    def __init__(
        self,
        *,
        limit_bytes: int,
        turn: int,
        feed: Callable[[memoryview], None],
        hand_over: Callable[[list[bytes]], None],
    ) -> None:
        self._limit_bytes = limit_bytes
        self._turn = turn
        self._feed = feed
        self._hand_over = hand_over
        self.is_blind = True
        """Whether everything is the library's: before the upgrade is answered, and when it takes no more frames."""
        self.parts: bytearray | None = None
        """An unfinished message."""
        self._rest = bytearray()
        """The beginning of a usual frame, or of a header."""
        self._need = 0
        """How long that frame is; 0 if it is not known."""
        self._owed = 0
        """How many bytes of a frame of the library's have not come."""
        self._cut: list[bytes] = []
        """Messages of this read that were not handed over."""

    @property
    def is_between(self) -> bool:
        """Whether what comes next begins a frame, and may be a usual one."""
        return not (self.is_blind or self._rest or self._owed or self.parts is not None)

    @property
    def owed(self) -> int:
        """How many bytes of a frame that began have not come; 0 if none did, or it is not known."""
        return self._owed or (max(self._need - len(self._rest), 0) if self._rest else 0)

    def read(self, data: memoryview) -> bool:
        """Takes frame by frame, and keeps the beginning of the last one.

        Gives whether there may be more messages in what is kept.
        """
        if len(self._rest) + len(data) < self._need:
            self._rest += data
            return False
        if self._rest:
            held, self._rest, self._need = self._rest, bytearray(), 0
            held += data
            data = memoryview(held)
        at, end = 0, len(data)
        while at < end and len(self._cut) < self._turn and (size := self._step(data, at, end)):
            at += size
        self._rest += data[at:]
        is_behind = at < end and len(self._cut) == self._turn
        self._hand_over_cut()
        return is_behind

    def take_rest(self) -> bytearray:
        """What is kept; at the end of the stream it is the library's."""
        rest, self._rest = self._rest, bytearray()
        return rest

    def _step(self, data: memoryview, at: int, end: int) -> int:
        """Takes a frame, or what is there of one of the library's; gives how many bytes that was."""
        if self.is_blind or self._owed:
            size = end - at if self.is_blind else min(self._owed, end - at)
            self._owed -= min(self._owed, size)
            self._hand_over_cut()
            self._feed(data[at : at + size])
            return size
        head, length = header(data, at, end)
        if not head:
            return 0
        size = head + length
        plain = data[at] == TEXT and data[at + 1] < MASKED and length <= self._limit_bytes
        if not plain or self.parts is not None:
            self._owed = size
            return self._step(data, at, end)
        if at + size > end:
            self._need = size
            return 0
        self._cut.append(bytes(data[at + head : at + size]))
        return size

    def _hand_over_cut(self) -> None:
        if self._cut:
            messages, self._cut = self._cut, []
            self._hand_over(messages)
