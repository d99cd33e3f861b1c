from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from trunkline.cli.soak import soak
from trunkline.soak import stage
from trunkline.soak.outcome import Outcome, Violation

SHORT = ["--hours", "0.05", "--seed", "4", "--profile", "storm"]


def test_json_is_one_document_with_five_keys_and_repeats_itself():
    runs = [CliRunner().invoke(soak, [*SHORT, "--json"], catch_exceptions=False) for _ in range(2)]
    documents = [json.loads(run.stdout) for run in runs]
    assert documents[0] == documents[1]
    assert list(documents[0]) == ["hours", "faults", "violations", "coverage", "trace_hash"]
    assert (runs[0].exit_code, documents[0]["violations"]) == (0, [])


def test_the_report_is_for_a_person():
    run = CliRunner().invoke(soak, SHORT, catch_exceptions=False)
    assert "0.05 h simulated" in run.stdout
    assert "0 violations" in run.stdout


def test_processes_change_nothing_but_the_time():
    one = CliRunner().invoke(soak, [*SHORT, "--json"], catch_exceptions=False)
    two = CliRunner().invoke(soak, [*SHORT, "--json", "--jobs", "2"], catch_exceptions=False)
    assert one.stdout == two.stdout


def test_a_violation_is_an_exit_code(monkeypatch: pytest.MonkeyPatch):
    broken = Outcome(hours=0.05, trace_hash="x")
    broken.violations.append(Violation(law="I1", seed="4/0", at=1.0, detail="lost"))
    monkeypatch.setattr(stage, "run_segment", lambda segment: broken)
    run = CliRunner().invoke(soak, SHORT)
    assert run.exit_code == 1
    assert "seed 4/0" in run.stdout


@pytest.mark.parametrize("wrong", [["--hours", "0"], ["--jobs", "0"]])
def test_nonsense_is_refused(wrong: list[str]):
    assert CliRunner().invoke(soak, wrong).exit_code != 0
