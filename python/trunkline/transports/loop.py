"""What the links of one event loop share: what a read is written to, and the clock."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["buffer_of", "clock_of"]

_BUFFER_BYTES = 16 * 1024  # a dozen messages of 20 ms

_buffers: WeakKeyDictionary[asyncio.AbstractEventLoop, bytearray] = WeakKeyDictionary()


def buffer_of(loop: asyncio.AbstractEventLoop) -> bytearray:
    """The receive buffer: what a read brings is cut, or kept, before the next."""
    if loop not in _buffers:
        _buffers[loop] = bytearray(_BUFFER_BYTES)
    return _buffers[loop]


def clock_of(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """The loop's time, without a step of Python's where it is the machine's own."""
    is_plain = getattr(type(loop), "time", None) is asyncio.BaseEventLoop.time
    return time.monotonic if is_plain else loop.time
