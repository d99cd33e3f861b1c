"""What the environment and the options of a command ask for."""

from __future__ import annotations

import pytest

from fleet.places import only_place
from trunkline.cli.publishing import telemetry_for
from trunkline.errors import ConfigError
from trunkline.fleet.runtime import addresses


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
