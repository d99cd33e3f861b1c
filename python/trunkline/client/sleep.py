"""How long this machine has slept: the one thing that no monotonic clock of Python tells.

`time.monotonic` and the event loop's clock stand still while a machine is suspended (PEP 418), so a line that
slept for an hour would think that no time had passed and write to a socket that the other side closed long ago.
Two clocks that differ only by the sleep tell it.
"""

from __future__ import annotations

import time

__all__ = ["seconds_slept"]


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
