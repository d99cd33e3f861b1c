"""Every planted bug is found by the soak within a bounded number of lives."""

from __future__ import annotations

import pytest

import soak.planted_moves
import soak.planted_shortcuts  # noqa: F401 - the same
from soak.planted import BUGS
from trunkline.soak.stage import Segment, run_segment

LIVES = 300
"""As many as may be tried; most bugs do not survive the first."""
PROFILES = ("storm", "swarm", "storm", "swarm", "quiet")


def killed_by(lives: int = LIVES) -> tuple[int, str] | None:
    for number in range(lives):
        profile = PROFILES[number % len(PROFILES)]
        outcome = run_segment(Segment(seed=7, number=number, profile=profile, seconds=900.0))
        if outcome.violations:
            return number + 1, outcome.violations[0].law
    return None


def test_there_are_as_many_as_promised():
    assert len(BUGS) >= 40


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", list(BUGS))
def test_it_is_found(name: str, monkeypatch: pytest.MonkeyPatch, record_property):
    BUGS[name](monkeypatch)
    found = killed_by()
    assert found is not None, f"{name!r} lived through {LIVES} lives"
    record_property("killed_by", found[1])
    print(f"{name}: {found[1]} in life {found[0]}")
