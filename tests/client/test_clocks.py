from __future__ import annotations

import time

import pytest

from trunkline.client import clocks as module
from trunkline.client.clocks import Clocks, seconds_slept


def test_a_machine_that_is_awake_does_not_sleep():
    before = seconds_slept()
    time.sleep(0.05)
    assert seconds_slept() - before == pytest.approx(0.0, abs=0.02)


class _Clocks:
    """A machine with the clocks it is given."""

    def __init__(self, **clocks: float) -> None:
        self.clocks = clocks
        for name in clocks:
            setattr(self, name, name)

    def clock_gettime(self, name: str) -> float:
        return self.clocks[name]


@pytest.mark.parametrize(
    ("clocks", "slept"),
    [
        ({"CLOCK_BOOTTIME": 500.0, "CLOCK_MONOTONIC": 100.0}, 400.0),
        ({"CLOCK_UPTIME_RAW": 100.0, "CLOCK_MONOTONIC": 500.0}, 400.0),
        ({"CLOCK_MONOTONIC": 500.0}, 0.0),
    ],
    ids=["Linux", "macOS", "neither"],
)
def test_each_system_counts_sleep_with_the_clocks_it_has(
    clocks: dict, slept: float, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "time", _Clocks(**clocks))
    assert seconds_slept() == slept


def test_a_lines_clocks_are_those_of_the_machine_unless_others_are_given():
    assert Clocks().wall() == pytest.approx(time.time(), abs=5.0)
    assert Clocks(wall=lambda: 7.0).wall() == 7.0
