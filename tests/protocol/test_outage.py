from __future__ import annotations

from typing import Any

import pytest

from protocol.driving import BY_HAND, VAD, Line, appended, types
from trunkline.errors import ConfigError
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.protocol.outage import Outage

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}


def after_an_outage(outage: Outage, **policy: Any) -> Line:
    """500 ms of an utterance are cut by a drop, 3 s follow while there is no session."""
    line = Line(session=LISTENING, outage=outage, **policy).come_live()
    line.speak(2000)
    line.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=1500)
    line.ended()
    line.speak(3000)
    line.fresh()
    return line.come_live()


@pytest.mark.parametrize(
    ("outage", "first", "gap", "reason"),
    [
        (Outage.replay(), 1500, 0, ""),
        (Outage.latest(1000), 4000, 2500, "older than the latest 1000 ms"),
        (Outage.drop(), 5000, 3500, "dropped in an outage"),
    ],
)
def test_each_policy_delivers_its_part_and_announces_the_rest(
    outage: Outage, first: int, gap: int, reason: str
):
    line = after_an_outage(outage)
    assert appended(line.sent) == list(range(first, 5000))
    assert [(fact.samples, fact.reason) for fact in line.of(seen.AudioGap)] == (
        [(gap, reason)] if gap else []
    )
    assert [event.duration_ms for event in line.of(events.LineGap)] == ([gap] if gap else [])
    assert line.of(seen.Restored)[0].lost_samples == gap
    books = line.connection.books()
    assert books.accepted == books.consumed + books.retained + books.gap == 5000


@pytest.mark.parametrize("outage", [Outage.latest(100), Outage.drop()])
def test_what_is_captured_during_a_restore_is_held_to_the_policy_as_well(outage: Outage):
    line = Line(session=LISTENING, outage=outage).come_live()
    line.ask("conversation.item.create", item={"id": "m", "type": "message"})
    line.ended()
    line.until(State.DIALING)
    line.opened()
    line.created()
    line.updated()
    line.speak(400)
    line.fresh()
    line.fresh("events")
    line.updated()
    kept = outage.limit_ms
    assert appended(line.sent) == list(range(400 - kept, 400))
    kinds = [type(event) for event in line.events if not isinstance(event, events.SessionUpdated)]
    # The gap is told before the line is, and before any audio behind it.
    assert kinds == [events.LineGap, events.LineLive]


def test_a_commit_whose_audio_is_gone_is_lost_with_it_and_said_to_be():
    line = Line(session=BY_HAND, outage=Outage.latest(100)).come_live()
    line.ended()
    line.speak(500)
    early = line.ask("input_audio_buffer.commit")
    line.speak(300)
    late = line.ask("input_audio_buffer.commit")
    line.fresh()
    line.come_live()
    assert [event.request_id for event in line.of(events.RequestLost)] == [early]
    assert [each["event_id"] for each in line.sent if "commit" in each["type"]] == [late]


def test_a_turn_that_was_committed_is_restored_under_every_policy():
    line = Line(session=LISTENING, outage=Outage.drop()).come_live()
    line.speak(1000)
    line.turn("u", 0, 800)
    line.ended()
    line.fresh()
    line.come_live()
    assert "conversation.item.create" in types(line.sent)
    assert line.connection.books().retained == 800


def test_late_audio_goes_out_in_chunks_of_a_second_at_eight_times_its_length():
    line = Line(session=LISTENING, patient=False)
    line.speak(4000)
    line.start()
    line.opened()
    line.created()
    line.updated()
    began, sent_at = line.now, []
    while line.connection.books().waiting:
        sent_at.append((line.now - began, len(appended(line.fresh()))))
        assert line.connection._stream.waits_until == pytest.approx(line.now + 0.125)
        assert line.connection.deadline() <= line.now + 0.125
        line.wait_for_pace()
    sent_at.append((line.now - began, len(appended(line.fresh()))))
    assert sent_at == [(pytest.approx(0.125 * n), 1000) for n in range(4)]
    # What is captured now is not late.
    line.speak(20)
    assert len(appended(line.sent)) == 20


def test_a_moment_of_the_pace_that_passed_while_the_link_was_full_is_no_deadline():
    line = Line(session=LISTENING, patient=False)
    line.speak(4000)
    line.start()
    line.opened()
    line.created()
    line.updated()
    due = line.connection._stream.waits_until
    line.connection.handle_timeout(due - 0.01, 0.5)
    assert line.is_pacing
    line.connection.handle_timeout(due, 0.5)
    assert not line.is_pacing


def test_the_latest_nothing_is_no_policy():
    with pytest.raises(ConfigError, match="use drop"):
        Outage.latest(0)
