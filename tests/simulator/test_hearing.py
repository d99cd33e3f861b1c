"""Golden transcripts of the input side: the exact order of events, as the protocol's reference has it."""

from __future__ import annotations

import base64

import pytest

from simulator.sitting import Parrot, Sitting, append, loud, quiet, types, user_text
from trunkline.audio import g711
from trunkline.simulator.recordings import recorded_turns
from trunkline.simulator.timing import Timing
from trunkline.simulator.voice import Interpreter

TURN = loud(400) + quiet(600)
BUFFER = "input_audio_buffer."
ITEM = "conversation.item."
TRANSCRIPT = f"{ITEM}input_audio_transcription."
COMMITTED = [f"{BUFFER}committed", f"{ITEM}added", f"{ITEM}done"]
SPOKEN = [f"{BUFFER}speech_started", f"{BUFFER}speech_stopped", *COMMITTED]
ANSWER = [
    "response.created",
    "response.output_item.added",
    f"{ITEM}added",
    "response.content_part.added",
]
CLOSING = [
    "response.content_part.done",
    f"{ITEM}done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]
AUDIO_CLOSING = ["response.output_audio.done", "response.output_audio_transcript.done", *CLOSING]


def of(events, kind):
    return [event for event in events if event["type"] == kind]


def transcribing(sitting: Sitting, **transcription) -> None:
    settings = {"model": "gpt-4o-transcribe", **transcription}
    assert types(sitting.configure(audio={"input": {"transcription": settings}})) == [
        "session.updated"
    ]


def without_deltas(events) -> list[str]:
    return [kind for kind in types(events) if not kind.endswith(".delta")]


# -- server_vad, semantic_vad, manual


def test_golden_a_spoken_turn_with_server_vad():
    sitting = Sitting()
    events = sitting.speak(TURN) + sitting.wait(3)
    assert without_deltas(events) == [*SPOKEN, *ANSWER, *AUDIO_CLOSING]
    kinds = [kind for kind in types(events) if kind.endswith(".delta")]
    assert set(kinds) == {
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
    }


@pytest.mark.parametrize(("create", "interrupt"), [(False, True), (False, False)])
def test_golden_a_spoken_turn_that_is_not_to_be_answered(create, interrupt):
    sitting = Sitting()
    sitting.detect(create_response=create, interrupt_response=interrupt)
    assert types(sitting.speak(TURN) + sitting.wait(3)) == SPOKEN


def test_golden_a_barge_in_before_any_output():
    sitting = Sitting(timing=Timing(response_delay=5.0))
    assert types(sitting.speak(TURN)) == [*SPOKEN, "response.created"]
    events = sitting.speak(TURN)
    assert types(events) == [
        f"{BUFFER}speech_started",
        "response.done",
        "rate_limits.updated",
        *SPOKEN[1:],
        "response.created",
    ]
    (done,) = of(events, "response.done")
    assert done["response"]["output"] == []
    assert done["response"]["status_details"]["reason"] == "turn_detected"


def test_golden_manual_mode():
    sitting = Sitting()
    sitting.detect()
    assert sitting.speak(TURN) == []
    assert types(sitting.send(f"{BUFFER}commit")) == COMMITTED
    assert sitting.wait(5) == []
    sitting.configure(output_modalities=["text"])
    events = sitting.send("response.create") + sitting.wait(2)
    assert without_deltas(events) == [*ANSWER, "response.output_text.done", *CLOSING]


def test_golden_a_commit_in_mid_speech():
    sitting = Sitting()
    (started,) = sitting.speak(loud(300))
    events = sitting.send(f"{BUFFER}commit")
    assert types(events) == COMMITTED
    assert {events[0]["item_id"], events[1]["item"]["id"]} == {started["item_id"]}
    assert sitting.wait(5) == []


def test_golden_clearing():
    sitting = Sitting()
    sitting.speak(loud(300))
    assert types(sitting.send(f"{BUFFER}clear")) == [f"{BUFFER}cleared"]
    assert sitting.speak(quiet(1000)) == []
    (started,) = sitting.speak(loud(200))
    assert started["audio_start_ms"] == 1000


def test_golden_semantic_detection_has_the_events_of_the_other():
    sitting = Sitting(voice=Interpreter())
    sitting.detect(type="semantic_vad", eagerness="high")
    turn = recorded_turns()[1]
    events = sitting.speak(turn.caller_pcm + quiet(1000)) + sitting.wait(5)
    assert without_deltas(events) == [*SPOKEN, *ANSWER, *AUDIO_CLOSING]


@pytest.mark.parametrize(
    ("eagerness", "said", "pause_ms"),
    [
        ("low", "One moment,", 8000),
        ("medium", "One moment,", 4000),
        ("auto", "One moment,", 4000),
        ("high", "One moment,", 2000),
        ("auto", "That is all.", 500),
        ("low", "That is all.", 1000),
        ("auto", "(0.4 s of speech)", 1000),
    ],
)
def test_the_semantic_pause_goes_by_eagerness_and_by_what_was_said(eagerness, said, pause_ms):
    class Listener(Parrot):
        def hear(self, pcm):
            return said

    sitting = Sitting(voice=Listener())
    sitting.detect(type="semantic_vad", eagerness=eagerness, create_response=False)
    events = sitting.speak(loud(400) + quiet(9000))
    (stopped,) = of(events, f"{BUFFER}speech_stopped")
    assert stopped["audio_end_ms"] == 400 + pause_ms


def test_speech_that_goes_on_is_judged_anew_at_the_next_pause():
    class Listener(Parrot):
        def hear(self, pcm):
            return "First," if len(pcm) < 1000 * 48 else "First, second."

    sitting = Sitting(voice=Listener())
    sitting.detect(type="semantic_vad", create_response=False)
    events = sitting.speak(loud(400) + quiet(1500) + loud(400) + quiet(2000))
    assert of(events, f"{BUFFER}speech_stopped")[0]["audio_end_ms"] == 2300 + 500


# -- the idle timeout


def idle(sitting: Sitting, **more) -> None:
    sitting.detect(idle_timeout_ms=6000, **more)


def test_golden_the_idle_timeout():
    # The reply of half a second comes in 0.1 s, so its playback ends half a second after its end.
    sitting = Sitting(timing=Timing(response_delay=0.0))
    idle(sitting)
    sitting.speak(TURN)
    (done,) = of(sitting.events, "response.done")
    begin = sitting.now
    events = sitting.speak(quiet(6600)) + sitting.wait(1)
    assert without_deltas(events) == [
        f"{BUFFER}timeout_triggered",
        *COMMITTED,
        *ANSWER,
        *AUDIO_CLOSING,
    ]
    fired, committed = events[0], events[1]
    assert fired["item_id"] == committed["item_id"]
    assert committed["previous_item_id"] == done["response"]["output"][0]["id"]
    assert abs(fired["audio_end_ms"] - fired["audio_start_ms"] - 6000) <= 40
    assert sitting.now > begin + 6
    item = sitting.engine.history.items_of("committed")[-1]
    assert item.text == ""
    assert len(item.pcm) == (fired["audio_end_ms"] - fired["audio_start_ms"]) * 48


def test_the_silence_of_a_timeout_is_no_turn_of_the_user():
    sitting = Sitting()
    idle(sitting)
    sitting.speak(TURN)
    sitting.wait(20)
    assert sitting.engine.tally.turns == 1
    assert len(sitting.engine.history.responses) > 2


def test_a_microphone_that_sends_nothing_is_as_idle_as_a_silent_one():
    sitting = Sitting()
    idle(sitting)
    sitting.speak(TURN)
    (fired,) = of(sitting.wait(8), f"{BUFFER}timeout_triggered")
    assert (fired["audio_start_ms"], fired["audio_end_ms"]) == (1000, 1000)


def test_speech_and_switching_off_keep_the_timeout_from_coming():
    sitting = Sitting()
    idle(sitting, create_response=False)
    sitting.send(user_text("hi"))
    sitting.send("response.create")
    sitting.wait(2)
    sitting.speak(loud(200))
    assert sitting.wait(30) == []
    sitting.speak(quiet(600))
    sitting.send("response.create")
    sitting.wait(2)
    sitting.detect()
    assert sitting.wait(30) == []


def test_a_cancelled_response_is_waited_after_too_and_one_beside_the_conversation_is_not():
    sitting = Sitting(timing=Timing(response_delay=1.0))
    idle(sitting)
    sitting.send("response.create", response={"conversation": "none"})
    assert not of(sitting.wait(30), f"{BUFFER}timeout_triggered")
    sitting.send("response.create")
    sitting.send("response.cancel")
    assert sitting.wait(5.9) == []
    assert types(sitting.wait(0.1))[0] == f"{BUFFER}timeout_triggered"


# -- transcription


def test_golden_a_transcript_between_the_responses_events():
    sitting = Sitting(timing=Timing(response_delay=0.2, transcription_delay=0.1))
    transcribing(sitting)
    events = sitting.speak(TURN) + sitting.wait(2)
    assert types(events)[: len(SPOKEN) + 5] == [
        *SPOKEN,
        "response.created",
        *[f"{TRANSCRIPT}delta"] * 3,
        f"{TRANSCRIPT}completed",
    ]


def test_golden_the_live_transcriber_writes_before_the_commit_and_straddles_the_response():
    sitting = Sitting(timing=Timing(response_delay=0.03))
    transcribing(sitting, model="gpt-realtime-whisper", delay="minimal")
    events = sitting.speak(TURN) + sitting.wait(2)
    assert types(events)[:10] == [
        f"{BUFFER}speech_started",
        f"{BUFFER}speech_stopped",
        f"{TRANSCRIPT}delta",
        *COMMITTED,
        "response.created",
        f"{TRANSCRIPT}delta",
        "response.output_item.added",
        f"{ITEM}added",
    ]
    (completed,) = of(events, f"{TRANSCRIPT}completed")
    assert completed["usage"] == {"type": "duration", "seconds": 0.9}
    assert {one["item_id"] for one in events if "transcription" in one["type"]} == {
        completed["item_id"]
    }


def test_silence_has_no_first_word_to_come_before_the_commit():
    sitting = Sitting(timing=Timing(response_delay=0.0))
    transcribing(sitting, model="gpt-realtime-whisper", delay="minimal")
    idle(sitting)
    sitting.speak(TURN)
    events = sitting.wait(8)
    fired = types(events).index(f"{BUFFER}timeout_triggered")
    assert types(events)[fired : fired + 4] == [f"{BUFFER}timeout_triggered", *COMMITTED]
    assert of(events, f"{TRANSCRIPT}completed")[-1]["transcript"] == ""


def test_golden_a_failed_transcript():
    sitting = Sitting()
    transcribing(sitting)
    sitting.engine.fail_next_transcription()
    sitting.detect(create_response=False)
    (failed,) = (sitting.speak(TURN) + sitting.wait(2))[5:]
    assert failed["type"] == f"{TRANSCRIPT}failed"
    assert failed["error"]["code"] == "audio_unintelligible"
    assert types(sitting.speak(TURN) + sitting.wait(2))[-1] == f"{TRANSCRIPT}completed"
    sitting.engine.fail_next_transcription({"type": "server_error", "code": "DeploymentNotFound"})
    failed = (sitting.speak(TURN) + sitting.wait(2))[-1]
    assert failed["error"]["code"] == "DeploymentNotFound"


def test_transcripts_of_several_turns_come_out_of_order():
    sitting = Sitting(timing=Timing(transcription_spread=5.0), seed=3)
    transcribing(sitting)
    sitting.detect(create_response=False)
    for _ in range(6):
        sitting.speak(TURN)
    sitting.wait(20)
    committed = [event["item_id"] for event in of(sitting.events, f"{BUFFER}committed")]
    completed = [event["item_id"] for event in of(sitting.events, f"{TRANSCRIPT}completed")]
    assert sorted(committed) == sorted(completed)
    assert committed != completed


# -- transcription sessions


def test_golden_a_transcription_session():
    sitting = Sitting(kind="transcription", model="")
    assert sitting.events[0]["session"]["type"] == "transcription"
    settings = {"transcription": {"model": "gpt-4o-transcribe"}}
    change = {"type": "transcription", "audio": {"input": settings}}
    assert types(sitting.send("session.update", session=change)) == ["session.updated"]
    events = sitting.speak(TURN) + sitting.wait(5)
    assert types(events) == [*SPOKEN, *[f"{TRANSCRIPT}delta"] * 3, f"{TRANSCRIPT}completed"]


def test_a_transcription_session_never_answers():
    sitting = Sitting(kind="transcription", model="")
    vad = {"type": "server_vad", "create_response": True}
    change = {"type": "transcription", "audio": {"input": {"turn_detection": vad}}}
    sitting.send("session.update", session=change)
    assert types(sitting.speak(TURN) + sitting.wait(5)) == SPOKEN
    assert "does not create responses" in sitting.send("response.create")[0]["error"]["message"]


def test_a_client_secret_can_open_a_transcription_session():
    sitting = Sitting(session={"type": "transcription"})
    assert sitting.events[0]["session"]["object"] == "realtime.transcription_session"


# -- formats


def codes(pcm: bytes, law: str) -> bytes:
    narrow = b"".join(pcm[index : index + 2] for index in range(0, len(pcm), 6))
    return (g711.encode_ulaw if law == "audio/pcmu" else g711.encode_alaw)(narrow)


def g711_sitting(kind: str) -> Sitting:
    sitting = Sitting()
    one = {"format": {"type": kind}}
    sitting.configure(audio={"input": one, "output": one})
    return sitting


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma"])
def test_a_g711_session_has_the_same_clock_and_answers_in_g711(kind):
    sitting = g711_sitting(kind)
    events = sitting.send(append(codes(quiet(1000) + TURN, kind))) + sitting.wait(3)
    assert without_deltas(events) == [*SPOKEN, *ANSWER, *AUDIO_CLOSING]
    (started,) = of(events, f"{BUFFER}speech_started")
    (stopped,) = of(events, f"{BUFFER}speech_stopped")
    assert started["audio_start_ms"] == 700
    # The last sample before the silence reaches a part of a millisecond into the next frame.
    assert stopped["audio_end_ms"] == 1920
    sent = b"".join(
        base64.b64decode(event["delta"]) for event in of(events, "response.output_audio.delta")
    )
    assert len(sent) == 500 * 8
    assert sitting.engine.history.responses[0].samples_given == 500 * 24
    (done,) = of(events, "response.done")
    assert done["response"]["audio"]["output"]["format"] == {"type": kind}


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma"])
def test_items_of_a_g711_session_come_and_go_in_g711(kind):
    sitting = g711_sitting(kind)
    spoken = codes(loud(300), kind)
    part = {"type": "input_audio", "audio": base64.b64encode(spoken).decode()}
    item = {"type": "message", "role": "user", "content": [part], "id": "mine"}
    sitting.send("conversation.item.create", item=item)
    (retrieved,) = sitting.send(f"{ITEM}retrieve", item_id="mine")
    assert len(base64.b64decode(retrieved["item"]["content"][0]["audio"])) == len(spoken)
    sitting.detect()
    sitting.send(append(codes(loud(99), kind)))
    assert "99.00ms" in sitting.send(f"{BUFFER}commit")[0]["error"]["message"]
    sitting.send(append(codes(loud(1), kind)))
    assert types(sitting.send(f"{BUFFER}commit")) == COMMITTED


def test_the_format_of_one_response_can_be_another():
    sitting = Sitting()
    output = {"output": {"format": {"type": "audio/pcmu"}}}
    sitting.send("response.create", response={"audio": output})
    deltas = of(sitting.wait(2), "response.output_audio.delta")
    assert sum(len(base64.b64decode(event["delta"])) for event in deltas) == 500 * 8
