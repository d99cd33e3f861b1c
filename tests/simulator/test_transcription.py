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
