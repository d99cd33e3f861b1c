"""Names at the edge: what comes in is mapped by its shape, what goes out by the dialect."""

from __future__ import annotations

import json

import pytest

from trunkline.protocol import events, wire
from trunkline.protocol.dialect import (
    BETA_NAMES,
    Dialect,
    ga_name,
    ga_response,
    ga_session,
    spoken,
)

GA_SESSION = {
    "type": "realtime",
    "instructions": "be brief",
    "output_modalities": ["audio"],
    "max_output_tokens": 100,
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": {"model": "whisper-1"},
            "noise_reduction": None,
            "turn_detection": {"type": "server_vad"},
        },
        "output": {"format": {"type": "audio/pcmu"}, "voice": "ash", "speed": 1.1},
    },
}
BETA_SESSION = {
    "instructions": "be brief",
    "modalities": ["audio", "text"],
    "max_response_output_tokens": 100,
    "input_audio_format": "pcm16",
    "output_audio_format": "g711_ulaw",
    "input_audio_transcription": {"model": "whisper-1"},
    "input_audio_noise_reduction": None,
    "turn_detection": {"type": "server_vad"},
    "voice": "ash",
    "speed": 1.1,
}


def _spoken(dialect: Dialect, **request: object) -> dict:
    return json.loads(spoken(dialect, wire.encode(request)))


@pytest.mark.parametrize(("beta", "name"), BETA_NAMES.items())
def test_a_beta_name_is_mapped_once_and_for_all(beta: str, name: str):
    assert ga_name(beta) == name
    assert ga_name(name) == name


def test_any_other_name_is_left_alone():
    assert ga_name("response.done") == "response.done"
    assert ga_name("") == ""


def test_a_beta_session_stands_in_its_ga_places_too():
    mapped = ga_session(BETA_SESSION)
    for place in ("audio", "output_modalities", "max_output_tokens"):
        assert mapped[place] == GA_SESSION[place]
    assert mapped["voice"] == "ash", "what the server said is still there"
    assert "audio" not in BETA_SESSION


def test_what_stands_in_its_ga_place_already_is_not_overwritten():
    session = {"voice": "old", "audio": {"output": {"voice": "new"}}}
    assert ga_session(session)["audio"]["output"]["voice"] == "new"
    assert session == {"voice": "old", "audio": {"output": {"voice": "new"}}}


def test_a_ga_session_is_given_back_as_it_is():
    assert ga_session(GA_SESSION) is GA_SESSION


def test_turns_by_hand_are_known_in_the_words_of_xai():
    # The session.created of recorded traffic (pydantic-ai, test_session_resumption_after_drop).
    session = {"voice": "ara", "modalities": ["audio"], "turn_detection": {"type": None}}
    message = wire.encode({"type": "session.created", "event_id": "e", "session": session})
    received = wire.decode(message)
    assert isinstance(received, wire.Received)
    assert isinstance(received.event, events.SessionCreated)
    assert received.event.session["audio"]["input"]["turn_detection"] is None


def test_usage_beside_a_response_is_the_responses_unless_it_has_its_own():
    beside = {"response": {"id": "r", "usage": {}}, "usage": {"total_tokens": 127}}
    assert ga_response(beside)["response"]["usage"] == {"total_tokens": 127}
    own = {"response": {"usage": {"total_tokens": 1}}, "usage": {"total_tokens": 127}}
    assert ga_response(own) is own
    assert ga_response({"response": None}) == {"response": None}


def test_words_that_are_not_final_are_passed_through_as_they_are():
    name = "conversation.item.input_audio_transcription.completed"
    message = {"type": name, "item_id": "i", "transcript": "Hello, my name."}
    early = wire.decode(wire.encode(message | {"status": "in_progress"}))
    final = wire.decode(wire.encode(message | {"status": "completed"}))
    assert isinstance(early, wire.Received)
    assert isinstance(final, wire.Received)
    assert isinstance(early.event, events.Raw)
    assert isinstance(final.event, events.TranscriptDone)


def test_events_that_nobody_knows_are_passed_through():
    received = wire.decode(b'{"type":"ping","timestamp":1784649534895}')
    assert isinstance(received, wire.Received)
    assert received.event == events.Raw(
        type="ping", data={"type": "ping", "timestamp": 1784649534895}
    )


def test_our_own_dialect_is_written_as_it_is():
    message = wire.encode({"type": "session.update", "session": GA_SESSION})
    assert spoken(Dialect.GA, message) is message


@pytest.mark.parametrize("dialect", list(Dialect))
def test_audio_is_never_read_on_its_way_out(dialect: Dialect):
    message = b'{"type":"input_audio_buffer.append","audio":"this is no JSON'
    if dialect is Dialect.TRANSLATION:
        assert spoken(dialect, message) == message.replace(b"input", b"session.input", 1)
    else:
        assert spoken(dialect, message) is message


SPANISH = {"output": {"language": "es"}}


@pytest.mark.parametrize(
    ("session", "told"),
    [({"type": "translation", "audio": SPANISH}, SPANISH), ({"audio": None}, {})],
)
def test_a_translation_is_told_its_audio_and_nothing_else(session: dict, told: dict):
    request = _spoken(Dialect.TRANSLATION, type="session.update", event_id="e", session=session)
    assert request == {"type": "session.update", "event_id": "e", "session": {"audio": told}}


def test_settings_are_flat_in_the_beta():
    request = _spoken(Dialect.BETA, type="session.update", event_id="e", session=GA_SESSION)
    assert request == {"type": "session.update", "event_id": "e", "session": BETA_SESSION}


def test_a_transcription_session_has_a_request_of_its_own_in_the_beta():
    session = {"type": "transcription", "audio": {"input": {"turn_detection": None}}}
    request = _spoken(Dialect.BETA, type="session.update", session=session)
    assert request["type"] == "transcription_session.update"
    assert request["session"] == {"turn_detection": None}


def test_an_assistants_words_have_short_names_in_the_beta():
    content = [{"type": "output_text", "text": "hi"}]
    item = {"id": "i", "type": "message", "role": "assistant", "content": content}
    request = _spoken(Dialect.BETA, type="conversation.item.create", item=item)
    assert request["item"]["content"] == [{"type": "text", "text": "hi"}]
    output = {"id": "o", "type": "function_call_output", "call_id": "c", "output": "1"}
    request = _spoken(Dialect.BETA, type="conversation.item.create", item=output)
    assert request["item"] == output


def test_a_response_is_asked_for_in_the_names_of_the_beta():
    response = {
        "output_modalities": ["text"],
        "audio": {"output": {"voice": "ash"}},
        "input": [{"type": "message", "content": [{"type": "output_text", "text": "x"}]}],
    }
    request = _spoken(Dialect.BETA, type="response.create", response=response)
    assert request["response"] == {
        "modalities": ["text"],
        "voice": "ash",
        "input": [{"type": "message", "content": [{"type": "text", "text": "x"}]}],
    }
    assert _spoken(Dialect.BETA, type="response.create") == {"type": "response.create"}
    plain = _spoken(Dialect.BETA, type="response.create", response={"output_modalities": ["text"]})
    assert plain["response"] == {"modalities": ["text"]}


def test_xai_wants_voice_and_turn_detection_at_the_top_and_resumption_asked_for():
    request = _spoken(Dialect.XAI, type="session.update", session=GA_SESSION)
    session = request["session"]
    assert (session["voice"], session["turn_detection"]) == ("ash", {"type": "server_vad"})
    assert session["resumption"] == {"enabled": True}
    assert "type" not in session
    assert session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert "turn_detection" not in session["audio"]["input"]


def test_an_application_may_do_without_the_resume_of_xai():
    session = {"resumption": {"enabled": False}}
    request = _spoken(Dialect.XAI, type="session.update", session=session)
    assert request["session"] == session
