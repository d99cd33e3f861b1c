from __future__ import annotations

import json

from gauntlet.planting import trial
from trunkline.gauntlet.trial import SCORES, Aim, Outcome, Score, TrialResult, Verdict


def result(aim: Aim = Aim.BACK, problem: str = "", **verdicts: Verdict) -> TrialResult:
    scores = {
        name: Score(verdict=verdicts.get(name, Verdict.NOT_APPLICABLE), reason="so")
        for name in SCORES
    }
    return TrialResult(trial=trial(aim), scores=scores, problem=problem, output_tail="words")


def test_one_failed_score_fails_a_trial():
    assert result(back=Verdict.PASSED).verdict is Verdict.PASSED
    assert result(back=Verdict.PASSED, end=Verdict.FAILED).verdict is Verdict.FAILED
    assert result(problem="it never dialed").verdict is Verdict.FAILED


def test_a_trial_whose_own_question_was_not_answered_does_not_count_as_passed():
    assert result(Aim.STOP, end=Verdict.PASSED).verdict is Verdict.NOT_APPLICABLE
    assert result(Aim.STOP, fatal=Verdict.PASSED).verdict is Verdict.PASSED
    assert result(Aim.HOLD, held=Verdict.PASSED).verdict is Verdict.PASSED


def test_an_outcome_counts_and_is_json():
    results = (result(back=Verdict.PASSED), result(end=Verdict.FAILED), result(Aim.STOP))
    outcome = Outcome(command=("client",), seed=1, results=results)
    document = json.loads(json.dumps(outcome.to_dict()))
    assert document["counts"] == {"passed": 1, "failed": 1, "not applicable": 1}
    assert document["passed"] is False
    assert [one["output_tail"] for one in document["trials"]] == ["", "words", ""]
    assert list(document["trials"][0]["scores"]) == list(SCORES)
    assert document["trials"][0]["scores"]["back"] == {
        "verdict": "passed",
        "reason": "so",
        "value": None,
        "unit": "",
    }


def test_what_is_not_applicable_does_not_fail_an_outcome():
    assert Outcome(command=(), seed=0, results=(result(Aim.STOP),)).is_passed
