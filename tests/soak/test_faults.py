from __future__ import annotations

import pytest

from soak.staging import Quiet
from trunkline.protocol.closure import Closure, Disposition, judge
from trunkline.protocol.lifecycle import State
from trunkline.soak.faults import FAULTS, FINAL, GOODBYES, KINDS


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != FINAL])
def test_a_line_lives_through(kind: str):
    stage = Quiet().go(20.0)
    for _ in range(3):
        FAULTS[kind](stage)
        stage.go(40.0)
    stage._calm_down()
    assert stage.driver.state is State.LIVE
    assert stage.laws == []


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_strike_while_there_is_no_link(kind: str):
    stage = Quiet()
    FAULTS[kind](stage)
    stage.go(60.0)
    assert stage.laws == []


def test_a_final_refusal_ends_the_line_and_no_other_does():
    stage = Quiet().go(20.0)
    FAULTS[FINAL](stage)
    stage.go(30.0)
    assert stage.driver.state is State.FAILED
    assert stage.laws == []
    for code, reason in GOODBYES:
        assert (
            judge(Closure(code=code, reason=reason), refused_before=False).disposition
            is not Disposition.FATAL
        )
