"""What a line is told before it dials."""

from __future__ import annotations

import pytest

from trunkline.client.config import LineConfig, check_snapshot, from_env, realtime_url
from trunkline.errors import ConfigError
from trunkline.protocol.connection import Connection
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.snapshot import Snapshot


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://api.openai.com/v1", "wss://api.openai.com/v1/realtime?model=m"),
        ("https://host/v1/", "wss://host/v1/realtime?model=m"),
        ("wss://host:8443/x", "wss://host:8443/x/realtime?model=m"),
        ("http://127.0.0.1:80/v1", "ws://127.0.0.1:80/v1/realtime?model=m"),
        ("http://127.8.9.1/v1", "ws://127.8.9.1/v1/realtime?model=m"),
        ("http://localhost:1/v1", "ws://localhost:1/v1/realtime?model=m"),
        ("ws://[::1]:1/v1", "ws://[::1]:1/v1/realtime?model=m"),
        ("https://host/v1?region=eu", "wss://host/v1/realtime?region=eu&model=m"),
    ],
)
def test_the_address_of_a_session_follows_the_base_url(base_url: str, url: str):
    assert realtime_url(base_url, "m") == url


@pytest.mark.parametrize(
    "base_url",
    ["http://api.openai.com/v1", "ws://10.0.0.1/v1", "http://localhost.evil.example/v1"],
)
def test_without_tls_only_loopback_is_dialed(base_url: str):
    with pytest.raises(ConfigError, match="loopback"):
        realtime_url(base_url, "m")


@pytest.mark.parametrize(
    "base_url",
    [
        "https://user:pass@host/v1",
        "https://sk-test-canary@host/v1",
        "https://host/v1?api-key=canary",
        "https://host/v1?x=sk-test-canary",
        "https://host/v1?token=canary",
    ],
)
def test_an_address_that_carries_a_credential_is_refused_without_repeating_it(base_url: str):
    with pytest.raises(ConfigError, match="holds a credential") as caught:
        realtime_url(base_url, "m")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("base_url", ["", "api.openai.com", "ftp://host/v1", "https://"])
def test_what_is_no_address_is_refused(base_url: str):
    with pytest.raises(ConfigError, match="https://host/v1"):
        realtime_url(base_url, "m")


def test_a_model_name_is_quoted():
    assert realtime_url("https://host/v1", "a b&c").endswith("?model=a+b%26c")


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
