"""Samples made fainter one by one."""

from __future__ import annotations

from array import array
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio.fade import FADE_SAMPLES, faded, faded_in


def pcm(*samples: int) -> bytes:
    return array("h", samples).tobytes()


def test_a_sample_has_its_gain_and_those_without_one_are_left():
    half = FADE_SAMPLES // 2
    assert faded(pcm(100, -100, 100, 7), [0, half, FADE_SAMPLES]) == pcm(0, -50, 100, 7)


def test_a_view_is_taken_as_well():
    assert faded(memoryview(pcm(100)), [FADE_SAMPLES]) == pcm(100)


def test_a_fade_in_begins_at_nothing_and_ends_at_its_own_level():
    played = array("h", faded_in(pcm(*[12_000] * 200)))
    assert played[0] == 0
    assert played[FADE_SAMPLES:] == array("h", [12_000] * 80)
    assert max(after - before for before, after in pairwise(played)) == 100


def test_what_is_shorter_than_a_fade_is_faded_as_far_as_it_goes():
    assert faded_in(pcm(120, 120)) == pcm(0, 1)
    assert faded_in(b"") == b""


@given(st.lists(st.tuples(st.integers(-32768, 32767), st.integers(0, FADE_SAMPLES))))
def test_nothing_becomes_louder_or_changes_its_sign(samples):
    played = array("h", faded(pcm(*[one for one, _ in samples]), [gain for _, gain in samples]))
    for (before, _), after in zip(samples, played, strict=True):
        assert abs(after) <= abs(before)
        assert before * after >= 0
