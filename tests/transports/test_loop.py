"""What the links of an event loop share."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref

import pytest

from trunkline.transports.loop import buffer_of, clock_of


class Slow(asyncio.SelectorEventLoop):
    """Its time is its own."""

    def time(self) -> float:
        return 7.0


def test_a_loop_has_one_buffer_that_goes_with_it():
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    assert buffer_of(first) is buffer_of(first)
    assert buffer_of(first) is not buffer_of(second)
    gone = weakref.ref(first)
    for loop in (first, second):
        loop.close()
    del first, loop
    gc.collect()
    assert gone() is None


def test_the_clock_is_the_loops():
    loop, slow = asyncio.new_event_loop(), Slow()
    assert clock_of(loop) is time.monotonic
    assert clock_of(loop)() == pytest.approx(loop.time(), abs=1.0)
    assert clock_of(slow)() == 7.0
    loop.close()
    slow.close()
