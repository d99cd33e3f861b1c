from __future__ import annotations

import json
import random

import pytest

from protocol.driving import (
    BY_HAND,
    RESET,
    VAD,
    Line,
    appended,
    dials,
    types,
)
from trunkline.errors import CodecError, LineFailed, LocalError, OutboxFull, RetriesExhausted
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import BackoffPolicy, RetryBudget
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.connection import Connection
from trunkline.protocol.drains import AbortLink, CloseLink, Dial, Ping
from trunkline.protocol.lifecycle import State
from trunkline.protocol.policy import LinePolicy

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}
QUIET_VAD = VAD | {"create_response": False, "interrupt_response": False}
LOUD_VAD = VAD | {"create_response": True, "interrupt_response": True}
EXPIRED = Closure(code=1001, reason="Your session hit the maximum duration of 60 minutes.")


def advance(line: Line, state: State) -> Line:
    """A new line, brought by healthy steps into the state."""
    if state is State.IDLE:
        return line
    line.start()
    if state in (State.RESTORING, State.CLOSING):
        line.ask("conversation.item.create", item={"type": "message", "role": "user"})
    for here, step in (
        (State.DIALING, line.opened),
        (State.OPENING, line.created),
        (State.CONFIGURING, line.updated),
        (
            State.RESTORING,
            line.close if state is State.CLOSING else lambda: (line.echo_items(), line.updated()),
        ),
        (State.CLOSING, lambda: None),
    ):
        if line.state is state:
            return line
        assert line.state in (here, State.LIVE)
        if line.state is here:
            step()
    if state is State.ROTATING:
        line.connection.rotate(line.now)
    if state is State.WAITING:
        line.ended()
    if state is State.CLOSED:
        line.close()
        line.ended(Closure(code=1000))
    if state is State.FAILED:
        line.ended(Closure(code=3000))
    assert line.state is state
    return line


def in_state(state: State, **policy: object) -> Line:
    return advance(Line(**policy), state)


LIVES = (State.LIVE, State.ROTATING)
LINKED = [State.DIALING, State.OPENING, State.CONFIGURING, State.RESTORING, State.LIVE]


# Coming up.


def test_the_first_connect_dials_configures_and_is_live():
    line = Line(session=LISTENING | {"instructions": "be kind"}).start()
    assert line.fresh("actions") == [Dial(epoch=1, refresh_credential=False)]
    line.opened()
    assert line.fresh() == []
    line.created(expires_at=99)
    assert line.fresh() == [
        {
            "type": "session.update",
            "event_id": "tk1_1",
            "session": {"type": "realtime", "instructions": "be kind"} | LISTENING,
        }
    ]
    line.updated()
    assert line.state is State.LIVE
    assert line.of(events.LineLive) == [
        events.LineLive(epoch=1, items_restored=0, replayed_ms=0.0, lost_ms=0.0)
    ]
    assert [fact.target for fact in line.of(seen.Transition)] == [
        State.DIALING,
        State.OPENING,
        State.CONFIGURING,
        State.RESTORING,
        State.LIVE,
    ]
    assert line.of(seen.Restored) == []
    assert line.of(seen.SessionReady)[0].expires_at == 99.0


def test_audio_offered_before_the_line_is_live_is_kept_and_sent_then():
    line = Line(session=LISTENING)
    line.speak(40)
    line.start()
    line.speak(60)
    assert line.sent == []
    line.come_live()
    assert appended(line.sent) == list(range(100))


def test_items_created_before_the_start_are_the_first_the_session_gets():
    line = Line(session=LISTENING)
    line.ask("conversation.item.create", item={"id": "mine", "type": "message", "role": "user"})
    line.come_live()
    assert types(line.sent) == ["session.update", "conversation.item.create", "session.update"]
    assert line.of(seen.Restored) == []
    assert line.of(events.LineLive)[0].items_restored == 1


def test_a_line_cannot_be_started_twice_and_the_second_try_changes_nothing():
    line = in_state(State.LIVE)
    began = line.connection._supervisor._backoff.outage_at
    with pytest.raises(LocalError):
        line.connection.start(line.now)
    assert line.connection._supervisor._backoff.outage_at is began is None


@pytest.mark.parametrize("state", [each for each in State if each not in LIVES])
def test_only_a_live_line_can_rotate(state: State):
    with pytest.raises(LocalError, match="rotate"):
        in_state(state).connection.rotate(0.0)


# Restore.


def test_a_drop_mid_utterance_is_restored_by_exactly_these_messages():
    line = Line(session=LISTENING).come_live()
    line.speak(3000)
    line.turn("item_1", 500, 2000, "hello")
    line.reply("resp_1", "item_2", "hi there", 100)
    line.hear("input_audio_buffer.speech_started", item_id="item_3", audio_start_ms=2500)
    line.ended()
    line.speak(200)
    line.fresh()
    line.until(State.DIALING)
    line.opened()
    line.created()
    line.updated()
    assert line.state is State.RESTORING
    sent = line.fresh()
    assert types(sent) == [
        "session.update",
        "conversation.item.create",
        "conversation.item.create",
        "input_audio_buffer.append",
        "input_audio_buffer.append",
        "session.update",
    ]
    assert sent[0]["session"]["audio"]["input"]["turn_detection"] == QUIET_VAD
    assert [(item["item"]["role"], item["item"]["content"][0]["text"]) for item in sent[1:3]] == [
        ("user", "hello"),
        ("assistant", "hi there"),
    ]
    # The silence between the turns went with the second one's start: what is left is that utterance.
    assert appended(sent) == list(range(2500, 3200))
    assert sent[-1]["session"]["audio"]["input"]["turn_detection"] == LOUD_VAD
    line.echo_items(sent)
    line.updated()
    assert line.state is State.LIVE
    assert line.fresh() == []
    (restored,) = line.of(seen.Restored)
    assert (restored.items, restored.replayed_samples, restored.lost_samples) == (2, 500, 0)
    assert (restored.verified, restored.owed) == (True, False)


def test_a_drop_mid_reply_cuts_it_where_it_was_heard_and_asks_for_it_once_more():
    line = Line(session=LISTENING).come_live()
    line.speak(2000)
    line.turn("item_1", 500, 1500, "tell me")
    line.reply("resp_1", "item_2", "one two three four", 1000, done=False)
    line.played("item_2", 500)
    line.ended()
    line.fresh()
    line.come_live()
    sent = line.fresh()
    texts = [each["item"]["content"][0]["text"] for each in sent if "item" in each]
    assert texts == ["tell me", "one two"]
    assert types(sent).count("response.create") == 1
    assert types(sent)[-1] == "response.create"
    (interrupted,) = line.of(events.Interrupted)
    assert (interrupted.item_id, interrupted.reason) == ("item_2", "the answer is given anew")
    assert line.of(seen.Restored)[0].owed


def test_an_answer_that_was_complete_and_still_played_is_neither_cut_nor_given_anew():
    line = Line(session=LISTENING).come_live()
    line.speak(2000)
    line.turn("item_1", 500, 1500, "tell me")
    line.reply("resp_1", "item_2", "one two three four", 1000)
    line.played("item_2", 100)
    line.ended()
    line.come_live()
    assert "response.create" not in types(line.sent)
    assert line.of(events.Interrupted) == []
    texts = [each["item"]["content"][0]["text"] for each in line.sent if "item" in each]
    assert texts == ["tell me", "one two three four"]


def test_an_answer_still_playing_is_left_alone_when_another_turn_is_owed():
    line = Line(session=LISTENING).come_live()
    line.speak(4000)
    line.turn("item_1", 500, 1500, "tell me")
    line.reply("resp_1", "item_2", "one two three four", 1000)
    line.turn("item_3", 2500, 3500, "and more")
    line.ended()
    line.come_live()
    assert types(line.sent)[-1] == "response.create"
    assert line.of(events.Interrupted) == []


def test_an_untranscribed_turn_goes_back_as_its_audio_and_is_not_appended_again():
    line = Line(session=LISTENING).come_live()
    line.speak(2000)
    line.turn("item_1", 500, 1500)
    line.ended()
    line.fresh()
    line.come_live()
    sent = line.fresh()
    (item,) = [each["item"] for each in sent if "item" in each]
    assert item["content"][0]["type"] == "input_audio"
    assert appended(
        [{"type": "input_audio_buffer.append", "audio": item["content"][0]["audio"]}]
    ) == (list(range(500, 1500)))
    assert appended(sent) == list(range(1500, 2000))
    line.transcribed(item["id"], "at last")
    books = line.connection.books()
    assert books.consumed == 1500


@pytest.mark.parametrize(
    "state", [State.DIALING, State.OPENING, State.CONFIGURING, State.RESTORING]
)
def test_a_drop_in_any_phase_of_a_restore_starts_it_again_from_the_same_ledger(state: State):
    line = Line(session=LISTENING).come_live()
    line.speak(3000)
    line.turn("item_1", 500, 1000, "hello")
    line.hear("input_audio_buffer.speech_started", item_id="item_3", audio_start_ms=2500)
    line.ended()
    line.until(State.DIALING)
    for here, step in (
        (State.DIALING, line.opened),
        (State.OPENING, line.created),
        (State.CONFIGURING, line.updated),
    ):
        if line.state is here is not state:
            step()
    assert line.state is state
    line.ended()
    line.fresh()
    line.come_live()
    sent = line.fresh()
    assert [each["item"]["content"][0]["text"] for each in sent if "item" in each] == ["hello"]
    assert appended(sent) == list(range(2500, 3000))
    assert types(sent).count("response.create") == 1


def test_an_owed_answer_is_asked_for_once_per_session_and_not_while_the_user_speaks():
    line = Line(session=LISTENING).come_live()
    line.speak(2000)
    line.turn("item_1", 500, 1000, "hello")
    line.ended()
    line.until(State.DIALING)
    line.opened()
    line.created()
    line.updated()
    line.echo_items()
    line.hear("input_audio_buffer.speech_started", item_id="item_9", audio_start_ms=100)
    line.updated()
    assert line.state is State.LIVE
    assert "response.create" not in types(line.sent)


def test_turns_committed_by_hand_are_replayed_in_order_with_their_audio_once():
    line = Line(session=BY_HAND).come_live()
    line.speak(300)
    line.ask("input_audio_buffer.commit")
    line.hear("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)
    line.transcribed("item_1", "one")
    line.speak(200)
    line.ask("input_audio_buffer.commit")
    line.speak(100)
    line.ended()
    line.ask("input_audio_buffer.commit")
    asked = line.ask("response.create")
    line.speak(50)
    line.fresh()
    line.come_live()
    sent = line.fresh()
    assert types(sent) == [
        "session.update",
        "conversation.item.create",
        "input_audio_buffer.append",
        "input_audio_buffer.commit",
        "input_audio_buffer.append",
        "input_audio_buffer.commit",
        "input_audio_buffer.append",
        "session.update",
        "response.create",
    ]
    assert appended(sent) == list(range(300, 650))
    assert sent[-1]["event_id"] == asked


def test_what_was_cleared_is_in_no_item_and_never_sent_again():
    line = Line(session=BY_HAND).come_live()
    line.speak(100)
    line.ask("input_audio_buffer.clear")
    line.hear("input_audio_buffer.cleared")
    line.speak(50)
    line.ask("input_audio_buffer.commit")
    line.hear("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)
    line.ended()
    line.fresh()
    line.come_live()
    (item,) = [each["item"] for each in line.sent if "item" in each]
    assert appended(
        [{"type": "input_audio_buffer.append", "audio": item["content"][0]["audio"]}]
    ) == list(range(100, 150))
    assert appended(line.sent) == []


def test_the_servers_own_detection_comes_back_after_a_restore():
    own = {"audio": {"input": {"turn_detection": VAD | {"create_response": True}}}}
    line = Line().come_live(**own)
    line.speak(2000)
    line.turn("item_1", 500, 1000, "hello")
    line.ended()
    line.until(State.DIALING)
    line.opened()
    line.created(**own)
    held = {"audio": {"input": {"turn_detection": QUIET_VAD}}}
    line.hear("session.updated", session=held)
    assert line.sent[-1]["session"]["audio"]["input"]["turn_detection"]["create_response"] is True


def test_updates_made_while_a_session_is_built_reach_it_in_the_end():
    line = Line(session=LISTENING).come_live()
    line.ended()
    line.ask("session.update", session={"instructions": "waiting"})
    line.until(State.DIALING)
    line.opened()
    line.fresh()
    line.created()
    assert line.fresh()[0]["session"]["instructions"] == "waiting"
    asked = line.ask("session.update", session={"instructions": "configuring"})
    assert line.sent == []
    line.updated()
    assert [message["event_id"] for message in line.fresh()] == [asked]
    line.refuse(asked)
    line.ended()
    line.come_live()
    assert line.sent[0]["session"]["instructions"] == "waiting"


@pytest.mark.parametrize(
    "echo",
    [
        None,
        {"content": [{"type": "input_text", "text": "other words"}]},
        {"content": 5},
        {"content": [5, {"text": 5}, {"text": None}], "arguments": 5},
    ],
)
def test_a_session_that_echoes_differently_or_not_at_all_is_not_called_verified(echo: dict | None):
    line = Line(session=LISTENING).come_live()
    line.speak(2000)
    line.turn("item_1", 500, 1000, "hello")
    line.ended()
    line.until(State.DIALING)
    line.opened()
    line.created()
    line.updated()
    (item,) = [each["item"] for each in line.sent if "item" in each]
    if echo is not None:
        line.hear("conversation.item.added", item=item | echo)
    line.updated()
    assert line.state is State.LIVE
    assert not line.of(seen.Restored)[0].verified
    assert "restored differently" in [anomaly.kind for anomaly in line.of(seen.Anomaly)]


def test_an_item_that_the_new_session_refuses_is_told_and_survived():
    line = Line(session=LISTENING)
    line.ask("conversation.item.create", item={"id": "mine", "type": "message", "role": "user"})
    line.come_live()
    line.ended()
    line.until(State.DIALING)
    line.opened()
    line.created()
    line.updated()
    line.refuse("tk-mine")
    line.updated()
    assert not line.of(seen.Restored)[0].verified
    assert "the restore was refused in part" in [anomaly.kind for anomaly in line.of(seen.Anomaly)]
    assert line.of(events.Refusal) == []


def test_a_commit_refused_during_a_restore_is_not_told_to_the_next_session():
    line = Line(session=BY_HAND).come_live()
    line.speak(300)
    commit = line.ask("input_audio_buffer.commit")
    line.speak(10)
    line.ended()
    line.until(State.DIALING)
    line.opened()
    line.created()
    line.updated()
    line.refuse(commit, "input_audio_buffer_commit_empty")
    assert line.of(events.Refusal)[0].request_id == commit
    line.ended()
    line.fresh()
    line.come_live()
    assert "input_audio_buffer.commit" not in types(line.sent)


def test_a_turn_whose_words_and_audio_are_gone_is_told():
    line = Line(session=LISTENING, retention_ms=1000).come_live()
    line.speak(800)
    line.turn("item_1", 100, 700)
    line.speak(900)
    line.ended()
    line.come_live()
    assert "neither words nor audio left" in [anomaly.kind for anomaly in line.of(seen.Anomaly)]


# Losing the link.


def test_a_lost_link_is_dialed_again_after_its_delay():
    line = in_state(State.LIVE)
    line.ended()
    line.wait(0.6)
    assert line.state is State.DIALING
    (scheduled,) = line.of(seen.RetryScheduled)
    assert scheduled.attempt == 1
    assert 0.02 <= scheduled.delay <= 0.5
    assert line.of(events.LineDropped)[0].closure == RESET
    assert [dial.epoch for dial in dials(line)] == [1, 2]


def test_an_expired_session_is_replaced_at_once():
    line = in_state(State.LIVE)
    line.now += 3600
    line.ended(EXPIRED)
    assert line.state is State.DIALING
    assert line.epoch == 2


def test_sessions_that_expire_at_once_are_not_dialed_in_a_hot_loop():
    line = in_state(State.LIVE)
    began = line.now
    while line.now < began + 60.0:
        line.ended(EXPIRED)
        assert line.state is State.WAITING
        line.come_live()
    assert len(dials(line)) <= 13


def test_a_crash_looping_server_is_tried_at_most_twelve_times_in_the_first_minute():
    line = Line().start()
    began = line.now
    while line.now < began + 60.0:
        line.opened()
        line.created()
        line.updated()
        line.ended()
        line.until(State.DIALING, draw=0.0)
    made = [fact.at for fact in line.of(seen.Transition) if fact.target is State.DIALING]
    assert 5 <= sum(at < began + 60.0 for at in made) <= 12


@pytest.mark.parametrize("seed", range(5))
def test_after_that_minute_it_is_tried_at_most_twice_a_minute(seed: int):
    dice = random.Random(seed)
    line = Line(backoff=BackoffPolicy(patience=3600.0)).start()
    began = line.now
    while line.now < began + 1800.0:
        line.opened()
        line.created()
        line.updated()
        line.ended()
        line.until(State.DIALING, draw=dice.random())
    made = [fact.at for fact in line.of(seen.Transition) if fact.target is State.DIALING]
    first = sum(at < began + 60.0 for at in made)
    later = sum(began + 60.0 <= at < began + 1800.0 for at in made) / 29
    print(f"crash loop: {first} dials in the first minute, then {later:.2f} a minute")  # noqa: T201
    assert 5 <= first <= 12
    assert 0.5 <= later <= 2.0


def test_a_final_verdict_ends_the_line_with_all_closures_of_the_outage():
    line = in_state(State.LIVE)
    line.ended()
    line.until(State.DIALING)
    final = Closure(code=3000, reason="invalid_request_error.invalid_api_key")
    line.opened()
    line.ended(final)
    assert line.state is State.FAILED
    failure = line.connection.failure
    assert type(failure) is LineFailed
    assert failure.closures == (RESET, final)
    assert line.connection.deadline() is None
    with pytest.raises(LocalError):
        line.speak(10)
    with pytest.raises(LocalError):
        line.ask("response.create")


def test_an_error_event_that_is_the_last_word_explains_the_end():
    line = in_state(State.OPENING)
    line.refuse("", "model_not_found")
    line.ended(Closure(code=1006))
    assert line.state is State.FAILED
    assert line.connection.failure.closures[0].error_code == "model_not_found"


def test_a_line_whose_patience_is_over_says_that_it_tried():
    line = Line(backoff=BackoffPolicy(patience=20.0)).start()
    while line.state is not State.FAILED:
        if line.state is State.DIALING:
            line.ended(Closure(fault=Fault.REFUSED))
        line.wait(0.1)
    failure = line.connection.failure
    assert isinstance(failure, RetriesExhausted)
    assert len(failure.closures) == len(dials(line))


def test_a_refused_key_is_refreshed_once_even_if_something_else_fails_between():
    line = Line().start()
    line.ended(Closure(status=401))
    line.until(State.DIALING)
    assert dials(line)[-1].refresh_credential
    line.ended(RESET)
    line.until(State.DIALING)
    assert not dials(line)[-1].refresh_credential
    line.ended(Closure(status=401))
    assert line.state is State.FAILED


def test_a_key_that_once_worked_again_may_be_refreshed_again():
    line = Line().start()
    for _ in range(2):
        line.ended(Closure(status=401))
        line.until(State.DIALING)
        assert dials(line)[-1].refresh_credential
        line.come_live()
        line.ended()
        line.until(State.DIALING)


def test_lines_of_one_process_share_their_attempts():
    budget = RetryBudget()
    lines = [Line(budget=budget).start() for _ in range(14)]
    for line in lines:
        line.ended()
        line.wait(1.0)
    assert sum(line.state is State.DIALING for line in lines) < 14


@pytest.mark.parametrize(
    ("state", "limit"),
    [
        (State.DIALING, 35.0),
        (State.OPENING, 10.0),
        (State.CONFIGURING, 10.0),
        (State.RESTORING, 10.0),
    ],
)
def test_every_phase_has_its_deadline(state: State, limit: float):
    line = in_state(state)
    while line.state is state:
        line.connection.kernel.progress(
            line.epoch, line.now, acked_bytes=int(line.now * 10), unsent_bytes=0
        )
        if line.of(seen.LinkOpened):
            line.connection.receive(line.epoch, b'{"type":"x"}', line.now)
        line.wait(0.5)
        line.pong() if line.of(
            seen.LinkOpened
        ) and line.connection._supervisor.link.liveness else None
    (ended,) = line.of(seen.LinkEnded)
    assert ended.closure.fault is Fault.TIMEOUT
    assert ended.closure.detail == f"no answer while {state.value}"
    assert ended.at == 100.0 + limit
    assert AbortLink(epoch=1) in line.actions


def test_a_slow_link_may_take_its_time_to_restore_as_long_as_it_takes_messages():
    line = Line(session=LISTENING)
    for number in range(9):
        line.ask("conversation.item.create", item={"id": f"m{number}", "type": "message"})
    connection = line.connection
    line.start()
    line.opened()
    line.created()
    connection.receive(1, json.dumps({"type": "session.updated", "session": {}}).encode(), line.now)
    while (message := connection.next_message(line.now)) is not None:
        line.now += 4.0
        connection.receive(1, b'{"type":"x"}', line.now)
        connection.handle_timeout(line.now, 0.5)
        while isinstance(action := connection.next_action(), Ping):
            connection.pong(1, action.payload, line.now)
        assert connection.state is State.RESTORING, message


def test_a_silent_link_is_aborted_and_dialed_again():
    line = in_state(State.LIVE)
    line.wait(20)
    (ended,) = line.of(seen.LinkEnded)
    assert ended.closure.fault is Fault.DEAD
    assert AbortLink(epoch=1) in line.actions
    assert line.epoch == 2


def test_a_link_that_answers_lives():
    line = in_state(State.LIVE)
    for _ in range(100):
        line.wait(1.0)
        if line.connection._supervisor.link.liveness._pending:
            line.pong()
    assert line.state is State.LIVE
    assert line.of(seen.RoundTrip)


# Closing.


@pytest.mark.parametrize("state", list(State))
def test_a_line_can_be_closed_from_every_state_and_again(state: State):
    line = in_state(state)
    line.close()
    line.close()
    if line.state is State.CLOSING:
        assert any(isinstance(action, CloseLink) for action in line.actions)
        line.wait(2.0)
        assert AbortLink(epoch=line.epoch) in line.actions
    assert line.state is (State.FAILED if state is State.FAILED else State.CLOSED)
    assert line.connection.deadline() is None
    assert (line.connection.failure is None) == (state is not State.FAILED)


@pytest.mark.parametrize("state", list(State))
def test_a_line_can_be_left_at_once_from_every_state(state: State):
    line = in_state(state)
    line.connection.abandon(line.now)
    assert line.state is (State.FAILED if state is State.FAILED else State.CLOSED)
    assert line.connection.deadline() is None


def test_whatever_ends_a_link_that_is_being_closed_is_the_end_we_wanted():
    for closure in (Closure(code=1000), RESET, Closure(code=3000), EXPIRED):
        line = in_state(State.LIVE)
        line.close()
        line.ended(closure)
        assert line.state is State.CLOSED
        assert line.connection.failure is None


def test_what_comes_after_the_goodbye_moves_nothing_and_sends_nothing():
    line = in_state(State.CONFIGURING)
    request_id = line.sent[-1]["event_id"]
    line.close()
    line.fresh()
    line.refuse(request_id)
    line.created()
    line.updated()
    line.hear("response.created", response={"id": "r"})
    assert line.state is State.CLOSING
    assert line.connection.failure is None
    assert line.sent == []
    with pytest.raises(LocalError):
        line.speak(10)


# The fence.


@pytest.mark.parametrize("state", [*LINKED, State.WAITING, State.CLOSED, State.FAILED])
def test_every_input_of_a_link_that_is_not_current_is_observed_and_changes_nothing(state: State):
    line = in_state(state)
    connection, stale = line.connection, line.epoch - 1 if state in LINKED else line.epoch
    line.fresh("facts")
    before = (line.state, line.epoch, connection.deadline(), connection.books())
    connection.link_opened(stale, line.now)
    connection.link_closed(stale, RESET, line.now)
    connection.receive(stale, b'{"type":"session.created","session":{}}', line.now)
    connection.pong(stale, b"\0\0\0\1", line.now)
    connection.kernel.progress(stale, line.now, acked_bytes=1, unsent_bytes=0)
    line.drain()
    assert (line.state, line.epoch, connection.deadline(), connection.books()) == before
    assert [(type(fact), fact.stale_epoch, fact.what) for fact in line.facts] == [
        (seen.Fenced, stale, what)
        for what in ("link opened", "link closed", "message", "pong", "progress")
    ]


def test_words_of_an_older_session_do_not_reach_the_books():
    line = Line(session=LISTENING).come_live()
    line.speak(2000)
    line.turn("item_1", 500, 1000)
    line.ended()
    line.come_live()
    before = line.connection.books()
    message = {
        "type": "conversation.item.input_audio_transcription.completed",
        "item_id": "item_1",
        "transcript": "late",
    }
    line.connection.receive(1, json.dumps(message).encode(), line.now)
    line.drain()
    assert line.connection.books() == before
    assert line.of(events.TranscriptDone) == []


# Audio.


def test_a_live_line_that_is_offered_more_than_it_may_keep_says_so():
    line = Line(retention_ms=1000).come_live()
    with pytest.raises(OutboxFull):
        line.connection.send_audio(bytes(2 * 1001), line.now)
    line.speak(1000)
    assert line.connection.books().accepted == 1000


def test_half_a_sample_is_refused():
    with pytest.raises(CodecError, match="offset 2"):
        Line().connection.send_audio(b"abc", 0.0)


def test_an_outage_longer_than_the_memory_announces_the_gap_before_the_audio_after_it():
    line = Line(session=LISTENING, retention_ms=1000).come_live()
    line.ended()
    line.speak(1500, chunk=100)
    line.come_live()
    gaps = line.of(seen.AudioGap)
    assert (gaps[0].start_sample, sum(gap.samples for gap in gaps)) == (0, 500)
    facts = line.facts
    first_sent = next(i for i, fact in enumerate(facts) if isinstance(fact, seen.AudioSent))
    assert all(facts.index(gap) < first_sent for gap in gaps)
    assert appended(line.sent) == list(range(500, 1500))
    assert sum(gap.duration_ms for gap in line.of(events.LineGap)) == 500.0
    assert line.of(events.LineLive)[-1].lost_ms == 500.0
    assert line.of(seen.Restored)[-1].lost_samples == 500


def test_a_long_healthy_silence_is_let_go_as_heard():
    line = Line(session=LISTENING, retention_ms=5000).come_live()
    for _ in range(20):
        line.speak(1000, chunk=100)
        line.wait(1.0)
        line.pong()
    assert line.of(seen.AudioGap) == []
    assert line.connection.books().retained <= 5000
    assert {fact.evidence for fact in line.of(seen.AudioConsumed)} == {"heard"}


def test_where_nobody_looks_the_oldest_audio_leaves_memory_once_the_slack_is_used_up():
    line = Line(session=LISTENING, retention_ms=10_000)
    line.connection.start(line.now)
    line.connection.link_opened(line.epoch, line.now, (), 0.5)
    kept = []
    for _ in range(240):
        line.speak(50, chunk=50)
        kept.append(len(line.connection._outbox._tape) // 2)
    assert max(kept) == 11_500
    assert min(kept[-30:]) == 10_000


def test_an_utterance_longer_than_the_memory_is_no_silence_and_its_loss_is_announced():
    line = Line(session=LISTENING, retention_ms=5000, replay_limit_ms=5000).come_live()
    line.speak(1000)
    line.hear("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=500)
    for _ in range(10):
        line.speak(1000)
        line.wait(1.0)
        line.pong()
    assert line.of(seen.AudioGap) == []
    line.ended()
    assert sum(gap.samples for gap in line.of(seen.AudioGap)) == 11_000 - 500 - 5000
    line.come_live()
    assert appended(line.fresh())[-5000:] == list(range(6000, 11_000))


def test_speech_that_the_lost_session_left_open_is_no_silence_in_the_outage():
    line = Line(session=LISTENING, retention_ms=3000).come_live()
    line.wait(1.0)
    line.speak(2000)
    line.wait(2.0)
    line.pong()
    line.hear("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=100)
    line.ended()
    line.speak(2000, chunk=100)
    assert sum(gap.samples for gap in line.of(seen.AudioGap)) == 900


# What must not happen to input.


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{}",
        b"\xff",
        b'{"type":"session.created"}',
        b'{"type":"conversation.item.added","item":{"id":"x","content":5}}',
        b'{"type":"session.created","session":{"id":' + b"[" * 990 + b"]" * 990 + b"}}",
        b'{"type":"response.created","response":{"id":"r","conversation_id":5}}',
    ],
)
@pytest.mark.parametrize("state", LINKED)
def test_bad_messages_are_survived_in_every_state(state: State, message: bytes):
    line = in_state(state)
    line.connection.receive(1, message, line.now)
    line.drain()
    assert line.state in (state, State.CONFIGURING)


def test_a_malformed_message_is_an_anomaly_with_its_first_characters():
    line = in_state(State.LIVE)
    line.connection.receive(1, b'{"type":"response.done"}', line.now)
    line.drain()
    (anomaly,) = line.of(seen.Anomaly)
    assert anomaly.sample == '{"type":"response.done"}'


def test_a_second_session_created_is_an_anomaly():
    line = in_state(State.LIVE)
    line.created()
    assert [anomaly.kind for anomaly in line.of(seen.Anomaly)] == ["a second session.created"]
    assert line.state is State.LIVE


def test_a_session_of_odd_fields_is_still_a_session():
    line = in_state(State.OPENING)
    line.hear("session.created", session={"id": 5, "model": [], "expires_at": "x", "audio": 7})
    ready = line.of(seen.SessionReady)[0]
    assert (ready.session_id, ready.model, ready.expires_at) == ("", "", None)
    assert line.state is State.CONFIGURING


# The settings.


def test_refused_settings_end_the_line_and_name_the_parameter():
    line = in_state(State.CONFIGURING)
    line.refuse(line.sent[-1]["event_id"], param="session.voice", message="no such voice")
    assert line.state is State.FAILED
    assert "session.voice no such voice" in str(line.connection.failure)
    assert AbortLink(epoch=1) in line.actions


def test_a_refusal_without_a_name_does_not_accuse_the_settings():
    line = in_state(State.CONFIGURING)
    line.refuse("")
    assert line.state is State.CONFIGURING


def test_a_bad_update_that_was_on_its_way_when_the_link_broke_does_not_end_the_line():
    line = Line(session={"instructions": "good"}).come_live()
    asked = line.ask("session.update", session={"instructions": "bad"})
    line.ended()
    line.until(State.DIALING)
    line.opened()
    line.created()
    first = line.fresh()[-1]
    assert first["session"]["instructions"] == "bad"
    line.refuse(first["event_id"])
    second = line.fresh()[-1]
    assert second["session"]["instructions"] == "good"
    line.updated()
    assert line.state is State.LIVE
    assert len(line.of(events.Refusal)) == 1
    line.refuse(asked)
    assert line.state is State.LIVE


def test_a_bad_update_made_offline_does_not_take_a_good_one_with_it():
    line = Line(session={"instructions": "old"}).come_live()
    line.ended()
    line.ask("session.update", session={"instructions": "good"})
    bad = line.ask("session.update", session={"voice": "bad"})
    line.until(State.DIALING)
    line.opened()
    line.created()
    together = line.fresh()[-1]
    assert (together["session"]["instructions"], together["session"]["voice"]) == ("good", "bad")
    line.refuse(together["event_id"])
    assert line.of(events.Refusal) == [], "which one is bad is not known yet"
    assert "voice" not in line.fresh()[-1]["session"]
    line.updated()
    assert line.state is State.CONFIGURING
    line.refuse(line.fresh()[-1]["event_id"])
    assert [refusal.request_id for refusal in line.of(events.Refusal)] == [bad]
    last = line.fresh()[-1]["session"]
    assert (last["instructions"], "voice" in last) == ("good", False)
    line.updated()
    assert line.state is State.LIVE


def test_a_release_that_is_refused_ends_the_line_since_nobody_would_answer():
    line = in_state(State.RESTORING)
    line.refuse(line.sent[-1]["event_id"])
    assert line.state is State.FAILED


# What is told.


def test_what_is_played_and_buffered_is_told():
    line = in_state(State.LIVE)
    line.reply("r", "item_1", "x", 100)
    line.played("item_1", 40)
    line.played("nobody", 40)
    line.connection.devices.sampled(120.0, 3, target_ms=200.0, underrun_ms=5.0, now=line.now)
    line.connection.kernel.progress(1, line.now, acked_bytes=None, unsent_bytes=7)
    line.drain()
    assert [fact.samples for fact in line.of(seen.AudioHeard)] == [40]
    assert line.of(seen.PlayoutSampled)[0].underruns == 3
    assert line.of(seen.QueueSampled)[0].transport_bytes == 7


def test_a_line_without_a_budget_of_its_own_has_one():
    assert Connection(LinePolicy()).state is State.IDLE


# Another link, because somebody wishes it.


def reconnect(line: Line) -> None:
    line.connection.reconnect(line.now)
    line.drain()


@pytest.mark.parametrize("state", LINKED)
def test_a_link_that_is_left_is_aborted_and_another_dialed_at_once(state: State):
    line = in_state(state)
    reconnect(line)
    assert line.state is State.DIALING
    assert line.actions[-2:] == [AbortLink(epoch=1), Dial(epoch=2, refresh_credential=False)]
    ended = line.of(seen.LinkEnded)[-1]
    assert (ended.epoch, ended.verdict.cause) == (1, "another link was asked for")
    if state is not State.DIALING:
        assert line.of(seen.Transition)[-1].cause == "reconnect"
    line.come_live()
    assert line.epoch == 2


def test_the_conversation_and_the_audio_come_along():
    line = in_state(State.LIVE, session=LISTENING)
    line.speak(1000)
    line.turn("item_1", 100, 600, "hello")
    reconnect(line)
    assert isinstance(line.events[-1], events.LineDropped)
    line.fresh()
    line.speak(100)
    line.come_live()
    assert "conversation.item.create" in types(line.sent)
    assert appended(line.sent) == list(range(600, 1100))
    restored = line.of(seen.Restored)[-1]
    assert (restored.items, restored.lost_samples, restored.verified) == (1, 0, True)


def test_the_wait_for_the_next_dial_is_over():
    line = in_state(State.LIVE)
    line.ended(Closure(status=503, retry_after=200.0))
    line.wait(1.0)
    assert line.state is State.WAITING
    reconnect(line)
    assert line.state is State.DIALING
    assert line.of(seen.LinkEnded)[-1].closure.status == 503


@pytest.mark.parametrize("state", [State.IDLE, State.CLOSING, State.CLOSED, State.FAILED])
def test_without_a_life_there_is_no_other_link(state: State):
    line = in_state(state)
    with pytest.raises(LocalError, match=f"reconnect.*{state.value}"):
        reconnect(line)
    assert line.state is state


def test_a_link_that_is_left_often_and_early_is_no_failure():
    # A session of a second that expires would be waited for; one that somebody leaves is not.
    budget = RetryBudget(size=2.0)
    line = advance(Line(budget=budget), State.LIVE)
    for epoch in range(2, 8):
        reconnect(line)
        assert line.state is State.DIALING
        line.come_live()
        assert line.epoch == epoch
    assert line.of(seen.RetryScheduled) == []
    # The budget is as full as before: the next outage has its quick attempts.
    assert budget._tokens == 2.0


def test_a_dial_that_somebody_wished_counts_if_it_is_in_vain():
    budget = RetryBudget(size=2.0)
    line = advance(Line(budget=budget), State.LIVE)
    reconnect(line)
    line.ended()
    assert budget._tokens == 1.0


def test_a_dial_that_was_planned_and_comes_early_is_paid_once():
    budget = RetryBudget(size=2.0)
    line = advance(Line(budget=budget), State.LIVE)
    line.ended(Closure(status=503, retry_after=200.0))
    line.wait(1.0)
    assert budget._tokens == 1.0
    reconnect(line)
    line.ended()
    assert budget._tokens == 1.0


def test_a_wait_that_had_no_plan_yet_is_counted_if_its_dial_is_in_vain():
    budget = RetryBudget(size=3.0)
    line = advance(Line(budget=budget), State.LIVE)
    # The first dial was in vain as well: its link did not live for half a minute.
    line.connection.link_closed(line.epoch, RESET, line.now)
    assert budget._tokens == 2.0
    line.connection.reconnect(line.now)
    line.drain()
    line.ended()
    assert budget._tokens == 1.0


def test_pings_that_wait_too_long_are_told_once_each():
    line = in_state(State.LIVE)
    for _ in range(8):
        line.now += 0.25
        line.connection.handle_timeout(line.now, 0.5)
        line.connection.kernel.progress(line.epoch, line.now, acked_bytes=1, unsent_bytes=0)
        line.drain()
    assert line.of(seen.PingTimedOut) == []
    for _ in range(3):
        line.now += 0.25
        line.connection.kernel.progress(line.epoch, line.now, acked_bytes=1, unsent_bytes=0)
    line.drain()
    assert len(line.of(seen.PingTimedOut)) == 1


def test_how_long_each_phase_of_a_dial_took_is_told():
    line = in_state(State.DIALING)
    line.connection.link_opened(line.epoch, line.now, (("tcp", 0.1), ("tls", 0.2)))
    line.drain()
    assert line.of(seen.LinkOpened)[0].phases == (("tcp", 0.1), ("tls", 0.2))
