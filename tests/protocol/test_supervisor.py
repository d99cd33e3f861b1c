from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.driving import RESET, Line, dials
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure, Disposition, Fault
from trunkline.protocol.drains import AbortLink, Ping
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


def test_a_server_that_never_stops_talking_is_left_and_the_line_comes_back():
    line = Line().come_live()
    message = b'{"type":"session.weather"}'
    while not line.of(seen.LinkEnded):
        assert line.now < 120.0
        for _ in range(5_200):
            line.connection.receive(line.epoch, message, line.now)
        line.wait(1.0)
        if line.of(Ping) and line.state is State.LIVE:
            line.pong()
    ended = line.of(seen.LinkEnded)[-1]
    assert (ended.closure.fault, ended.verdict.disposition) == (Fault.FLOODED, Disposition.RETRY)
    assert line.state is State.WAITING
    line.come_live()


def test_a_flood_of_malformed_messages_ends_the_link_and_a_few_do_not():
    line = Line().come_live()
    for _ in range(19):
        line.connection.receive(line.epoch, b"\xff", line.now)
    assert line.state is State.LIVE
    line.connection.receive(line.epoch, b"[]", line.now)
    line.drain()
    assert line.state is State.WAITING
    ended = line.of(seen.LinkEnded)[-1]
    assert ended.closure == Closure(fault=Fault.GARBLED, by_us=True)
    assert line.of(AbortLink)
    assert len(line.of(seen.Anomaly)) == 20


def test_a_key_that_cannot_be_renewed_is_tried_exactly_once():
    line = Line(renewable=False).start()
    line.ended(Closure(status=401))
    assert line.state is State.FAILED
    assert len(dials(line)) == 1


def test_a_server_that_creates_sessions_and_closes_them_is_tried_twelve_times_then_twice_a_minute():
    line = Line().start()
    times = []
    while line.now < 700.0 and line.state is not State.FAILED:
        if line.state is State.DIALING:
            times.append(line.now - 100.0)
            line.opened()
            line.created()
            line.updated()
            line.ended(Closure(code=1011))
        line.wait(0.01)
    assert sum(at < 60.0 for at in times) <= 12
    late = [at for at in times if at >= 120.0]
    assert len(late) / ((times[-1] - 120.0) / 60.0) <= 2.0


def test_a_short_call_that_the_application_ends_takes_nothing_from_the_budget_of_the_process():
    budget = RetryBudget(size=1.0)
    line = Line(budget=budget).come_live()
    line.close()
    line.ended(Closure(code=1000, by_us=True))
    assert line.state is State.CLOSED
    assert budget.reserve(line.now, 0.5) == line.now


def test_a_credential_that_cannot_be_had_takes_nothing_from_the_budget_of_the_process():
    budget = RetryBudget(size=1.0)
    line = Line(budget=budget).start()
    for _ in range(5):
        line.ended(Closure(fault=Fault.CREDENTIAL))
        line.until(State.DIALING)
    assert budget.reserve(line.now, 0.5) == line.now


def test_a_source_of_credentials_that_fails_for_ever_is_asked_at_a_pace():
    line = Line().start()
    while line.state is not State.FAILED:
        if line.state is State.DIALING:
            line.ended(Closure(fault=Fault.CREDENTIAL))
        line.wait(0.1)
    assert len(dials(line)) <= 30


def test_the_dial_after_a_credential_was_had_is_paid_once():
    budget = RetryBudget(size=2.0)
    line = Line(budget=budget).start()
    line.ended(Closure(fault=Fault.CREDENTIAL))
    line.until(State.DIALING)
    line.ended(RESET)
    line.until(State.DIALING)
    # The first dial was in vain, the second was planned: both are gone from the bucket.
    assert budget.reserve(line.now, 0.0) > line.now


@given(
    st.sampled_from([408, 425, 429, 500, 502, 503, 504, 520, 529]),
    st.floats(0, 300),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=8),
)
def test_no_dial_is_sooner_than_the_server_asked(status: int, asked: float, draws: list[float]):
    line = Line().start()
    for draw in draws:
        line.ended(Closure(status=status, retry_after=asked))
        refused_at = line.now
        if line.state is State.FAILED:
            return
        while line.state is State.WAITING:
            at = line.connection.deadline()
            assert at is not None
            line.now = max(line.now, at)
            line.connection.handle_timeout(line.now, draw)
            line.drain()
        assert line.state is State.FAILED or line.now - refused_at >= asked
        if line.state is State.FAILED:
            return


# A loop that was blocked.


def block(line: Line, seconds: float) -> None:
    """Time passes and nobody calls the core."""
    line.now += seconds


def tick(line: Line) -> None:
    line.connection.handle_timeout(line.now, 0.5)
    line.drain()


@pytest.mark.parametrize("seconds", [5.6, 7.0, 60.0])
def test_after_a_block_the_pong_that_had_come_is_read_before_anything_is_judged(seconds: float):
    line = Line().come_live()
    line.wait(0.0)
    assert line.of(Ping)
    block(line, seconds)
    tick(line)
    assert line.state is State.LIVE
    assert line.of(seen.LoopBlocked)[0].lag > 0.25
    line.pong()
    line.wait(3.0)
    assert line.state is State.LIVE


def test_a_pong_that_is_read_first_tells_of_the_block_as_well():
    line = Line().come_live()
    line.wait(0.0)
    block(line, 20.0)
    line.pong()
    tick(line)
    assert len(line.of(seen.LoopBlocked)) == 1
    assert line.state is State.LIVE


def test_a_link_that_died_during_a_block_is_found_after_it():
    line = Line().come_live()
    line.wait(0.0)
    block(line, 30.0)
    tick(line)
    line.wait(6.0)
    assert line.of(seen.LinkEnded)[0].closure.fault is Fault.DEAD


def test_a_phase_that_ended_during_a_block_is_given_time_to_read():
    line = Line().start()
    line.opened()
    block(line, 30.0)
    tick(line)
    assert line.state is State.OPENING
    line.created()
    assert line.state is State.CONFIGURING


def test_a_dial_that_ended_during_a_block_is_given_time_to_be_read():
    line = Line().start()
    tick(line)
    block(line, 60.0)
    tick(line)
    assert line.state is State.DIALING
    line.opened()
    assert line.state is State.OPENING


def test_a_loop_that_is_blocked_over_and_over_still_finds_a_dead_link():
    line = Line().come_live()
    for _ in range(60):
        block(line, 0.7)
        tick(line)
    assert line.of(seen.LinkEnded)


def test_a_tick_in_time_is_no_block():
    line = Line().come_live()
    for _ in range(100):
        line.wait(1.0)
        line.pong()
    assert line.of(seen.LoopBlocked) == []


# A machine that slept.


def test_a_machine_that_slept_dials_at_once_with_a_fresh_credential():
    line = Line().come_live()
    line.connection.resumed(3600.0, line.now)
    line.drain()
    assert line.of(seen.Suspended)[0].gap == 3600.0
    (ended,) = line.of(seen.LinkEnded)
    assert ended.closure.describe() == "this machine slept, for 3600 s"
    assert AbortLink(epoch=1) in line.actions
    line.wait(0.0)
    assert line.state is State.DIALING
    assert dials(line)[-1].refresh_credential
    assert line.of(seen.RetryScheduled) == []


def test_sleep_ends_a_wait_but_not_one_the_server_asked_for():
    line = Line().start()
    line.ended(RESET)
    line.wait(0.0)
    line.connection.resumed(3.0, line.now)
    line.wait(0.0)
    assert line.state is State.DIALING
    line.ended(Closure(status=429, retry_after=40.0))
    line.wait(0.0)
    line.connection.resumed(30.0, line.now)
    line.wait(9.0)
    assert line.state is State.WAITING
    line.wait(2.0)
    assert line.state is State.DIALING


def test_a_wait_that_was_not_planned_yet_is_over_as_well():
    line = Line().start()
    line.connection.link_closed(1, Closure(status=429, retry_after=40.0), line.now)
    line.connection.resumed(300.0, line.now)
    line.wait(0.0)
    assert line.state is State.DIALING


def test_sleep_ends_a_goodbye_and_moves_nothing_without_a_link():
    line = Line().come_live()
    line.close()
    line.connection.resumed(5.0, line.now)
    assert line.state is State.CLOSED
    line.connection.resumed(5.0, line.now)
    assert line.state is State.CLOSED


def test_a_goodbye_that_nobody_answers_still_tells_how_the_link_ended():
    line = Line().come_live()
    line.close()
    line.wait(3.0)
    (ended,) = line.of(seen.LinkEnded)
    assert ended.closure.detail == "no answer to our goodbye"
    assert ended.verdict.disposition is Disposition.DONE
