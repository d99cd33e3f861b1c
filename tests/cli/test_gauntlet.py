from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cli.running import trunkline

DRIVER = Path(__file__).parents[1] / "conformance/gauntlet/trunkline_line.py"
OURS = ["--", sys.executable, str(DRIVER)]


@pytest.mark.timeout(120)
def test_trunkline_passes_three_trials_end_to_end():
    names = ["kill-in-utterance", "kill-in-tool-call", "bad-key"]
    chosen = [word for name in names for word in ("--only", name)]
    run = trunkline("gauntlet", "--json", "--jobs", "3", *chosen, *OURS, seconds=100)
    document = json.loads(run.stdout)
    failed = {
        trial["name"]: [name for name, one in trial["scores"].items() if one["verdict"] == "failed"]
        for trial in document["trials"]
        if trial["verdict"] != "passed"
    }
    assert failed == {}
    assert (run.returncode, document["counts"]["passed"]) == (0, 3)
    judged = {trial["name"]: trial["scores"] for trial in document["trials"]}
    assert judged["kill-in-tool-call"]["tool"]["verdict"] == "passed"
    assert judged["kill-in-utterance"]["lost"]["value"] == 0
    assert judged["bad-key"]["fatal"]["value"] == 0


def test_a_client_that_does_nothing_fails_with_an_exit_code_and_words():
    run = trunkline("gauntlet", "--only", "calm", "--", sys.executable, "-c", "pass")
    assert run.returncode == 1
    assert "ended with exit code 0 before it dialed" in run.stdout
    assert "0 of 1 trials passed" in run.stdout


def test_the_list_names_every_trial_and_starts_nothing():
    run = trunkline("gauntlet", "--list")
    assert run.returncode == 0
    assert "half-open" in run.stdout
    assert len(run.stdout.splitlines()) >= 20


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "COMMAND"),
        (("--only", "nonsense", "--", "true"), "'nonsense' is none of"),
        (("--jobs", "0", "--", "true"), "--jobs"),
        (("--only", "calm", "--", "/no-such-program"), "cannot be run"),
    ],
)
def test_wrong_usage_is_told_in_one_line(words: tuple[str, ...], complaint: str):
    run = trunkline("gauntlet", *words)
    assert run.returncode == 2
    assert complaint in run.stderr
    assert "Traceback" not in run.stderr
