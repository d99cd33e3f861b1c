from __future__ import annotations

import pytest

from trunkline.protocol.observations import Milestone, MilestoneKind
from trunkline.telemetry.turns import KEPT_TURNS, Turns

STARTED, STOPPED = MilestoneKind.SPEECH_STARTED, MilestoneKind.SPEECH_STOPPED
CREATED, AUDIO = MilestoneKind.RESPONSE_CREATED, MilestoneKind.FIRST_AUDIO
DONE, BARGE_IN = MilestoneKind.RESPONSE_DONE, MilestoneKind.BARGE_IN


def _folded(*steps):
    turns = Turns()
    for at, epoch, kind, *rest in steps:
        response, status, *_ = (*rest, "", "")
        turns.milestone(
            Milestone(at=at, epoch=epoch, kind=kind, response_id=response, status=status)
        )
    return turns


_ONE = [(0.0, 1, STARTED), (2.0, 1, STOPPED), (2.1, 1, CREATED, "r1"), (2.5, 1, AUDIO, "r1"),
        (5.1, 1, DONE, "r1", "completed")]  # fmt: skip


def test_a_turn_from_speech_to_the_end_of_its_answer():
    (turn,) = _folded(*_ONE).view()
    assert (turn.user_s, turn.first_audio_ms, turn.response_s) == pytest.approx((2.0, 500.0, 3.0))
    assert turn.status == "completed"
    assert turn.answered


@pytest.mark.parametrize(("steps", "status"), [(1, "listening"), (2, "thinking"), (4, "speaking")])
def test_a_turn_says_how_far_it_is(steps, status):
    assert _folded(*_ONE[:steps]).view()[0].status == status


def test_speech_that_is_replayed_belongs_to_the_turn_that_was_broken():
    turns = _folded((0.0, 1, STARTED), (3.0, 2, STARTED), (5.0, 2, STOPPED), (5.1, 2, CREATED, "r"),
                    (5.4, 2, AUDIO, "r"), (6.0, 2, DONE, "r", "completed"))  # fmt: skip
    (turn,) = turns.view()
    assert (turn.restarts, turn.user_s, turns.answered) == (1, 5.0, 1)


def test_a_response_that_is_asked_for_again_belongs_to_its_turn():
    turns = _folded(*_ONE[:4], (4.0, 2, CREATED, "r2"), (4.4, 2, AUDIO, "r2"),
                    (6.0, 2, DONE, "r2", "completed"))  # fmt: skip
    (turn,) = turns.view()
    assert turn.restarts == 1
    assert turn.first_audio_ms == pytest.approx(500)
    assert turns.answered == turns.total == 1


def test_a_cancelled_response_does_not_end_the_turn_that_cancelled_it():
    turns = _folded(*_ONE[:4], (3.0, 1, STARTED), (3.1, 1, BARGE_IN, "r1"),
                    (3.2, 1, DONE, "r1", "cancelled"))  # fmt: skip
    first, second = turns.view()
    assert (first.status, first.interrupted, first.answered) == ("cancelled", True, False)
    assert second.status == "listening"


def test_a_response_nobody_spoke_for_is_a_turn_without_speech():
    first, second = _folded(*_ONE, (9.0, 1, CREATED, "r9")).view()
    assert first.answered
    assert second.user_s is second.first_audio_ms is None


@pytest.mark.parametrize("kind", list(MilestoneKind))
def test_any_moment_may_come_first(kind):
    _folded((0.0, 1, kind, "r", "completed")).view()


def test_totals_outlive_what_is_kept():
    steps = [(float(n), 1, STARTED) for n in range(KEPT_TURNS + 5)]
    turns = _folded(*steps)
    assert (len(turns.view()), turns.total) == (KEPT_TURNS, KEPT_TURNS + 5)
