"""The state of a line, handed from one who followed it to one who did not."""

from __future__ import annotations

import pytest

from fleet.hand import WALL, began, life, said
from trunkline.errors import StreamError
from trunkline.fleet.state import FleetState, Keyframe


def followed(*frames) -> FleetState:
    state = FleetState()
    for frame in frames:
        state.apply(frame)
    return state


def test_who_takes_a_keyframe_knows_what_its_maker_knew_and_goes_on():
    maker = followed(*life("a"), *life("b"))
    taker = followed(*life("z"))
    taker.adopt(Keyframe.decode(maker.keyframe("a").encode()))
    assert taker.keys() == ("z", "a")
    assert taker.knows("a")
    assert not taker.knows("b")
    assert taker.line_time("a", WALL) == 100.0
    more = said("a", 101.0, "more")
    maker.apply(more), taker.apply(more)
    assert taker.fold.line("a", WALL + 5) == maker.fold.line("a", WALL + 5)


def test_a_second_keyframe_takes_the_place_of_the_first():
    maker = followed(*life("a"))
    taker = followed()
    taker.adopt(maker.keyframe("a"))
    maker.apply(said("a", 101.0, "more"))
    taker.adopt(maker.keyframe("a"))
    assert len(taker.fold.line("a", WALL + 5).transcript) == 2


def test_a_line_that_nobody_introduced_is_passed_over_and_one_that_left_is_gone():
    state = followed(said("a", 101.0, "x"), began("b"))
    assert state.keys() == ("b",)
    state.forget("b")
    state.forget("b")
    assert state.keys() == ()


@pytest.mark.parametrize("payload", [b"", b"{}\n{}", b"[1]\n{}", b'{"line":"a"}\n', b"\xff\n"])
def test_what_has_no_head_is_no_keyframe(payload: bytes):
    with pytest.raises(StreamError, match="no head"):
        Keyframe.decode(payload)
