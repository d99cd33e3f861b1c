from __future__ import annotations

import asyncio
import gc

import pytest

from client.test_loop_lag import Clockwork
from trunkline.client import wheel as module
from trunkline.client.wheel import INTERVAL, SLOTS, TOGETHER, Wheel


def test_a_line_has_its_turn_four_times_a_second():
    loop, turns = Clockwork(), []
    wheel = Wheel()
    wheel.join(loop, turns.append)
    for _ in range(4):
        loop.fire()
    assert turns == pytest.approx([50.25, 50.5, 50.75, 51.0])


def test_many_lines_share_one_timer_and_not_one_moment():
    loop, turns = Clockwork(), []
    wheel = Wheel()
    for number in range(8 * SLOTS):
        wheel.join(loop, lambda now, number=number: turns.append((number, now)))
    for _ in range(2 * SLOTS):
        loop.fire()
    assert max(now for _, now in turns) == pytest.approx(50.0 + 2 * INTERVAL)
    together = [sum(1 for _, at in turns if at == now) for now in {now for _, now in turns}]
    assert set(together) == {8}
    assert sorted(number for number, _ in turns) == sorted([*range(8 * SLOTS)] * 2)


def test_who_joins_is_told_the_moment_of_one_of_its_turns():
    loop, wheel = Clockwork(), Wheel()
    turns, moments = {number: [] for number in range(60)}, {}
    for number, told in turns.items():
        moments[number] = wheel.join(loop, told.append)
    for _ in range(5 * SLOTS):
        loop.fire()
    for number, moment in moments.items():
        assert any(at == pytest.approx(moment) for at in (*turns[number], 50.0))


def test_eight_lines_have_a_moment_of_the_second_together_and_a_hundred_times_eight_have_their_own():
    loop, wheel = Clockwork(), Wheel()
    moments = [wheel.join(loop, lambda _, number=number: None) for number in range(1600)]
    firsts = moments[:800:8]
    assert len({round(moment % 1.0, 6) for moment in firsts}) == 100
    assert moments == [moment for moment in [*firsts, *firsts] for _ in range(8)]


def test_a_place_that_is_left_is_taken_before_another_moment_is():
    loop, wheel = Clockwork(), Wheel()
    turns = [lambda _, number=number: None for number in range(24)]
    moments = [wheel.join(loop, turn) for turn in turns]
    wheel.leave(turns[3])
    wheel.leave(turns[12])
    come = [wheel.join(loop, lambda _, number=number: None) for number in range(3)]
    assert come[:2] == [moments[3], moments[12]]
    assert come[2] not in moments


def test_what_was_missed_while_the_loop_stood_still_is_one_turn():
    loop, turns = Clockwork(), []
    wheel = Wheel()
    wheel.join(loop, turns.append)
    loop.fire(late=10.0)
    loop.fire()
    assert turns == pytest.approx([60.25, 60.5])


def test_slots_that_came_due_together_have_their_turn_together():
    loop, turns = Clockwork(), []
    wheel = Wheel()
    for number in range(4 * TOGETHER):
        wheel.join(loop, lambda now, number=number: turns.append((number // TOGETHER, now)))
    loop.fire(late=0.021)
    assert [number for number, _ in turns[::TOGETHER]] == [1, 2, 3]
    loop.fire()
    assert turns[3 * TOGETHER :] == [(0, pytest.approx(50.25))] * TOGETHER


def test_the_timer_ends_with_the_last_line_and_begins_with_another():
    loop, turns = Clockwork(), []
    wheel = Wheel()
    wheel.join(loop, turns.append)
    wheel.leave(turns.append)
    assert loop.due is None
    wheel.leave(turns.append)
    loop.now = 70.0
    wheel.join(loop, turns.append)
    loop.fire()
    assert turns == pytest.approx([70.25])


def test_lines_may_come_and_go_in_a_turn():
    loop, turns = Clockwork(), []
    wheel = Wheel()

    def leaves(now: float) -> None:
        turns.append(("leaves", now))
        wheel.leave(leaves)
        wheel.join(loop, comes)

    def comes(now: float) -> None:
        turns.append(("comes", now))

    wheel.join(loop, leaves)
    for _ in range(2):
        loop.fire()
    assert turns == [("leaves", pytest.approx(50.25)), ("comes", pytest.approx(50.5))]


def test_each_loop_has_its_own_which_ends_with_it():
    async def of_this_loop() -> Wheel:
        return Wheel.of(asyncio.get_running_loop())

    before = len(module._by_loop)
    first, second = asyncio.run(of_this_loop()), asyncio.run(of_this_loop())
    assert first is not second
    gc.collect()
    assert len(module._by_loop) <= before
