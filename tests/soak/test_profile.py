from __future__ import annotations

from random import Random

import pytest

from trunkline.soak.faults import KINDS
from trunkline.soak.profile import OPERATIONS, PROFILES, draw_habits


@pytest.mark.parametrize("profile", PROFILES)
def test_habits_come_from_the_dice_alone(profile: str):
    assert draw_habits(profile, Random(4), KINDS) == draw_habits(profile, Random(4), KINDS)


def test_a_swarm_uses_parts_of_everything_and_over_time_all_of_it():
    lives = [draw_habits("swarm", Random(seed), KINDS) for seed in range(60)]
    assert all(0 < len(life.faults) <= len(KINDS) for life in lives)
    assert len({life.faults for life in lives}) > 50
    assert set().union(*(life.faults for life in lives)) == set(KINDS)
    enabled = {one.name for one in OPERATIONS if one.enabled}
    assert {one.name for life in lives for one in life.operations} == enabled


def test_nothing_is_switched_off():
    assert all(one.enabled for one in OPERATIONS)
