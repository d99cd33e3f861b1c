from __future__ import annotations

from typing import Any

from protocol.driving import VAD, Line, types
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.protocol.replay import Replay, ReplayBudget
from trunkline.protocol.restore import Progress

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}
MINE = {"id": "mine", "type": "message", "role": "user", "content": []}


def progress(*items: dict[str, Any], audio_samples: int = 0) -> Progress:
    replay = Replay(items=items, audio_samples=audio_samples, dropped=0, wordless=0)
    return Progress(replay=replay, target=0, needed=True, began_at=0.0, broken_answer="")


def test_audio_inside_items_counts_as_replayed():
    assert progress(audio_samples=70).replayed_samples == 70


def test_the_budget_bounds_what_a_session_is_told_and_what_was_left_out_is_counted():
    line = Line(session=LISTENING, replay_budget=ReplayBudget(items=2))
    for number in range(5):
        line.ask("conversation.item.create", item={"id": f"m{number}", "type": "message"})
    line.come_live()
    line.ended()
    line.come_live()
    (restored,) = line.of(seen.Restored)
    assert (restored.items, restored.items_dropped) == (2, 3)


def test_a_session_that_needs_nothing_is_not_held_back():
    line = Line(session=LISTENING).come_live()
    line.ended()
    line.fresh()
    line.come_live()
    assert types(line.sent) == ["session.update"]
    assert line.sent[0]["session"]["audio"]["input"]["turn_detection"] == VAD
    assert line.of(seen.Restored)[0].verified


def test_items_the_application_has_seen_do_not_come_again_under_other_ids():
    line = Line(session=LISTENING).come_live()
    line.speak(2000)
    line.turn("u1", 0, 1000, words="hello")
    line.reply("r1", "a1", "hola", 500)
    line.ask("conversation.item.create", item={"id": "mine", "type": "message"})
    line.ended()
    line.fresh("events")
    line.come_live()
    told = [event.item["id"] for event in line.of(events.ItemAdded)]
    # What the application created has the id it knows.
    assert told == ["mine"]


def test_the_release_is_sent_once():
    line = Line(session=LISTENING)
    line.ask("conversation.item.create", item={"id": "m", "type": "message"})
    line.start()
    line.opened()
    line.created()
    line.updated()
    line.drain()
    line.hear("x")
    assert types(line.sent).count("session.update") == 2
    assert line.state is State.RESTORING


def test_nothing_is_asked_of_a_restore_that_is_not_under_way():
    line = Line()
    restore = line.connection._restore
    restore.release()
    assert not restore.needed()
    assert not restore.is_settings("x")
    assert restore.reconfigure() is None
    assert restore.adopt()


def test_a_confirmation_before_the_release_does_not_end_the_restore():
    line = Line(session=LISTENING)
    line.ask("conversation.item.create", item={"id": "m", "type": "message"})
    line.start()
    line.opened()
    line.created()
    connection = line.connection
    message = b'{"type":"session.updated","session":{}}'
    connection.receive(1, message, line.now)
    connection.receive(1, message, line.now)
    assert connection.state is State.RESTORING


def test_a_restore_that_is_closed_keeps_its_echoes_to_itself():
    line = Line(session={"audio": {"input": {"turn_detection": VAD}}}).come_live()
    line.speak(900)
    line.turn("u1", 100, 800, "words")
    line.ended()
    line.until(State.DIALING)
    line.opened()
    line.created()
    before = len(line.sent)
    line.updated()
    assert line.state is State.RESTORING
    line.close()
    line.echo_items(line.sent[before:])
    assert line.state is State.CLOSING
    assert [event for event in line.of(events.ItemAdded) if event.item["id"].startswith("tk")] == []


def test_an_item_that_is_deleted_while_it_is_told_does_not_come_back_with_its_echo():
    line = Line(session={}).come_live()
    line.ask("conversation.item.create", item=MINE)
    line.hear("conversation.item.added", item=MINE)
    line.ended()
    line.until(State.DIALING)
    line.opened()
    line.created()
    line.ask("conversation.item.delete", item_id="mine")
    before = len(line.sent)
    line.updated()
    line.fresh("events")
    line.echo_items(line.sent[before:])
    assert line.events == []
    line.ended()
    line.fresh()
    line.come_live()
    assert "conversation.item.create" not in types(line.sent)
