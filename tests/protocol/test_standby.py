from __future__ import annotations

from protocol.test_rotation import live, texts, told
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.replay import ReplayBudget


def test_an_echo_with_other_words_is_a_difference():
    line = told(live())
    second = line.rotate()
    second.opened()
    second.created()
    second.updated()
    for request in second.sent[1:]:
        item = request["item"] | {"content": [{"type": "output_text", "text": "other"}]}
        second.hear("conversation.item.added", item=item)
    (fact,) = line.of(seen.Rotated)
    assert not fact.verified


def test_an_item_that_is_refused_is_a_difference_and_holds_nothing_up():
    line = told(live())
    second = line.rotate()
    second.opened()
    second.created()
    second.updated()
    second.refuse("", "nobody_knows")
    for request in second.sent[1:]:
        second.refuse(request["event_id"], "item_create_failed")
    (fact,) = line.of(seen.Rotated)
    assert not fact.verified


def test_settings_that_are_confirmed_after_the_switch_are_the_applications_no_more():
    line = told(live())
    second = line.rotate(within=0.0)
    line.reply("resp_2", "item_4", "one two", 400, done=False)
    second.opened()
    second.created()
    second.updated()
    for request in second.sent[1:]:
        second.hear("conversation.item.added", item=request["item"])
    line.wait(1.0)
    before = len(line.of(events.SessionUpdated))
    line.ask("session.update", session={"instructions": "x"})
    line.updated()
    assert len(line.of(events.SessionUpdated)) == before + 1


def test_without_transcription_speech_is_told_as_audio_at_once():
    line = live(session={"audio": {"input": {"turn_detection": None}}})
    line.speak(200)
    line.ask("input_audio_buffer.commit")
    line.hear("input_audio_buffer.committed", item_id="i", previous_item_id=None)
    line.wait(0.6)
    sent = line.rotate().come_up()
    assert [part["type"] for part in sent[1]["item"]["content"]] == ["input_audio"]
    assert line.epoch == 2


def test_speech_whose_item_comes_before_its_commit_is_told_as_audio_behind_that():
    line = told(live(session={"audio": {"input": {"turn_detection": None}}}))
    second = line.rotate()
    second.opened()
    second.created()
    second.updated()
    line.speak(200)
    line.ask("input_audio_buffer.commit")
    before = len(second.sent)
    item = {"id": "i", "type": "message", "role": "user", "status": "completed"}
    line.hear("conversation.item.added", item=item, previous_item_id=None)
    assert len(second.sent) == before
    line.hear("input_audio_buffer.committed", item_id="i", previous_item_id=None)
    (request,) = second.sent[before:]
    assert [part["type"] for part in request["item"]["content"]] == ["input_audio"]


def test_speech_whose_audio_nobody_names_is_told_as_such_after_a_while():
    line = told(live(session={"audio": {"input": {"turn_detection": None}}}))
    second = line.rotate(within=60.0)
    second.opened()
    second.created()
    second.updated()
    before = len(second.sent)
    item = {"id": "i", "type": "message", "role": "user", "status": "completed"}
    line.hear("conversation.item.added", item=item, previous_item_id=None)
    line.wait(6.0)
    assert texts(second.sent[before:]) == ["[inaudible]"]


def test_speech_whose_words_and_audio_are_both_gone_is_told_as_such():
    line = live(retention_ms=15_000)
    line.hear("conversation.item.added", item={"id": "i", "type": "message", "role": "user"})
    second = line.rotate(within=0.0)
    sent = second.come_up()
    assert sent[-1]["item"]["content"] == [{"type": "input_text", "text": "[inaudible]"}]


def test_what_the_switch_deletes_stays_deleted_for_the_application():
    line = told(live())
    second = line.rotate(within=60.0)
    line.hear("input_audio_buffer.speech_started", item_id="x", audio_start_ms=700)
    second.come_up()
    gone = second.sent[1]["item"]["id"]
    line.ask("conversation.item.delete", item_id="item_1")
    second.answer()
    line.connection.rotate(line.now, 0.0)
    line.wait(0.0)
    assert line.epoch == 2
    before = len(line.events)
    second.hear("conversation.item.deleted", item_id=gone)
    assert len(line.events) == before


def test_settings_that_are_unconfirmed_at_the_end_of_the_window_are_confirmed_after_the_switch():
    line = told(live())
    second = line.rotate(within=0.0)
    line.hear("input_audio_buffer.speech_started", item_id="x", audio_start_ms=700)
    second.opened()
    second.created()
    second.updated()
    line.ask("session.update", session={"instructions": "late"})
    line.connection._supervisor.rotation._moments.gives_up_at = line.now
    line.wait(0.0)
    assert line.epoch == 2
    before = len(line.events)
    second.updated()
    assert len(line.events) == before


def test_an_item_that_the_budget_left_out_keeps_its_name():
    line = told(live(replay_budget=ReplayBudget(items=1)))
    second = line.rotate()
    assert texts(second.come_up()) == ["hola"]
    ids = [entry.id for entry in line.connection._conversation.ledger._entries]
    assert ids == ["item_1", second.sent[1]["item"]["id"]]


def test_settings_that_are_refused_after_the_switch_are_the_applications_business():
    line = told(live())
    second = line.rotate(within=0.0)
    line.hear("input_audio_buffer.speech_started", item_id="x", audio_start_ms=700)
    second.opened()
    second.created()
    second.updated()
    line.ask("session.update", session={"instructions": "late"})
    line.connection._supervisor.rotation._moments.gives_up_at = line.now
    line.wait(0.0)
    assert line.epoch == 2
    late = [each for each in second.sent if each["type"] == "session.update"][-1]
    second.refuse(late["event_id"])
    assert line.of(events.Refusal)[-1].request_id == late["event_id"]
    # What is asked for next is confirmed to the application again.
    before = len(line.of(events.SessionUpdated))
    line.ask("session.update", session={"instructions": "next"})
    second.updated()
    assert len(line.of(events.SessionUpdated)) == before + 1
