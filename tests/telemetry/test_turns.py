from __future__ import annotations

import pytest

from trunkline.protocol.observations import (
    AudioTruncated,
    Milestone,
    MilestoneKind,
    PlayStarted,
    PlayStopped,
    SpeechEnded,
)
from trunkline.telemetry.turns import BARGE_IN as BARGED_IN
from trunkline.telemetry.turns import FIRST_AUDIO, KEPT_TURNS, TURN_GAP, Turns

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


def _starts(item="i1", at=2.6):
    return PlayStarted(at=at, epoch=1, item_id=item, samples=0)


def _stops(at, item="i1", *, cut=True):
    return PlayStopped(at=at, epoch=1, item_id=item, cut=cut)


def _milestones(turns, *steps):
    for at, kind in steps:
        turns.milestone(Milestone(at=at, epoch=1, kind=kind))


def _spoken_into():
    """An answer plays, and the user speaks into it, as the core tells it: the speech first, and no response's id."""
    turns = _folded(*_ONE[:4])
    turns.play_started(_starts())
    _milestones(turns, (3.0, STARTED), (3.0, BARGE_IN))
    return turns


def test_a_barge_in_is_from_the_word_that_the_user_spoke_to_the_silence_of_that_answer():
    turns = _spoken_into()
    turns.truncated(AudioTruncated(at=3.0, epoch=1, item_id="i1", heard_ms=400))
    turns.play_stopped(_stops(3.12))
    first, second = turns.view()
    assert (first.interrupted, first.barge_in_ms, first.cut_ms) == (True, pytest.approx(120), 400)
    assert (second.interrupted, second.barge_in_ms, second.cut_ms) == (False, None, None)
    assert [metric for metric, _ in turns.measured()] == [FIRST_AUDIO, BARGED_IN]


def test_an_answer_that_a_broken_link_ended_was_not_barged_into():
    turns = _folded(*_ONE)
    turns.play_started(_starts())
    turns.play_stopped(_stops(5.2, cut=False))
    # The user speaks after the answer, not into it; the next answer breaks off with its link.
    _milestones(turns, (6.0, STARTED), (8.0, STOPPED))
    for at, kind in ((8.1, CREATED), (8.3, AUDIO)):
        turns.milestone(Milestone(at=at, epoch=1, kind=kind, response_id="r2"))
    turns.play_started(_starts("i2", 8.4))
    turns.link_ended()
    turns.play_stopped(_stops(9.8, "i2"))
    assert [turn.barge_in_ms for turn in turns.view()] == [None, None]


def test_a_link_that_breaks_after_the_user_spoke_leaves_no_barge_in_to_tell():
    turns = _spoken_into()
    turns.link_ended()
    turns.play_stopped(_stops(6.8))
    assert [turn.barge_in_ms for turn in turns.view()] == [None, None]
    assert turns.view()[0].interrupted


def test_what_came_to_its_end_although_the_user_spoke_has_no_barge_in():
    turns = _spoken_into()
    turns.play_stopped(_stops(3.1, cut=False))
    turns.play_stopped(_stops(3.4))
    assert turns.view()[0].barge_in_ms is None


def test_an_answer_that_was_not_heard_yet_cannot_fall_silent():
    turns = _folded(*_ONE[:4])
    _milestones(turns, (3.0, STARTED), (3.0, BARGE_IN))
    turns.play_stopped(_stops(3.4))
    assert turns.view()[0].interrupted
    assert turns.view()[0].barge_in_ms is None


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


COMMITTED = MilestoneKind.COMMITTED


def _by_hand(*steps, by_hand=True):
    turns = Turns(by_hand=by_hand)
    for at, kind, *rest in steps:
        epoch, response = (*rest, 1)[0], "r" if kind in (CREATED, AUDIO, DONE) else ""
        turns.milestone(
            Milestone(at=at, epoch=epoch, kind=kind, response_id=response, status="completed")
        )
    return turns


def test_the_gap_of_a_turn_by_hand_counts_from_its_commit_and_says_so():
    turns = _by_hand((1.0, COMMITTED), (1.1, CREATED), (1.6, AUDIO))
    turns.play_started(PlayStarted(at=1.9, epoch=1, item_id="i", samples=2400))
    (turn,) = turns.view()
    assert (turn.gap_ms, turn.gap_from_commit) == (pytest.approx(800), True)
    assert (turn.user_s, turn.number) == (None, 1)
    assert turns.measured() == [(TURN_GAP, pytest.approx(0.8))]


def test_a_gap_from_the_voice_says_so_whatever_the_server_commits_after_it():
    turns = _by_hand((0.0, STARTED), (1.0, STOPPED), (1.01, COMMITTED), by_hand=False)
    turns.speech_ended(SpeechEnded(at=1.0, epoch=1, item_id="u", end_sample=1, captured_at=0.5))
    turns.milestone(Milestone(at=1.1, epoch=1, kind=CREATED, response_id="r"))
    turns.play_started(PlayStarted(at=1.7, epoch=1, item_id="i", samples=0))
    (turn,) = turns.view()
    assert (turn.gap_ms, turn.gap_from_commit) == (pytest.approx(1200), False)


@pytest.mark.parametrize(
    ("steps", "is_known"),
    [
        # Where a server detects speech but does not say its silence time, nothing is known.
        ([(0.0, STARTED), (1.0, STOPPED), (1.01, COMMITTED), (1.1, CREATED)], False),
        # It committed silence, to say something by itself.
        ([(1.0, COMMITTED), (1.1, CREATED)], False),
        # The application did not wait for the end of speech.
        ([(0.0, STARTED), (1.0, COMMITTED), (1.1, CREATED)], True),
    ],
)
def test_where_a_server_detects_speech_only_a_commit_into_it_is_by_hand(steps, is_known):
    turns = _by_hand(*steps, by_hand=False)
    turns.play_started(PlayStarted(at=2.0, epoch=1, item_id="i", samples=0))
    (turn,) = turns.view()
    assert turn.gap_from_commit is (turn.gap_ms is not None) is is_known


def test_a_commit_that_another_session_gets_again_is_of_the_same_turn():
    turns = _by_hand((1.0, COMMITTED), (3.0, COMMITTED, 2), (3.1, CREATED, 2), (3.5, AUDIO, 2))
    turns.play_started(PlayStarted(at=4.0, epoch=2, item_id="i", samples=0))
    (turn,) = turns.view()
    assert (turn.gap_ms, turn.restarts) == (pytest.approx(3000), 1)
    assert turns.total == 1


def test_each_commit_by_hand_is_a_turn():
    turns = _by_hand((1.0, COMMITTED), (1.1, CREATED), (2.0, DONE), (9.0, COMMITTED))
    assert [turn.status for turn in turns.view()] == ["completed", "thinking"]
