from __future__ import annotations

from trunkline.protocol.marks import Mark, Marks


def mark(event_id: str, position: int = 0, *, lasting: bool = False, foreign: bool = False) -> Mark:
    return Mark(
        position=position,
        type="t",
        event_id=event_id,
        message=b"",
        lasting=lasting,
        foreign=foreign,
    )


def test_a_request_goes_out_when_its_place_is_reached():
    marks = Marks()
    assert marks.next_position() is None
    marks.add(mark("a", 5))
    assert marks.next_position() == 5
    assert marks.take(4) is None
    assert marks.take(5).event_id == "a"


def test_what_is_lost_with_a_session_is_what_nobody_else_says():
    marks = Marks()
    for one in (mark("commit", lasting=True), mark("update"), mark("odd", foreign=True)):
        marks.add(one)
    marks.take(0)
    assert [one.event_id for one in marks.dropped()] == ["odd"]
    assert [one.event_id for one in marks.lasting()] == ["commit"]
    assert marks.answered() is None


def test_requests_are_removed_by_name():
    marks = Marks()
    marks.add(mark("a", lasting=True))
    marks.add(mark("b", lasting=True))
    assert [one.event_id for one in marks.remove({"a"})] == ["a"]
    assert [one.event_id for one in marks.waiting_lasting()] == ["b"]
