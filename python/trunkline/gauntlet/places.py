"""Which samples of the file a piece of appended audio is: by content, not by counting.

Every window of sixteen samples of the file has a fingerprint; a window of the appended audio that
has the same one is that place, and the match is followed sample by sample for as long as it holds.
What the client put in between (silence of its own, a ramp) matches nothing and is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Places", "Run"]

_WINDOW = 16
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_STRIDE = 4096
"""Samples that are compared at once while a match is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Consecutive samples of the file, as they were found."""

    start: int
    """Sample of the appended audio it begins at."""
    place: int
    """Sample of the file, from 0 up to its length."""
    count: int


class Places:
    """Knows one file by heart; it is read as a loop."""

    def __init__(self, pcm: bytes) -> None:
        samples = np.frombuffer(pcm, dtype="<i2")
        self._size = samples.size
        # Unrolled by one stride and one window, so that a match goes on over the loop's end.
        self._loop = np.resize(samples, samples.size + _STRIDE + _WINDOW)
        prints = _fingerprints(self._loop[: samples.size + _WINDOW - 1])
        self._order = np.argsort(prints, kind="stable")
        self._sorted = prints[self._order]

    def find(self, pcm: bytes) -> list[Run]:
        """The parts of the audio that come from the file, in the order they were appended."""
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2")
        if samples.size < _WINDOW:
            return []
        places = self._places(_fingerprints(samples))
        known = np.flatnonzero(places >= 0)
        runs: list[Run] = []
        at = 0
        while (index := int(np.searchsorted(known, at))) < known.size:
            start = int(known[index])
            place = int(places[start])
            count = self._follow(samples[start:], place)
            if count >= _WINDOW:
                runs.append(Run(start=start, place=place, count=count))
            at = start + max(count, 1)
        return runs

    def _places(self, prints: NDArray[np.uint64]) -> NDArray[np.int64]:
        """For each window its place in the file, or -1."""
        slots = np.minimum(np.searchsorted(self._sorted, prints), self._sorted.size - 1)
        is_known = self._sorted[slots] == prints
        return np.where(is_known, self._order[slots], -1)

    def _follow(self, samples: NDArray[np.int16], place: int) -> int:
        """How many samples agree from there on."""
        done = 0
        while done < samples.size:
            there = (place + done) % self._size
            piece = samples[done : done + _STRIDE]
            differs = np.flatnonzero(piece != self._loop[there : there + piece.size])
            if differs.size:
                return done + int(differs[0])
            done += piece.size
        return done


def _fingerprints(samples: NDArray[np.int16]) -> NDArray[np.uint64]:
    """One number for each window: a polynomial of its samples modulo 2**64."""
    count = samples.size - _WINDOW + 1
    # 1 is added to 32768 steps so that digital silence has a fingerprint other than zero's.
    values = (samples.astype(np.int64) + 32769).astype(np.uint64)
    total = np.zeros(count, dtype=np.uint64)
    for offset in range(_WINDOW):
        total = total * _MULTIPLIER + values[offset : offset + count]
    return total
