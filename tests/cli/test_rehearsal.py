"""The demo's plan."""

from __future__ import annotations

import pytest

from trunkline.cli.call import Outcome
from trunkline.cli.rehearsal import Rehearsal, Result

REPORT = {"audio": {"gap_ms": 0.0}}


@pytest.mark.parametrize(
    ("seconds", "turns"), [(None, (2, 4)), (1.0, (1, 1)), (20.0, (2, 2)), (300.0, (2, 4))]
)
def test_both_breaks_come_in_turns_that_will_be_said(seconds, turns):
    faults = Rehearsal(seconds=seconds, seed=1, wav=None)._scenario()["faults"]
    assert (faults[0]["when"]["utterance"], faults[1]["when"]["reply"]) == turns
    assert (faults[0]["action"], faults[1]["code"]) == ("rst", 1011)


def test_a_seed_decides_the_moments():
    def moments(seed: int) -> list[int]:
        faults = Rehearsal(seconds=None, seed=seed, wav=None)._scenario()["faults"]
        return [fault["when"]["ms"] for fault in faults]

    assert moments(1) == moments(1)
    assert moments(1) != moments(2)


def test_turns_are_said_again_for_as_long_as_was_asked(monkeypatch: pytest.MonkeyPatch):
    from trunkline.cli import rehearsal

    clock = iter(range(100))
    monkeypatch.setattr(rehearsal.time, "monotonic", lambda: float(next(clock)))
    said = list(Rehearsal(seconds=7.0, seed=1, wav=None)._script())
    assert len(said) == 7
    assert said[0] == said[5]


@pytest.mark.parametrize(
    ("result", "complaint"),
    [
        (Result(Outcome(turns=1, answered=1), REPORT, 1.0), ""),
        (Result(Outcome(), REPORT, 1.0), "no turn was said"),
        (Result(Outcome(turns=2), REPORT, 1.0), "2 turns were not answered"),
        (Result(Outcome(turns=1, answered=1), {"audio": {"gap_ms": 5.0}}, 1.0), "audio was lost"),
        (Result(Outcome(turns=1, answered=1), REPORT, 1.0, failure="no key"), "no key"),
        (
            Result(Outcome(turns=1, answered=1), REPORT, 1.0, stopped=True),
            "stopped before the end",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_result_says_what_is_wrong_with_it(result: Result, complaint: str):
    assert result.complaint() == complaint
    assert result.ok is not bool(complaint)


def test_a_failure_is_in_the_document():
    told = Result(Outcome(), REPORT, 1.2345, failure="no key").as_dict()
    assert (told["ok"], told["seconds"]) == (False, 1.234)
    assert told["error"] == {
        "code": "failed",
        "exit_code": 1,
        "message": "no key; no turn was said",
    }
    stopped = Result(Outcome(turns=1, answered=1), REPORT, 1.0, stopped=True).as_dict()
    assert stopped["error"]["message"] == "stopped before the end"
    assert "error" not in Result(Outcome(turns=1, answered=1), REPORT, 1.0).as_dict()


def test_what_was_stopped_before_it_began_says_nothing():
    rehearsal = Rehearsal(seconds=None, seed=1, wav=None)
    rehearsal.stop()
    result = rehearsal.run()
    assert result.outcome.turns == 0
    assert not result.ok
