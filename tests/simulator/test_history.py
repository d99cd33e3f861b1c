from __future__ import annotations

import base64
import json

from trunkline.simulator.history import (
    Ending,
    ItemRecord,
    ResponseRecord,
    SessionHistory,
    Truncation,
    Violation,
)


def record(**settings) -> SessionHistory:
    return SessionHistory(epoch=1, opened_at=0.0, **settings)


def test_appended_audio_can_be_cut_out_by_session_samples():
    history = record()
    history.note_append(0, b"\x01\x00\x02\x00", 0.1)
    history.note_append(2, b"\x03\x00", 0.2)
    assert history.appended_samples == 3
    assert history.audio(1, 3) == b"\x02\x00\x03\x00"
    assert history.audio() == b"\x01\x00\x02\x00\x03\x00"


def test_beyond_its_limit_the_record_keeps_counts_but_no_audio():
    history = record(audio_limit_bytes=4)
    history.note_append(0, bytes(4), 0.1)
    history.note_append(2, bytes(4), 0.2)
    assert [one.pcm for one in history.appends] == [bytes(4), b""]
    assert history.appended_samples == 4


def test_reply_audio_counts_when_it_is_handed_out():
    history = record()
    history.responses.append(ResponseRecord(id="resp_1", turn=1, at=0.0))
    for pcm in (bytes(960), bytes(2), bytes(4)):
        delta = base64.b64encode(pcm).decode()
        history.note_sent(
            {"type": "response.output_audio.delta", "response_id": "resp_1", "delta": delta}
        )
    assert history.responses[0].samples_given == 483
    assert history.sent["response.output_audio.delta"] == 3


def test_events_of_both_sides_are_counted_together():
    history = record()
    history.note_received("session.update", 1.0)
    history.note_sent({"type": "session.updated"})
    assert history.passed == {"session.update": 1, "session.updated": 1}
    assert [one.type for one in history.received] == ["session.update"]


def test_the_document_is_json_and_shows_audio_by_length_and_sum():
    history = record(key="sk-…(9)")
    history.note_append(0, bytes(48), 0.5)
    history.items.append(
        ItemRecord(
            id="item_1",
            origin="committed",
            role="user",
            kind="message",
            text="hi",
            pcm=bytes(480),
            samples=(0, 240),
            at=1.0,
        )
    )
    history.truncations.append(Truncation(item_id="item_1", audio_end_ms=5, at=2.0))
    history.responses.append(ResponseRecord(id="resp_1", turn=1, at=1.0, samples_given=48))
    history.violations.append(Violation(type="x", code="c", param=None, message="m", at=3.0))
    history.ending = Ending(by="client", code=1000)
    document = json.loads(json.dumps(history.to_dict()))
    assert document["appends"] == [[0, 24]]
    assert document["items"][0]["audio_ms"] == 10
    assert document["responses"][0]["audio_ms_given"] == 2
    assert document["ending"]["code"] == 1000
    assert '"pcm"' not in json.dumps(document)


def test_items_can_be_asked_for_by_origin_and_responses_by_id():
    history = record()
    assert history.items_of("created") == []
    assert history.response("resp_1") is None
    assert record().to_dict()["ending"] is None


def test_an_event_that_was_withheld_was_not_sent():
    history = SessionHistory(epoch=1, opened_at=0.0)
    history.responses.append(ResponseRecord(id="r", turn=1, at=0.0))
    delta = {"type": "response.output_audio.delta", "response_id": "r", "delta": "AAAA" * 4}
    history.note_sent(delta)
    history.note_sent(delta)
    history.note_withheld(delta)
    assert history.responses[0].samples_given == 6
    assert history.sent == {delta["type"]: 1}
    assert history.passed == {delta["type"]: 2}
