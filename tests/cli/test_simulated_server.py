"""The simulator as a child process."""

from __future__ import annotations

import subprocess
from pathlib import Path

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


def test_its_process_has_none_of_our_keys(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    with SimulatedServer(seed=1, scenario={"faults": []}) as server:
        told = [Path(f"/proc/{server._process.pid}/{what}") for what in ("environ", "cmdline")]
        found = b"".join(path.read_bytes() for path in told)
    assert b"PATH=" in found
    assert b"canary" not in found
    assert server.key.encode() not in found


def test_what_keeps_it_from_starting_is_told_in_its_own_words():
    with (
        pytest.raises(SimulatorFailed, match=r"scenario\.faults"),
        SimulatedServer(seed=1, scenario={"faults": "none"}),
    ):
        pass


def test_it_is_no_simulator_that_somebody_has_set_up_by_hand(keeper, monkeypatch):
    keeper.user("[simulate]\nport = 1\nprofile = 'xai'\nnonsense = 3\n")
    monkeypatch.setenv("TRUNKLINE_SIMULATE_PROFILE", "xai")
    monkeypatch.setenv("TRUNKLINE_SIMULATE_PORT", "1")
    with SimulatedServer(seed=1, scenario={"faults": []}) as server:
        assert server.base_url.endswith("/v1")
        assert not server.base_url.endswith(":1/v1")


def test_one_that_is_interrupted_while_it_starts_is_stopped(monkeypatch):
    begun = []

    class Watched(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            begun.append(self)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Watched)
    monkeypatch.setattr("trunkline.cli.simulated_server.json.dump", interrupted)
    with pytest.raises(KeyboardInterrupt), SimulatedServer(seed=1, scenario={}):
        pass
    assert begun[0].returncode is not None
