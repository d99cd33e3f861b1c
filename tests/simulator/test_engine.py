from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.sitting import Sitting, append, error, loud, quiet, types, user_text
from trunkline.simulator.engine import Engine
from trunkline.simulator.timing import Timing
from trunkline.simulator.voice import Interpreter, Tone

TURN = loud(400) + quiet(600)


def of(events: list[dict], kind: str) -> list[dict]:
    return [event for event in events if event["type"] == kind]


def test_a_session_begins_with_the_whole_session_and_says_nothing_more():
    sitting = Sitting(wall=1000.0)
    assert types(sitting.events) == ["session.created"]
    assert sitting.events[0]["session"]["expires_at"] == 4600
    assert sitting.wait(3000) == []


def test_the_golden_ladder_of_a_spoken_turn():
    sitting = Sitting(timing=Timing(response_delay=0.25, transcription_delay=0.3))
    sitting.configure(audio={"input": {"transcription": {"model": "gpt-4o-transcribe"}}})
    events = sitting.speak(TURN) + sitting.wait(2)
    assert types(events) == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.delta",
        "response.output_audio.delta",
        "conversation.item.input_audio_transcription.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
        "conversation.item.input_audio_transcription.completed",
    ]


def test_the_golden_ladder_of_a_text_turn():
    sitting = Sitting()
    sitting.configure(output_modalities=["text"])
    asked = sitting.send(user_text("hello"))
    assert types(asked) == ["conversation.item.added", "conversation.item.done"]
    assert [event["item"]["status"] for event in asked] == ["completed", "completed"]
    answered = sitting.send("response.create") + sitting.wait(1)
    assert types(answered) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    mirror = answered[2]
    assert mirror["item"]["status"] == "in_progress"
    assert mirror["item"]["content"] == []
    assert mirror["previous_item_id"] == asked[0]["item"]["id"]


def test_the_golden_ladder_of_a_barge_in():
    sitting = Sitting(timing=Timing(pace=0.2))
    sitting.speak(TURN)
    events = sitting.wait(0.5) + sitting.speak(TURN)
    from_speech = types(events)[types(events).index("input_audio_buffer.speech_started") :]
    assert (
        from_speech[:14]
        == [
            "input_audio_buffer.speech_started",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "conversation.item.done",
            "response.output_item.done",
            "response.done",
            "rate_limits.updated",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "response.created",
        ][:14]
    )
    (cancelled,) = of(events, "response.done")
    assert cancelled["response"]["status_details"] == {
        "type": "cancelled",
        "reason": "turn_detected",
    }


def test_transcripts_may_come_after_the_response():
    sitting = Sitting(timing=Timing(pace=1000.0, response_delay=0.0, transcription_delay=3.0))
    sitting.configure(audio={"input": {"transcription": {"model": "whisper-1"}}})
    kinds = types(sitting.speak(TURN) + sitting.wait(5))
    assert kinds[-1] == "conversation.item.input_audio_transcription.completed"
    assert kinds.index("response.done") < len(kinds) - 1


def test_a_turn_keeps_one_item_id_and_its_milliseconds():
    sitting = Sitting()
    events = sitting.speak(quiet(1000) + TURN)
    (started,) = of(events, "input_audio_buffer.speech_started")
    (stopped,) = of(events, "input_audio_buffer.speech_stopped")
    (committed,) = of(events, "input_audio_buffer.committed")
    added = of(events, "conversation.item.added")[0]
    assert (started["audio_start_ms"], stopped["audio_end_ms"]) == (700, 1900)
    assert started["item_id"] == stopped["item_id"] == committed["item_id"] == added["item"]["id"]
    (item,) = sitting.engine.history.items_of("committed")
    assert item.samples == (700 * 24, 1900 * 24)
    assert item.pcm == quiet(300) + loud(400) + quiet(500)


def test_the_sample_clock_runs_on_across_commits_and_clears():
    sitting = Sitting()
    sitting.detect()
    sitting.send(append(quiet(500)))
    sitting.send("input_audio_buffer.commit")
    sitting.send(append(quiet(250)))
    sitting.send("input_audio_buffer.clear")
    sitting.detect(prefix_padding_ms=100)
    (started,) = of(sitting.speak(quiet(250) + loud(100)), "input_audio_buffer.speech_started")
    assert started["audio_start_ms"] == 500 + 250 + 250 - 100


def test_create_response_false_commits_and_does_not_answer():
    sitting = Sitting()
    sitting.detect(create_response=False)
    events = sitting.speak(TURN) + sitting.wait(3)
    assert of(events, "input_audio_buffer.committed")
    assert not of(events, "response.created")


def test_interrupt_response_false_lets_the_response_go_on():
    sitting = Sitting(timing=Timing(pace=0.2))
    sitting.detect(interrupt_response=False)
    sitting.speak(TURN)
    events = sitting.speak(TURN)
    assert not of(events, "response.done")
    assert error(events)["code"] == "conversation_already_has_active_response"
    assert of(sitting.wait(10), "response.done")[0]["response"]["status"] == "completed"


def test_switching_the_flags_in_mid_utterance_does_not_reset_the_detector():
    sitting = Sitting()
    sitting.detect(create_response=False)
    (started,) = sitting.speak(loud(200))
    assert types(sitting.detect(create_response=True)) == ["session.updated"]
    events = sitting.speak(loud(200) + quiet(600))
    assert of(events, "input_audio_buffer.speech_stopped")[0]["item_id"] == started["item_id"]
    assert not of(events, "input_audio_buffer.speech_started")
    assert of(events, "response.created")


def test_a_commit_in_mid_speech_has_no_speech_stopped_and_keeps_the_item_id():
    sitting = Sitting()
    (started,) = sitting.speak(loud(300))
    events = sitting.send("input_audio_buffer.commit")
    assert types(events) == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    assert events[0]["item_id"] == started["item_id"]


def test_appends_are_not_acknowledged_and_short_commits_refused_in_the_words_of_the_api():
    sitting = Sitting()
    sitting.detect()
    assert sitting.send(append(quiet(99))) == []
    refused = error(sitting.send("input_audio_buffer.commit", event_id="evt_1"))
    assert refused == {
        "type": "invalid_request_error",
        "code": "input_audio_buffer_commit_empty",
        "message": "Error committing input audio buffer: buffer too small. Expected at least 100ms "
        "of audio, but buffer only has 99.00ms of audio.",
        "param": None,
        "event_id": "evt_1",
    }
    sitting.send(append(quiet(1)))
    assert of(sitting.send("input_audio_buffer.commit"), "input_audio_buffer.committed")


@pytest.mark.parametrize("audio", ["!", "AAA", "AA=="])
def test_bad_audio_is_refused_and_does_not_move_the_clock(audio):
    sitting = Sitting()
    refused = error(sitting.send("input_audio_buffer.append", audio=audio))
    assert (refused["code"], refused["param"]) == ("invalid_value", "audio")
    assert sitting.engine.history.appended_samples == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "invalid_json"),
        (b"\xff", "invalid_json"),
        ("[]", "invalid_event"),
        ('"x"', "invalid_event"),
        ("{}", "missing_required_parameter"),
        ('{"type": 5}', "invalid_value"),
        ('{"type": "session.close"}', "invalid_value"),
        ('{"type": "output_audio_buffer.clear"}', "invalid_value"),
    ],
)
def test_what_is_no_event_is_refused_and_the_session_goes_on(text, code):
    sitting = Sitting()
    sitting.engine.receive_text(text, sitting.now)
    assert error(sitting.collect())["code"] == code
    assert types(sitting.send(user_text("hi"))) != []


def test_the_refusal_of_an_unknown_type_lists_the_known():
    refused = error(Sitting().send("surprise"))
    assert refused["param"] == "type"
    assert "'session.update', 'input_audio_buffer.append'" in refused["message"]


def test_binary_messages_are_refused():
    sitting = Sitting()
    sitting.engine.receive_binary(sitting.now)
    assert error(sitting.collect())["code"] == "invalid_event"


def test_a_refused_update_leaves_the_session_as_it_was():
    sitting = Sitting()
    wrong = {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}
    refused = error(sitting.configure(instructions="new", audio=wrong))
    assert refused["code"] == "integer_below_min_value"
    assert refused["param"] == "session.audio.input.format.rate"
    session = sitting.configure()[0]["session"]
    assert session == sitting.events[0]["session"]
    assert sitting.engine.history.updates == [session]


def test_items_can_be_retrieved_with_audio_truncated_and_deleted():
    sitting = Sitting()
    sitting.speak(TURN)
    sitting.wait(3)
    asked, answered = (
        event["item"]["id"] for event in of(sitting.events, "conversation.item.added")
    )
    (retrieved,) = sitting.send("conversation.item.retrieve", item_id=asked)
    assert base64.b64decode(retrieved["item"]["content"][0]["audio"]) == (TURN)[: 900 * 48]
    (truncated,) = sitting.send(
        "conversation.item.truncate", item_id=answered, content_index=0, audio_end_ms=100
    )
    assert (truncated["item_id"], truncated["audio_end_ms"]) == (answered, 100)
    assert sitting.engine.history.truncations[0].audio_end_ms == 100
    assert types(sitting.send("conversation.item.delete", item_id=asked)) == [
        "conversation.item.deleted"
    ]
    gone = error(sitting.send("conversation.item.retrieve", item_id=asked))
    assert gone["code"] == "item_retrieve_invalid_item_id"
    assert sitting.engine.history.deleted == [asked]


def test_a_restored_conversation_is_answered_where_it_stopped():
    voice = Interpreter()
    sitting = Sitting(voice=voice)
    sitting.configure(output_modalities=["text"])
    sitting.send(user_text("Is there a direct connection, or do I have to change in Lyon?"))
    sitting.send("response.create")
    (done,) = of(sitting.wait(5), "response.done")
    assert done["response"]["output"][0]["content"][0]["text"].startswith("¿Hay una conexión")


def test_a_client_secret_configures_the_session_before_it_begins():
    session = {"type": "realtime", "instructions": "brief"}
    sitting = Sitting(session=session)
    assert sitting.events[0]["session"]["instructions"] == "brief"


def test_a_session_ends_of_age_with_an_error_and_1001():
    sitting = Sitting(timing=Timing(lifetime=60.0))
    assert sitting.engine.deadline() == sitting.now + 60
    assert sitting.wait(59) == []
    refused = error(sitting.wait(1))
    assert refused["code"] == "session_expired"
    ending = sitting.engine.ending
    assert (ending.code, ending.reason) == (1001, refused["message"])


def test_user_turns_are_tallied_over_engines_and_items_of_the_client_are_not():
    sitting = Sitting()
    sitting.send(user_text("hi"))
    assert sitting.engine.tally.turns == 0
    sitting.speak(TURN)
    other = Sitting(tally=sitting.engine.tally)
    other.speak(TURN)
    assert sitting.engine.tally.turns == 2
    assert other.engine.history.responses[0].turn == 2


def test_an_utterance_in_progress_is_measured_from_its_first_loud_sample():
    sitting = Sitting()
    assert sitting.engine.utterance_ms is None
    sitting.speak(quiet(200) + loud(300))
    assert sitting.engine.utterance_ms == 300
    sitting.speak(quiet(600))
    assert sitting.engine.utterance_ms is None


def test_the_same_seed_and_input_give_the_same_events():
    def play(seed: int) -> str:
        sitting = Sitting(seed=seed)
        sitting.speak(TURN)
        sitting.wait(3)
        return json.dumps(sitting.events)

    assert play(4) == play(4) != play(5)


def test_every_event_has_an_id_of_its_own():
    sitting = Sitting()
    sitting.speak(TURN)
    sitting.wait(3)
    ids = [event["event_id"] for event in sitting.events]
    assert len(set(ids)) == len(ids)


@settings(deadline=None, max_examples=30)
@given(sizes=st.lists(st.integers(1, 900), min_size=1, max_size=30))
def test_the_signals_of_a_turn_do_not_depend_on_the_size_of_appends(sizes):
    sitting = Sitting()
    sitting.detect(create_response=False)
    pcm, position, index = quiet(130) + TURN + loud(200) + quiet(600), 0, 0
    while position < len(pcm):
        size = 2 * sizes[index % len(sizes)] * 12
        sitting.send(append(pcm[position : position + size]))
        position, index = position + size, index + 1
    stamps = [
        event.get("audio_start_ms", event.get("audio_end_ms"))
        for event in sitting.events
        if event["type"].startswith("input_audio_buffer.speech")
    ]
    assert stamps == [0, 1040, 1040, 1840]


def test_the_engine_needs_neither_a_server_nor_a_loop():
    engine = Engine(model="sim", voice=Interpreter())
    assert engine.next_event() is None
    engine.opened(0.0)
    assert engine.next_event()["type"] == "session.created"


def test_a_judge_can_see_the_conversation_and_the_settings_and_make_the_model_call_a_function():
    engine = Engine(model="gpt-realtime-2.1", voice=Tone())
    engine.opened(0.0)
    call_id = engine.inject_call("look", "{}", 1.0)
    assert [item.body["call_id"] for item in engine.items] == [call_id]
    assert engine.session["model"] == "gpt-realtime-2.1"
    sent = []
    while (event := engine.next_event()) is not None:
        sent.append(event["type"])
    assert sent == ["session.created", "conversation.item.added", "conversation.item.done"]


def test_a_response_in_an_empty_conversation_still_names_the_conversation():
    engine = Engine(model="gpt-realtime-2.1", voice=Tone())
    engine.opened(0.0)
    engine.receive({"type": "response.create"}, 1.0)
    created = [
        event for event in iter(engine.next_event, None) if event["type"] == "response.created"
    ]
    assert created[0]["response"]["conversation_id"].startswith("conv_")


def test_servers_of_tools_that_a_secret_brings_are_listed_at_once():
    desk = {"type": "mcp", "server_label": "desk", "server_url": "https://desk.example.com"}
    sitting = Sitting(session={"type": "realtime", "tools": [desk]})
    told = types(sitting.events)
    assert (told[0], told[-1]) == ("session.created", "conversation.item.done")
    assert "mcp_list_tools.completed" in told


def test_a_session_that_only_hears_can_be_configured():
    sitting = Sitting(kind="transcription")
    told = sitting.send("session.update", session={"type": "transcription"})
    assert types(told) == ["session.updated"]
