"""The state of a line, handed from one who followed it to one who did not."""

from __future__ import annotations

import pytest

from fleet.hand import WALL, began, life, said
from trunkline.errors import StreamError
from trunkline.fleet.state import Cut, FleetState, Keyframe
from trunkline.protocol.observations import RoundTrip
from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.fleet import FleetFold
from trunkline.telemetry.frames import Inspected, Told
from trunkline.text import Clean


def followed(*frames) -> FleetState:
    state = FleetState()
    for frame in frames:
        state.apply(frame)
    return state


def test_who_takes_a_keyframe_knows_what_its_maker_knew_and_goes_on():
    maker = followed(*life("a"), *life("b"))
    taker = followed(*life("z"))
    taker.adopt(Keyframe.decode(maker.keyframe("a").encode()))
    assert taker.known() == ("z", "a")
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
    assert state.known() == ("b",)
    state.forget("b")
    state.forget("b")
    assert state.known() == ()


@pytest.mark.parametrize("payload", [b"", b"{}\n{}", b"[1]\n{}", b'{"line":"a"}\n', b"\xff\n"])
def test_what_has_no_head_is_no_keyframe(payload: bytes):
    with pytest.raises(StreamError, match="no head"):
        Keyframe.decode(payload)


def test_what_is_known_of_all_lines_together_is_handed_on_without_the_lines():
    maker = followed(*life("a"))
    maker.apply(
        Told(line="a", fact=RoundTrip(at=101.0, epoch=1, rtt=0.05)),
    )
    before = maker.fold.snapshot(WALL + 5)
    cut = Cut.decode(maker.cut().encode())
    assert cut.lines == 1
    assert b"gpt-x" not in cut.document
    taker = followed()
    taker.resume(cut)
    taker.adopt(maker.keyframe("a"))
    after = taker.fold.snapshot(WALL + 5)
    assert after.rtt == before.rtt
    assert after.rtt.count == 1
    assert after == before


@pytest.mark.parametrize("payload", [b"", b"{}\n{}", b'{"lines":"many"}\n{}', b"[]\n"])
def test_what_has_no_head_is_no_cut(payload: bytes):
    with pytest.raises(StreamError, match="no head"):
        Cut.decode(payload)


@pytest.mark.parametrize("document", [b"", b"[]", b'{"v":99}', b'{"v":1}', b'{"v":1,"fold":5}'])
def test_a_document_that_makes_no_sense_is_refused(document: bytes):
    with pytest.raises(StreamError):
        followed().adopt(Keyframe("a", 0.0, document))


def test_a_cut_of_another_version_is_refused():
    with pytest.raises(StreamError, match="version"):
        followed().resume(Cut(0, b'{"v":99}'))


def test_the_newest_entries_are_handed_on():
    maker = followed(*life("a"))
    for number in range(1, 301):
        entry = Entry(number=number, at=1.0, until=1.0, way=Way.UP, type=Clean("t"))
        maker.apply(Inspected(line="a", entry=entry))
    taker = followed()
    taker.adopt(maker.keyframe("a"))
    assert [one.number for one in taker.fold.entries("a")] == list(range(201, 301))


def test_what_was_said_can_be_forgotten_and_nothing_else():
    state = followed(*life("a"))
    state.silence("a")
    line = state.fold.line("a", WALL + 5)
    assert line.transcript == ()
    assert line.state == "live"


def test_a_batch_that_cannot_be_folded_is_passed_over_as_a_frame_is(caplog, monkeypatch):
    state, tried = FleetState(), []

    def broken(batch):
        tried.append(batch)
        raise ZeroDivisionError

    monkeypatch.setattr(FleetFold, "apply_batch", lambda _fold, batch: broken(batch))
    state.apply_batch("one")
    state.apply_batch("two")
    assert tried == ["one", "two"]
    assert caplog.text.count("a frame could not be folded") == 1
