from __future__ import annotations

from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.events import AudioCleared, Refusal
from trunkline.protocol.link import Link


def refusal(code: str) -> Refusal:
    return Refusal(type="t", code=code, message="", param="", request_id="")


def test_an_error_that_stays_the_last_word_explains_the_end():
    link = Link(epoch=1, dialed_at=0.0)
    closure = Closure(code=1006)
    assert link.explain(closure, 3.0) == closure
    link.said(refusal("c"), 2.0)
    assert link.explain(closure, 3.0) == Closure(code=1006, error_type="t", error_code="c")
    ours = Closure(fault=Fault.DEAD, by_us=True)
    assert link.explain(ours, 3.0) == ours
    link.said(AudioCleared(), 2.0)
    assert link.explain(closure, 3.0) == closure


def test_a_close_that_names_its_error_needs_no_other_explanation():
    link = Link(epoch=1, dialed_at=0.0)
    link.said(refusal("session_expired"), 2.0)
    named = Closure(code=4000, reason="invalid_request_error.invalid_model")
    assert link.explain(named, 3.0) == named
    same = Closure(code=3000, reason="invalid_request_error.session_expired")
    assert link.explain(same, 3.0).error_code == "session_expired"
    told_in_words = Closure(
        code=1001, reason="Your session hit the maximum duration of 60 minutes."
    )
    assert link.explain(told_in_words, 3.0).error_code == "session_expired"


def test_a_link_lives_from_when_it_is_open():
    link = Link(epoch=1, dialed_at=0.0)
    assert link.lived(5.0) == 0.0
    link.opened(3.0)
    assert link.lived(5.0) == 2.0


def test_a_pong_proves_what_stood_before_its_ping():
    link = Link(epoch=1, dialed_at=0.0)
    assert link.pong(b"x", 0.0) is None
    link.opened(0.0)
    early, late = link.ping(0.0, 10), link.ping(1.0, 30)
    assert link.pong(late, 1.5) == (0.5, 30)
    assert link.pong(early, 1.6) is None
    assert link._cursors == {}


def test_twenty_messages_in_ten_seconds_that_nobody_can_read_are_a_flood():
    slow, quick = Link(epoch=1, dialed_at=0.0), Link(epoch=2, dialed_at=0.0)
    assert not any(slow.garbled(at * 0.6) for at in range(100))
    assert [quick.garbled(at * 0.5) for at in range(20)] == [False] * 19 + [True]


def test_an_old_error_does_not_speak_for_a_close_that_says_why_itself():
    link = Link(epoch=1, dialed_at=0.0)
    link.said(refusal("c"), 2.0)
    closure = Closure(code=3000, reason="not allowed")
    assert link.explain(closure, 7.0).error_code == "c"
    assert link.explain(closure, 7.1) == closure


def test_a_flood_of_messages_is_a_fault_and_a_burst_is_none():
    link = Link(epoch=1, dialed_at=0.0)
    link.opened(100.0)
    link.liveness.received(1000.0)

    def said(count: int) -> None:
        for _ in range(count):
            link.said(AudioCleared(), 100.0)

    said(50_000)
    assert link.fault(109.9) is None
    assert link.fault(110.0) is None
    said(50_001)
    assert link.fault(120.0) is Fault.FLOODED
    said(49_999)
    assert link.fault(125.0) is None
    assert link.fault(130.0) is None


def test_a_link_without_a_sign_of_life_is_dead_first():
    link = Link(epoch=1, dialed_at=0.0)
    assert link.fault(1.0) is None
    link.opened(100.0)
    link.ping(100.0, 0)
    assert link.fault(200.0) is Fault.DEAD
