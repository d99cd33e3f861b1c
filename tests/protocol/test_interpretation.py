from __future__ import annotations

from protocol.driving import RESET
from protocol.interpreting import frames, give, interpreted, say
from trunkline.protocol import events
from trunkline.protocol import observations as seen


def live(**policy):
    return interpreted(**policy).come_live()


def words(line) -> list[tuple[str, str]]:
    return [(fact.item_id, fact.text) for fact in line.of(seen.Transcript) if fact.final]


def test_the_application_gets_what_the_interpreter_says_and_the_words_of_both_sides():
    line = live()
    line.fresh("events")
    give(line, 1000)
    line.hear("session.input_transcript.delta", delta="Good day.", elapsed_ms=400)
    line.hear("session.output_transcript.delta", delta="Buenos días.")
    say(line, 400, loud=True, sample_rate=24_000, channels=1, format="pcm16")
    source, target, audio = line.fresh("events")
    assert source == events.SourceText(delta="Good day.", elapsed_ms=400)
    assert target == events.TargetText(delta="Buenos días.", elapsed_ms=None)
    assert isinstance(audio, events.TranslatedAudio)
    assert (len(audio.pcm), audio.elapsed_ms) == (400, 400)
    assert words(line) == [("source_1", "Good day."), ("target_1", "Buenos días.")]
    speakers = {fact.speaker for fact in line.of(seen.Transcript)}
    assert speakers == set(events.Speaker)


def test_audio_is_told_to_observers_as_one_answer_of_its_session():
    line = live()
    line.connection.metering.turn(on=True)
    give(line, 400)
    frames(line, 0, 400, loud=True)
    facts = line.of(seen.AudioReceived)
    assert {fact.item_id for fact in facts} == {"translation_1"}
    assert sum(fact.samples for fact in facts) == 400
    down = [fact for fact in line.of(seen.LevelSampled) if fact.direction.value == "down"]
    assert sum(fact.samples for fact in down) == 400


def test_words_that_a_break_cut_off_end_with_the_first_word_of_the_next_session():
    line = live()
    line.hear("session.output_transcript.delta", delta="Buenos", elapsed_ms=0)
    line.ended(RESET)
    line.come_live()
    assert words(line) == []
    line.hear("session.output_transcript.delta", delta="Buenos días.", elapsed_ms=0)
    assert words(line) == [("target_1", "Buenos"), ("target_2", "Buenos días.")]


def test_what_a_lost_session_had_heard_says_nothing_of_the_next_one():
    line = live()
    give(line, 14_000)
    frames(line, 0, 13_000, loud=True)
    consumed = line.connection.books().consumed
    assert consumed > 0
    line.ended(RESET)
    line.come_live()
    say(line, 0, loud=True)
    assert line.connection.books().consumed == consumed


def test_words_end_by_a_pause_that_only_the_audio_tells():
    line = live()
    give(line, 3000, loud=False)
    line.hear("session.input_transcript.delta", delta="well", elapsed_ms=0)
    frames(line, 0, 1200, loud=False)
    assert words(line) == [("source_1", "well")]


def test_a_session_that_closes_ends_the_words():
    line = live()
    line.hear("session.input_transcript.delta", delta="well", elapsed_ms=0)
    line.hear("session.closed")
    assert words(line) == [("source_1", "well")]
    assert line.of(events.SessionClosed)


def test_audio_of_another_form_is_an_anomaly_and_no_audio():
    line = live()
    for wrong in ({"sample_rate": 16_000}, {"channels": 2}, {"format": "opus"}):
        say(line, 0, loud=True, **wrong)
    say(line, 0, loud=True, ms=0)
    line.hear("session.output_audio.delta", delta="AA==")
    assert [len(event.pcm) for event in line.of(events.TranslatedAudio)] == [0]
    assert len(line.of(seen.Anomaly)) == 4
