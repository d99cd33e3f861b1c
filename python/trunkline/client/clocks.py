"""The clocks a line needs beside its event loop's: Unix time, and how long this machine has slept.

`time.monotonic` and the event loop's clock stand still while a machine is suspended (PEP 418), so a line that
slept for an hour would think that no time had passed and write to a socket that the other side closed long ago.
Two clocks that differ only by the sleep tell it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clocks", "seconds_slept"]


def seconds_slept() -> float:
    """Seconds of sleep since the machine was started, up to a constant; 0 where no clock counts them."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    if boottime is not None:
        return time.clock_gettime(boottime) - time.clock_gettime(time.CLOCK_MONOTONIC)
    uptime = getattr(time, "CLOCK_UPTIME_RAW", None)
    if uptime is not None:
        # macOS: there CLOCK_MONOTONIC runs on, and Python's own monotonic clock is the other one.
        return time.clock_gettime(time.CLOCK_MONOTONIC) - time.clock_gettime(uptime)
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """This machine's clocks, unless a simulation gives its own."""

    wall: Callable[[], float] = time.time
    """Unix time: servers and tokens tell their end in it."""
    slept: Callable[[], float] = seconds_slept
