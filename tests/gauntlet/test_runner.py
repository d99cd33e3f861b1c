from __future__ import annotations

import asyncio
import sys

from gauntlet.planting import FIRST, SECOND, Session, heard_first_turn, places, record, trial
from trunkline.gauntlet.deeds import Gate, Reset, Step, TurnAway
from trunkline.gauntlet.record import Dial, Record
from trunkline.gauntlet.runner import is_complete, run_gauntlet, run_trial
from trunkline.gauntlet.trial import Aim, Verdict
from trunkline.simulator.faults import Elapsed

BREAK = trial(steps=(Step(when=Elapsed(seconds=0), deed=Reset()),))


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def run_one(program: str, one=BREAK):
    return asyncio.run(run_trial(one, python(program), wav="/dev/null", places=places()))


def test_a_turn_after_the_trouble_and_its_answer_complete_a_trial():
    first = heard_first_turn().broken()
    second = Session(first.now + 1).say(SECOND.start, SECOND.end)
    whole = record(first, second)
    assert not is_complete(BREAK, whole, 0)
    second.commit(480, SECOND.text)
    assert not is_complete(BREAK, whole, 0)
    second.answer()
    assert is_complete(BREAK, whole, 0)


def test_a_trial_is_not_complete_before_its_trouble():
    assert not is_complete(BREAK, record(heard_first_turn().answer()), 0)


def test_without_trouble_two_turns_complete_it():
    session = heard_first_turn()
    whole = record(session)
    calm = trial(Aim.HOLD)
    assert not is_complete(calm, whole, 0)
    session.say(SECOND.start, SECOND.end).commit(480, SECOND.text).answer()
    assert is_complete(calm, whole, 0)
    assert FIRST.end < SECOND.start


def test_who_was_refused_for_good_is_watched_for_a_while_or_until_it_is_clear():
    stop = trial(Aim.STOP)
    dials = [Dial(at=10, outcome="3000", is_fatal=True)]
    assert not is_complete(stop, Record(), 99)
    assert not is_complete(stop, Record(dials=dials), 12)
    assert is_complete(stop, Record(dials=dials), 17)
    assert is_complete(stop, Record(dials=dials * 10), 12)


def test_a_client_that_never_dials_is_a_problem_and_no_score():
    result = run_one("print('I give up'); raise SystemExit(7)")
    assert result.problem == "the client ended with exit code 7 before it dialed"
    assert result.verdict is Verdict.FAILED
    assert "I give up" in result.output_tail
    assert result.scores == {}


STUBBORN = """
import os, sys
from websockets.sync.client import connect
url = os.environ["OPENAI_BASE_URL"].replace("http", "ws", 1) + "/realtime?model=gpt-realtime"
headers = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
for _ in range(8):
    try:
        with connect(url, additional_headers=headers, proxy=None) as ws:
            for message in ws:
                pass
    except Exception as error:
        print(error)
"""
NO_CREDIT = TurnAway(close_code=1013, type="insufficient_quota", code="x", message="No credit.")


def test_a_real_client_that_storms_and_ignores_what_is_final_is_found():
    final = trial(Aim.STOP, gate=Gate(how=NO_CREDIT, after=0), patience=20.0)
    result = run_one(STUBBORN, final)
    assert result.verdict is Verdict.FAILED
    assert result.scores["fatal"].verdict is Verdict.FAILED
    assert result.scores["storm"].verdict is Verdict.FAILED


def test_results_come_in_the_order_of_the_trials_and_are_told_as_they_come():
    told = []
    trials = [trial(), trial(Aim.HOLD)]
    outcome = asyncio.run(run_gauntlet(trials, python("pass"), jobs=2, told=told.append))
    assert [result.trial for result in outcome.results] == trials
    assert len(told) == 2
    assert not outcome.is_passed
