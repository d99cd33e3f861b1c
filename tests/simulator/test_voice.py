from __future__ import annotations

import pytest

from trunkline.errors import ConfigError
from trunkline.simulator.recordings import recorded_turns
from trunkline.simulator.voice import (
    VOICES,
    Echo,
    Interpreter,
    Recorded,
    Reply,
    Tone,
    Utterance,
    voice_named,
)

TURNS = recorded_turns()


def user(text: str, pcm: bytes = b"") -> Utterance:
    return Utterance(role="user", text=text, pcm=pcm)


def assistant(text: str) -> Utterance:
    return Utterance(role="assistant", text=text)


@pytest.mark.parametrize("index", range(5))
def test_the_interpreter_hears_a_turn_and_translates_it(index):
    voice = Interpreter()
    text = voice.hear(bytes(9600) + TURNS[index].caller_pcm + bytes(24_000))
    assert text == TURNS[index].caller_text
    reply = voice.reply([user(text)])
    assert (reply.text, reply.pcm) == (TURNS[index].reply_text, TURNS[index].reply_pcm)


def test_text_that_contains_a_turn_is_translated_as_if_it_had_been_spoken():
    said = f"Please translate:  {TURNS[3].caller_text.upper()}"
    context = [user(TURNS[0].caller_text), assistant("…"), user(said)]
    assert Interpreter().reply(context).text == TURNS[3].reply_text


def test_unknown_speech_is_named_by_its_length_and_answered_by_its_place():
    voice = Interpreter()
    assert voice.hear(bytes(48 * 2900)) == "(2.9 s of speech)"
    assert voice.reply([user("(1.0 s of speech)")]).text == TURNS[0].reply_text
    context = [user("?"), assistant("…"), user("?")]
    assert voice.reply(context).text == TURNS[1].reply_text
    assert voice.reply([user("?")] * 6).text == TURNS[0].reply_text


@pytest.mark.parametrize("name", VOICES)
def test_every_voice_answers_anything_with_text_and_whole_samples(name):
    voice = voice_named(name)
    for context in ([], [user("")], [user("", bytes(960))], [assistant("x")]):
        reply = voice.reply(context)
        assert reply.text
        assert reply.pcm
        assert len(reply.pcm) % 2 == 0


def test_echo_gives_back_the_last_thing_said():
    said = user("(0.0 s of speech)", b"\x01\x02")
    assert Echo().reply([said, assistant("x")]).pcm == b"\x01\x02"
    assert Echo().hear(bytes(48_000)) == "(1.0 s of speech)"


def test_the_tone_has_the_length_it_was_given():
    assert len(Tone(tone_ms=250).reply([]).pcm) == 250 * 48


def test_an_unknown_voice_is_refused_with_the_names_of_the_known():
    with pytest.raises(ConfigError, match="interpreter, echo, tone"):
        voice_named("opera")


def test_own_recordings_are_the_replies_around_and_around():
    replies = [Reply(text=name, pcm=bytes(2)) for name in "ab"]
    voice = Recorded(replies)
    assert [voice.reply([user("?")] * count).text for count in (0, 1, 2, 3)] == ["a", "a", "b", "a"]
    assert voice.hear(bytes(48_000)) == "(1.0 s of speech)"
    with pytest.raises(ConfigError):
        Recorded([])


@pytest.mark.parametrize("voice", [Interpreter(), Tone()])
def test_who_asks_for_something_long_gets_it_in_the_voices_own_sound(voice):
    asked = user("Count slowly to one hundred.")
    brief, reply = voice.reply([user("?")]), voice.reply([asked])
    assert reply.text.endswith("one hundred.")
    assert len(reply.pcm) == 50_000 * 48
    assert reply.pcm.startswith(brief.pcm)
    told = Utterance(role="system", text="count to fifty, slowly")
    assert voice.reply([user("?"), told]).text.endswith("fifty.")
    assert voice.reply([asked, assistant("one"), user("?")]).pcm != reply.pcm
