"""The levels of evidence for the user's audio, one test each; one sample is one millisecond."""

from __future__ import annotations

from protocol.driving import BY_HAND, VAD, Line, appended
from trunkline.protocol import events
from trunkline.protocol import observations as seen

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}
BUFFER = "input_audio_buffer"


def live(ms: int, session: dict | None = None) -> Line:
    line = Line(session=session or LISTENING).come_live()
    line.speak(ms)
    return line


def restored(line: Line) -> tuple[list, list[int]]:
    """The items and the audio that the next session gets."""
    line.ended()
    line.fresh()
    line.come_live()
    items = [each["item"]["content"][0] for each in line.sent if "item" in each]
    return items, appended(line.sent)


def test_e4_a_start_settles_the_silence_before_it_and_is_where_a_replay_begins():
    line = live(1000)
    line.hear(f"{BUFFER}.speech_started", item_id="u", audio_start_ms=400)
    assert line.connection.books().consumed == 400
    assert restored(line) == ([], list(range(400, 1000)))


def test_e5_a_stop_settles_nothing_since_the_item_does_not_exist_yet():
    line = live(1000)
    line.hear(f"{BUFFER}.speech_started", item_id="u", audio_start_ms=400)
    line.hear(f"{BUFFER}.speech_stopped", item_id="u", audio_end_ms=900)
    assert restored(line) == ([], list(range(400, 1000)))


def test_e6_a_commit_by_the_server_puts_the_audio_up_to_the_stop_into_the_item():
    line = live(1000)
    line.turn("u", 400, 900)
    ((part,), audio) = restored(line)
    assert part["type"] == "input_audio"
    assert audio == list(range(900, 1000))


def test_e6_a_commit_by_the_client_takes_all_that_was_sent_before_it():
    line = live(700, BY_HAND)
    line.ask(f"{BUFFER}.commit")
    line.speak(300)
    line.hear(f"{BUFFER}.committed", item_id="u", previous_item_id=None)
    assert restored(line)[1] == list(range(700, 1000))


def test_e7_an_item_that_is_reported_holds_its_audio_even_without_a_commit():
    line = live(1000)
    line.hear(f"{BUFFER}.speech_started", item_id="u", audio_start_ms=400)
    item = {"id": "u", "type": "message", "role": "user"}
    # Some servers report the item when speech begins: then it holds nothing yet.
    line.hear("conversation.item.added", item=item)
    line.hear(f"{BUFFER}.speech_stopped", item_id="u", audio_end_ms=900)
    line.hear("conversation.item.done", item=item)
    line.hear(f"{BUFFER}.committed", item_id="u", previous_item_id=None)
    ((part,), audio) = restored(line)
    assert part["type"] == "input_audio"
    assert audio == list(range(900, 1000))


def test_e8_a_transcript_settles_the_audio_of_its_item():
    line = live(1000)
    line.turn("u", 400, 900)
    assert line.connection.books().consumed == 400
    line.transcribed("u", "hello")
    assert line.connection.books().consumed == 900
    ((part,), _) = restored(line)
    assert part == {"type": "input_text", "text": "hello"}


def test_e8_a_transcript_that_failed_leaves_the_audio_as_the_only_form_of_the_turn():
    line = live(1000)
    line.turn("u", 400, 900)
    failed = "conversation.item.input_audio_transcription.failed"
    line.hear(failed, item_id="u", error={"message": "no"})
    ((part,), _) = restored(line)
    assert part["type"] == "input_audio"


def test_e8_the_words_a_new_session_finds_for_a_turn_it_was_given_as_audio_settle_it():
    line = live(1000)
    line.turn("u", 0, 900)
    ((part,), _) = restored(line)
    assert part["type"] == "input_audio"
    name = next(each["item"]["id"] for each in line.sent if "item" in each)
    line.transcribed(name, "hello")
    assert line.connection.books().consumed == 900


def test_e9_silence_that_the_server_commits_is_settled_and_told_as_such():
    line = live(6000)
    line.hear(f"{BUFFER}.timeout_triggered", item_id="u", audio_start_ms=1000, audio_end_ms=5000)
    line.hear(f"{BUFFER}.committed", item_id="u", previous_item_id=None)
    assert line.of(events.TimeoutTriggered)
    assert line.connection.books().consumed == 5000
    ((part,), audio) = restored(line)
    assert part == {"type": "input_text", "text": "[silence]"}
    assert audio == list(range(5000, 6000))
    assert line.of(seen.Anomaly) == []


def test_a_clearing_settles_what_was_thrown_away():
    line = live(500)
    line.ask(f"{BUFFER}.clear")
    assert line.connection.books().consumed == 500
    assert restored(line) == ([], [])


def parsed(line: Line, position: int, *, at: float) -> None:
    """A pong comes."""
    line.connection._conversation.hearing.parsed(position, line.now + at)


def test_without_speech_a_replay_begins_a_margin_before_what_the_far_end_has_read():
    line = live(9000)
    parsed(line, 8000, at=0.0)
    parsed(line, 9000, at=0.5)
    # Prefix padding of 300 ms and a second for the report.
    assert restored(line) == ([], list(range(6700, 9000)))


def test_who_answers_all_pings_at_once_and_ends_has_read_nothing():
    line = live(9000)
    for position in (7000, 8000, 9000):
        parsed(line, position, at=2.0)
    assert restored(line) == ([], list(range(9000)))


def test_a_pong_is_believed_at_the_first_one_that_leaves_time_for_a_report():
    line = live(9000)
    for position, at in ((6000, 0.0), (7000, 0.1), (8000, 0.49), (9000, 0.7)):
        parsed(line, position, at=at)
    assert line.connection._outbox.read == 6000


def test_a_pong_of_a_lost_session_is_not_confirmed_by_the_next_one():
    line = live(9000)
    parsed(line, 8000, at=0.0)
    line.ended()
    line.come_live()
    parsed(line, 0, at=0.0)
    assert line.connection._outbox.read == 0


def test_a_commit_on_its_way_keeps_even_what_nobody_heard_as_speech():
    line = live(9000)
    line.ask(f"{BUFFER}.commit")
    parsed(line, 8000, at=0.0)
    parsed(line, 9000, at=1.0)
    assert restored(line)[1] == list(range(9000))
