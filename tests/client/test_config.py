"""What a line is told before it dials."""

from __future__ import annotations

import pytest

from trunkline.client.config import LineConfig, check_snapshot, from_env
from trunkline.client.credentials import Secret
from trunkline.client.endpoint import Endpoint
from trunkline.client.keyform import KeyForm
from trunkline.errors import ConfigError
from trunkline.protocol.connection import Connection
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.snapshot import Snapshot


def test_a_config_does_not_show_its_credential():
    config = LineConfig(credential="sk-test-canary")
    assert "canary" not in repr(config)


def test_organization_and_project_become_headers():
    config = LineConfig(credential="x", organization="o", project="p")
    assert config.headers() == [("OpenAI-Organization", "o"), ("OpenAI-Project", "p")]
    assert LineConfig(credential="x").headers() == []


def test_who_talks_is_told_by_a_header_and_a_value_that_no_header_may_carry_is_named():
    config = LineConfig(credential="x", safety_identifier="hash1")
    assert config.headers() == [("OpenAI-Safety-Identifier", "hash1")]
    for value in ("two\r\nlines", "Jörg", " padded"):
        with pytest.raises(ConfigError, match="OpenAI-Safety-Identifier"):
            LineConfig(credential="x", safety_identifier=value)


def test_a_target_has_the_key_and_shows_nothing_of_it():
    config = LineConfig(credential="x", key_form=KeyForm.SUBPROTOCOL, organization="org-1")
    target = config.target(Secret("sk-test-canary-0123456789"))
    assert target.url == "wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1"
    assert target.subprotocols[1] == "openai-insecure-api-key.sk-test-canary-0123456789"
    assert "canary" not in repr(target)


def test_the_server_tells_the_core_how_to_speak_and_a_call_that_it_is_one():
    policy = LinePolicy()
    xai = LineConfig(base_url="https://api.x.ai/v1", credential="x", policy=policy)
    assert xai.policy.dialect is Dialect.XAI
    attached = LineConfig(credential="x", call_id="rtc_1", policy=policy)
    assert attached.policy.attached
    assert attached.url().endswith("/realtime?call_id=rtc_1")
    assert policy == LinePolicy()


def test_an_address_is_given_once():
    with pytest.raises(ConfigError, match="base_url"):
        LineConfig(base_url="https://host/v1", endpoint=Endpoint.xai(), credential="x")


@pytest.mark.parametrize("direction", ["input", "output"])
def test_one_format_is_spoken_both_ways(direction: str):
    session = {"audio": {direction: {"format": {"type": "audio/pcmu"}}}}
    with pytest.raises(ConfigError, match=r"session\.audio\.(in|out)put\.format: .*both ways"):
        LineConfig(credential="x", policy=LinePolicy.of(session))


def test_g711_is_spoken_at_its_rate():
    g711 = {"format": {"type": "audio/pcma"}}
    session = {"audio": {"input": g711, "output": g711}}
    assert LineConfig(credential="x", policy=LinePolicy.of(session)).policy.rate_hz == 8000
    with pytest.raises(ConfigError, match=r"give LinePolicy\(rate_hz=8_000\)"):
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
