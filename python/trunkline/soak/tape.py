"""Sound that says of every sample where it was captured.

A sample is one digit of its place: of eight in a row the first is marked and the next four count the groups,
base 64. Quiet sound stays below 128, 9 dB under what the detector takes for speech at its default threshold; loud
sound is the same with 8192 added. The tape repeats after 5.8 minutes, six times longer than anything is kept, so
the newest place that fits is the right one.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from struct import unpack_from
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trunkline.soak.spans import Span

__all__ = ["PERIOD", "RATE_HZ", "Microphone", "place_of", "tape"]

RATE_HZ = 24_000
PERIOD = 1 << 23
_GROUP = 8
_MARK = 64
_LOUD = 8192
_KEY = 16
"""Samples that hold one whole group wherever they are cut, and some to spare."""


@cache
def tape(*, loud: bool) -> bytes:
    """The whole tape, and its beginning once more, so that no cut has to wrap."""
    group = np.arange(PERIOD // _GROUP)
    value = np.zeros((PERIOD // _GROUP, _GROUP), dtype="<i2")
    value[:, 0] = _MARK
    for digit in range(4):
        value[:, digit + 1] = (group >> 6 * digit) & 63
    whole = (value + np.int16(_LOUD if loud else 0)).tobytes()
    return whole + whole[:PERIOD]


def place_of(pcm: bytes) -> int | None:
    """The place on the tape of the first sample; None if too little of it is left to tell."""
    if len(pcm) < 2 * _KEY:
        return None
    digits: tuple[int, ...] = unpack_from("<16h", pcm)
    for rung, digit in enumerate(digits[:_GROUP]):
        if digit & _MARK:
            low, mid, high, top = (one & 63 for one in digits[rung + 1 : rung + 5])
            group = low | mid << 6 | high << 12 | top << 18
            return int(group * _GROUP - rung) % PERIOD
    return None


class Microphone:
    """The log of what was captured: by position, loud or quiet."""

    def __init__(self) -> None:
        self.position = 0
        self._starts: list[int] = []
        self._louds: list[bool] = []

    def next(self, samples: int, *, loud: bool) -> bytes:
        """The next samples; they count as captured only once `captured` is told."""
        start = self.position % PERIOD
        return tape(loud=loud)[2 * start : 2 * (start + samples)]

    def captured(self, samples: int, *, loud: bool) -> None:
        """The application has given them away."""
        if not self._louds or self._louds[-1] is not loud:
            self._starts.append(self.position)
            self._louds.append(loud)
        self.position += samples

    def take_back(self, samples: int) -> None:
        """The line refused the last samples, so they were never captured."""
        self.position -= samples
        while self._starts and self._starts[-1] >= self.position:
            self._starts.pop()
            self._louds.pop()

    def loud(self) -> list[Span]:
        """All speech, in order."""
        ends = [*self._starts[1:], self.position][: len(self._starts)]
        return [
            (start, end)
            for start, end, loud in zip(self._starts, ends, self._louds, strict=True)
            if loud
        ]

    def pcm(self, start: int, end: int) -> bytes:
        """What was captured in the range."""
        pieces = []
        index = bisect_right(self._starts, start) - 1
        while start < end:
            stop = self._starts[index + 1] if index + 1 < len(self._starts) else end
            stop = min(stop, end)
            at = start % PERIOD
            pieces.append(tape(loud=self._louds[index])[2 * at : 2 * (at + stop - start)])
            start, index = stop, index + 1
        return b"".join(pieces)

    def spans(self, pcm: bytes) -> list[Span] | None:
        """Where the audio was captured, piece by piece; None if some of it never was, or was changed."""
        found: list[Span] = []
        while pcm:
            start = self._locate(pcm)
            if start is None:
                # Too short to tell: it goes on where the piece before it ended, or is of no weight.
                return found if len(pcm) < 2 * _KEY else None
            run = self._run(pcm, start)
            if run == 0:
                return None
            found.append((start, start + run))
            pcm = pcm[2 * run :]
        return found

    def _locate(self, pcm: bytes) -> int | None:
        place = place_of(pcm)
        if place is None:
            return None
        start = self.position - 1 - (self.position - 1 - place) % PERIOD
        return start if start >= 0 else None

    def _run(self, pcm: bytes, start: int) -> int:
        """How many samples go on as they were captured."""
        samples = min(len(pcm) // 2, self.position - start)
        told = self.pcm(start, start + samples)
        if pcm.startswith(told):
            return samples
        mine = np.frombuffer(pcm, "<i2", samples)
        return int(np.argmax(mine != np.frombuffer(told, "<i2")))
