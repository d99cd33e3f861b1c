"""The audio that may have to be sent again, as it was given: the pieces are kept, and not copied."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Tape"]

# Pieces that lie before the front are let go together: to take one out of a list moves all others.
_SLACK = 64


class Tape:
    """Whole samples in a row, of which the front is forgotten; positions are bytes since it began."""

    __slots__ = ("_end", "_first", "_pieces", "_start", "_starts")

    def __init__(self, pcm: bytes = b"") -> None:
        self._pieces: list[bytes] = []
        self._starts: list[int] = []
        """Where each piece begins."""
        self._first = 0
        """Of the pieces: those before are forgotten, and empty."""
        self._start = self._end = 0
        if pcm:
            self.append(pcm)

    def __len__(self) -> int:
        """How many bytes are held."""
        return self._end - self._start

    def append(self, pcm: bytes) -> None:
        """Puts a piece at the end, which must not change."""
        self._pieces.append(pcm)
        self._starts.append(self._end)
        self._end += len(pcm)

    def extend(self, pieces: Sequence[bytes], size_bytes: int) -> None:
        """Puts pieces of one size at the end, in their order; those of none are nothing."""
        if not size_bytes:
            return
        end = self._end + size_bytes * len(pieces)
        self._pieces += pieces
        self._starts += range(self._end, end, size_bytes)
        self._end = end

    def forget(self, count_bytes: int) -> None:
        """So many bytes at the front are not held any more; a piece is let go once all of it is forgotten."""
        self._start = min(self._start + count_bytes, self._end)
        first = bisect_right(self._starts, self._start) - 1 if self._start < self._end else None
        first = len(self._pieces) if first is None else max(first, self._first)
        for index in range(self._first, first):
            self._pieces[index] = b""
        self._first = first
        if first >= _SLACK:
            del self._pieces[:first], self._starts[:first]
            self._first = 0

    def read(self, start: int, end: int) -> bytes:
        """The bytes from one place to another, counted from the front; as far as they are held."""
        start, end = self._start + max(start, 0), min(self._start + end, self._end)
        if start >= end:
            return b""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1)
        begin = start - self._starts[first]
        if last - first == 1:
            return self._pieces[first][begin : begin + end - start]
        joined = b"".join(self._pieces[first:last])
        return joined[begin : begin + end - start]
