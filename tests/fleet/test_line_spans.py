"""What happens to a line, as spans."""

from __future__ import annotations

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from fleet.spanning import Drawn, seconds
from telemetry.counting import ended, fact, live, went
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure, Fault, Phase
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import MilestoneKind, Speaker

DOWN = Closure(code=1011, reason="x")


def ready(at: float, epoch: int = 1, session: str = "sess_1"):
    told = {"session_id": session, "model": "gpt-x", "expires_at": None}
    return fact(seen.SessionReady, at, epoch=epoch, **told)


def milestone(kind, at, response="r", *, epoch=1, **more):
    return fact(seen.Milestone, at, epoch=epoch, kind=kind, response_id=response, **more)


def restored(at: float, epoch: int = 2):
    told = {"items": 3, "items_dropped": 0, "replayed_samples": 24_000, "lost_samples": 12_000}
    told |= {"duplicated_samples": 0, "verified": True, "owed": True, "took": 2.5}
    return fact(seen.Restored, at, epoch=epoch, **told)


CREATED, AUDIO, DONE = (
    MilestoneKind.RESPONSE_CREATED,
    MilestoneKind.FIRST_AUDIO,
    MilestoneKind.RESPONSE_DONE,
)


def broken() -> Drawn:
    """A line whose link ends in the middle of an answer, and which comes back."""
    drawn = Drawn().take(*live(), ready(0.5), milestone(CREATED, 9.0), milestone(AUDIO, 9.5))
    drawn.take(ended(10.0, DOWN), went(State.LIVE, State.WAITING, 10.0))
    drawn.take(fact(seen.RetryScheduled, 10.0, attempt=1, delay=0.5))
    drawn.take(ready(12.0, 2, "sess_2"), went(State.WAITING, State.LIVE, 12.5, epoch=2))
    return drawn.take(restored(12.5), milestone(CREATED, 13.0, "again", epoch=2))


def test_a_session_is_in_its_line_and_linked_to_the_one_before():
    drawn = broken().take(went(State.LIVE, State.CLOSED, 20.0, epoch=2))
    line = drawn.only("trunkline.line")
    first, second = drawn.named("trunkline.session")
    assert [seconds(one) for one in (line, first, second)] == [(0, 20), (0.5, 10), (12, 20)]
    assert {one.parent.span_id for one in (first, second)} == {line.context.span_id}
    assert first.links == ()
    assert [link.context.span_id for link in second.links] == [first.context.span_id]
    assert first.attributes["trunkline.close.code"] == 1011
    assert first.attributes["error.type"] == "close_1011"
    assert (first.status.status_code, second.status.status_code) == (StatusCode.ERROR, StatusCode.UNSET)  # fmt: skip
    assert (first.kind, line.kind) == (SpanKind.CLIENT, SpanKind.INTERNAL)


def test_an_outage_is_linked_to_the_session_that_ended_and_says_what_it_cost():
    drawn = broken()
    outage = drawn.only("trunkline.outage")
    (session,) = drawn.named("trunkline.session")
    assert seconds(outage) == (10.0, 12.5)
    assert [link.context.span_id for link in outage.links] == [session.context.span_id]
    assert [event.name for event in outage.events] == ["retry"]
    assert outage.attributes["trunkline.audio.replayed"] == 1.0
    assert outage.attributes["trunkline.audio.lost"] == 0.5
    assert outage.attributes["trunkline.restored.verified"] is True


def test_an_outage_without_a_word_of_a_restore_ends_when_the_line_was_live():
    drawn = Drawn().take(*live(), ended(10.0, DOWN), went(State.LIVE, State.WAITING, 10.0))
    drawn.take(went(State.WAITING, State.LIVE, 12.5, epoch=2))
    assert drawn.named("trunkline.outage") == []
    drawn.take(fact(seen.RoundTrip, 14.0, epoch=2, rtt=0.1))
    assert seconds(drawn.only("trunkline.outage")) == (10.0, 12.5)


def test_a_second_dial_that_fails_is_in_the_same_outage():
    drawn = Drawn().take(*live(), ended(10.0, DOWN), went(State.LIVE, State.WAITING, 10.0))
    drawn.take(ended(11.0, Closure(fault=Fault.REFUSED, phase=Phase.TCP), lived=0.0))
    drawn.take(went(State.WAITING, State.FAILED, 12.0))
    outage = drawn.only("trunkline.outage")
    assert seconds(outage) == (10.0, 12.0)
    assert outage.status.status_code is StatusCode.ERROR
    line = drawn.only("trunkline.line")
    assert line.attributes["trunkline.end_reason"] == line.attributes["error.type"] == "failed"


def test_a_response_is_in_its_session_with_its_tokens():
    drawn = Drawn().take(*live(), ready(0.5), milestone(CREATED, 1.0), milestone(AUDIO, 1.5))
    usage = {"input_tokens": 30, "output_tokens": 20, "cached_tokens": 0, "input_audio_tokens": 9}
    drawn.take(fact(seen.ResponseUsage, 3.0, response_id="r", **usage))
    drawn.take(milestone(DONE, 3.0, status="completed"), went(State.LIVE, State.CLOSED, 5.0))
    response, session = drawn.only("trunkline.response"), drawn.only("trunkline.session")
    assert response.parent.span_id == session.context.span_id
    assert seconds(response) == (1.0, 3.0)
    assert [event.name for event in response.events] == ["first audio"]
    assert response.attributes["gen_ai.usage.input_tokens"] == 30
    assert response.attributes["trunkline.response.status"] == "completed"
    assert "gen_ai.usage.audio.input_tokens" not in response.attributes


def test_a_response_that_a_link_took_along_is_lost_and_the_one_asked_for_again_says_so():
    drawn = broken().take(milestone(DONE, 15.0, "again", epoch=2, status="completed"))
    lost, again = drawn.named("trunkline.response")
    assert seconds(lost) == (9.0, 10.0)
    assert lost.attributes["error.type"] == "link_ended"
    assert [link.context.span_id for link in again.links] == [lost.context.span_id]
    assert again.status.status_code is StatusCode.UNSET


def test_a_response_that_failed_says_why():
    drawn = Drawn().take(*live(), ready(0.5), milestone(CREATED, 1.0))
    drawn.take(fact(seen.ResponseFailed, 2.0, response_id="r", code="", message="words"))
    drawn.take(milestone(DONE, 2.0, status="failed"))
    response = drawn.only("trunkline.response")
    assert response.status.status_code is StatusCode.ERROR
    assert response.attributes["error.type"] == "unknown"
    assert "words" not in str(response.to_json())


def test_a_rotation_is_one_session_after_the_other_and_no_outage():
    told = {"items": 0, "items_dropped": 0, "replayed_samples": 0, "lost_samples": 0}
    told |= {"verified": True, "owed": False, "moment": "in silence", "took": 1.0}
    drawn = Drawn().take(*live(), ready(0.5), ready(8.0, 2, "sess_2"))
    drawn.take(fact(seen.Rotated, 9.0, epoch=2, old_epoch=1, **told))
    drawn.take(ended(9.1, Closure(code=1000, by_us=True)), went(State.LIVE, State.CLOSED, 20.0))
    first, second = drawn.named("trunkline.session")
    assert (seconds(first), seconds(second)) == ((0.5, 9.0), (8.0, 20.0))
    assert first.attributes["trunkline.rotated"] is True
    assert drawn.named("trunkline.outage") == []


def test_a_goodbye_and_a_session_that_had_its_time_are_no_errors():
    expired = Closure(code=1001, error_code="session_expired")
    for closure in (Closure(code=1000, by_us=True), expired):
        drawn = Drawn().take(*live(), ready(0.5), ended(10.0, closure))
        assert drawn.only("trunkline.session").status.status_code is StatusCode.UNSET


def test_what_never_ends_takes_no_memory():
    drawn = Drawn().take(*live())
    for n in range(1, 40):
        drawn.take(ready(float(n), n, f"s{n}"), milestone(CREATED, float(n), f"r{n}", epoch=n))
        drawn.take(milestone(DONE, float(n), "stranger", epoch=n))
    assert len(drawn.named("trunkline.session")) == 39 - 4
    assert len(drawn.named("trunkline.response")) == 39 - 16


def test_nothing_that_was_said_is_in_a_span():
    drawn = broken()
    words = {"speaker": Speaker.USER, "item_id": "i", "text": "my secret words", "final": True}
    drawn.take(fact(seen.Transcript, 13.0, **words))
    drawn.take(fact(seen.SettingsConfirmed, 13.0, settings='{"instructions": "my secret words"}'))
    drawn.take(went(State.LIVE, State.CLOSED, 20.0, epoch=2))
    spans = drawn.kept.get_finished_spans()
    assert len(spans) == 6
    assert "secret" not in "".join(one.to_json() for one in spans)


@pytest.mark.parametrize("drafts", [False, True])
def test_drafts_of_conventions_are_for_those_who_opt_in(drafts):
    drawn = Drawn(drafts=drafts).take(*live(), ready(0.5), milestone(CREATED, 1.0))
    usage = {"input_tokens": 30, "output_tokens": 20, "cached_tokens": 0, "input_audio_tokens": 9}
    drawn.take(fact(seen.ResponseUsage, 3.0, response_id="r", **usage))
    drawn.take(milestone(DONE, 3.0, status="completed"), went(State.LIVE, State.CLOSED, 5.0))
    spans = {one.name: one.attributes for one in drawn.kept.get_finished_spans()}
    name = "realtime_inference gpt-x" if drafts else "trunkline.response"
    assert set(spans) == {"trunkline.line", "trunkline.session", name}
    assert ("gen_ai.conversation.id" in spans["trunkline.line"]) is drafts
    assert (spans["trunkline.session"].get("gen_ai.realtime_session.id") == "sess_1") is drafts
    assert (spans[name].get("gen_ai.operation.name") == "realtime_inference") is drafts
    assert (spans[name].get("gen_ai.usage.audio.input_tokens") == 9) is drafts
