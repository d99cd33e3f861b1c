"""The audio that may have to be sent again, as it was given: the pieces are kept, and not copied.

Nearly all pieces of a line are of one size, so where each begins is not written down: pieces of one size in a row are a
*run*, and a place is found by a division.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Tape"]

# Pieces that lie before the front are let go together: to take one out of a list moves all others.
_SLACK = 64


class Tape:
    """Whole samples in a row, of which the front is forgotten; positions are bytes since it began."""

    __slots__ = ("_end", "_first", "_pieces", "_runs", "_start")

    def __init__(self, pcm: bytes = b"") -> None:
        self._pieces: list[bytes] = []
        self._runs: list[tuple[int, int, int]] = []
        """Where each begins, the size of its pieces, and the place of the first of them, which may be gone."""
        self._first = 0
        """Of the pieces: those before are forgotten, and empty."""
        self._start = self._end = 0
        self.append(pcm)

    def __len__(self) -> int:
        """How many bytes are held."""
        return self._end - self._start

    def append(self, pcm: bytes) -> None:
        """Puts a piece at the end, which must not change; one of none is nothing."""
        self.extend((pcm,), len(pcm))

    def extend(self, pieces: Sequence[bytes], size_bytes: int) -> None:
        """Puts pieces of one size at the end, in their order; those of none are nothing."""
        if not size_bytes:
            return
        if not self._runs or self._runs[-1][1] != size_bytes:
            self._runs.append((self._end, size_bytes, len(self._pieces)))
        self._pieces += pieces
        self._end += size_bytes * len(pieces)

    def forget(self, count_bytes: int) -> None:
        """So many bytes at the front are not held any more; a piece is let go once all of it is forgotten."""
        self._start = min(self._start + count_bytes, self._end)
        first = self._find(self._start)[0] if self._start < self._end else len(self._pieces)
        for index in range(self._first, first):
            self._pieces[index] = b""
        self._first = first
        if first >= _SLACK:
            del self._pieces[:first], self._runs[: self._run(self._start)]
            self._runs = [(start, size, place - first) for start, size, place in self._runs]
            self._first = 0

    def read(self, start: int, end: int) -> bytes:
        """The bytes from one place to another, counted from the front; as far as they are held."""
        start, end = self._start + max(start, 0), min(self._start + end, self._end)
        if start >= end:
            return b""
        first, begin = self._find(start)
        last = self._find(end - 1)[0] + 1
        if last - first == 1:
            return self._pieces[first][begin : begin + end - start]
        joined = b"".join(self._pieces[first:last])
        return joined[begin : begin + end - start]

    def _find(self, position: int) -> tuple[int, int]:
        """The place of the piece that holds a byte, and where in it that is."""
        start, size, place = self._runs[self._run(position)]
        pieces, begin = divmod(position - start, size)
        return place + pieces, begin

    def _run(self, position: int) -> int:
        return bisect_right(self._runs, (position, math.inf)) - 1
