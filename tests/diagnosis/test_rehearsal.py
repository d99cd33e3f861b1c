"""The short call through the simulator: it is made for real, and judged."""

from __future__ import annotations

import pytest

from diagnosis.places import subject
from transports.misbehaving import run
from trunkline.diagnosis import rehearsal
from trunkline.diagnosis.finding import Finding, Outcome
from trunkline.diagnosis.rehearsal import Rehearsed, check_rehearsal, judge_rehearsal
from trunkline.errors import ConfigError


def found() -> Finding:
    return run(check_rehearsal(subject(1)))


def test_the_call_is_restored_and_answered(monkeypatch: pytest.MonkeyPatch):
    # Whatever the environment names: the call never leaves this machine.
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.test/v1")
    finding = found()
    assert finding.outcome is not Outcome.FAILURE, finding
    assert finding.details["answered"] is True
    assert finding.details["lost_ms"] == 0
    assert finding.details["restored_ms"] > 0


@pytest.mark.parametrize(
    ("done", "outcome"),
    [
        (Rehearsed(seconds=1.0, restored_in=0.1, lost_ms=0.0, answered=True), Outcome.OK),
        (Rehearsed(seconds=7.0, restored_in=0.1, lost_ms=0.0, answered=True), Outcome.WARNING),
        (Rehearsed(seconds=1.0, restored_in=0.1, lost_ms=20.0, answered=True), Outcome.FAILURE),
        (Rehearsed(seconds=1.0, restored_in=0.0, lost_ms=0.0, answered=False), Outcome.FAILURE),
    ],
)
def test_a_call_is_judged_by_its_answer_its_losses_and_its_time(done, outcome):
    assert judge_rehearsal(done).outcome is outcome


def test_without_the_extra_there_is_nothing_to_check(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rehearsal, "find_spec", lambda name: None)
    finding = found()
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "trunkline[simulator]" in finding.advice


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "did not come to its end"),
        (OSError("Operation not permitted"), "Operation not permitted"),
        (ConfigError("port", "cannot listen"), "cannot listen"),
    ],
)
def test_a_call_that_fails_is_a_failure_in_words(monkeypatch, error: Exception, words: str):
    async def fail():
        raise error

    monkeypatch.setattr(rehearsal, "_call", fail)
    finding = found()
    assert finding.outcome is Outcome.FAILURE
    assert words in finding.fact
