from __future__ import annotations

from pathlib import Path

from trunkline.soak.campaign import ELSEWHERE, LAWS, describe, segments
from trunkline.soak.outcome import Outcome, Violation

ROOT = Path(__file__).parents[2]


def test_hours_are_cut_into_lives_with_seeds_of_their_own():
    plan = segments(2.5, 9, "storm")
    assert [(one.number, one.seconds) for one in plan] == [(0, 3600.0), (1, 3600.0), (2, 1800.0)]
    assert {(one.seed, one.profile) for one in plan} == {(9, "storm")}
    assert plan[1].name == "9/1"


def test_every_invariant_is_a_law_here_or_named_with_its_test():
    names = {f"I{number}" for number in range(1, 23)} | {"I1b", "I3b"}
    # I18 is I1, I2 and the order at the end of a life.
    assert names - set(LAWS) - set(ELSEWHERE) == {"I18"}
    for where in ELSEWHERE.values():
        for word in where.replace(",", " ").replace(":", " ").split():
            assert not word.startswith("tests/") or (ROOT / word).exists(), word


def test_every_accusation_in_the_source_names_a_known_law():
    import re

    for path in (ROOT / "python/trunkline/soak").glob("*.py"):
        for law in re.findall(r'accuse\(\s*"(\w+)"', path.read_text()):
            assert law in LAWS, (path.name, law)


def test_the_report_says_hours_faults_where_they_struck_and_what_broke():
    outcome = Outcome(hours=2.0, trace_hash="abc")
    outcome.faults["reset"] += 1
    outcome.coverage["reset", "live"] += 1
    outcome.violations.append(
        Violation(law="I1", seed="1/0", at=1.0, detail="lost", context=("x",))
    )
    text = "\n".join(describe(outcome))
    for part in (
        "2 h simulated",
        "1 faults, 1 violations",
        "trace abc",
        "seed 1/0 at 1.000 s: lost",
    ):
        assert part in text
