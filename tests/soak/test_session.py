from __future__ import annotations

from soak.staging import Quiet
from trunkline.protocol import events


def delivered(stage: Quiet) -> list:
    told = []
    original = stage.driver._reader
    stage.driver._reader = lambda event: (told.append(event), original(event))
    return told


def test_a_frozen_one_says_nothing_and_then_everything():
    stage = Quiet().go(3.0)
    told = delivered(stage)
    stage.session.freeze(2.0)
    stage.caller.do("update")
    stage.go(1.5)
    assert events.SessionUpdated not in {type(event) for event in told}
    stage.go(2.0)
    assert events.SessionUpdated in {type(event) for event in told}
    assert stage.laws == []


def test_one_that_leaves_all_unread_answers_the_pings_and_ends():
    stage = Quiet().go(3.0)
    session, trips, read = stage.session, [], []
    session.engine.receive_text = lambda message, _now: read.append(message)
    stage.driver.take_pong = lambda _epoch, payload: trips.append(payload)
    session.leave_unread(2.0)
    stage.caller.do("update")
    session.take_ping(b"ping")
    stage.go(1.5)
    assert trips == []
    stage.go(1.0)
    assert trips[0] == b"ping"
    assert session.is_gone
    assert read == []


def test_events_can_come_twice_and_in_another_order_and_calls_are_run_once():
    stage = Quiet().go(3.0)
    told = delivered(stage)
    stage.session.repeats = 2
    stage.session.swaps = 1
    stage.session.call_tool("x")
    stage.go(10.0)
    kinds = [type(event) for event in told if isinstance(event, events.ItemAdded | events.ItemDone)]
    assert kinds.count(events.ItemDone) >= 1
    assert len(stage.session.engine.items) >= 2
    assert stage.laws == []


def test_what_it_blurts_out_reaches_the_client():
    stage = Quiet().go(3.0)
    told = delivered(stage)
    stage.session.blurt(b'{"type":"x"}')
    stage.go(1.0)
    assert "x" in [event.type for event in told if isinstance(event, events.Raw)]


def test_a_session_that_is_gone_says_nothing():
    stage = Quiet().go(3.0)
    session = stage.session
    stage.link.reset()
    session.blurt(b"{}")
    session.call_tool("x")
    assert session.is_gone
    assert not any(item.body["type"] == "function_call" for item in session.engine.items)
