from __future__ import annotations

import asyncio
import gc

from trunkline.client import loop_lag
from trunkline.client.loop_lag import INTERVAL, LoopLag


class Clockwork:
    """A loop whose clock is turned by hand; it keeps one timer, as `LoopLag` does."""

    def __init__(self) -> None:
        self.now = 50.0
        self.due: float | None = None

    def time(self) -> float:
        return self.now

    def call_at(self, due, callback, *arguments):
        self.due, self._callback = due, lambda: callback(*arguments)
        return self

    def cancel(self) -> None:
        self.due = None

    def fire(self, late: float = 0.0) -> None:
        self.now = self.due + late
        self._callback()


def test_a_timer_that_comes_late_tells_by_how_much():
    loop, lags = Clockwork(), []
    lag = LoopLag()
    lag.listen(loop, lags.append)
    loop.fire()
    loop.fire(late=0.03)
    loop.fire()
    assert [round(each, 6) for each in lags] == [0.0, 0.03, 0.0]


def test_a_loop_that_stood_still_is_told_once_and_not_made_up_for():
    loop, lags = Clockwork(), []
    LoopLag().listen(loop, lags.append)
    loop.fire(late=2.0)
    assert loop.due == loop.now + INTERVAL
    loop.fire()
    assert [round(each, 6) for each in lags] == [2.0, 0.0]


def test_two_listeners_share_a_timer_and_it_stops_with_the_last():
    loop, first, second = Clockwork(), [], []
    lag = LoopLag()
    lag.listen(loop, first.append)
    due = loop.due
    loop.now += 0.05
    lag.listen(loop, second.append)
    assert loop.due == due
    loop.fire()
    lag.leave(first.append)
    loop.fire()
    assert (len(first), len(second)) == (1, 2)
    lag.leave(second.append)
    assert loop.due is None
    lag.leave(second.append)


def test_a_listener_may_leave_while_it_is_told():
    loop, told = Clockwork(), []
    lag = LoopLag()

    def once(seconds: float) -> None:
        told.append(seconds)
        lag.leave(once)

    lag.listen(loop, once)
    loop.fire()
    assert told == [0.0]
    assert loop.due is None


def test_each_loop_has_one_and_takes_it_along():
    async def own():
        return LoopLag.of(asyncio.get_running_loop())

    async def twice():
        loop = asyncio.get_running_loop()
        return LoopLag.of(loop) is LoopLag.of(loop)

    before = len(loop_lag._by_loop)
    one, other = asyncio.run(own()), asyncio.run(own())
    assert one is not other
    assert asyncio.run(twice())
    gc.collect()
    assert len(loop_lag._by_loop) <= before
