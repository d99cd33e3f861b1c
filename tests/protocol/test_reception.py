from __future__ import annotations

from protocol.driving import VAD, Line
from protocol.test_rotation import live, told
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.drains import AbortLink
from trunkline.protocol.lifecycle import State

EXPIRED = {"type": "invalid_request_error", "code": "session_expired", "message": "over"}


def test_a_message_is_told_counted_and_given_on():
    line = Line().come_live()
    line.hear("something.new", value=1)
    passed = line.of(seen.MessagePassed)[-1]
    assert (passed.type, passed.direction) == ("something.new", seen.Direction.DOWN)
    assert isinstance(line.events[-1], events.Raw)


def test_a_session_that_is_created_twice_is_an_anomaly_and_no_other_session():
    line = Line().come_live()
    line.created(id="another")
    assert line.of(seen.Anomaly)[-1].kind == "a second session.created"
    assert len(line.of(seen.SessionReady)) == 1


def test_the_news_of_an_expiry_ends_the_link_without_waiting_for_the_close():
    line = Line().come_live()
    line.now += 61.0
    line.hear("error", error=EXPIRED)
    assert AbortLink(epoch=1) in line.actions
    assert line.state is State.DIALING


def test_an_expiry_during_our_goodbye_is_the_end_we_wanted():
    line = Line().come_live()
    line.close()
    line.hear("error", error=EXPIRED)
    assert line.state is State.CLOSED
    assert line.of(seen.LinkEnded)[-1].verdict.cause == "closed by us"


def test_settings_that_a_promoted_session_refuses_are_answered_once_for_each_time():
    line = told(live())
    settings = {"audio": {"input": {"turn_detection": VAD | {"x": 1}}}}
    asked = line.ask("session.update", session=settings)
    second = line.rotate()
    second.opened()
    second.created()
    line.ended()
    assert line.state is State.CONFIGURING
    before, again = (each for each in second.sent if each["type"] == "session.update")
    second.refuse(before["event_id"])
    assert line.state is State.CONFIGURING
    second.refuse(again["event_id"])
    assert line.of(events.Refusal)[-1].request_id == asked
    second.updated()
    assert line.state is State.RESTORING
