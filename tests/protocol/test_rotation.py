from __future__ import annotations

import pytest

from protocol.driving import BY_HAND, RESET, VAD, appended, types
from protocol.rotating import TwoLinks, Wire
from trunkline.errors import OutboxFull
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure
from trunkline.protocol.drains import AbortLink, CloseLink, Dial, Ping
from trunkline.protocol.lifecycle import Phase, State

LISTENING = {"audio": {"input": {"turn_detection": VAD, "transcription": {"model": "whisper"}}}}
BAD_KEY = Closure(code=3000, reason="invalid_request_error.invalid_api_key")
EXPIRED = Closure(code=1001, reason="Your session hit the maximum duration of 60 minutes.")


def live(**policy: object) -> TwoLinks:
    line = TwoLinks(**({"session": LISTENING} | policy))
    line.come_live()
    return line


def told(line: TwoLinks) -> TwoLinks:
    """A line after one turn with its answer."""
    line.speak(1000)
    line.turn("item_1", 100, 600, "hello")
    line.reply("resp_1", "item_2", "hola", 200)
    return line


def phase(line: TwoLinks) -> Phase:
    return line.connection._supervisor.rotation.second.phase


def rotated(line: TwoLinks) -> seen.Rotated:
    (fact,) = line.of(seen.Rotated)
    return fact


def failures(line: TwoLinks) -> list[tuple[str, bool]]:
    return [(fact.cause, fact.final) for fact in line.of(seen.RotationFailed)]


def texts(messages: list[dict]) -> list[str]:
    return [
        message["item"]["content"][0].get("text", "audio")
        for message in messages
        if message["type"] == "conversation.item.create"
    ]


# The switch.


def test_in_silence_the_second_link_is_told_everything_and_takes_over():
    line = told(live())
    second = line.rotate()
    assert line.state is State.ROTATING
    line.speak(100)
    assert appended(second.sent) == []
    sent = second.come_up()
    assert types(sent)[:3] == ["session.update", *["conversation.item.create"] * 2]
    assert texts(sent) == ["hello", "hola"]
    assert (line.state, line.epoch) == (State.LIVE, 2)
    fact = rotated(line)
    assert (fact.items, fact.lost_samples, fact.verified, fact.owed) == (2, 0, True, False)
    assert fact.moment == "in silence"
    assert appended(second.sent) == list(range(600, 1100))
    assert CloseLink(epoch=1, code=1000, reason="") in line.actions
    line.speak(100)
    assert appended(second.sent)[-1] == 1199
    assert line.of(events.LineLive)[-1].epoch == 2
    assert line.of(events.LineDropped) == []


def test_what_the_second_session_is_told_again_leaves_room_for_more():
    line = live(retention_ms=1000, replay_limit_ms=1000)
    line.speak(1000)
    line.patient = False
    line.rotate().come_up()
    assert line.state is State.LIVE
    assert line.connection._outbox.waiting() > 900
    # What comes while a second of late audio is told is no more than ever: it is the oldest that makes room.
    line.speak(500)
    with pytest.raises(OutboxFull):
        line.connection.send_audio(bytes(2 * 501), line.now)
    line.patient = True
    line.drain()
    assert line.connection._outbox.waiting() == 0
    books = line.connection.books()
    assert books.accepted == 1500 == books.consumed + books.retained + books.gap


def test_the_link_that_was_left_ends_as_we_wanted_and_what_it_says_is_fenced():
    line = told(live())
    line.rotate().come_up()
    before = len(line.events)
    first = line.wire(1)
    first.turn("late", 700, 800, "late")
    assert len(line.events) == before
    first.ended(RESET)
    ended = line.of(seen.LinkEnded)[-1]
    assert (ended.epoch, ended.verdict.cause) == (1, "closed by us")


def test_a_goodbye_that_is_not_answered_is_cut_short_and_the_next_rotation_waits_for_it():
    line = live()
    line.rotate().come_up()
    line.connection.rotate(line.now)
    line.drain()
    line.wait(0.5)
    assert line.dialed == 2
    line.wait(1.0)
    assert AbortLink(epoch=1) in line.actions
    assert line.dialed == 3
    line.wire().come_up()
    assert line.epoch == 3


def test_a_new_id_stands_for_the_old_ones_after_two_rotations():
    line = told(live())
    for _ in range(2):
        line.rotate().come_up()
        line.wait(3.0)
    line.ask("conversation.item.delete", item_id="item_2")
    (request,) = [each for each in line.wire(3).sent if each["type"].endswith("item.delete")]
    assert request["item_id"] == line.wire(3).sent[2]["item"]["id"]


@pytest.mark.parametrize("obstacle", ["speech", "answer", "playing", "words", "call", "beside"])
def test_the_switch_waits_for_silence(obstacle: str):
    line = told(live())
    second = line.rotate()
    if obstacle == "speech":
        line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=700)
    elif obstacle == "answer":
        line.reply("resp_2", "item_3", "wait", 100, done=False)
    elif obstacle == "playing":
        line.played("item_2", 50)
    elif obstacle == "words":
        line.turn("item_4", 700, 900)
        line.reply("resp_2", "item_3", "yes", 100)
    elif obstacle == "call":
        item = {"id": "c", "type": "function_call", "call_id": "call_1", "name": "f"}
        line.hear("conversation.item.done", item=item)
    else:
        line.ask("response.create", response={"conversation": "none"})
        line.hear("response.created", response={"id": "side", "conversation_id": None})
        line.wait(0.6)
    second.come_up()
    assert (line.state, phase(line)) == (State.ROTATING, Phase.READY)
    if obstacle == "speech":
        line.hear("input_audio_buffer.speech_stopped", item_id="i", audio_end_ms=900)
        line.hear("input_audio_buffer.committed", item_id="i", previous_item_id=None)
        line.transcribed("i", "bye")
        line.reply("resp_2", "item_3", "adios", 100)
    elif obstacle == "answer":
        line.hear("conversation.item.done", item={"id": "item_3", "type": "message"})
        line.done("resp_2")
    elif obstacle == "playing":
        line.played("item_2", 200)
    elif obstacle == "words":
        line.transcribed("item_4", "late")
    elif obstacle == "call":
        output = {"type": "function_call_output", "call_id": "call_1", "output": "1"}
        line.ask("conversation.item.create", item=output)
        line.wait(0.6)
    else:
        line.done("side")
    second.answer()
    line.wait(0.1)
    assert rotated(line).moment == "in silence"


def test_words_that_never_come_are_replaced_by_the_audio():
    line = told(live())
    line.speak(500)
    line.turn("item_3", 1100, 1300)
    line.reply("resp_2", "item_4", "yes", 100)
    second = line.rotate()
    second.come_up()
    assert line.state is State.ROTATING
    _keep(line, 6.0)
    second.answer()
    assert texts(second.sent) == ["hello", "hola", "yes", "audio"]
    (late,) = [each for each in second.sent if each.get("previous_item_id")]
    assert late["previous_item_id"] == second.sent[2]["item"]["id"]
    assert rotated(line).replayed_samples >= 200


def test_near_the_end_of_the_window_an_utterance_is_taken_along():
    line = told(live())
    second = line.rotate()
    line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=700)
    second.come_up()
    _keep(line, 145.0)
    assert line.state is State.ROTATING
    _keep(line, 10.0)
    assert rotated(line).moment == "between answers"
    assert appended(second.sent)[0] <= 700


def _last_ping(line: TwoLinks, epoch: int) -> bytes:
    pings = [act for act in line.actions if isinstance(act, Ping) and act.epoch == epoch]
    return pings[-1].payload


def test_at_the_deadline_an_answer_breaks_off_and_is_given_anew():
    line = told(live())
    line.speak(500)
    line.turn("item_3", 1100, 1300, "again")
    line.reply("resp_2", "item_4", "one two three four", 400, done=False)
    line.played("item_4", 200)
    second = line.rotate(within=0.0)
    second.come_up()
    fact = rotated(line)
    assert (fact.moment, fact.owed) == ("at the deadline", True)
    assert line.of(events.Interrupted)[-1].item_id == "item_4"
    second.answer()
    assert texts(second.sent) == ["hello", "hola", "again", "one two"]
    assert types(second.sent)[-1] == "response.create"
    # The echoes of what the switch itself told are nobody's news.
    assert not any(
        isinstance(event, events.ItemAdded) and event.item["id"].startswith("tk")
        for event in line.events
    )


def test_what_changes_meanwhile_is_told_again():
    line = told(live())
    line.ask("conversation.item.create", item={"id": "mine", "type": "message", "role": "user"})
    second = line.rotate(within=60.0)
    line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=700)
    second.come_up()
    line.hear("conversation.item.added", item={"id": "mine"})
    line.ask("conversation.item.delete", item_id="item_1")
    line.ask("conversation.item.truncate", item_id="item_2", audio_end_ms=100)
    line.ask("session.update", session={"instructions": "new"})
    kinds = types(second.answer())
    assert kinds.count("conversation.item.delete") == 2
    assert "session.update" in kinds
    assert phase(line) is Phase.READY


def test_a_turn_that_is_committed_by_hand_is_taken_along_whole():
    line = live(session=BY_HAND)
    line.speak(30_000)
    second = line.rotate(within=0.0)
    second.come_up()
    assert appended(second.sent) == list(range(30_000))
    assert rotated(line).lost_samples == 0


def test_by_hand_an_open_turn_is_no_silence():
    line = live(session=BY_HAND)
    line.speak(100)
    line.rotate().come_up()
    assert line.state is State.ROTATING


def test_the_session_of_the_second_link_is_introduced_at_the_switch_and_not_before():
    line = live()
    second = line.rotate()
    line.ask("conversation.item.create", item={"id": "mine", "type": "message", "role": "user"})
    second.opened()
    second.created(id="sess_2", expires_at=7)
    assert len(line.of(seen.SessionReady)) == 1
    second.answer()
    line.wait(0.6)
    assert line.of(seen.SessionReady)[-1].expires_at == 7.0
    assert [type(event) for event in line.events[-4:]] == [
        events.SessionCreated,
        events.SessionUpdated,
        events.ItemAdded,
        events.LineLive,
    ]


# When.


def test_a_session_is_exchanged_at_55_minutes_and_within_58():
    line = live()
    line.connection.receive(1, b"{}", line.now)
    window = line.connection._supervisor.rotation._window
    assert window is not None
    assert (window.due_at(), window.ends_at()) == (100.0 + 3180.0, 100.0 + 3480.0)


def _keep(line: TwoLinks, seconds: float) -> None:
    """Lets time pass on links whose pings are answered."""
    end = line.now + seconds
    while line.now < end:
        line.wait(1.0)
        for epoch in {line.epoch, line.dialed}:
            pings = [act for act in line.actions if isinstance(act, Ping) and act.epoch == epoch]
            if pings:
                line.connection.pong(epoch, pings[-1].payload, line.now)
        line.drain()


def test_what_the_server_says_of_the_end_moves_the_window():
    line = TwoLinks(session=LISTENING)
    line.connection.tell_time(1_000_000.0, line.now)
    line.come_live(expires_at=1_000_600)
    _keep(line, 540.0)
    assert line.of(seen.RotationBegun) == []
    _keep(line, 15.0)
    (begun,) = line.of(seen.RotationBegun)
    assert begun.cause == "planned"
    assert line.dialed == 2
    line.wire().come_up()
    assert line.epoch == 2


def test_a_window_that_ends_without_a_second_link_leaves_the_first_alone():
    line = TwoLinks(session=LISTENING)
    line.connection.tell_time(1_000_000.0, line.now)
    line.come_live(expires_at=1_000_600)
    _keep(line, 585.0)
    assert failures(line)[-1] == ("no second link in time", True)
    assert (line.state, line.epoch) == (State.LIVE, 1)
    _keep(line, 20.0)
    assert len(line.of(seen.RotationBegun)) == 1


def test_an_attempt_that_would_come_too_late_is_not_made():
    line = live()
    second = line.rotate(within=1.0)
    second.ended(Closure(status=429, retry_after=250.0))
    line.wait(0.0)
    assert failures(line)[-1] == ("no second link in time", True)
    assert line.state is State.LIVE


def test_a_second_request_shortens_the_wait():
    line = told(live())
    second = line.rotate()
    line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=700)
    second.come_up()
    line.connection.rotate(line.now, 0.0)
    line.wait(0.0)
    assert line.state is State.LIVE


# The second link fails.


def test_a_second_link_that_is_refused_is_tried_again_and_the_first_goes_on():
    line = told(live())
    line.rotate().ended(Closure(status=503))
    assert failures(line) == [("the server is overloaded or being serviced", False)]
    line.speak(100)
    assert appended(line.wire(1).sent)[-1] == 1099
    line.wait(5.0)
    assert line.dialed == 3
    line.wire().come_up()
    assert line.epoch == 3


def test_a_final_verdict_ends_the_rotation_and_not_the_line():
    line = live()
    second = line.rotate()
    second.opened()
    second.ended(BAD_KEY)
    assert failures(line) == [("the key was not accepted", True)]
    assert (line.state, line.epoch, line.connection.failure) == (State.LIVE, 1, None)
    _keep(line, 30.0)
    assert line.dialed == 2


def test_a_second_link_that_says_nothing_is_left():
    line = live()
    second = line.rotate()
    second.opened()
    _keep(line, 11.0)
    assert failures(line)[0] == ("timed out", False)
    assert AbortLink(epoch=2) in line.actions


def test_a_second_link_that_falls_silent_is_found_dead():
    line = told(live())
    second = line.rotate()
    line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=700)
    second.come_up()
    line.connection.kernel.progress(2, line.now, acked_bytes=5, unsent_bytes=0)
    line.connection.kernel.progress(2, line.now, acked_bytes=None, unsent_bytes=0)
    line.wait(0.1)
    line.connection.pong(2, _last_ping(line, 2), line.now)
    for _ in range(25):
        line.wait(1.0)
        line.connection.pong(1, _last_ping(line, 1), line.now)
    assert ("no sign of life", False) in failures(line)
    assert line.epoch == 1


def test_a_link_that_is_not_open_has_no_progress():
    line = live()
    line.rotate()
    line.connection.kernel.progress(2, line.now, acked_bytes=5, unsent_bytes=0)
    line.wire().hear("session.updated", session={})
    assert line.of(seen.Anomaly)[-1].kind == "before session.created"
    line.connection.receive(2, b"[", line.now)
    line.drain()
    assert line.connection.next_message(line.now, 2) is None
    assert line.connection.next_message(line.now, 9) is None


@pytest.mark.parametrize("asking", [True, False])
def test_settings_that_the_second_session_refuses(asking: bool):
    line = live()
    second = line.rotate()
    if asking:
        line.ask("session.update", session={"instructions": "x"})
    second.opened()
    second.created()
    second.refuse(second.sent[0]["event_id"])
    assert failures(line)[0][1] is not asking
    assert line.epoch == 1


# The first link ends.


def test_a_first_link_that_ends_hands_over_to_one_that_is_being_dialed():
    line = told(live())
    second = line.rotate()
    line.ended(RESET)
    assert (line.state, line.epoch) == (State.DIALING, 2)
    second.opened()
    assert line.state is State.OPENING
    line.created()
    second.answer()
    second.answer()
    assert line.state is State.LIVE


def test_a_first_link_that_ends_hands_over_to_one_that_is_open():
    line = told(live())
    second = line.rotate()
    second.opened()
    line.ended(EXPIRED)
    assert (line.state, line.epoch) == (State.OPENING, 2)


@pytest.mark.parametrize("far", ["created", "configured", "told"])
def test_a_first_link_that_ends_hands_over_to_a_session_that_knows_a_part(far: str):
    line = told(live())
    second = line.rotate()
    line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=700)
    second.opened()
    second.created()
    if far == "configured":
        second.updated()
        second.fresh()
        second.read = 1
    elif far == "told":
        second.answer()
    line.speak(300)
    line.ended(RESET)
    assert (line.state, line.epoch) == (State.CONFIGURING, 2)
    assert failures(line) == [("the first link ended", True)]
    if far == "configured":
        second.read = 1
    second.answer()
    assert line.state is State.LIVE
    assert sorted(texts(second.sent)) == ["hello", "hola"]
    assert appended(second.sent) == list(range(700, 1300))
    (fact,) = line.of(seen.Restored)
    assert (fact.items, fact.lost_samples, fact.verified) == (2, 0, True)


def test_a_first_link_that_ends_between_two_attempts_is_an_ordinary_outage():
    line = live()
    line.rotate().ended(RESET)
    line.ended(RESET)
    assert line.state is State.WAITING
    assert failures(line)[-1] == ("the line is not live any more", True)


def test_an_expiry_between_two_attempts_dials_at_once():
    line = live()
    _keep(line, 61.0)
    line.rotate().ended(RESET)
    line.hear("error", error={"type": "invalid_request_error", "code": "session_expired"})
    assert line.state is State.DIALING


@pytest.mark.parametrize("far", [False, True])
def test_a_final_end_of_the_first_link_ends_the_line_and_the_second(far: bool):
    line = live()
    second = line.rotate()
    if far:
        second.opened()
    line.ended(BAD_KEY)
    assert line.state is State.FAILED
    assert AbortLink(epoch=2) in line.actions


@pytest.mark.parametrize("far", [False, True])
def test_closing_ends_both(far: bool):
    line = live()
    second = line.rotate()
    if far:
        second.opened()
    line.close()
    goodbyes = {act.epoch for act in line.actions if isinstance(act, CloseLink)}
    assert goodbyes == ({1, 2} if far else {1})
    line.wait(3.0)
    assert line.state is State.CLOSED
    assert AbortLink(epoch=2) in line.actions


def test_wires_are_told_apart():
    line = live()
    assert isinstance(line.rotate(), Wire)
    assert line.connection._supervisor.rotation.owns(2)


# The echoes of a switch that did not wait.


def test_late_answers_of_a_switch_are_absorbed():
    line = told(live())
    line.ask("conversation.item.create", item={"id": "mine", "type": "message", "role": "user"})
    second = line.rotate(within=0.0)
    line.reply("resp_2", "item_4", "one two", 400, done=False)
    line.played("item_4", 300)
    second.come_up()
    assert line.epoch == 2
    item = second.sent[2]["item"]["id"]
    before = len(line.events)
    second.refuse(f"tk-{item}", "item_create_failed")
    assert line.of(seen.Anomaly)[-1].kind == "the rotation was refused in part"
    second.hear("conversation.item.done", item={"id": item, "type": "message"})
    second.hear("response.done", response={"id": "x", "status": "completed"})
    assert len(line.events) == before + 1


def test_an_item_that_is_deleted_before_its_echo_does_not_come_back():
    line = told(live())
    line.ask("conversation.item.create", item={"id": "mine", "type": "message", "role": "user"})
    second = line.rotate(within=0.0)
    second.opened()
    second.created()
    second.hear("session.updated", session={})
    assert "mine" in [each.get("item", {}).get("id") for each in second.sent]
    line.ask("conversation.item.delete", item_id="mine")
    second.answer()
    assert line.epoch == 2
    before = len(line.events)
    second.hear("conversation.item.done", item={"id": "mine", "type": "message", "role": "user"})
    second.hear("conversation.item.deleted", item_id="mine")
    assert line.connection._conversation.ledger.get("mine") is None
    assert len(line.events) == before


def test_late_answers_of_a_switch_are_absorbed_during_the_goodbye_as_well():
    line = told(live())
    second = line.rotate(within=0.0)
    second.come_up()
    assert line.epoch == 2
    line.close()
    before = len(line.events)
    second.hear("conversation.item.done", item={"id": second.sent[2]["item"]["id"]})
    assert len(line.events) == before


# The machine, and the end.


@pytest.mark.parametrize("far", ["dialing", "open", "leaving"])
def test_the_sleep_of_the_machine_ends_every_link(far: str):
    line = told(live())
    second = line.rotate()
    if far == "open":
        second.opened()
    elif far == "leaving":
        second.come_up()
    line.connection.resumed(3600.0, line.now)
    line.drain()
    assert {act.epoch for act in line.actions if isinstance(act, AbortLink)} == {1, 2}
    assert line.state is State.WAITING
    if far != "leaving":
        assert failures(line) == [("the line is not live any more", True)]
    line.wait(0.0)
    assert line.state is State.DIALING
    assert Dial(epoch=3, refresh_credential=True) in line.actions


@pytest.mark.parametrize("far", ["dialing", "open", "leaving"])
def test_a_line_that_is_abandoned_leaves_both_links_at_once(far: str):
    line = told(live())
    second = line.rotate()
    if far == "open":
        second.opened()
    elif far == "leaving":
        second.come_up()
    line.connection.abandon(line.now)
    line.drain()
    assert line.state is State.CLOSED
    assert {act.epoch for act in line.actions if isinstance(act, AbortLink)} == {1, 2}


def test_a_goodbye_is_waited_for_a_little_longer_after_a_block():
    line = told(live())
    line.rotate().come_up()
    line.now += 30.0
    line.connection.handle_timeout(line.now, 0.5)
    line.drain()
    assert AbortLink(epoch=1) not in line.actions
    line.wait(0.3)
    assert AbortLink(epoch=1) in line.actions


def test_a_link_that_says_goodbye_may_still_pong_and_progress():
    line = told(live())
    line.wait(0.0)
    payload = _last_ping(line, 1)
    line.rotate().come_up()
    line.connection.pong(1, payload, line.now)
    line.connection.kernel.progress(1, line.now, acked_bytes=5, unsent_bytes=0)
    line.drain()
    assert line.of(seen.Fenced) == []


def test_a_turn_too_long_to_be_sent_again_is_broken_by_the_deadline_only():
    line = live(session=BY_HAND, retention_ms=2_000)
    second = line.rotate()
    line.speak(3_000)
    second.come_up()
    _keep(line, 170.0)
    assert line.state is State.ROTATING
    _keep(line, 12.0)
    fact = rotated(line)
    assert (fact.moment, fact.lost_samples) == ("at the deadline", 1_000)
    assert sum(gap.duration_ms for gap in line.of(events.LineGap)) == 1_000


def test_the_watch_over_the_model_goes_on_while_the_line_rotates():
    line = told(live())
    line.ask("response.create")
    line.rotate()
    _keep(line, 11.0)
    assert line.state is State.ROTATING
    assert line.of(events.ResponseStalled)


# Somebody wishes another link meanwhile.


def test_a_link_that_is_left_during_a_rotation_gives_way_to_the_second():
    line = told(live())
    second = line.rotate()
    second.opened()
    line.connection.reconnect(line.now)
    line.drain()
    assert (line.state, line.epoch) == (State.OPENING, 2)
    assert AbortLink(epoch=1) in line.actions
    second.created()
    second.answer()
    assert line.state is State.LIVE
    assert texts(second.sent) == ["hello", "hola"]


def test_a_link_that_is_left_before_there_is_a_second_gives_way_to_a_new_one():
    line = told(live())
    line.rotate().ended(RESET)
    assert line.state is State.ROTATING
    line.connection.reconnect(line.now)
    line.drain()
    assert line.state is State.DIALING
    assert line.epoch == line.dialed
    assert failures(line)[-1] == ("the line is not live any more", True)


def test_the_phases_and_messages_of_a_second_link_are_told_as_its_own():
    line = told(live())
    second = line.rotate()
    line.connection.link_opened(second.epoch, line.now, (("tcp", 0.1),))
    line.drain()
    assert line.of(seen.LinkOpened)[-1].phases == (("tcp", 0.1),)
    second.created()
    facts = [fact for fact in line.of(seen.MessagePassed) if fact.epoch == second.epoch]
    assert [fact.type for fact in facts] == ["session.created", "session.update"]
    assert all(len(fact.message) == fact.size_bytes > 0 for fact in facts)
