"""The server's own words are found again behind each event."""

from __future__ import annotations

import base64
import json

from adapters.saying import event_of, live, passed, updated
from trunkline.adapters.messages import Messages
from trunkline.protocol import events
from trunkline.protocol.observations import AudioTruncated, Direction

CLEARED = {"type": "input_audio_buffer.cleared", "event_id": "event_1", "of_tomorrow": [1]}


def delta(pcm: bytes, event_id: str = "event_2") -> dict:
    return {
        "type": "response.output_audio.delta",
        "event_id": event_id,
        "response_id": "resp_1",
        "item_id": "item_1",
        "output_index": 0,
        "content_index": 0,
        "delta": base64.b64encode(pcm).decode(),
    }


def test_a_message_comes_back_byte_for_byte_with_what_nobody_here_reads():
    messages = Messages()
    fact = passed(CLEARED)
    messages(fact)
    assert messages.behind(event_of(CLEARED)).text == fact.message


def test_what_the_line_kept_to_itself_is_passed_over():
    messages = Messages()
    for data in (updated("mine"), delta(b"late"), CLEARED):
        messages(passed(data))
    assert json.loads(messages.behind(event_of(CLEARED)).text) == CLEARED
    # It is gone with the rest: an event of the same content has no message any more.
    assert messages.behind(event_of(updated("mine"))) is None


def test_of_two_equal_events_each_gets_its_own_message():
    messages = Messages()
    for name in ("event_1", "event_2"):
        messages(passed(delta(b"abcd", name)))
    event = event_of(delta(b"abcd"))
    found = [json.loads(messages.behind(event).text)["event_id"] for _ in range(2)]
    assert found == ["event_1", "event_2"]


def test_two_links_of_a_rotation_do_not_disturb_each_other():
    messages = Messages()
    messages(passed(updated("second"), epoch=2))
    messages(passed(CLEARED, epoch=1))
    assert json.loads(messages.behind(event_of(CLEARED)).text)["event_id"] == "event_1"
    # Told only when the line has switched.
    assert json.loads(messages.behind(event_of(updated("second"))).text)["event_id"] == "second"


def test_once_the_new_link_speaks_nothing_is_looked_for_in_the_old_one():
    messages = Messages()
    messages(passed(CLEARED, epoch=1))
    messages(passed(updated(), epoch=2))
    assert messages.behind(event_of(updated())) is not None
    assert messages.behind(event_of(CLEARED)) is None


def test_what_the_line_tells_or_sends_by_itself_has_no_message():
    messages = Messages()
    messages(passed(CLEARED, direction=Direction.UP))
    assert messages.behind(live()) is None
    assert messages.behind(event_of(CLEARED)) is None


def test_beyond_the_limit_audio_is_dropped_and_told_again_without_its_name():
    messages = Messages(limit_bytes=300)
    for data in (CLEARED, delta(b"abcd", "event_1"), delta(b"efgh", "event_2")):
        messages(passed(data))
    assert messages.behind(event_of(CLEARED)) is not None
    told = json.loads(messages.behind(event_of(delta(b"abcd"))).text)
    assert told == delta(b"abcd", "")
    assert json.loads(messages.behind(event_of(delta(b"efgh"))).text)["event_id"] == "event_2"


def test_a_refusal_that_the_line_put_together_is_told_in_the_words_of_the_api():
    refusal = events.Refusal(
        type="invalid_request_error", code="c", message="no", param="", request_id="mine_1"
    )
    told = json.loads(Messages().behind(refusal).text)
    assert (told["type"], told["error"]["event_id"]) == ("error", "mine_1")
    assert (told["error"]["code"], told["error"]["param"]) == ("c", None)


def test_it_notes_what_the_line_has_cut_by_itself():
    messages = Messages()
    messages(AudioTruncated(at=0.0, epoch=1, item_id="item_1", heard_ms=20))
    assert messages.cuts == {"item_1"}


def test_updates_of_settings_are_answered_in_order_link_by_link():
    messages = Messages()
    for name, epoch in (("a", 1), ("b", 1), ("c", 2)):
        messages(passed({"type": "session.update", "event_id": name}, epoch, Direction.UP))
    error = {"type": "error", "event_id": "e", "error": {"message": "no", "event_id": "a"}}
    messages(passed(error))
    messages(passed(updated("first")))
    messages(passed(updated("second"), epoch=2))
    assert messages.behind(event_of(updated("first"))).answers == "b"
    # It has come, and was not read.
    assert messages.awaits("c")
    assert messages.behind(event_of(updated("second"))).answers == "c"
    assert not messages.awaits("c")
