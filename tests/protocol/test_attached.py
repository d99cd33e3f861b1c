"""A line that is attached to a call: it listens and steers, and has no audio and no history of its own."""

from __future__ import annotations

import pytest

from protocol.driving import BY_HAND, Line, dials, types
from trunkline.errors import LocalError
from trunkline.protocol import events
from trunkline.protocol.lifecycle import State


def _attached(**session) -> Line:
    line = Line(attached=True, session=session).start()
    line.opened()
    return line


def test_it_is_live_as_soon_as_the_link_is_and_says_nothing():
    line = _attached()
    assert line.state is State.LIVE
    assert line.sent == []
    (live,) = line.of(events.LineLive)
    assert live.items_restored == 0


def test_settings_are_sent_only_if_there_are_any_and_waited_for():
    line = _attached(instructions="be brief")
    assert line.state is State.CONFIGURING
    assert line.sent[0]["session"] == {"type": "realtime", "instructions": "be brief"}
    line.updated()
    assert line.state is State.LIVE


def test_it_gets_the_events_of_the_call_and_may_steer_it():
    line = _attached()
    line.turn("u1", 0, 1000, "hello")
    line.reply("r1", "a1", "hi", 0)
    assert [type(event).__name__ for event in line.events][-1] == "ResponseDone"
    line.ask("conversation.item.create", item={"type": "message", "role": "system", "content": []})
    line.ask("response.create")
    line.ask("response.cancel")
    line.ask("session.update", session=BY_HAND)
    assert types(line.sent) == [
        "conversation.item.create",
        "response.create",
        "response.cancel",
        "session.update",
    ]


def test_it_comes_back_to_the_same_call_and_tells_it_nothing_again():
    line = _attached(instructions="be brief")
    line.updated()
    line.turn("u1", 0, 1000, "hello")
    line.reply("r1", "a1", "hi", 0, done=False)
    line.ended()
    line.fresh()
    line.until(State.DIALING)
    line.opened()
    line.updated()
    assert line.state is State.LIVE
    assert types(line.sent) == ["session.update"]
    # The ids are still the call's.
    line.ask("conversation.item.delete", item_id="u1")
    assert line.sent[-1]["item_id"] == "u1"
    assert len(dials(line)) == 2


def test_it_has_no_audio_and_no_rotation_of_its_own():
    line = _attached()
    with pytest.raises(LocalError, match="attached to a call"):
        line.speak(20)
    with pytest.raises(LocalError, match="attached to a call"):
        line.connection.rotate(line.now)


def test_what_it_is_asked_while_it_is_away_is_refused_and_not_kept():
    line = _attached()
    line.ended()
    with pytest.raises(LocalError, match="attached to a call"):
        line.ask("conversation.item.create", item={"type": "message"})


def test_a_server_that_does_greet_it_is_no_surprise():
    line = _attached()
    line.created(instructions="theirs")
    assert line.state is State.LIVE
    assert [type(event).__name__ for event in line.events] == ["LineLive", "SessionCreated"]
    assert [fact for fact in line.facts if type(fact).__name__ == "Anomaly"] == []
