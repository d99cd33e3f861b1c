from __future__ import annotations

from protocol.driving import VAD, Line
from trunkline.protocol import events
from trunkline.protocol import observations as seen

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}


def live() -> Line:
    return Line(session=LISTENING).come_live()


def plays(line: Line) -> list[tuple[str, str]]:
    """What was told of beginnings and ends, in order."""
    names = {seen.PlayStarted: "starts", seen.PlayStopped: "stops"}
    return [
        (fact.item_id, ("cut" if getattr(fact, "cut", False) else names[type(fact)]))
        for fact in line.facts
        if type(fact) in names
    ]


# The speaker.


def test_an_answer_begins_with_its_first_sample_and_ends_with_its_last():
    line = live()
    line.reply("r", "a", "yes", 100)
    line.played("a", 0)
    assert plays(line) == []
    line.played("a", 20)
    assert line.of(seen.PlayStarted)[0].samples == 20
    line.played("a", 60)
    assert plays(line) == [("a", "starts")]
    line.played("a", 100)
    line.played("a", 100)
    assert plays(line) == [("a", "starts"), ("a", "stops")]


def test_running_dry_in_the_middle_is_no_end_and_the_end_of_the_response_is_one():
    line = live()
    line.reply("r", "a", "yes", 100, done=False)
    line.played("a", 100)
    assert plays(line) == [("a", "starts")]
    line.hear("conversation.item.done", item={"id": "a", "status": "completed"})
    line.done("r")
    assert plays(line) == [("a", "starts"), ("a", "stops")]


def test_an_answer_that_is_interrupted_ends_when_the_application_knows_it():
    line = live()
    line.reply("r", "a", "yes", 1000, done=False)
    line.played("a", 300)
    line.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    assert line.of(events.Interrupted)
    # It still plays: what it tells of that does not end it, nor begin it again.
    line.played("a", 320)
    assert plays(line) == [("a", "starts")]
    line.now += 0.05
    line.connection.devices.stopped("a", line.now)
    line.drain()
    line.played("a", 300)
    assert plays(line) == [("a", "starts"), ("a", "cut")]
    assert line.of(seen.PlayStopped)[0].at == line.now


def test_an_answer_that_the_application_cuts_by_itself_ends_with_the_servers_word():
    line = live()
    line.reply("r", "a", "yes", 1000)
    line.played("a", 300)
    line.ask("conversation.item.truncate", item_id="a", content_index=0, audio_end_ms=300)
    line.hear("conversation.item.truncated", item_id="a", content_index=0, audio_end_ms=300)
    assert plays(line) == [("a", "starts"), ("a", "cut")]


def test_one_that_was_left_for_the_next_was_cut():
    line = live()
    line.reply("r1", "a", "yes", 1000)
    line.reply("r2", "b", "no", 500)
    line.played("a", 300)
    line.played("b", 500)
    assert plays(line) == [("a", "starts"), ("a", "cut"), ("b", "starts"), ("b", "stops")]


def test_one_that_had_no_more_to_play_when_the_next_began_was_not_cut():
    line = live()
    line.reply("r1", "a", "yes", 300, done=False)
    line.played("a", 300)
    line.done("r1", "incomplete")
    line.reply("r2", "b", "no", 500)
    line.played("b", 100)
    assert plays(line) == [("a", "starts"), ("a", "stops"), ("b", "starts")]


def test_the_end_of_another_answer_than_the_one_that_plays_says_nothing():
    line = live()
    line.reply("r", "a", "yes", 1000)
    line.connection.devices.stopped("a", line.now)
    line.played("a", 300)
    line.connection.devices.stopped("b", line.now)
    line.drain()
    assert plays(line) == [("a", "starts")]


def test_an_answer_keeps_its_name_over_a_drop():
    line = live()
    line.reply("r", "a", "yes", 1000)
    line.played("a", 300)
    line.ended()
    line.come_live()
    line.played("a", 1000)
    assert plays(line) == [("a", "starts"), ("a", "stops")]


def test_how_the_playout_stands_is_told_as_it_is():
    line = live()
    line.connection.devices.sampled(95.0, 4, target_ms=180.0, underrun_ms=310.0, now=line.now)
    line.drain()
    fact = line.of(seen.PlayoutSampled)[0]
    assert (fact.buffered_ms, fact.underruns) == (95.0, 4)
    assert (fact.target_ms, fact.underrun_ms) == (180.0, 310.0)


# The microphone.


def test_audio_that_the_microphone_lost_is_told_and_in_no_books():
    line = live()
    line.connection.devices.overran(12.5, line.now)
    line.drain()
    assert line.of(seen.CaptureOverrun)[0].lost_ms == 12.5
    assert line.connection.books().accepted == 0


def test_what_is_given_while_muted_is_silence_of_the_same_length():
    line = live()
    line.speak(100)
    line.connection.devices.mute(on=True, now=line.now)
    line.connection.devices.mute(on=True, now=line.now)
    line.connection.send_audio(b"\x11\x22" * 50, line.now)
    line.connection.devices.mute(on=False, now=line.now)
    line.connection.send_audio(b"\x11\x22" * 25, line.now)
    line.drain()
    sent = appended(line)
    assert sent[:100] == list(range(100))
    assert sent[100:150] == [0] * 50
    assert sent[150:] == [0x2211] * 25
    books = line.connection.books()
    assert books.accepted == books.retained == 175
    assert [fact.on for fact in line.of(seen.Muted)] == [True, False]


def test_muting_is_as_silent_in_what_is_kept_for_a_new_session():
    line = live()
    line.connection.devices.mute(on=True, now=line.now)
    line.connection.send_audio(b"\x11\x22" * 50, line.now)
    assert set(line.connection.snapshot()["audio"]["pcm"]) == {"A", "="}


def appended(line: Line) -> list[int]:
    from protocol.driving import appended as positions_of

    return positions_of(line.sent)
