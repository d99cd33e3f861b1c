from __future__ import annotations

import pytest

from soak.staging import Quiet
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.lifecycle import State
from trunkline.soak import stage as module
from trunkline.soak.stage import CALM, Broken, Segment, run_segment


@pytest.mark.parametrize("number", range(25))
def test_one_seed_is_one_life_to_the_last_bit(number: int):
    segment = Segment(seed=11, number=number, profile="storm", seconds=120.0)
    first, second = run_segment(segment), run_segment(segment)
    assert first.trace_hash == second.trace_hash
    assert first.to_dict() == second.to_dict()


def test_another_number_is_another_life():
    hashes = {
        run_segment(Segment(seed=11, number=number, profile="quiet", seconds=60.0)).trace_hash
        for number in range(5)
    }
    assert len(hashes) == 5


@pytest.mark.timeout(120)
@pytest.mark.parametrize("profile", ["quiet", "storm", "swarm"])
def test_an_hour_breaks_no_law(profile: str):
    outcome = run_segment(Segment(seed=12, number=0, profile=profile, seconds=3600.0))
    assert outcome.violations == []
    assert outcome.hours == 1.0
    assert outcome.figures["turns"] > 10
    assert sum(outcome.coverage.values()) == sum(outcome.faults.values()) > 0


def test_a_life_ends_early_once_it_has_shown_enough():
    stage = Quiet()
    for _ in range(4):
        stage.accuse("I1", "again")
    with pytest.raises(Broken):
        stage.accuse("I1", "again")
    assert stage.laws == ["I1"] * 5
    assert stage.outcome.violations[0].seed == "3/0"


def test_a_line_that_is_never_live_again_is_found():
    stage = Quiet().go(5.0)
    assert stage.driver.state is State.LIVE
    # The port is gone for good, and nobody counts that as a fault.
    stage.server._refusal = lambda: Closure(fault=Fault.REFUSED)
    stage.link.reset()
    stage._calm_down()
    assert stage.laws == ["I20"]


def test_a_switch_of_just_now_is_given_the_time_to_tell_the_rest():
    stage = Quiet().go(60.0)
    judged_at: list[float] = []
    stage.judge.final = lambda: judged_at.append(stage.agenda.now)  # type: ignore[method-assign]
    stage.agenda.after(CALM - 1.0, lambda: stage.driver.rotate(0.5))
    stage._calm_down()
    assert stage.watch.live_at is not None
    assert stage.driver.epoch == 2
    assert judged_at[0] - stage.watch.live_at >= 10.0


@pytest.mark.parametrize("after", [0.1, 2.0, 6.0, 9.0])
def test_another_line_goes_on_with_the_conversation_of_one_that_was_killed(after: float):
    stage = Quiet().go(after)
    first, watch = stage.driver, stage.watch
    stage._take_over()
    assert first.links == {}
    assert stage.driver is not first
    assert not first.send_audio(bytes(2))
    stage.go(20.0)
    assert stage.driver.state is State.LIVE
    assert stage.watch is not watch
    stage._calm_down()
    assert stage.laws == []
    assert stage.outcome.figures["take-overs"] == 1


@pytest.mark.parametrize("times", [1, 10])
def test_a_rotation_bears_some_refusals_and_need_not_bear_any_number_of_them(times, monkeypatch):
    monkeypatch.setattr(module, "_SECOND_REFUSED", ([Closure(status=503)] * 3,))
    stage = Quiet().go(60.0)
    stage._be_busy()
    stage.driver.rotate(None)
    stage.watch.rotates(None)
    stage.go(0.1)
    for _ in range(times - 1):
        stage._be_busy()
    stage.go(230.0)
    assert (stage.link.epoch > 1) is (times == 1)
    assert stage.laws == []


@pytest.mark.parametrize("state", [State.CONFIGURING, State.RESTORING, State.ROTATING])
def test_a_misfortune_can_wait_for_a_state(state: State):
    stage = Quiet().go(20.0)
    stage._aimed[state] = "unknown event"
    stage.driver.rotate(1.0)
    stage.go(2.0)
    stage.link.reset()
    stage.go(10.0)
    assert stage.outcome.coverage == {("unknown event", state.value): 1}
