"""Pauses of a thread that works beside an event loop."""

from __future__ import annotations

from trunkline.fleet.breath import Breath


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_a_pause_is_made_once_half_a_millisecond_was_worked_and_not_before():
    clock = Clock()
    breath = Breath(clock=clock, sleep=clock.sleep)
    for _ in range(4):
        clock.now += 0.0001
        breath.take()
    assert clock.slept == []
    clock.now += 0.0002
    breath.take()
    assert clock.slept == [0.0001]
    breath.take()
    assert len(clock.slept) == 1


def test_a_thread_that_waited_for_something_else_begins_anew():
    clock = Clock()
    breath = Breath(clock=clock, sleep=clock.sleep)
    clock.now += 1.0
    breath.begin()
    breath.take()
    assert clock.slept == []


def test_who_is_alone_need_not_pause():
    clock = Clock()
    breath = Breath(longest=float("inf"), clock=clock, sleep=clock.sleep)
    clock.now += 100.0
    breath.take()
    assert clock.slept == []
