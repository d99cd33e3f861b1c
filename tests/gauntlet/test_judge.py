from __future__ import annotations

import pytest

from gauntlet.planting import (
    FIRST,
    RATE,
    SECOND,
    SPEECH,
    THIRD,
    Session,
    heard_first_turn,
    places,
    record,
    trial,
)
from trunkline.gauntlet.accounts import Accounts, settle
from trunkline.gauntlet.deeds import Freeze, Reset, Step
from trunkline.gauntlet.judge import judge
from trunkline.gauntlet.record import Record
from trunkline.gauntlet.trial import SCORES, Aim, Trial, Verdict
from trunkline.simulator.faults import Elapsed

PASSED, FAILED, ABSENT = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_APPLICABLE
CLEAN = Accounts(known_share=1.0, said_ms=4000)
BREAK = trial(steps=(Step(when=Elapsed(seconds=1), deed=Reset()),))
HALF = (SECOND.start + SECOND.end) // 2
AFTER = SECOND.end + RATE // 2


def came_back(gap: float = 0.3) -> Record:
    """The best there is: everything told again, what was lost replayed, the turn answered."""
    first = heard_first_turn().say(SECOND.start, HALF).broken()
    second = Session(first.now + gap, number=2).tell(FIRST.text).tell("Sí.", role="assistant")
    second.say(SECOND.start - 4800, HALF, faster=8).say(HALF, AFTER)
    second.commit(AFTER - SECOND.start + 4800, SECOND.text).answer("Bien.").closed()
    whole = record(first, second)
    whole.stop.told_at = whole.stop.ended_at = second.now
    return whole


def verdicts(trial: Trial, whole: Record, accounts: Accounts | None = None) -> dict[str, Verdict]:
    scores = judge(trial, whole, accounts or settle(whole, SPEECH, places()))
    return {name: score.verdict for name, score in scores.items()}


def test_a_good_client_fails_nothing_and_every_score_is_there_with_a_reason():
    whole = came_back()
    scores = judge(BREAK, whole, settle(whole, SPEECH, places()))
    assert list(scores) == list(SCORES)
    assert all(score.reason for score in scores.values())
    passed = {name for name, score in scores.items() if score.verdict is PASSED}
    assert passed == {"back", "settings", "items", "lost", "doubled", "answered", "storm", "end"}
    assert FAILED not in {score.verdict for score in scores.values()}


def test_coming_back_too_late_is_failing():
    assert verdicts(BREAK, came_back(9))["back"] is PASSED
    assert verdicts(BREAK, came_back(11))["back"] is FAILED


def test_not_coming_back_is_failing_and_leaves_the_rest_open():
    found = verdicts(BREAK, record(heard_first_turn().broken()))
    assert (found["back"], found["answered"]) == (FAILED, FAILED)
    assert {found[name] for name in ("settings", "items", "lost", "doubled")} == {ABSENT}


def test_a_connection_without_audio_is_no_coming_back():
    whole = record(heard_first_turn().broken(), Session(30))
    assert verdicts(BREAK, whole)["back"] is FAILED


def test_a_client_that_left_before_the_break_did_not_come_back():
    assert verdicts(BREAK, record(heard_first_turn().closed()))["back"] is FAILED


@pytest.mark.parametrize(("lost", "doubled"), [(200.0, 0.0), (0.0, 200.0)])
def test_200_ms_are_not_forgiven(lost: float, doubled: float):
    accounts = Accounts(known_share=1.0, said_ms=4000, lost_ms=lost, doubled_ms=doubled)
    found = verdicts(BREAK, came_back(), accounts)
    assert found["lost"] is (FAILED if lost else PASSED)
    assert found["doubled"] is (FAILED if doubled else PASSED)


def test_audio_that_the_client_changed_is_not_comparable_and_says_so():
    scores = judge(BREAK, came_back(), Accounts(known_share=0.04))
    assert scores["lost"].verdict is ABSENT
    assert scores["lost"].reason.startswith("not comparable")


def test_a_turn_without_an_answer_after_the_trouble_is_failing():
    whole = came_back()
    whole.visits[-1].history.responses[-1].status = "failed"
    assert verdicts(BREAK, whole)["answered"] is FAILED
    whole.visits[-1].history.items[:] = []
    assert verdicts(BREAK, whole)["answered"] is FAILED


def held(*, dials: tuple[float, ...] = (0,)) -> Record:
    session = Session().say(0, AFTER).commit(AFTER, SECOND.text)
    session.say(AFTER, THIRD.end).commit(480, THIRD.text).answer().closed()
    whole = record(session, dials=dials)
    whole.deeds = [(1.0, "Freeze")]
    whole.stop.told_at = session.now
    return whole


FREEZE = trial(Aim.HOLD, steps=(Step(when=Elapsed(seconds=1), deed=Freeze(seconds=2)),))


def test_a_client_that_holds_a_living_link_is_right():
    assert verdicts(FREEZE, held())["held"] is PASSED


def test_a_client_that_leaves_a_living_link_is_found():
    assert verdicts(FREEZE, held(dials=(0, 3)))["held"] is FAILED
    early = held()
    early.stop.told_at = early.visits[0].history.ending.at + 1
    assert verdicts(FREEZE, early)["held"] is FAILED
    assert verdicts(FREEZE, Record())["held"] is FAILED


def test_when_the_client_is_to_give_up_no_conversation_is_judged():
    found = verdicts(trial(Aim.STOP), Record(), CLEAN)
    judged = {name for name, verdict in found.items() if verdict is not ABSENT}
    assert judged == {"end"}
