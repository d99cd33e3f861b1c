"""The simulator as a child process."""

from __future__ import annotations

import subprocess

import pytest

from trunkline.cli.simulated_server import SimulatedServer, SimulatorFailed


def test_it_serves_while_it_is_entered_and_is_gone_afterwards():
    with SimulatedServer(seed=1, scenario={"faults": []}) as server:
        assert server.base_url.startswith("http://127.0.0.1:")
        process = server._process
        assert isinstance(process, subprocess.Popen)
        assert process.poll() is None
        server.break_link()
    assert process.poll() is not None


def test_what_keeps_it_from_starting_is_told_in_its_own_words():
    with (
        pytest.raises(SimulatorFailed, match=r"scenario\.faults"),
        SimulatedServer(seed=1, scenario={"faults": "none"}),
    ):
        pass
