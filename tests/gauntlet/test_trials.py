from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.errors import ConfigError
from trunkline.gauntlet.trial import SCORES, Aim
from trunkline.gauntlet.trials import TRIALS, chosen

MANUAL = Path(__file__).parents[2] / "docs" / "gauntlet.md"


def test_there_are_at_least_twenty_and_no_name_twice():
    names = [trial.name for trial in TRIALS]
    assert len(names) >= 20
    assert len(set(names)) == len(names)


def test_each_trial_says_what_it_does_and_can_do_it():
    for trial in TRIALS:
        assert trial.summary.endswith(".")
        assert trial.aim is not Aim.BACK or trial.steps
        assert trial.aim is not Aim.STOP or trial.gate
        assert trial.patience > trial.back_within


def test_trials_are_chosen_by_name_in_the_order_of_the_table():
    assert [trial.name for trial in chosen(["half-open", "calm"])] == ["calm", "half-open"]
    assert chosen([]) == TRIALS


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"'kill'.*half-open"):
        chosen(["kill"])


def test_the_manual_describes_every_trial_and_every_score():
    manual = MANUAL.read_text(encoding="utf-8")
    for trial in TRIALS:
        assert f"| {trial.name} | {trial.aim.value} | {trial.summary} |" in manual
    for name in SCORES:
        assert f"| `{name}` |" in manual
