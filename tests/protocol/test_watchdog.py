from __future__ import annotations

import json

from protocol.driving import BY_HAND, VAD, Line
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State


def live(seconds: float, line: Line) -> None:
    """Time passes on a link that answers its pings."""
    for _ in range(round(seconds * 4)):
        line.wait(0.25)
        line.pong()


def stalls(line: Line) -> list[tuple[str, bool]]:
    return [(fact.response_id, fact.over) for fact in line.of(seen.Stalled)]


def test_an_answer_that_was_asked_for_and_does_not_come_is_a_stall_and_told_once():
    line = Line(stall_after=5.0, session=BY_HAND).come_live()
    line.ask("response.create")
    live(4.5, line)
    assert stalls(line) == []
    live(10.0, line)
    assert stalls(line) == [("", False)]
    (event,) = line.of(events.ResponseStalled)
    assert not event.over
    assert 5.0 <= event.silence <= 6.0
    assert line.state is State.LIVE


def test_a_stall_is_over_when_the_response_goes_on_and_may_come_again():
    line = Line(stall_after=5.0, session=BY_HAND).come_live()
    line.ask("response.create")
    line.reply("r", "item", "words", 100, done=False)
    live(6.0, line)
    line.delta("r", "item", 100)
    assert stalls(line) == [("r", False), ("r", True)]
    live(6.0, line)
    line.done("r")
    assert stalls(line)[2:] == [("r", False), ("r", True)]
    assert line.connection.deadline() == line.connection._supervisor.deadline()


def test_deltas_that_come_slowly_are_no_stall():
    line = Line(stall_after=5.0, session=BY_HAND).come_live()
    line.ask("response.create")
    line.reply("r", "item", "words", 100, done=False)
    for _ in range(5):
        live(4.0, line)
        line.delta("r", "item", 100)
    assert stalls(line) == []


def test_quiet_is_legitimate_while_nothing_is_due_or_the_user_speaks():
    line = Line(stall_after=5.0).come_live()
    live(20.0, line)
    line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=0)
    live(20.0, line)
    assert stalls(line) == []


def test_a_turn_that_the_server_answers_by_itself_is_due_when_it_is_committed():
    detection = {"audio": {"input": {"turn_detection": VAD}}}
    line = Line(stall_after=5.0, session=detection).come_live()
    line.speak(1000)
    line.turn("item", 0, 900)
    live(7.0, line)
    assert stalls(line) == [("", False)]
    line.hear("input_audio_buffer.speech_started", item_id="i2", audio_start_ms=950)
    assert stalls(line) == [("", False), ("", True)]


def test_a_dead_link_is_no_stalled_model():
    line = Line(stall_after=2.0, session=BY_HAND).come_live()
    line.wait(0.0)
    line.ask("response.create")
    line.wait(8.0)
    assert line.of(seen.LinkEnded)
    assert stalls(line) == []


def test_a_stall_is_over_when_its_link_is():
    line = Line(stall_after=5.0, session=BY_HAND).come_live()
    line.ask("response.create")
    live(6.0, line)
    line.ended()
    assert stalls(line) == [("", False), ("", True)]


def test_a_question_that_has_not_left_is_not_due():
    line = Line(stall_after=2.0, session=BY_HAND).come_live()
    connection = line.connection
    connection.send_audio(bytes(2000), line.now)
    connection.send({"type": "response.create"}, line.now)
    for _ in range(40):
        line.now += 0.25
        connection.handle_timeout(line.now, 0.5)
        connection.receive(1, json.dumps({"type": "x"}).encode(), line.now)
    facts = []
    while (fact := connection.next_observation()) is not None:
        facts.append(fact)
    assert not any(isinstance(fact, seen.Stalled) for fact in facts)


def test_the_watch_can_be_switched_off():
    line = Line(stall_after=None, session=BY_HAND).come_live()
    line.ask("response.create")
    live(60.0, line)
    assert stalls(line) == []


# A slow link.


def queue(line: Line, ms: int) -> None:
    """A quarter of a second in which the link takes nothing."""
    line.connection.send_audio(bytes(2 * ms), line.now)
    line.now += 0.25
    line.connection.kernel.progress(line.epoch, line.now, acked_bytes=1, unsent_bytes=1)


def test_audio_that_waits_for_a_second_is_congestion_until_it_is_gone():
    line = Line().come_live()
    for _ in range(12):
        queue(line, 250)
    line.drain()
    (congested,) = line.of(seen.Congested)
    assert not congested.over
    assert congested.waiting_samples >= 500
    assert line.state is State.LIVE
    line.connection.kernel.progress(line.epoch, line.now, acked_bytes=1, unsent_bytes=1)
    line.drain()
    assert [fact.over for fact in line.of(seen.Congested)] == [False, True]


def test_a_burst_is_no_congestion():
    line = Line().come_live()
    for _ in range(10):
        for _ in range(3):
            queue(line, 250)
        line.drain()
        queue(line, 0)
    assert line.of(seen.Congested) == []


def test_congestion_ends_with_its_link():
    line = Line().come_live()
    for _ in range(12):
        queue(line, 250)
    line.ended()
    assert [fact.over for fact in line.of(seen.Congested)] == [False, True]
