from __future__ import annotations

import pytest

from protocol.driving import BY_HAND, RESET, VAD, Line, appended, types
from protocol.rotating import TwoLinks
from trunkline.errors import LocalError
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure
from trunkline.protocol.drains import CloseLink
from trunkline.protocol.lifecycle import State
from trunkline.protocol.snapshot import Snapshot
from trunkline.protocol.window import RotationPolicy

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}


def live(**policy: object) -> Line:
    return Line(**({"session": LISTENING} | policy)).come_live()


def drain(line: Line, within: float | None = None) -> None:
    line.connection.drain(line.now, within)
    line.drain()


def goodbye(line: Line) -> None:
    assert line.state is State.CLOSING
    assert line.of(CloseLink)[-1].code == 1000
    line.ended(Closure(code=1000))
    assert line.state is State.CLOSED


# When the end comes.


@pytest.mark.parametrize("state", [State.IDLE, State.DIALING, State.WAITING])
def test_where_nothing_is_given_the_end_comes_at_once(state: State):
    line = Line(session=LISTENING)
    if state is not State.IDLE:
        line.start()
    if state is State.WAITING:
        line.ended()
    assert line.state is state
    drain(line)
    assert line.state is State.CLOSED
    assert len(line.of(seen.DrainBegun)) == 1


def test_a_silent_live_line_says_goodbye_at_once():
    line = live()
    drain(line)
    goodbye(line)


def test_the_answer_that_is_given_ends_first():
    line = live()
    line.reply("r", "a", "yes", 500, done=False)
    drain(line)
    assert line.state is State.LIVE
    line.delta("r", "a", 500)
    line.hear("conversation.item.done", item={"id": "a", "status": "completed"})
    assert line.state is State.LIVE
    line.done("r")
    goodbye(line)
    assert sum(fact.samples for fact in line.of(seen.AudioReceived)) == 1000


def test_an_answer_that_is_played_is_played_to_its_end():
    line = live()
    line.reply("r", "a", "yes", 1000)
    line.played("a", 200)
    drain(line)
    for heard in (400, 600, 800):
        line.now += 0.5
        line.played("a", heard)
        assert line.state is State.LIVE
    line.played("a", 1000)
    goodbye(line)


def test_a_speaker_that_tells_nothing_any_more_is_waited_for_two_seconds():
    line = live()
    line.reply("r", "a", "yes", 1000)
    line.played("a", 200)
    drain(line)
    line.wait(1.9)
    assert line.state is State.LIVE
    line.wait(0.2)
    assert line.state is State.CLOSING


def test_a_turn_that_the_server_is_about_to_answer_is_answered():
    line = live()
    line.speak(1000)
    line.turn("u", 100, 900)
    drain(line)
    assert line.state is State.LIVE
    line.reply("r", "a", "yes", 100)
    goodbye(line)


def test_an_answer_that_was_asked_for_before_is_given():
    line = live(session=BY_HAND)
    line.speak(500)
    line.ask("input_audio_buffer.commit")
    line.ask("response.create")
    drain(line)
    assert line.state is State.LIVE
    line.reply("r", "a", "yes", 100)
    goodbye(line)


def test_a_response_beside_the_conversation_is_waited_for():
    line = live()
    line.ask("response.create", response={"conversation": "none", "metadata": {}})
    drain(line)
    assert line.state is State.LIVE
    (request,) = [each for each in line.sent if each["type"] == "response.create"]
    response = {"id": "r", "conversation_id": None, "metadata": request["response"]["metadata"]}
    line.hear("response.created", response=response)
    line.hear("response.done", response=response | {"status": "completed"})
    assert line.state is State.CLOSING


def test_while_something_is_given_the_end_of_the_playing_is_no_deadline():
    line = live()
    line.reply("r", "a", "yes", 1000)
    line.played("a", 200)
    line.ask("response.create", response={"conversation": "none", "metadata": {}})
    drain(line)
    # The line waits on, and its clock goes on.
    line.wait(5.0)
    assert line.state is State.LIVE
    assert line.connection.deadline() > line.now


def test_the_time_that_was_granted_ends_it_and_a_second_call_may_shorten_it():
    line = live()
    line.reply("r", "a", "yes", 500, done=False)
    drain(line, within=60.0)
    drain(line, within=5.0)
    drain(line)
    assert len(line.of(seen.DrainBegun)) == 1
    line.wait(4.9)
    assert line.state is State.LIVE
    line.wait(0.2)
    assert line.state is State.CLOSING


def test_a_model_that_stalls_is_not_waited_for_even_if_audio_is_kept_meanwhile():
    line = live(stall_after=5.0)
    line.speak(1000)
    line.turn("u", 100, 900)
    drain(line)
    for _ in range(12):
        line.wait(0.9)
        if line.state is not State.LIVE:
            break
        line.speak(500)
        line.pong()
    assert line.state is State.CLOSING
    assert line.of(seen.Stalled)


def test_a_link_that_breaks_ends_it_and_no_other_is_dialed():
    line = live()
    line.reply("r", "a", "yes", 500, done=False)
    drain(line)
    line.ended(RESET)
    assert line.state is State.CLOSED
    line.wait(100.0)
    assert line.epoch == 1


def test_after_the_end_it_does_nothing():
    line = live()
    line.close()
    line.fresh("facts")
    drain(line)
    goodbye(line)
    drain(line)
    assert line.of(seen.DrainBegun) == []


def test_while_the_goodbye_is_said_nothing_is_due_again():
    line = live()
    line.reply("r", "a", "yes", 500, done=False)
    drain(line, within=1.0)
    line.wait(1.0)
    assert line.state is State.CLOSING
    assert line.connection.deadline() > line.now


# Nothing new is begun.


def test_audio_from_then_on_is_kept_and_not_sent():
    line = live()
    line.speak(300)
    line.reply("r", "a", "yes", 500, done=False)
    drain(line)
    line.speak(200)
    assert appended(line.sent) == list(range(300))
    books = line.connection.books()
    assert (books.accepted, books.retained, books.waiting) == (500, 500, 0)
    line.done("r")
    goodbye(line)


def test_audio_beyond_the_retention_makes_room_and_is_no_error():
    line = live(retention_ms=1000)
    line.reply("r", "a", "yes", 500, done=False)
    drain(line)
    for _ in range(3):
        line.speak(600)
    books = line.connection.books()
    assert books.accepted == books.consumed + books.retained + books.gap == 1800
    assert books.gap == 800


def test_audio_that_is_kept_is_no_congestion():
    line = live()
    line.reply("r", "a", "yes", 500, done=False)
    drain(line)
    for _ in range(20):
        line.speak(200)
        line.now += 0.2
        line.connection.kernel.progress(line.epoch, line.now, acked_bytes=1, unsent_bytes=0)
    assert line.of(seen.Congested) == []


def test_what_was_given_before_goes_out_with_its_requests():
    line = live(session=BY_HAND, chunk_limit_ms=100)
    line.connection.send_audio(bytes(400), line.now)
    line.connection.send({"type": "input_audio_buffer.commit"}, line.now)
    line.connection.send({"type": "response.create"}, line.now)
    line.connection.drain(line.now)
    line.connection.send_audio(bytes(400), line.now)
    line.drain()
    assert types(line.sent)[1:] == [
        *["input_audio_buffer.append"] * 2,
        "input_audio_buffer.commit",
        "response.create",
    ]


def test_an_answer_that_is_asked_for_waits_and_goes_into_the_snapshot():
    line = live()
    line.reply("r", "a", "yes", 500, done=False)
    drain(line)
    line.speak(100)
    line.ask("response.create", event_id="mine")
    line.done("r")
    goodbye(line)
    assert "response.create" not in types(line.sent)
    snapshot = Snapshot.read(line.connection.snapshot())
    assert snapshot.owed
    assert [request.event_id for request in snapshot.requests] == ["mine"]
    assert snapshot.audio.accepted == 100
    heir = Line(session=LISTENING, snapshot=snapshot).come_live()
    assert "response.create" in types(heir.sent)
    assert appended(heir.sent) == list(range(100))


def test_an_answer_that_waited_for_another_before_is_not_begun_either():
    line = live()
    line.reply("r", "a", "yes", 500, done=False)
    line.ask("response.create")
    drain(line)
    line.done("r")
    assert "response.create" not in types(line.sent)
    goodbye(line)


def test_what_ends_something_goes_out_whatever_is_kept_before_it():
    line = live()
    line.reply("r", "a", "yes", 500, done=False)
    drain(line)
    line.speak(100)
    line.ask("response.cancel")
    assert types(line.sent)[-1] == "response.cancel"
    line.done("r", "cancelled")
    goodbye(line)


def test_the_user_who_speaks_in_between_cuts_the_answer_as_ever():
    line = live()
    line.speak(1000)
    line.reply("r", "a", "yes", 500, done=False)
    line.played("a", 100)
    drain(line)
    line.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=500)
    assert line.of(events.Interrupted)
    line.connection.devices.stopped("a", line.now)
    line.done("r", "cancelled")
    goodbye(line)


def test_no_other_link_is_wished_for_any_more():
    line = live()
    line.reply("r", "a", "yes", 500, done=False)
    drain(line)
    for wish in (line.connection.rotate, line.connection.reconnect):
        with pytest.raises(LocalError, match="draining"):
            wish(line.now)


def test_a_rotation_that_has_begun_is_given_up():
    line = TwoLinks(session=LISTENING)
    line.come_live()
    line.reply("r", "a", "yes", 500, done=False)
    line.rotate()
    line.connection.drain(line.now)
    line.drain()
    assert line.state is State.LIVE
    failed = line.of(seen.RotationFailed)[-1]
    assert (failed.cause, failed.final) == ("the line is being drained", True)
    line.done("r")
    assert line.state is State.CLOSING


def test_a_rotation_that_was_planned_is_not_begun():
    policy = RotationPolicy(lifetime=60.0, after=20.0, spread=1.0, latest=50.0, hurry=5.0)
    line = live(rotation=policy, stall_after=None)
    line.reply("r", "a", "yes", 500, done=False)
    drain(line)
    for _ in range(30):
        line.wait(1.0)
        line.delta("r", "a", 10)
        if line.actions:
            line.pong()
    assert line.of(seen.RotationBegun) == []
