"""Samples made fainter one by one, by gains in parts of a whole."""

from __future__ import annotations

import sys
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FADE_SAMPLES", "faded", "faded_in"]

FADE_SAMPLES = 120
"""5 ms: what is shorter is heard as a click, what is longer as slow to stop. Gains are counted in this many parts."""
_IS_SWAPPED = sys.byteorder == "big"


def faded(pcm: bytes | memoryview, gains: Iterable[int]) -> bytes:
    """The pcm with as many first samples scaled as there are gains, each 0 to FADE_SAMPLES; rounded down.

    Cost: 0.1 µs for each gain, so it is for edges.
    """
    samples = array("h", bytes(pcm))
    if _IS_SWAPPED:  # pragma: no cover - for machines that CI has not
        samples.byteswap()
    for at, gain in enumerate(gains):
        samples[at] = samples[at] * gain // FADE_SAMPLES
    if _IS_SWAPPED:  # pragma: no cover
        samples.byteswap()
    return samples.tobytes()


def faded_in(pcm: bytes) -> bytes:
    """The pcm from nothing to its own level, over its first 5 ms."""
    return faded(pcm, range(min(FADE_SAMPLES, len(pcm) // 2)))
