from __future__ import annotations

import pytest

from soak.staging import Quiet
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.lifecycle import State
from trunkline.soak.stage import Broken, Segment, run_segment


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
