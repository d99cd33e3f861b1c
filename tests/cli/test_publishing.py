"""What the environment and the options of a command ask for."""

from __future__ import annotations

import subprocess

import pytest

from cli.running import COMMAND, SPEECH, environment
from fleet.children import wait_for
from fleet.places import only_place
from trunkline.cli.desks import opened
from trunkline.cli.publishing import telemetry_for
from trunkline.errors import ConfigError
from trunkline.fleet.player import Player
from trunkline.fleet.runtime import addresses
from trunkline.tui.controls import Action


@pytest.fixture
def place(monkeypatch):
    with only_place(monkeypatch) as path:
        yield path


@pytest.mark.parametrize("value", ["", "0"])
def test_nobody_is_told_anything_unless_it_was_asked_for(value: str, monkeypatch):
    monkeypatch.setenv("TRUNKLINE_PUBLISH", value)
    assert telemetry_for("demo") is None


@pytest.mark.parametrize(("value", "controllable"), [("1", False), ("control", True)])
def test_the_variable_publishes_the_command_by_its_name(
    place, value: str, controllable: bool, monkeypatch
):
    monkeypatch.setenv("TRUNKLINE_PUBLISH", value)
    with telemetry_for("demo") as telemetry:
        assert [one.name for one in addresses()] == ["demo"]
        assert telemetry.is_controllable() is controllable


def test_another_value_is_a_mistake_of_the_setting(monkeypatch):
    monkeypatch.setenv("TRUNKLINE_PUBLISH", "yes please")
    with pytest.raises(ConfigError, match="it is 1 or control"):
        telemetry_for("demo")


def test_a_recording_alone_needs_no_socket(place, tmp_path, monkeypatch):
    monkeypatch.delenv("TRUNKLINE_PUBLISH", raising=False)
    path = tmp_path / "a.tlrec"
    with telemetry_for("demo", record=path):
        assert addresses() == ()
    assert path.stat().st_size
    with pytest.raises(ConfigError, match="is there already"):
        telemetry_for("demo", record=path)


@pytest.mark.timeout(120)
def test_the_demo_can_be_looked_at_and_its_simulator_broken_from_another_process(place, tmp_path):
    recording = tmp_path / "demo.tlrec"
    wav = str(SPEECH / "caller_3.wav")
    command = [*COMMAND, "demo", "--headless", "--wav", wav, "--record", str(recording)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(TRUNKLINE_PUBLISH="control"),
    )
    with opened(allow_control=True) as found:
        wait_for(lambda: found.desk.fleet() and found.desk.fleet().rows, "the demo's line")
        (row,) = found.desk.fleet().rows
        assert (row.name, row.process.split()[0]) == ("demo", "demo")
        wait_for(lambda: found.controls.faults(row.key), "the simulator's faults")
        assert Action.RECONNECT in found.controls.allowed(row.key)
        found.controls.fault(row.key, found.controls.faults(row.key)[0])
        wait_for(found.controls.answer, "an answer")
        told, complaints = process.communicate(timeout=60)
    assert complaints == ""
    assert "turns answered   1 of 1" in told
    assert "result           ok" in told
    with Player(recording, speed=0.0) as player:
        wait_for(lambda: player.fleet() and player.fleet().rows, "the recording")
        player.watch(player.fleet().rows[0].key)
        player.playback.seek(player.playback.ends_at)
        wait_for(lambda: player.line() and player.line().turns_answered == 1, "the turn")
        wait_for(player.entries, "the messages")
