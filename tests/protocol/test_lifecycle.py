from __future__ import annotations

import importlib.util
from itertools import product
from pathlib import Path

import pytest

from trunkline.errors import LocalError
from trunkline.protocol.lifecycle import (
    PHASES,
    TRANSITIONS,
    Action,
    Input,
    Phase,
    State,
    next_phase,
    step,
)

DOCS = Path(__file__).parents[2] / "docs"
ENDS = (State.CLOSED, State.FAILED)


@pytest.mark.parametrize(
    ("state", "happened"), list(product(State, Input)), ids=lambda half: half.value
)
def test_each_pair_is_a_row_or_an_error_that_names_both(state: State, happened: Input):
    row = TRANSITIONS.get((state, happened))
    if row is not None:
        assert step(state, happened) == row
        return
    with pytest.raises(LocalError) as raised:
        step(state, happened)
    assert str(raised.value) == f"{happened.value} is not possible while {state.value}"


def test_every_state_can_be_reached_from_idle():
    reached = {State.IDLE}
    while (
        more := {target for (source, _), (target, _) in TRANSITIONS.items() if source in reached}
        - reached
    ):
        reached |= more
    assert reached == set(State)


def test_every_action_is_ordered_by_some_row():
    assert {action for _, actions in TRANSITIONS.values() for action in actions} == set(Action)


@pytest.mark.parametrize("state", State)
def test_closing_is_possible_in_every_state(state: State):
    assert (state, Input.CLOSE) in TRANSITIONS


@pytest.mark.parametrize("state", ENDS)
def test_nothing_leads_out_of_an_end(state: State):
    assert {row for (source, _), row in TRANSITIONS.items() if source is state} == {(state, ())}


@pytest.mark.parametrize(
    "state", [state for state in State if state not in (*ENDS, State.IDLE, State.WAITING)]
)
def test_every_state_with_a_link_can_lose_it_in_all_three_ways(state: State):
    for happened in (Input.LINK_LOST, Input.LINK_EXPIRED, Input.LINK_REFUSED):
        assert (state, happened) in TRANSITIONS


@pytest.mark.parametrize("state", State)
def test_a_rotation_begins_on_a_live_line_only(state: State):
    if state in (State.LIVE, State.ROTATING):
        assert step(state, Input.ROTATE)[0] is State.ROTATING
        return
    with pytest.raises(LocalError, match="rotate"):
        step(state, Input.ROTATE)


@pytest.mark.parametrize(
    ("phase", "happened"), list(product(Phase, Input)), ids=lambda half: half.value
)
def test_each_move_of_the_second_link_is_a_row_or_an_error(phase: Phase, happened: Input):
    following = PHASES.get((phase, happened))
    if following is not None:
        assert next_phase(phase, happened) is following
        return
    with pytest.raises(LocalError, match=happened.value):
        next_phase(phase, happened)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.WAITING])
def test_a_second_link_can_be_lost_in_every_phase(phase: Phase):
    assert PHASES[phase, Input.LINK_LOST] is Phase.WAITING


def test_each_way_into_an_end_says_so_to_the_application():
    for (source, _), (target, actions) in TRANSITIONS.items():
        if target in ENDS and source not in ENDS:
            assert actions[-1] is Action.FINISH


def test_the_page_in_the_docs_is_drawn_from_this_table():
    spec = importlib.util.spec_from_file_location("draw_lifecycle", DOCS / "draw_lifecycle.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert (DOCS / "lifecycle.md").read_text(encoding="utf-8") == script.render()
    assert script.main(["--check"]) == 0
