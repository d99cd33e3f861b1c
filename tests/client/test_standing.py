"""What a process was told once: asked at a dial, for as long as it holds, in every thread."""

from __future__ import annotations

import asyncio
import threading

import pytest

from trunkline.client.config import DEFAULT_BASE_URL, config_of
from trunkline.client.credentials import reveal_credential
from trunkline.client.standing import NOTHING, Standing, standing, standing_by
from trunkline.errors import ConfigError

TOLD = Standing(
    base_url=lambda: "https://told.example/v1",
    credential=lambda variable, is_ours: f"key-of-{variable}-{is_ours}",
    organization="org-told",
    project="proj-told",
)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)


def _key(config) -> str:
    return asyncio.run(reveal_credential(config.credential)).reveal()


def test_a_process_that_was_told_nothing_asks_its_environment(monkeypatch):
    assert standing() is NOTHING
    with pytest.raises(ConfigError, match="give one, or set OPENAI_API_KEY"):
        config_of()
    monkeypatch.setenv("OPENAI_API_KEY", "env-key-0123")
    assert config_of().server().base_url == DEFAULT_BASE_URL


def test_what_it_was_told_comes_before_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "env-key-0123")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://env.example/v1")
    with standing_by(TOLD):
        config = config_of()
    assert config.server().base_url == "https://told.example/v1"
    assert _key(config) == "key-of-OPENAI_API_KEY-True"
    assert (config.organization, config.project) == ("org-told", "proj-told")
    assert standing() is NOTHING


def test_what_is_given_comes_before_what_it_was_told():
    with standing_by(TOLD):
        config = config_of(base_url="https://given.example/v1", organization="org-given")
        assert config.server().base_url == "https://given.example/v1"
        assert config.organization == "org-given"
        # A key that belongs to the address above must know that it is another one.
        assert _key(config) == "key-of-OPENAI_API_KEY-False"
        assert _key(config_of(api_key="given-key-0123")) == "given-key-0123"


def test_an_address_that_must_not_be_dialed_is_asked_for_only_by_a_dial_to_it():
    def refused() -> str:
        raise ConfigError("base_url", "no")

    with standing_by(Standing(base_url=refused)):
        config_of(base_url="https://given.example/v1", api_key="k")
        with pytest.raises(ConfigError, match="base_url: no"):
            config_of(api_key="k")


def test_every_thread_is_told_the_same():
    heard: list[str | None] = []
    with standing_by(TOLD):
        thread = threading.Thread(target=lambda: heard.append(standing().base_url()))
        thread.start()
        thread.join()
    assert heard == ["https://told.example/v1"]


def test_it_ends_with_a_failure_too():
    with pytest.raises(ValueError, match="x"), standing_by(TOLD):
        raise ValueError("x")
    assert standing() is NOTHING
