from __future__ import annotations

import asyncio

from trunkline.simulator.clock import ManualClock
from trunkline.simulator.valve import Valve


class Transport:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __getattr__(self, name: str):
        return lambda *_args: self.told.append(name)

    def is_closing(self) -> bool:
        return False


def test_a_shut_valve_opens_again_when_its_time_is_over():
    async def test():
        clock, transport = ManualClock(), Transport()
        valve = Valve(transport, clock)
        assert valve.is_open
        valve.shut(2.0)
        clock.advance(1.9)
        assert not valve.is_open
        clock.advance(0.1)
        await valve.wait()
        assert transport.told == ["pause_reading", "resume_reading"]

    asyncio.run(test())


def test_a_valve_shut_for_good_stays_shut_even_after_a_stall():
    clock = ManualClock()
    valve = Valve(Transport(), clock)
    valve.shut(1.0)
    valve.shut(None)
    clock.advance(1e6)
    assert not valve.is_open


def test_a_slow_reader_takes_its_time_and_then_no_more():
    async def test():
        clock = ManualClock()
        valve = Valve(Transport(), clock)
        assert not valve.is_slow
        valve.slow_down(100.0, 5.0)
        task = asyncio.create_task(valve.dawdle(200))
        await asyncio.sleep(0)
        clock.advance(1.9)
        await asyncio.sleep(0)
        assert not task.done()
        clock.advance(0.1)
        await task
        clock.advance(3.0)
        await valve.dawdle(10**9)
        assert not valve.is_slow

    asyncio.run(test())


def test_the_end_is_a_fin_or_a_reset():
    for deed, said in (("end", "close"), ("reset", "abort")):
        transport = Transport()
        valve = Valve(transport, ManualClock())
        valve.shut(None)
        getattr(valve, deed)()
        assert transport.told[-1] == said
        assert valve.is_open
