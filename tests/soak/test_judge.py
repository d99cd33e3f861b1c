from __future__ import annotations

import pytest

from soak.staging import Quiet
from trunkline.protocol import events
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.outage import Outage
from trunkline.soak.spans import Cover


@pytest.fixture
def stage() -> Quiet:
    """A line with a turn or two behind it, all of it lawful."""
    stage = Quiet().go(60.0)
    stage.caller.hangs_up = True
    stage.go(60.0)
    stage.judge.final()
    assert stage.laws == []
    return stage


def test_audio_that_comes_twice_is_found(stage: Quiet):
    microphone = stage.caller._microphone
    stage.judge.appended(stage.session, microphone.pcm(0, 2400), 0.0)
    assert stage.laws == ["I2"]


def test_a_hole_that_nobody_announced_is_found_and_an_announced_one_is_lawful(stage: Quiet):
    microphone = stage.caller._microphone
    start = microphone.position
    microphone.captured(9600, loud=False)
    gap = events.LineGap(start_ms=start / 24, duration_ms=100.0, reason="test")
    stage.judge.delivered(gap)
    stage.judge.appended(stage.session, microphone.pcm(start + 2400, start + 4800), 0.0)
    assert stage.laws == []
    stage.judge.appended(stage.session, microphone.pcm(start + 7200, start + 9600), 0.0)
    assert stage.laws == ["I3b"]


def test_audio_that_was_changed_is_found(stage: Quiet):
    stage.judge.appended(stage.session, b"\1\2" * 2400, 0.0)
    assert stage.laws == ["I1"]


def test_audio_that_reached_nobody_is_found(stage: Quiet):
    stage.caller._microphone.captured(2400, loud=False)
    stage.judge.final()
    assert stage.laws == ["I1"]


def test_speech_that_is_in_no_item_is_found(stage: Quiet):
    microphone = stage.caller._microphone
    start = microphone.position
    microphone.captured(4800, loud=True)
    stage.judge.appended(stage.session, microphone.pcm(start, start + 4800), 0.0)
    stage.judge.final()
    assert stage.laws == ["I1"]


def test_a_tool_that_ran_twice_is_found(stage: Quiet):
    stage.judge.ran_tool("c", 2)
    stage.judge.final()
    assert stage.laws == ["I19", "tools"]


def test_items_that_are_missing_or_came_back_are_found(stage: Quiet):
    stage.judge.typed("typed 99")
    stage.judge.final()
    assert stage.laws == ["I1"]


def test_sound_after_an_interruption_or_out_of_order_is_found(stage: Quiet):
    item_id, answer = next(iter(stage.caller.speaker.answers.items()))
    stage.judge.played(item_id, answer, answer.start + answer.received)
    assert stage.laws == []
    stage.judge.played(item_id, answer, answer.start)
    answer.is_stopped = True
    stage.judge.played(item_id, answer, answer.start + answer.received)
    assert stage.laws == ["order", "I15"]


def test_a_cut_behind_what_was_played_is_found(stage: Quiet):
    item_id, answer = next(iter(stage.caller.speaker.answers.items()))
    stage.judge._truncated(item_id, answer.played // 24)
    assert stage.laws == []
    stage.judge._truncated(item_id, answer.played // 24 + 1)
    assert stage.laws == ["I15"]


def test_a_turn_without_an_answer_is_found(stage: Quiet):
    stage.judge.turn_began(10**9)
    stage.judge.turn_ended(10**9 + 1)
    stage.go(30.0)
    assert stage.laws == ["turns"]


@pytest.mark.parametrize("answering", [True, False])
def test_an_answer_that_called_a_tool_and_broke_off_is_the_applications_to_ask_for(
    stage: Quiet, answering: bool
):
    ended_at, closure = stage.agenda.now, Closure(code=1006)
    stage.go(1.0)
    if answering:
        stage.judge.delivered(
            events.ResponseCreated(response_id="r", conversation_id="c", response={})
        )
    stage.judge.delivered(events.ToolCall(call_id="c", name="look_up", arguments="", item_id="i"))
    stage.judge.delivered(events.LineDropped(closure=closure, verdict=judge(closure)))
    stage.judge._owes(stage.caller.turns, 10**9, 10**9 + 1, ended_at, ended_at)
    assert stage.laws == ([] if answering else ["turns"])


@pytest.mark.parametrize(("quiet_ms", "laws"), [(1500, []), (500, ["turns"])])
def test_such_a_one_may_break_off_while_the_turn_still_ends_in_silence(
    stage: Quiet, quiet_ms: int, laws: list[str]
):
    stage.judge._left_to_application_at = stage.agenda.now - 1.0
    stage.judge.turn_began(10**9)
    stage.judge.turn_ended(10**9 + 1, quiet=quiet_ms / 1000)
    stage.go(30.0)
    assert stage.laws == laws


def test_audio_under_old_settings_is_found(stage: Quiet):
    stage.judge.ledgers.serving().wanted = 99
    stage.judge.ledgers.serving().began = False
    microphone = stage.caller._microphone
    start = microphone.position
    microphone.captured(2400, loud=False)
    stage.judge.appended(stage.session, microphone.pcm(start, start + 2400), 0.0)
    assert stage.laws == ["settings"]


def test_more_late_audio_than_is_wanted_is_found(stage: Quiet):
    judge, ledger = stage.judge, stage.judge.ledgers.serving()
    judge.wants(Outage.latest(1000))
    ledger.appended, ledger.opened_at = Cover([(0, 24_000)]), 48_000
    stage.caller._microphone.position = 48_000
    judge.delivered(events.LineDropped(closure=None, verdict=None))
    live = events.LineLive(epoch=2, items_restored=0, replayed_ms=0, lost_ms=0)
    judge.delivered(live)
    assert stage.laws == []
    ledger.appended.add(24_000, 30_000)
    judge.delivered(live)
    assert stage.laws == []
    judge._in_time(ledger)
    assert stage.laws == ["outage"]


@pytest.mark.parametrize("is_succeeded", [True, False])
def test_a_request_that_is_fulfilled_twice_is_found_unless_its_session_was_left(
    stage: Quiet, is_succeeded: bool
):
    ledger = stage.judge.ledgers.serving()
    stage.judge._fulfilled.add("ask_1")
    if is_succeeded:
        stage.judge.ledgers.opened(stage.session, 0, 0)
        stage.judge.ledgers._all[-1].began = True
    stage.judge._response(ledger, "resp", "ask_1")
    assert stage.laws == ([] if is_succeeded else ["turns"])
