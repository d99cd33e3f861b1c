"""A source that hums: to hear whether a way is whole, and how loud it comes out."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from trunkline.devices.base import BLOCK_SAMPLES, RATE_HZ
from trunkline.devices.paced import PacedSource
from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["tone_source"]

_FULL_SCALE = 32767


def tone_source(
    hz: int = 440, *, peak_dbfs: float = -20.0, seconds: float = math.inf
) -> PacedSource:
    """A sine in real time, with no step between its blocks; the last block is cut where the time is over.

    Raises ConfigError for a pitch or a level that 24 kHz and 16 bits have not.
    """
    if not 0 < hz < RATE_HZ // 2:
        raise ConfigError("hz", f"{hz} Hz is not between 0 and {RATE_HZ // 2}")
    if peak_dbfs > 0:
        raise ConfigError("peak_dbfs", f"{peak_dbfs} dB is above full scale, which is 0")
    return PacedSource(f"tone of {hz} Hz", lambda: _blocks(hz, peak_dbfs, seconds * RATE_HZ))


def _blocks(hz: int, peak_dbfs: float, samples: float) -> Iterator[bytes]:
    peak = _FULL_SCALE * 10 ** (peak_dbfs / 20)
    start = 0
    while start < samples:
        count = int(min(BLOCK_SAMPLES, samples - start)) or 1
        # The phase counts whole periods off: it is as exact after an hour as at the start.
        turns = ((start + at) * hz % RATE_HZ / RATE_HZ for at in range(count))
        values = (round(peak * math.sin(2 * math.pi * turn)) for turn in turns)
        yield struct.pack(f"<{count}h", *values)
        start += count
