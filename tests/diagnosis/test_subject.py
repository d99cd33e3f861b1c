"""Which server is meant by what a person types."""

from __future__ import annotations

import pytest

from trunkline.client.credentials import Secret
from trunkline.diagnosis.subject import Subject, subject_at
from trunkline.errors import ConfigError


@pytest.fixture(autouse=True)
def _nobody_s_server(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.mark.parametrize(
    ("url", "model", "dialed"),
    [
        (None, "m", "wss://api.openai.com/v1/realtime?model=m"),
        ("https://host/v1", "m", "wss://host/v1/realtime?model=m"),
        ("wss://host/v1/realtime?model=n", None, "wss://host/v1/realtime?model=n"),
        ("wss://host/v1/realtime?model=n", "m", "wss://host/v1/realtime?model=m"),
        ("wss://host/v1/realtime/", "m", "wss://host/v1/realtime?model=m"),
        ("wss://host/v1/realtime?a=b&model=n", None, "wss://host/v1/realtime?a=b&model=n"),
        ("ws://127.0.0.1:8080/v1", "m", "ws://127.0.0.1:8080/v1/realtime?model=m"),
        (
            "https://x.openai.azure.com/openai/v1/realtime?model=mine",
            None,
            "wss://x.openai.azure.com/openai/v1/realtime?model=mine",
        ),
        (
            "https://x.openai.azure.com/openai/realtime?api-version=2025-04-01-preview&deployment=d",
            None,
            "wss://x.openai.azure.com/openai/realtime?api-version=2025-04-01-preview&deployment=d",
        ),
    ],
)
def test_a_base_url_and_the_address_of_a_session_both_do(url, model, dialed):
    assert subject_at(url, model).url == dialed


def test_the_environment_names_it_where_nothing_is_typed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")
    found = subject_at(None, "m")
    assert (found.host, found.port, found.is_secure) == ("localhost", 1, False)
    secure = subject_at("https://host", "m")
    assert (secure.host, secure.port, secure.is_secure) == ("host", 443, True)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("host/v1", "https://host/v1"),
        ("http://host/v1", "without TLS"),
        ("https://host:port/v1", "no address"),
        ("https://host/v1/realtime?api_key=x", "credential"),
        ("https://user:word@host/v1", "credential"),
        ("https://x.openai.azure.com", "deployment"),
    ],
)
def test_what_cannot_be_dialed_is_refused_in_words(url: str, words: str):
    with pytest.raises(ConfigError, match=words):
        subject_at(url, None)


def test_a_key_goes_where_a_line_puts_it_and_without_one_nothing_is_shown(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    found: Subject = subject_at("https://host/v1", "m")
    target = found.target(Secret("sk-test-canary"))
    assert ("Authorization", "Bearer sk-test-canary") in target.headers
    assert ("OpenAI-Organization", "org-1") in target.headers
    bare = found.target(None)
    assert (bare.headers, bare.subprotocols, bare.url) == ((), (), found.url)
