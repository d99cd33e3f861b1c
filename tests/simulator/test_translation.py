from __future__ import annotations

import base64
from typing import get_args

import pytest
from openai.types.realtime import RealtimeTranslationServerEvent

from simulator.sitting import MS, Parrot, error, loud, quiet, types
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.timing import Timing
from trunkline.simulator.translation import TRANSLATION_MODEL, TranslationConfig, TranslationEngine

TURN = loud(400) + quiet(600)
MODELS = {
    get_args(model.model_fields["type"].annotation)[0]: model
    for model in get_args(get_args(RealtimeTranslationServerEvent)[0])
}
AUDIO = "session.output_audio.delta"
HEARD = "session.input_transcript.delta"
SAID = "session.output_transcript.delta"


class Desk:
    """One translation session; every event is judged by the SDK's model of it."""

    def __init__(self, **settings) -> None:
        defaults = {"voice": Parrot(), "timing": Timing(response_delay=0.1)}
        self.engine = TranslationEngine(**defaults | settings)
        self.now = 50.0
        self.engine.opened(self.now)
        (self.created,) = self.collect()

    def send(self, kind: str, **fields) -> list[dict]:
        self.engine.receive({"type": kind, **fields}, self.now)
        return self.collect()

    def speak(self, pcm: bytes, chunk_ms: int = 200) -> list[dict]:
        events = []
        for start in range(0, len(pcm), chunk_ms * MS):
            chunk = base64.b64encode(pcm[start : start + chunk_ms * MS]).decode()
            events += self.send("session.input_audio_buffer.append", audio=chunk)
            events += self.wait(chunk_ms / 1000)
        return events

    def wait(self, seconds: float) -> list[dict]:
        self.now += seconds
        self.engine.handle_timeout(self.now)
        return self.collect()

    def update(self, **audio) -> list[dict]:
        return self.send("session.update", session={"audio": audio})

    def collect(self) -> list[dict]:
        events = list(iter(self.engine.next_event, None))
        for event in events:
            parsed = MODELS[event["type"]].model_validate(event)
            assert parsed.model_dump(mode="json", exclude_unset=True) == event
            assert not parsed.model_extra
        return events


def of(events, kind):
    return [event for event in events if event["type"] == kind]


def test_a_session_begins_with_its_settings_and_says_nothing_unasked():
    desk = Desk(wall=1000.0)
    session = desk.created["session"]
    assert session["type"] == "translation"
    assert session["model"] == TRANSLATION_MODEL
    assert session["expires_at"] == 4600
    assert session["audio"]["output"] == {"language": None}
    assert desk.wait(100) == []


def test_golden_a_translated_utterance():
    desk = Desk()
    (updated,) = desk.update(
        output={"language": "es"}, input={"transcription": {"model": "gpt-realtime-whisper"}}
    )
    assert updated["session"]["audio"]["output"]["language"] == "es"
    assert types(desk.speak(TURN + quiet(400))) == [
        *[AUDIO] * 4,
        *[HEARD] * 3,
        SAID,
        AUDIO,
        SAID,
        AUDIO,
        AUDIO,
    ]


def test_output_is_continuous_in_frames_of_200_ms_on_the_clock_of_the_input():
    desk = Desk()
    events = desk.speak(quiet(300) + TURN + quiet(900), chunk_ms=50) + desk.wait(0.1)
    frames = of(events, AUDIO)
    assert [frame["elapsed_ms"] for frame in frames] == list(range(0, 2200, 200))
    assert {len(base64.b64decode(frame["delta"])) for frame in frames} == {200 * MS}
    assert {(one["sample_rate"], one["channels"], one["format"]) for one in frames} == {
        (24000, 1, "pcm16")
    }
    assert "".join(one["delta"] for one in of(events, SAID)) == "hello there"
    assert not of(events, HEARD)
    assert desk.wait(60) == []


def test_a_frame_comes_after_the_delay_of_the_server():
    desk = Desk()
    chunk = base64.b64encode(quiet(200)).decode()
    assert desk.send("session.input_audio_buffer.append", audio=chunk) == []
    assert desk.wait(0.09) == []
    assert types(desk.wait(0.02)) == [AUDIO]


def test_golden_closing_lets_the_rest_be_said():
    desk = Desk()
    desk.speak(loud(450), chunk_ms=450)
    assert desk.send("session.close") == []
    assert types(desk.wait(1)) == [AUDIO, SAID, AUDIO, SAID, AUDIO, AUDIO, "session.closed"]
    ending = desk.engine.ending
    assert (ending.by, ending.code) == ("server", 1000)


def test_nothing_is_taken_after_closing():
    desk = Desk()
    desk.send("session.close")
    refused = error(desk.send("session.close"))
    assert refused["message"] == "The session is closing."
    assert types(desk.wait(1)) == ["session.closed"]
    assert desk.engine.deadline() is None


def test_what_was_heard_is_recorded_for_the_judge():
    desk = Desk()
    desk.speak(quiet(500) + TURN)
    (item,) = desk.engine.history.items_of("committed")
    assert item.text == "heard 1200 ms"
    assert item.samples == (200 * 24, 1400 * 24)
    assert desk.engine.history.appended_ms == 1500
    assert desk.engine.tally.turns == 1


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({"type": "response.create"}, "invalid_value", "type"),
        ({"type": "session.input_audio_buffer.append"}, "missing_required_parameter", "audio"),
        ({"type": "session.input_audio_buffer.append", "audio": "AA=="}, "invalid_value", "audio"),
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "session.update", "session": {"instructions": ""}}, "unknown_parameter",
         "session.instructions"),
        ({"type": "session.update", "session": {"model": "other"}}, "invalid_value", "session.model"),
        ({"type": "session.update", "session": {"type": "realtime"}}, "invalid_value", "session.type"),
        ({"type": "session.update", "session": {"audio": {"input": {"format": {}}}}},
         "unknown_parameter", "session.audio.input.format"),
        ({"type": "session.update", "session": {"audio": {"input": {"transcription": {}}}}},
         "missing_required_parameter", "session.audio.input.transcription.model"),
    ],
)  # fmt: skip
def test_what_the_session_does_not_know_is_refused(event, code, param):
    desk = Desk()
    desk.engine.receive(event, desk.now)
    refused = error(desk.collect())
    assert (refused["code"], refused["param"]) == (code, param)


def test_updates_merge_and_null_switches_off():
    config = TranslationConfig(session_id="sess_1", model=TRANSLATION_MODEL, expires_at=1)
    before = config.view()
    config.update({"audio": {"output": {"language": "de"}}})
    config.update(
        {"audio": {"input": {"noise_reduction": {"type": "near_field", "strength": 0.5}}}}
    )
    config.update({"audio": {"input": {"noise_reduction": {"type": "far_field"}}}})
    audio = config.view()["audio"]
    assert audio["output"] == {"language": "de"}
    assert audio["input"]["noise_reduction"] == {"type": "far_field", "strength": 0.5}
    with pytest.raises(Refusal):
        config.update({"audio": {"output": {"language": "fr"}, "input": {"x": 1}}})
    config.update({"audio": {"input": {"noise_reduction": None}, "output": {"language": None}}})
    config.update({"audio": None})
    assert config.view() == before


def test_noise_reduction_needs_a_type_first():
    desk = Desk()
    refused = error(desk.update(input={"noise_reduction": {"strength": 0.5}}))
    assert refused["param"] == "session.audio.input.noise_reduction.type"


def test_a_session_ends_of_age():
    desk = Desk(timing=Timing(lifetime=60.0))
    assert error(desk.wait(60))["code"] == "session_expired"
    assert desk.engine.ending.code == 1001


def test_a_secret_configures_the_session_before_it_begins():
    desk = Desk(session={"audio": {"output": {"language": "pt"}}})
    assert desk.created["session"]["audio"]["output"]["language"] == "pt"
    assert desk.engine.session == desk.created["session"]


def test_an_utterance_in_progress_is_measured():
    desk = Desk()
    desk.speak(loud(400))
    assert desk.engine.utterance_ms == 400
