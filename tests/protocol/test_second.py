from __future__ import annotations

import pytest

from protocol.driving import RESET
from protocol.test_rotation import _keep, live, phase
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.drains import Dial, Ping
from trunkline.protocol.lifecycle import Phase, State


def test_a_credential_that_was_refused_is_asked_for_again_once():
    line = live()
    line.rotate().ended(Closure(status=401))
    line.wait(5.0)
    assert Dial(epoch=3, refresh_credential=True) in line.actions
    line.wire().ended(Closure(status=401))
    assert line.of(seen.RotationFailed)[-1].final


def test_a_key_that_cannot_be_renewed_is_refused_once_and_for_all():
    line = live(renewable=False)
    line.rotate().ended(Closure(status=401))
    assert line.of(seen.RotationFailed)[-1].final
    assert line.state is State.LIVE


def test_what_speaks_twice_counts_together_on_whichever_link():
    line = live()
    line.ended(Closure(code=1002))
    line.come_live()
    line.rotate().ended(Closure(code=1002))
    (failed,) = line.of(seen.RotationFailed)
    assert failed.final
    assert "second time in ten minutes" in failed.cause


def test_a_second_link_that_comes_up_makes_a_fresh_start():
    line = live()
    line.rotate().ended(Closure(status=401))
    line.wait(5.0)
    line.wire().come_up()
    assert line.epoch == 3
    line.ended(RESET)
    line.until(State.DIALING)
    line.ended(Closure(status=401))
    assert line.state is State.WAITING


def test_the_first_link_does_not_come_back_with_the_key_that_the_second_was_refused():
    line = live()
    line.rotate().ended(Closure(status=401))
    line.ended(RESET)
    line.until(State.DIALING)
    assert [act for act in line.actions if isinstance(act, Dial)][-1].refresh_credential
    line.ended(Closure(status=401))
    assert line.state is State.FAILED


def test_a_session_of_the_second_link_shows_that_its_key_is_good():
    line = live()
    line.rotate().ended(Closure(status=401))
    line.wait(5.0)
    second = line.wire()
    second.opened()
    second.created()
    second.ended(RESET)
    line.ended(RESET)
    line.until(State.DIALING)
    line.ended(Closure(status=401))
    assert line.state is State.WAITING, "the key it has was never refused"


def test_a_flood_of_bad_messages_is_no_session():
    line = live()
    second = line.rotate()
    second.opened()
    for _ in range(20):
        line.connection.receive(2, b"[", line.now)
    line.drain()
    (failed,) = line.of(seen.RotationFailed)
    assert (failed.closure.fault, failed.final) == (Fault.GARBLED, False)


def test_the_first_attempt_costs_the_others_nothing_unless_it_is_in_vain():
    budget = RetryBudget(size=2.0)
    line = live(budget=budget)
    tokens = budget._tokens
    line.rotate().come_up()
    assert (line.epoch, budget._tokens) == (2, tokens)
    line.wait(2.0)
    line.rotate().ended(Closure(status=503))
    assert budget._tokens == tokens - 1


def test_an_attempt_without_a_credential_is_paced_and_costs_the_process_nothing():
    budget = RetryBudget()
    line = live(budget=budget)
    missing = Closure(fault=Fault.CREDENTIAL)
    line.rotate().ended(missing)
    _keep(line, 3.0)
    assert line.dialed == 3
    assert budget._tokens == budget.size
    line.wire().ended(missing)
    # Nothing was dialed, so the first dial is still to come, and to be paid if it is in vain.
    _keep(line, 5.0)
    assert line.dialed == 4
    line.wire().ended(RESET)
    assert budget._tokens == budget.size - 1


def test_a_budget_that_has_nothing_left_in_time_ends_the_rotation():
    budget = RetryBudget(size=1.0, interval=900.0)
    line = live(budget=budget)
    line.rotate().ended(RESET)
    line.wait(0.0)
    assert line.of(seen.RotationFailed)[-1].cause == "no second link in time"
    assert line.state is State.LIVE


@pytest.mark.parametrize("far", ["opening", "ready"])
def test_after_a_block_of_the_loop_the_second_link_is_read_before_it_is_judged(far: str):
    line = live()
    line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=0)
    second = line.rotate()
    second.opened()
    line.wait(0.0)
    if far == "ready":
        second.created()
        second.answer()
    line.now += 30.0
    line.connection.handle_timeout(line.now, 0.5)
    line.drain()
    assert line.of(seen.LoopBlocked)
    assert line.of(seen.RotationFailed) == []
    assert line.state is State.ROTATING
    if far == "opening":
        second.created()
        second.answer()
    pings = [act for act in line.actions if isinstance(act, Ping)]
    for ping in pings:
        line.connection.pong(ping.epoch, ping.payload, line.now)
    line.wait(3.0)
    assert phase(line) is Phase.READY


def test_a_block_that_ends_with_a_word_of_the_second_link_is_seen_by_that():
    line = live()
    line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=0)
    second = line.rotate()
    second.opened()
    line.wait(0.0)
    line.now += 9.0
    second.created()
    assert len(line.of(seen.LoopBlocked)) == 1
    assert line.state is State.ROTATING


def test_a_promoted_dial_that_is_in_vain_is_paid_as_any_other():
    budget = RetryBudget()
    line = live(budget=budget)
    line.rotate()
    line.ended(RESET)
    before = budget._tokens
    line.ended(RESET)
    assert budget._tokens == before - 1


def test_an_attempt_that_proved_itself_was_not_in_vain():
    budget = RetryBudget()
    line = live(budget=budget)
    line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=0)
    second = line.rotate()
    second.come_up()
    _keep(line, 31.0)
    second.ended(RESET)
    assert budget._tokens == budget.size
    assert line.of(seen.RotationFailed)


def test_a_block_during_the_dial_of_a_second_link_excuses_both():
    line = live()
    line.rotate()
    line.wait(0.0)
    line.now += 40.0
    line.connection.link_opened(2, line.now)
    line.drain()
    assert len(line.of(seen.LoopBlocked)) == 1
    assert (line.state, phase(line)) == (State.ROTATING, Phase.OPENING)
