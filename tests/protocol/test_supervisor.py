from __future__ import annotations

import pytest

from protocol.driving import RESET, Line, dials
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure, Disposition
from trunkline.protocol.drains import Ping
from trunkline.protocol.lifecycle import State


def test_what_the_server_asks_for_delays_the_next_dial():
    line = Line().start()
    line.ended(Closure(status=429, retry_after=40.0))
    line.wait(40.0)
    assert line.state is State.WAITING
    line.wait(1.0)
    assert line.state is State.DIALING


def test_time_that_comes_too_early_changes_nothing():
    line = Line().start()
    line.connection.handle_timeout(line.now + 1.0, 0.5)
    assert line.state is State.DIALING
    line.ended()
    line.connection.handle_timeout(line.now, 0.5)
    line.connection.handle_timeout(line.now, 0.5)
    line.drain()
    assert line.state is State.WAITING
    assert len(line.of(seen.RetryScheduled)) == 1
    idle = Line()
    idle.connection.handle_timeout(0.0, 0.5)
    assert idle.connection.deadline() is None


def test_attempts_are_forgiven_by_a_completed_response_only():
    line = Line().come_live()
    for attempt in (1, 2):
        line.ended()
        line.come_live()
        assert line.of(seen.RetryScheduled)[-1].attempt == attempt
    line.reply("r", "item", "x", 10, done=False)
    line.done("r", "failed")
    line.ended()
    line.come_live()
    assert line.of(seen.RetryScheduled)[-1].attempt == 3
    line.reply("r", "item", "x", 10)
    line.ended()
    line.come_live()
    assert line.of(seen.RetryScheduled)[-1].attempt == 1


def test_pings_are_written_while_the_line_lives_and_not_after():
    line = Line().come_live()
    line.wait(1.0)
    assert [action.epoch for action in line.actions if isinstance(action, Ping)] == [1]
    line.close()
    pings = len(line.of(Ping))
    line.wait(1.9)
    assert len(line.of(Ping)) == pings


def test_how_long_a_link_lived_is_told():
    line = Line().start()
    line.now += 0.3
    line.opened()
    line.now += 5.0
    line.ended()
    assert line.of(seen.LinkOpened)[0].took == pytest.approx(0.3)
    assert line.of(seen.LinkEnded)[0].lived == pytest.approx(5.0)
    line.until(State.DIALING)
    line.ended()
    assert line.of(seen.LinkEnded)[1].lived == 0.0


def test_every_dial_has_an_epoch_of_its_own():
    line = Line().start()
    for _ in range(5):
        line.ended(RESET)
        line.until(State.DIALING)
    assert [dial.epoch for dial in dials(line)] == [1, 2, 3, 4, 5, 6]


def test_lines_that_open_and_live_take_nothing_from_the_budget_of_the_process():
    budget = RetryBudget()
    lines = [Line(budget=budget).start() for _ in range(40)]
    for line in lines:
        line.come_live()
    for line in lines[:12]:
        line.now += 60.0
        line.ended(RESET)
        line.wait(0.5)
        assert line.state is State.DIALING


def test_a_first_dial_that_was_in_vain_is_counted_with_the_others():
    budget = RetryBudget()
    lines = [Line(budget=budget).start() for _ in range(13)]
    for line in lines:
        line.ended(RESET)
        line.wait(0.5)
    states = [line.state for line in lines]
    assert states.count(State.DIALING) <= 12 // 2


def test_a_goodbye_that_nobody_answers_still_tells_how_the_link_ended():
    line = Line().come_live()
    line.close()
    line.wait(3.0)
    (ended,) = line.of(seen.LinkEnded)
    assert ended.closure.detail == "no answer to our goodbye"
    assert ended.verdict.disposition is Disposition.DONE
