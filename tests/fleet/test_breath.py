"""Pauses of a thread that works beside an event loop."""

from __future__ import annotations

import pytest

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


def test_a_pause_is_made_once_a_fifth_of_a_millisecond_was_worked_and_not_before():
    clock = Clock()
    breath = Breath(clock=clock, sleep=clock.sleep)
    for _ in range(3):
        clock.now += 0.00006
        breath.take()
    assert clock.slept == []
    clock.now += 0.00003
    breath.take()
    assert clock.slept == [0.0018]
    breath.take()
    assert len(clock.slept) == 1


def test_nine_tenths_of_the_time_are_left_to_others_and_less_the_longer_the_thread_is_behind():
    clock = Clock()
    breath = Breath(clock=clock, sleep=clock.sleep)

    def work(seconds):
        began, slept = clock.now, len(clock.slept)
        while clock.now < began + seconds:
            clock.now += 0.000201
            breath.take()
        return sum(clock.slept[slept:]) / (clock.now - began)

    assert work(0.3) == pytest.approx(0.9, abs=0.03)
    work(0.1)
    assert work(1.0) == pytest.approx(0.75, abs=0.03)
    work(2.6)
    assert work(1.0) == pytest.approx(1 / 3, abs=0.06)
    breath.begin()
    assert work(0.3) == pytest.approx(0.9, abs=0.03)


def test_in_a_crowd_pieces_and_pauses_are_four_times_as_long():
    clock = Clock()
    breath = Breath(clock=clock, sleep=clock.sleep)
    breath.gather(is_crowded=True)
    clock.now += 0.00079
    breath.take()
    assert clock.slept == []
    clock.now += 0.00002
    breath.take()
    assert clock.slept == [pytest.approx(0.0072)]
    breath.gather(is_crowded=False)
    clock.now += 0.00021
    breath.take()
    assert clock.slept[1:] == [0.0018]


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
