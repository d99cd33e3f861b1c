"""G.711 as telephone lines carry it: a byte a sample, finer for soft sounds than for loud ones.

Written from the recommendation and not shared with the client, so that a mistake in one does not
agree with itself. A sample is coded as the value nearest to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ALAW", "ULAW", "Law"]

_CODES = np.arange(256)


class Law:
    """One of the two laws, as the table of the 256 samples it can tell apart."""

    def __init__(self, values: NDArray[np.int64]) -> None:
        self._values = values.astype("<i2")
        # Of µ-law's two zeros the positive one is sent: a stable sort from the last code on.
        order = np.argsort(values[::-1], kind="stable")
        self._order = _CODES[::-1][order].astype(np.uint8)
        ranked = values[self._order]
        self._bounds = (ranked[1:] + ranked[:-1]) / 2

    def decode(self, codes: bytes) -> bytes:
        """The pcm that these codes stand for."""
        return self._values[np.frombuffer(codes, dtype=np.uint8)].tobytes()

    def encode(self, pcm: bytes) -> bytes:
        """The codes nearest to these samples."""
        samples = np.frombuffer(pcm, dtype="<i2")
        places = np.searchsorted(self._bounds, samples, side="left")
        # A value at a bound is as near to both; and equal values leave an empty interval between.
        return self._order[places].tobytes()


def _ulaw() -> NDArray[np.int64]:
    bits = ~_CODES & 0xFF
    magnitude = ((((bits & 0x0F) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84
    return np.where(bits & 0x80, -magnitude, magnitude)


def _alaw() -> NDArray[np.int64]:
    bits = _CODES ^ 0x55
    segment = (bits >> 4) & 7
    step = (bits & 0x0F) << 4
    magnitude = np.where(segment == 0, step + 8, (step + 0x108) << np.maximum(segment - 1, 0))
    return np.where(bits & 0x80, magnitude, -magnitude)


ULAW = Law(_ulaw())
"""`audio/pcmu`: North America and Japan."""
ALAW = Law(_alaw())
"""`audio/pcma`: everywhere else."""
