"""A conversation that the server kept: the new link names it, and nothing is told again."""

from __future__ import annotations

from protocol.driving import Line, appended, dials, types
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.ledger import Ledger
from trunkline.protocol.lifecycle import State
from trunkline.protocol.resumption import Resumption


def _line(**session) -> Line:
    """A live line to xAI, whose conversation has a name."""
    line = Line(dialect=Dialect.XAI, session=session).start()
    line.opened()
    line.created()
    _named(line, "conv-1")
    line.updated()
    assert line.state is State.LIVE
    return line


def _named(line: Line, name: str) -> None:
    line.hear("conversation.created", conversation={"id": name})


def _given_back(line: Line, item_id: str, role: str, text: str) -> None:
    part = {"type": "text" if role == "assistant" else "input_text", "text": text}
    item = {"id": item_id, "type": "message", "role": role, "content": [part]}
    line.hear("conversation.item.added", item=item, previous_item_id=None)


def _talk(line: Line) -> None:
    line.speak(1000)
    line.turn("u1", 0, 1000, "where is the station?")
    line.reply("r1", "a1", "round the corner", 800)


def _drop(line: Line) -> None:
    line.ended()
    line.fresh()
    line.until(State.DIALING)
    line.opened()
    line.created()


def test_a_link_that_comes_back_names_the_conversation_and_tells_nothing_again():
    line = _line(instructions="be brief")
    _talk(line)
    _drop(line)
    assert [dial.conversation_id for dial in dials(line)] == ["", "conv-1"]
    _named(line, "conv-1")
    _given_back(line, "a9", "assistant", "round the corner")
    line.updated()
    assert line.state is State.LIVE
    assert types(line.sent) == ["session.update"]
    (restored,) = line.of(seen.Restored)
    assert (restored.items, restored.verified, restored.owed) == (1, True, False)


def test_items_that_are_given_back_keep_the_names_the_application_knows():
    line = _line()
    _talk(line)
    _drop(line)
    _named(line, "conv-1")
    line.fresh("events")
    _given_back(line, "a9", "assistant", "round the corner")
    line.hear("conversation.item.done", item={"id": "a9", "type": "message"}, previous_item_id=None)
    line.updated()
    line.fresh()
    line.ask("conversation.item.delete", item_id="a1")
    assert line.sent[-1]["item_id"] == "a9"
    # What was not given back has no id that could be named.
    line.ask("conversation.item.create", item={"type": "message"}, previous_item_id="u1")
    assert line.sent[-1]["previous_item_id"] == "root"
    told = events.ItemAdded | events.ItemDone
    assert not any(isinstance(event, told) for event in line.fresh("events"))


def test_what_happened_while_nobody_listened_is_added():
    line = _line()
    _talk(line)
    _drop(line)
    _named(line, "conv-1")
    _given_back(line, "a9", "assistant", "round the corner")
    _given_back(line, "a10", "assistant", "anything else?")
    line.updated()
    # The next session is a new one, and is told all of it.
    _drop(line)
    _named(line, "conv-2")
    line.updated()
    line.updated()
    told = [request["item"]["content"][0]["text"] for request in line.sent if "item" in request]
    assert told == ["where is the station?", "round the corner", "anything else?"]


def test_audio_that_no_item_holds_is_still_sent_again():
    line = _line(audio={"input": {"turn_detection": {"type": "server_vad"}}})
    _talk(line)
    line.hear("input_audio_buffer.speech_started", item_id="u2", audio_start_ms=1000)
    line.speak(400)
    _drop(line)
    _named(line, "conv-1")
    line.updated()
    assert line.state is State.RESTORING
    line.updated()
    assert line.state is State.LIVE
    assert appended(line.sent)[-1] == 1399
    assert "conversation.item.create" not in types(line.sent)


def test_a_conversation_under_another_name_is_a_new_one_and_told_everything():
    line = _line()
    _talk(line)
    _drop(line)
    _named(line, "conv-2")
    line.updated()
    assert line.state is State.CONFIGURING, "that confirmed what was asked before the name came"
    line.updated()
    assert line.state is State.RESTORING
    line.echo_items()
    line.updated()
    assert line.state is State.LIVE
    assert types(line.sent).count("conversation.item.create") == 2
    line.ended()
    line.until(State.DIALING)
    assert dials(line)[-1].conversation_id == "conv-2"


def test_a_conversation_that_is_not_named_at_all_is_a_new_one():
    line = _line()
    _talk(line)
    _drop(line)
    line.updated()
    assert line.state is State.CONFIGURING
    line.updated()
    line.echo_items()
    line.updated()
    assert line.state is State.LIVE
    assert types(line.sent).count("conversation.item.create") == 2


def test_a_drop_in_the_middle_of_it_asks_for_the_same_conversation_again():
    line = _line()
    _talk(line)
    _drop(line)
    _drop(line)
    assert dials(line)[-1].conversation_id == "conv-1"
    _named(line, "conv-1")
    line.updated()
    assert line.state is State.LIVE


def test_after_a_rotation_the_name_of_the_old_conversation_is_not_used():
    resumption = Resumption(possible=True)
    resumption.named("conv-1")
    assert resumption.ask() == "conv-1"
    resumption.forget()
    assert resumption.ask() == ""


def test_servers_that_keep_nothing_are_asked_for_nothing():
    line = Line().start()
    line.opened()
    line.created()
    _named(line, "conv-1")
    line.updated()
    line.ended()
    line.until(State.DIALING)
    assert [dial.conversation_id for dial in dials(line)] == ["", ""]


def test_a_call_is_known_by_its_call_id_and_an_answer_by_how_it_begins():
    ledger = Ledger({})
    call = {"id": "f1", "type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"}
    ledger.reported(call, None, done=True)
    answer = {"id": "a1", "type": "message", "role": "assistant"}
    ledger.reported(answer, None, done=False)
    ledger.answer_audio("a1", 100)
    ledger.answer_words("a1", "one two three four")
    ledger.played("a1", 50)
    resumption = Resumption(possible=True)
    resumption.named("conv-1")
    resumption.ask()
    resumption.named("conv-1")
    assert resumption.is_granted
    resumption.keep(call | {"id": "f9"})
    part = {"type": "text", "text": "one two three four five"}
    resumption.keep(answer | {"id": "a9", "content": [part]})
    assert resumption.settle(ledger) == 2
    assert (ledger.name("f1"), ledger.name("a1")) == ("f9", "a9")
    assert len(ledger) == 2
