from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator.emitter import Emitter
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.items import Item
from trunkline.simulator.transcription import Transcriptions, words


def setting():
    chance = Chance(1)
    out = Emitter(Identity(chance), chance)
    return out, Transcriptions(out)


def heard(name: str, text: str) -> Item:
    content = [{"type": "input_audio", "transcript": None}]
    body = {"id": name, "type": "message", "role": "user", "content": content}
    return Item(body=body, pcm={0: bytes(4800)}, heard=text)


def drain(out: Emitter, transcriptions: Transcriptions) -> list[dict]:
    events = []
    while transcriptions.deadline() is not None:
        transcriptions.advance()
        while (event := out.pop()) is not None:
            events.append(event)
    return events


@given(st.text(max_size=60))
def test_the_words_joined_are_the_text(text):
    assert "".join(words(text)) == text


def test_a_transcript_comes_in_words_and_is_then_complete():
    out, transcriptions = setting()
    item = heard("a", "one two")
    transcriptions.start(item, 5.0)
    assert transcriptions.deadline() == 5.0
    events = drain(out, transcriptions)
    assert [event.get("delta") for event in events] == ["one", " two", None]
    assert events[-1]["transcript"] == "one two"
    assert events[-1]["usage"]["input_tokens"] == 1
    assert item.body["content"][0]["transcript"] == "one two"


def test_a_later_turn_can_be_complete_before_an_earlier_one():
    out, transcriptions = setting()
    transcriptions.start(heard("slow", "a b c d e f"), 1.0)
    transcriptions.start(heard("fast", "x"), 1.01)
    finished = [event["item_id"] for event in drain(out, transcriptions) if "transcript" in event]
    assert finished == ["fast", "slow"]


def written(text: str, **settings) -> list[dict]:
    out, transcriptions = setting()
    with_logprobs = settings.pop("wants_logprobs", False)
    transcriptions.start(heard("a", text), 0.0, settings, wants_logprobs=with_logprobs)
    return drain(out, transcriptions)


def kinds(events: list[dict]) -> list[str]:
    return [event["type"].rpartition(".")[2] for event in events]


def test_the_first_model_gives_its_text_in_one_delta_and_is_billed_by_time():
    whole, completed = written("one two", model="whisper-1")
    assert whole["delta"] == completed["transcript"] == "one two"
    assert completed["usage"] == {"type": "duration", "seconds": 0.1}


def test_the_diarizing_model_gives_segments_with_speakers_and_times_instead_of_deltas():
    events = written("Yes. Tell me more!", model="gpt-4o-transcribe-diarize")
    assert kinds(events) == ["segment", "segment", "completed"]
    assert [event.get("text") for event in events] == ["Yes.", "Tell me more!", None]
    assert [event["id"] for event in events[:2]] == ["seg_0000", "seg_0001"]
    assert events[0]["start"] == 0.0
    assert events[0]["end"] == events[1]["start"] < events[1]["end"] == 0.1


def test_languages_are_told_by_the_model_that_tells_them_as_the_client_expects_them():
    assert written("hi", model="gpt-transcribe")[-1]["languages"] == []
    several = written("hi", model="gpt-transcribe", languages=["en", "de"])[-1]
    assert several["languages"] == [{"code": "en"}, {"code": "de"}]
    one = written("hi", model="gpt-transcribe", language="fr")[-1]
    assert one["languages"] == [{"code": "fr"}]
    assert "languages" not in written("hi", model="gpt-4o-transcribe", language="fr")[-1]


def test_log_probabilities_are_given_on_request_by_the_models_that_have_them():
    first, second, completed = written("a few", model="gpt-4o-transcribe", wants_logprobs=True)
    assert first["logprobs"] + second["logprobs"] == completed["logprobs"]
    assert [one["token"] for one in completed["logprobs"]] == ["a", " few"]
    assert all(one["logprob"] < 0 for one in completed["logprobs"])
    assert bytes(completed["logprobs"][1]["bytes"]).decode() == " few"
    assert "logprobs" not in written("a", model="whisper-1", wants_logprobs=True)[-1]
    assert "logprobs" not in written("a", model="gpt-4o-transcribe")[-1]


def test_one_transcription_can_be_told_to_fail():
    out, transcriptions = setting()
    transcriptions.fail_next()
    transcriptions.start(heard("a", "one"), 0.0)
    transcriptions.start(heard("b", "two"), 1.0)
    failed, delta, completed = drain(out, transcriptions)
    assert failed["error"]["code"] == "audio_unintelligible"
    assert (failed["item_id"], failed["content_index"]) == ("a", 0)
    assert delta["item_id"] == completed["item_id"] == "b"
