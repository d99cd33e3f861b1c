from __future__ import annotations

import pytest

from protocol.driving import BY_HAND, VAD, Line, types
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import MilestoneKind
from trunkline.protocol.races import RACES

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}


def live(session: dict | None = None) -> Line:
    line = Line(session=LISTENING if session is None else session).come_live()
    for kind in ("sent", "events", "facts"):
        line.fresh(kind)
    return line


def started(line: Line, item_id: str = "item_9", at: int = 0) -> None:
    line.hear("input_audio_buffer.speech_started", item_id=item_id, audio_start_ms=at)


def milestones(line: Line) -> list[MilestoneKind]:
    return [fact.kind for fact in line.of(seen.Milestone)]


def test_a_turn_and_its_answer_pass_their_milestones_in_order():
    line = live()
    line.speak(1000)
    line.turn("item_1", 100, 800)
    words = "conversation.item.input_audio_transcription.delta"
    line.hear(words, item_id="item_1", delta="hel")
    line.transcribed("item_1", "hello")
    line.reply("resp_1", "item_2", "hi", 100)
    assert milestones(line) == [
        MilestoneKind.SPEECH_STARTED,
        MilestoneKind.SPEECH_STOPPED,
        MilestoneKind.COMMITTED,
        MilestoneKind.RESPONSE_CREATED,
        MilestoneKind.FIRST_AUDIO,
        MilestoneKind.RESPONSE_DONE,
    ]
    words = [(fact.speaker.value, fact.text, fact.final) for fact in line.of(seen.Transcript)]
    assert words == [
        ("user", "hel", False),
        ("user", "hello", True),
        ("assistant", "hi", False),
        ("assistant", "hi", True),
    ]
    assert [fact.evidence for fact in line.of(seen.AudioConsumed)] == ["heard", "transcribed"]


@pytest.mark.parametrize(("played", "cut_ms"), [(300, 300), (9000, 1000)])
def test_speech_cuts_the_answer_at_what_was_played_and_drops_what_comes_late(
    played: int, cut_ms: int
):
    line = live()
    line.reply("resp_1", "item_2", "one two three four", 1000, done=False)
    line.played("item_2", 300)
    line.played("item_2", played)
    if played > 1000:
        line.delta("resp_1", "item_2", 500)
    started(line)
    if played > 1000:
        assert line.of(seen.AudioTruncated)[0].heard_ms == cut_ms
        return
    assert line.sent == [
        {
            "type": "conversation.item.truncate",
            "event_id": "tk-cut-item_2",
            "item_id": "item_2",
            "content_index": 0,
            "audio_end_ms": cut_ms,
        }
    ]
    (interrupted,) = line.of(events.Interrupted)
    assert (interrupted.item_id, interrupted.reason) == ("item_2", "the user spoke")
    line.fresh("events")
    line.delta("resp_1", "item_2", 500)
    line.hear(
        "response.output_audio_transcript.delta", response_id="resp_1", item_id="item_2", delta="x"
    )
    line.hear(
        "response.output_audio_transcript.done",
        response_id="resp_1",
        item_id="item_2",
        transcript="x",
    )
    assert line.events == []
    line.done("resp_1", "cancelled")
    assert [type(event) for event in line.events] == [events.ResponseDone]
    assert milestones(line).count(MilestoneKind.BARGE_IN) == 1


def test_an_answer_that_is_complete_and_still_plays_is_cut_too():
    line = live()
    line.reply("resp_1", "item_2", "one two three four", 1000)
    line.played("item_2", 500)
    started(line)
    assert line.sent[0]["audio_end_ms"] == 500


def test_an_answer_that_was_played_to_its_end_is_not_interrupted():
    line = live()
    line.reply("resp_1", "item_2", "one two", 1000)
    line.played("item_2", 1000)
    started(line)
    assert line.of(events.Interrupted) == []


def test_without_news_from_the_playout_the_servers_own_cut_must_do():
    line = live()
    line.reply("resp_1", "item_2", "one two", 1000, done=False)
    started(line)
    assert line.of(events.Interrupted)
    assert line.sent == []


def test_an_application_that_wants_no_interruption_gets_none():
    quiet = {"audio": {"input": {"turn_detection": VAD | {"interrupt_response": False}}}}
    line = live(quiet)
    line.reply("resp_1", "item_2", "one two", 1000, done=False)
    line.played("item_2", 100)
    started(line)
    assert line.of(events.Interrupted) == []
    assert line.sent == []


def test_a_replayed_answer_is_text_and_is_cut_in_the_ledger_only():
    line = live()
    line.reply("resp_1", "item_2", "one two three four", 1000)
    line.played("item_2", 500)
    line.ended()
    line.come_live()
    line.fresh()
    started(line)
    assert [event.item_id for event in line.of(events.Interrupted)] == ["item_2"]
    line.ask("conversation.item.truncate", item_id="item_2", content_index=0, audio_end_ms=300)
    assert line.sent == []
    line.ended()
    line.come_live()
    texts = [each["item"]["content"][0]["text"] for each in line.sent if "item" in each]
    assert texts == ["one"]


def test_a_response_outside_the_conversation_does_not_disturb_the_turns():
    line = live()
    asked = line.ask("response.create")
    line.ask("response.create", response={"conversation": "none"})
    assert types(line.sent) == ["response.create", "response.create"]
    line.hear("response.created", response={"id": "side", "conversation_id": None})
    line.done("side")
    line.hear("response.created", response={"id": "main", "conversation_id": "conv"})
    second = line.ask("response.create")
    assert len(line.sent) == 2
    line.done("main")
    assert [message["event_id"] for message in line.sent] == [
        asked,
        line.sent[1]["event_id"],
        second,
    ]


@pytest.mark.parametrize("code", sorted(RACES))
def test_a_race_of_a_healthy_session_is_an_anomaly_and_not_the_applications(code: str):
    line = live()
    line.refuse("someone", code)
    assert line.of(events.Refusal) == []
    assert [(fact.kind, fact.sample) for fact in line.of(seen.Anomaly)] == [
        (code, RACES[code].meaning)
    ]


def test_an_empty_commit_by_hand_is_no_race():
    line = live(BY_HAND)
    commit = line.ask("input_audio_buffer.commit")
    line.refuse(commit, "input_audio_buffer_commit_empty")
    assert line.of(events.Refusal)[0].request_id == commit
    assert line.connection._outbox.marks.answered() is None


def test_a_request_refused_since_a_response_runs_goes_out_when_it_is_done():
    line = live()
    asked = line.ask("response.create")
    line.hear("response.created", response={"id": "r0", "conversation_id": "conv"})
    line.refuse(asked, "conversation_already_has_active_response")
    line.fresh()
    line.done("r0")
    assert [message["event_id"] for message in line.sent] == [asked]


def test_a_refused_item_is_not_told_to_the_next_session():
    line = live()
    asked = line.ask("conversation.item.create", item={"type": "message", "role": "assistant"})
    line.refuse(asked)
    line.ended()
    line.fresh()
    line.come_live()
    assert types(line.sent) == ["session.update"]


def test_words_that_are_complete_before_their_item_settle_its_audio_when_it_comes():
    line = live()
    line.speak(1000)
    started(line, "item_1", 100)
    line.transcribed("item_1", "early")
    assert line.connection.books().consumed == 100
    line.hear("input_audio_buffer.speech_stopped", item_id="item_1", audio_end_ms=900)
    line.hear("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)
    assert line.connection.books().consumed == 900


def test_words_of_unknown_items_change_no_books():
    line = live()
    line.speak(1000)
    line.transcribed("nobody", "x")
    assert line.connection.books().retained == 1000
    assert line.of(events.TranscriptDone)[0].text == "x"


def test_a_commit_in_the_middle_of_speech_takes_what_was_sent_before_it():
    line = live()
    line.speak(600)
    started(line, "item_1", 100)
    line.ask("input_audio_buffer.commit")
    line.speak(400)
    line.hear("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)
    line.transcribed("item_1", "x")
    assert line.connection.books().consumed == 600


def test_a_commit_the_server_makes_by_itself_takes_what_it_was_sent():
    line = live()
    line.speak(600)
    line.hear("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)
    line.transcribed("item_1", "")
    assert line.connection.books().consumed == 600


def test_a_commit_without_any_audio_has_no_place_on_the_axis():
    line = live()
    line.hear("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)
    line.transcribed("item_1", "typed")
    assert line.connection.books().consumed == 0


def test_a_turn_is_owed_its_answer_once_its_item_is_there_even_before_the_commit_is_told():
    line = live()
    line.speak(1000)
    started(line, "item_1", 100)
    line.hear("input_audio_buffer.speech_stopped", item_id="item_1", audio_end_ms=900)
    item = {"id": "item_1", "type": "message", "role": "user", "status": "completed"}
    line.hear("conversation.item.added", item=item, previous_item_id=None)
    turns = line.connection._conversation.turns
    assert turns.owed
    line.reply("resp_1", "item_2", "hi", 100)
    line.hear("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)
    assert not turns.owed, "the commit is no second turn"


def test_a_stop_without_a_start_is_survived():
    line = live()
    line.hear("input_audio_buffer.speech_stopped", item_id="item_1", audio_end_ms=900)
    line.hear("input_audio_buffer.speech_started", item_id="item_2", audio_start_ms=5)
    line.ended()
    assert line.connection._conversation.hearing.broken_speech is None


def test_cleared_speech_is_forgotten_and_the_request_behind_it_goes_out():
    line = live({"audio": {"input": {"turn_detection": VAD | {"create_response": False}}}})
    asked = line.ask("response.create")
    line.ended()
    line.speak(500)
    line.until(State.DIALING)
    line.opened()
    line.created()
    line.fresh()
    line.updated()
    started(line)
    line.updated()
    assert line.state is State.LIVE
    assert "response.create" not in types(line.sent)
    line.ask("input_audio_buffer.clear")
    line.hear("input_audio_buffer.cleared")
    assert types(line.sent)[-1] == "response.create"
    assert line.sent[-1]["event_id"] == asked
    assert line.connection._conversation.hearing._open == {}


def test_items_of_servers_that_only_say_created_are_known_and_never_complete():
    line = live()
    item = {"id": "item_2", "type": "message", "role": "assistant"}
    line.hear("conversation.item.created", item=item)
    line.hear("response.text.delta", item_id="item_2", response_id="r", delta="one")
    line.hear("response.text.done", item_id="item_2", response_id="r", text="one two")
    line.ended()
    line.fresh()
    line.come_live()
    texts = [each["item"]["content"][0]["text"] for each in line.sent if "item" in each]
    assert texts == ["one two"]


def test_a_deleted_item_is_not_told_to_the_next_session():
    line = live()
    line.speak(1000)
    line.turn("item_1", 100, 800, "hello")
    line.hear("conversation.item.deleted", item_id="item_1")
    line.hear("response.created", response={"id": "r", "conversation_id": "c"})
    line.done("r")
    line.ended()
    line.fresh()
    line.come_live()
    assert "conversation.item.create" not in types(line.sent)


def test_speech_left_open_is_forgotten_once_a_new_session_has_read_it_all():
    line = live()
    line.speak(2000)
    started(line, at=1000)
    line.ended()
    line.come_live()
    conversation = line.connection._conversation
    assert conversation.hearing.broken_speech == 1000
    line.speak(1500)
    line.wait(1.5)
    line.pong()
    assert conversation.hearing.broken_speech == 1000
    line.wait(5.0)
    line.pong()
    assert conversation.hearing.broken_speech is None


def test_speech_left_open_is_remembered_through_links_that_never_came_up():
    line = live()
    line.speak(3000)
    started(line, at=1000)
    line.ended()
    line.until(State.DIALING)
    line.ended()
    line.come_live()
    conversation = line.connection._conversation
    conversation.hearing.parsed(2500, line.now)
    conversation.hearing.parsed(2500, line.now + 1.0)
    assert conversation.hearing.broken_speech == 1000


def test_speech_left_open_is_forgotten_when_the_application_clears_it():
    line = live()
    line.speak(2000)
    started(line, at=1000)
    line.ended()
    line.ask("input_audio_buffer.clear")
    assert line.connection._conversation.hearing.broken_speech is None
    line.fresh()
    line.come_live()
    assert types(line.sent) == ["session.update"]


def test_an_event_without_meaning_for_the_books_passes_through():
    line = live()
    line.hear("rate_limits.updated", rate_limits=[])
    assert [type(event) for event in line.events] == [events.Raw]


def test_a_refusal_of_our_own_truncation_is_not_the_applications():
    line = live()
    line.refuse("tk-cut-item_2", "invalid_value")
    assert line.of(events.Refusal) == []
    assert [fact.kind for fact in line.of(seen.Anomaly)] == ["invalid_value"]


def test_a_busy_server_that_names_no_request_means_the_one_that_waits():
    line = live()
    asked = line.ask("response.create")
    line.refuse("", "conversation_already_has_active_response")
    line.hear("response.created", response={"id": "r0", "conversation_id": "conv"})
    line.fresh()
    line.done("r0")
    assert [message["event_id"] for message in line.sent] == [asked]


def test_an_answer_that_does_not_end_is_heard_for_ten_minutes_and_the_rest_is_an_anomaly():
    line = Line(fast=False).come_live()
    line.reply("r1", "a1", "x", 0, done=False)
    for _ in range(12):
        line.delta("r1", "a1", 60_000)
    told = [event for event in line.of(events.AudioDelta) if event.item_id == "a1"]
    assert sum(len(event.pcm) // 2 for event in told) == 600_000
    strange = [fact for fact in line.of(seen.Anomaly) if fact.kind == "item too long"]
    assert len(strange) == 2
    line.done("r1")
    line.reply("r2", "a2", "y", 100)
    assert len(line.of(events.AudioDelta)[-1].pcm) == 200
