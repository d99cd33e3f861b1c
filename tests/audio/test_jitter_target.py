"""How the aim of a jitter buffer moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio.jitter_target import LIMIT_MS, JitterTarget


def test_it_begins_where_it_is_told_and_has_learned_nothing():
    target = JitterTarget(100)
    assert (target.ms, target.learned_ms) == (100, 0)


def test_each_hole_raises_it_by_half_and_none_beyond_the_limit():
    target = JitterTarget(100)
    seen = []
    for _ in range(8):
        target.ran_dry()
        seen.append(target.ms)
    assert seen[:3] == [150, 225, 338]
    assert seen[-1] == LIMIT_MS


def test_twenty_seconds_without_a_hole_lower_it_by_a_tenth():
    target = JitterTarget(100)
    target.ran_dry()
    target.played(19_999)
    assert target.ms == 150
    target.played(1)
    assert target.ms == 135


def test_a_hole_begins_the_count_anew():
    target = JitterTarget(100)
    target.played(19_000)
    target.ran_dry()
    target.played(19_000)
    assert target.learned_ms == 50


def test_an_aim_beyond_the_limit_is_the_users_own():
    target = JitterTarget(3_000)
    target.ran_dry()
    assert target.ms == 3_000


@given(st.lists(st.one_of(st.none(), st.floats(0, 90_000)), max_size=60))
def test_it_is_never_below_where_it_began_nor_beyond_the_limit(happenings: list[float | None]):
    target = JitterTarget(60)
    for played in happenings:
        if played is None:
            target.ran_dry()
        else:
            target.played(played)
        assert 60 <= target.ms <= LIMIT_MS
