from __future__ import annotations

from gauntlet.planting import Session, record, trial
from trunkline.gauntlet.manners import judge_end, judge_fatal, judge_retry_after, judge_storm
from trunkline.gauntlet.record import Dial, Record, Stop
from trunkline.gauntlet.trial import Aim, Verdict

PASSED, FAILED, ABSENT = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_APPLICABLE


def dialed(*times: float) -> Record:
    return Record(dials=[Dial(at=at, outcome="crash") for at in times])


def refused(*later: float) -> Record:
    first = Dial(at=0, outcome="3000 invalid_api_key", is_fatal=True)
    return Record(dials=[first, *(Dial(at=at, outcome="3000", is_fatal=True) for at in later)])


def asked_to_wait(*later: float) -> Record:
    busy = Dial(at=10, outcome="HTTP 429", retry_after=3)
    return Record(dials=[busy, *(Dial(at=at, outcome="admitted") for at in later)])


def left(session: Session, **stop) -> Record:
    whole = record(session)
    whole.stop = Stop(**stop)
    return whole


def storm(whole: Record) -> Verdict:
    return judge_storm(trial(), whole).verdict


def test_a_backoff_is_no_storm():
    assert storm(dialed(0, 0.3, 0.9, 2, 4, 8)) is PASSED


def test_a_client_that_storms_is_found_by_the_second():
    score = judge_storm(trial(), dialed(*(0.1 * index for index in range(20))))
    assert (score.verdict, "10 dials in a second" in score.reason) == (FAILED, True)


def test_a_client_that_never_slows_down_is_found_by_the_minute():
    assert storm(dialed(*(index * 1.0 for index in range(40)))) is FAILED


def test_one_dial_says_nothing_about_retrying():
    assert storm(dialed(0)) is ABSENT


def test_a_final_refusal_may_be_checked_once_with_a_fresh_key():
    stop = trial(Aim.STOP)
    assert judge_fatal(stop, refused()).verdict is PASSED
    assert judge_fatal(stop, refused(1)).verdict is PASSED


def test_a_client_that_ignores_a_final_refusal_is_found():
    score = judge_fatal(trial(Aim.STOP), refused(1, 2, 4))
    assert (score.verdict, score.value) == (FAILED, 3)


def test_who_never_dials_again_was_never_refused():
    assert judge_fatal(trial(Aim.STOP), dialed(0)).verdict is ABSENT
    assert judge_fatal(trial(Aim.BACK), refused(1, 2, 3)).verdict is ABSENT


def test_retry_after_is_kept_to_the_tenth_of_a_second():
    assert judge_retry_after(trial(), asked_to_wait(13.2)).verdict is PASSED
    assert judge_retry_after(trial(), asked_to_wait(12.95)).verdict is PASSED


def test_a_client_that_does_not_wait_is_found():
    score = judge_retry_after(trial(), asked_to_wait(10.5, 13.5))
    assert (score.verdict, score.value) == (FAILED, 0.5)


def test_without_a_named_time_or_another_dial_nothing_can_be_kept():
    assert judge_retry_after(trial(), dialed(0, 1)).verdict is ABSENT
    assert judge_retry_after(trial(), asked_to_wait()).verdict is ABSENT


def test_a_close_frame_and_a_process_that_goes_are_a_clean_end():
    score = judge_end(trial(), left(Session().closed(), told_at=5, ended_at=5.4))
    assert (score.verdict, score.unit) == (PASSED, "s")


def test_a_connection_that_just_ends_is_not_clean():
    assert judge_end(trial(), left(Session().closed(1006), told_at=5)).verdict is FAILED
    assert judge_end(trial(), left(Session(), told_at=5)).verdict is FAILED


def test_a_process_that_had_to_be_killed_is_not_clean():
    whole = left(Session().closed(), told_at=5, was_killed=True)
    assert judge_end(trial(), whole).verdict is FAILED


def test_without_a_connection_there_is_nothing_to_close():
    assert judge_end(trial(), left(Session().broken(), told_at=5)).verdict is PASSED
