"""How loud audio is, in the unit people read: dBFS.

RMS follows AES17: a sine of full scale is 0 dBFS, which adds 3.01 dB to the bare ratio, so that RMS
and peak of a sine agree and a square wave of full scale reads +3.01. Peak is the bare ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from trunkline import _native

__all__ = ["FLOOR_DBFS", "Level", "Meter", "peak_dbfs", "rms_dbfs"]

FLOOR_DBFS = -96.0
"""Silence, and everything below one step of 16 bits (20·log10(1/32768) = -90.3) with some room."""

_FULL_SCALE = 32768
_AES17_DB = 20 * math.log10(math.sqrt(2))


def rms_dbfs(rms: float) -> float:
    """The AES17 level of an RMS in units of an int16 sample; at least the floor."""
    return max(FLOOR_DBFS, _ratio_db(rms) + _AES17_DB)


def peak_dbfs(peak: float) -> float:
    """The level of a peak in units of an int16 sample; at least the floor, at most 0."""
    return max(FLOOR_DBFS, _ratio_db(peak))


def _ratio_db(magnitude: float) -> float:
    return 20 * math.log10(magnitude / _FULL_SCALE) if magnitude > 0 else -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What was measured over a number of samples."""

    rms: float
    """Root of the mean square, 0 to 32768; 0 for no samples."""
    peak: int
    """Greatest magnitude, 0 to 32768."""
    clipped: int
    """Samples at ±32767 or -32768 in runs of three and more: one or two are legal."""
    samples: int
    """How many were measured."""

    @property
    def rms_dbfs(self) -> float:
        """The RMS by AES17, at least the floor."""
        return rms_dbfs(self.rms)

    @property
    def peak_dbfs(self) -> float:
        """The peak, at least the floor, at most 0."""
        return peak_dbfs(self.peak)


class Meter(_native.Meter):
    """Measures samples in pieces of any size, alone or while `codec.append_message` sends them.

    A run of clipped samples is followed over the pieces' edges. Not for two threads at once.
    """

    def level(self) -> Level:
        """What was measured since it was last asked."""
        rms, peak, clipped, samples = self.read()
        return Level(rms=rms, peak=peak, clipped=clipped, samples=samples)
