"""What a line is told before it dials."""

from __future__ import annotations

import pytest

from trunkline.client.config import LineConfig, check_snapshot, from_env
from trunkline.errors import ConfigError
from trunkline.protocol.connection import Connection
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.snapshot import Snapshot


def test_a_config_does_not_show_its_credential():
    config = LineConfig(credential="sk-test-canary")
    assert "canary" not in repr(config)


def test_organization_and_project_become_headers():
    config = LineConfig(credential="x", organization="o", project="p")
    assert config.headers() == [("OpenAI-Organization", "o"), ("OpenAI-Project", "p")]
    assert LineConfig(credential="x").headers() == []


@pytest.mark.parametrize("direction", ["input", "output"])
def test_a_format_that_is_not_spoken_yet_is_refused(direction: str):
    session = {"audio": {direction: {"format": {"type": "audio/pcmu"}}}}
    with pytest.raises(ConfigError, match=rf"session\.audio\.{direction}\.format"):
        LineConfig(credential="x", policy=LinePolicy(session=session))


def test_pcm_is_spoken():
    session = {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 24000}}}}
    LineConfig(credential="x", policy=LinePolicy(session=session))


def test_more_cannot_be_replayed_than_is_kept():
    with pytest.raises(ConfigError, match="retention_ms"):
        LineConfig(credential="x", policy=LinePolicy(retention_ms=1000, replay_limit_ms=2000))


def test_a_pace_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="replay_pace"):
        LineConfig(credential="x", policy=LinePolicy(replay_pace=0))


def test_a_snapshot_of_another_rate_is_refused():
    document = Connection(LinePolicy(rate_hz=8000)).snapshot()
    with pytest.raises(ConfigError, match="8000 Hz"):
        check_snapshot(Snapshot.read(document), LinePolicy())


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRUNKLINE_TEST", "  ")
    assert from_env("TRUNKLINE_TEST") is None
    monkeypatch.setenv("TRUNKLINE_TEST", " x ")
    assert from_env("TRUNKLINE_TEST") == "x"
