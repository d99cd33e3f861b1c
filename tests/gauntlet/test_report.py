from __future__ import annotations

from gauntlet.planting import trial
from trunkline.gauntlet.report import describe, listing, summary
from trunkline.gauntlet.trial import SCORES, Outcome, Score, TrialResult, Verdict

PASSED = Score(verdict=Verdict.PASSED, reason="fine")


def result(**scores: Score) -> TrialResult:
    absent = Score(verdict=Verdict.NOT_APPLICABLE, reason="no")
    return TrialResult(trial=trial(), scores={name: scores.get(name, absent) for name in SCORES})


def outcome(*results: TrialResult) -> Outcome:
    return Outcome(command=("client",), seed=0, results=results)


def test_a_row_shows_figures_marks_and_dashes():
    took = Score(verdict=Verdict.PASSED, reason="back", value=0.44, unit="s")
    lines = describe(outcome(result(back=took, settings=PASSED)))
    assert lines[1].split() == ["planted", "0.4", "s", "–", "ok", *"–––––––––"]
    assert lines[-1] == "1 of 1 trials passed"


def test_a_failure_is_marked_and_told_in_words():
    lost = Score(
        verdict=Verdict.FAILED, reason="200 ms are in no conversation", value=200, unit="ms"
    )
    lines = describe(outcome(result(back=PASSED, lost=lost)))
    assert "200 ms!" in lines[1]
    assert "  no speech lost: 200 ms are in no conversation" in lines


def test_columns_stay_columns_whatever_stands_in_them():
    lost = Score(verdict=Verdict.FAILED, reason="all", value=23_140, unit="ms")
    late = Score(verdict=Verdict.FAILED, reason="late", value=44.1, unit="s")
    head, row, *_ = describe(outcome(result(back=late, lost=lost, end=PASSED)))
    assert row.index("44.1 s!") == head.index("back")
    assert row.index("23140 ms!") == head.index("lost")
    assert row.index("ok") == head.index("end")


def test_a_client_that_never_dialed_is_told_with_its_last_words_cleaned():
    silent = TrialResult(trial=trial(), problem="it never dialed", output_tail="boom \x1b[31m\n")
    lines = describe(outcome(silent))
    assert "it never dialed" in lines[1]
    assert not any("\x1b" in line for line in lines)


def test_what_was_not_applicable_is_counted_apart():
    assert summary(outcome(result(), result(back=PASSED))) == (
        "1 of 2 trials passed, 1 not applicable"
    )


def test_the_list_has_a_line_for_each_trial():
    assert listing((trial(),))[0].startswith("planted")
