"""Which server a line speaks to."""

from __future__ import annotations

import pytest

from trunkline.client.config import LineConfig
from trunkline.client.credentials import Secret
from trunkline.client.endpoint import Endpoint, check_call_id
from trunkline.client.keyform import KeyForm
from trunkline.errors import ConfigError
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.policy import LinePolicy

KEY = Secret("sk-test-canary-0123456789")


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
    assert Endpoint.openai(base_url).url("m") == url


@pytest.mark.parametrize(
    "base_url",
    ["http://api.openai.com/v1", "ws://10.0.0.1/v1", "http://localhost.evil.example/v1"],
)
def test_without_tls_only_loopback_is_dialed(base_url: str):
    with pytest.raises(ConfigError, match="loopback"):
        Endpoint.openai(base_url).url("m")


@pytest.mark.parametrize(
    "base_url",
    [
        "https://user:pass@host/v1",
        "https://sk-test-canary@host/v1",
        "https://host/v1?api-key=canary",
        "https://host/v1?x=sk-test-canary",
        "https://host/v1?token=canary",
        "https://host/v1?X-Api-Key=canary",
        "https://host/v1?subscription-key=canary",
        "https://host/v1?auth_token=canary",
        "https://host/v1?sig=canary",
        "https://host/v1?api_key=",
        "https://host/sk-test-canary-0123/v1",
        "https://host/v1#ek_canary0123",
        "https://host/v1?x=Bearer%20canary",
        "https://host/%73k-test-canary/v1",
    ],
)
def test_an_address_that_carries_a_credential_is_refused_without_repeating_it(base_url: str):
    with pytest.raises(ConfigError, match="holds a credential") as caught:
        Endpoint.openai(base_url).url("m")
    assert "canary" not in str(caught.value)


def test_further_parameters_hold_no_credential_either():
    with pytest.raises(ConfigError, match="holds a credential") as caught:
        Endpoint(query=(("api-key", "canary"),))
    assert "canary" not in str(caught.value)
    assert Endpoint(query=(("api-version", "2025"),)).url("m").endswith("api-version=2025&model=m")


@pytest.mark.parametrize("base_url", ["https://sk-west.example/v1", "https://host/v1?monkey=1"])
def test_what_only_sounds_like_a_key_is_dialed(base_url: str):
    assert Endpoint.openai(base_url).url("m").startswith("wss://")


LINK_LOCAL = [
    "169.254.169.254",
    "169.254.43518",
    "2852039166",
    "[fe80::1]",
    "[::ffff:a9fe:a9fe]",
    "metadata.google.internal",
]


@pytest.mark.parametrize("host", LINK_LOCAL)
def test_a_link_local_address_is_dialed_only_by_who_means_it(host: str):
    with pytest.raises(ConfigError, match="link-local"):
        Endpoint.openai(f"https://{host}/v1")
    assert Endpoint(base_url=f"https://{host}/v1", link_local=True).url("m").startswith("wss://")
    with pytest.raises(ConfigError, match="loopback"):
        Endpoint(base_url=f"http://{host}/v1", link_local=True)


@pytest.mark.parametrize("base_url", ["", "api.openai.com", "ftp://host/v1", "https://"])
def test_what_is_no_address_is_refused(base_url: str):
    with pytest.raises(ConfigError, match="https://host/v1"):
        Endpoint.openai(base_url).url("m")


def test_a_model_name_is_quoted():
    assert Endpoint.openai("https://host/v1").url("a b&c").endswith("?model=a+b%26c")


RESOURCE = "https://res.openai.azure.com"


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (Endpoint.openai(), "wss://api.openai.com/v1/realtime?model=m"),
        (Endpoint.azure(RESOURCE), "wss://res.openai.azure.com/openai/v1/realtime?model=m"),
        (
            Endpoint.azure(f"{RESOURCE}/openai/v1/"),
            "wss://res.openai.azure.com/openai/v1/realtime?model=m",
        ),
        (
            Endpoint.azure_preview(RESOURCE),
            "wss://res.openai.azure.com/openai/realtime?api-version=2025-04-01-preview&deployment=m",
        ),
        (Endpoint.xai(), "wss://api.x.ai/v1/realtime?model=m"),
    ],
)
def test_each_kind_of_server_has_its_own_address(endpoint: Endpoint, url: str):
    assert endpoint.url("m") == url


def test_a_call_is_joined_by_its_id_and_without_a_model():
    assert Endpoint.openai().url("m", call_id="rtc_1").endswith("/realtime?call_id=rtc_1")


def test_a_session_that_only_transcribes_is_told_by_an_intent_instead_of_a_model():
    url = Endpoint.openai().url("m", transcribes=True)
    assert url == "wss://api.openai.com/v1/realtime?intent=transcription"
    config = LineConfig(credential="x", policy=LinePolicy(session={"type": "transcription"}))
    assert config.url() == url


def test_an_interpreters_session_has_an_address_of_its_own():
    url = Endpoint.openai().url("m", translates=True)
    assert url == "wss://api.openai.com/v1/realtime/translations?model=m"


def test_a_server_of_the_last_generation_is_named_as_one():
    endpoint = Endpoint.compatible("http://127.0.0.1:8000/v1", beta=True)
    assert endpoint.dialect is Dialect.BETA
    assert Endpoint.compatible("http://127.0.0.1:8000/v1").dialect is Dialect.GA


def test_a_conversation_to_go_on_with_is_named_behind_the_model():
    url = Endpoint.xai().url("m", conversation_id="551e72a6-5ce9")
    assert url.endswith("/realtime?model=m&conversation_id=551e72a6-5ce9")


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (Endpoint.openai(), "https://api.openai.com/v1/realtime/client_secrets"),
        (Endpoint.openai("wss://host/v1"), "https://host/v1/realtime/client_secrets"),
        (Endpoint.openai("ws://[::1]:9/v1"), "http://[::1]:9/v1/realtime/client_secrets"),
        (
            Endpoint.azure(RESOURCE),
            "https://res.openai.azure.com/openai/v1/realtime/client_secrets",
        ),
    ],
)
def test_an_http_request_goes_to_the_same_server(endpoint: Endpoint, url: str):
    assert endpoint.http_url("/realtime/client_secrets") == url


@pytest.mark.parametrize(
    ("base_url", "dialect", "is_azure"),
    [
        ("https://api.openai.com/v1", Dialect.GA, False),
        ("https://eu.api.openai.com/v1", Dialect.GA, False),
        (f"{RESOURCE}/openai/v1", Dialect.GA, True),
        (RESOURCE, Dialect.GA, True),
        (f"{RESOURCE}/openai", Dialect.BETA, True),
        ("https://api.x.ai/v1", Dialect.XAI, False),
        ("https://api.x.ai.evil.example/v1", Dialect.GA, False),
        ("http://127.0.0.1:8000/v1", Dialect.GA, False),
    ],
)
def test_a_server_is_known_by_its_host(base_url: str, dialect: Dialect, is_azure: bool):
    endpoint = Endpoint.at(base_url)
    assert (endpoint.dialect, endpoint.is_azure) == (dialect, is_azure)


def test_an_azure_key_goes_into_its_own_header_and_an_entra_token_does_not():
    endpoint = Endpoint.azure(RESOURCE)
    assert endpoint.show(KEY, KeyForm.AUTO).headers == (("api-key", KEY.reveal()),)
    entra = "eyJ0eXAiOiJKV1Qi.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl"
    shown = endpoint.show(Secret(entra), KeyForm.AUTO)
    assert shown.headers == (("Authorization", f"Bearer {entra}"),)


def test_only_openai_is_shown_an_ephemeral_key_in_a_subprotocol():
    ephemeral = Secret("ek_test_0123456789")
    assert Endpoint.openai().show(ephemeral, KeyForm.AUTO).subprotocols
    for endpoint in (Endpoint.azure(RESOURCE), Endpoint.xai()):
        shown = endpoint.show(ephemeral, KeyForm.AUTO)
        assert shown.headers == (("Authorization", "Bearer ek_test_0123456789"),)
        assert shown.subprotocols == ()


@pytest.mark.parametrize("call_id", ["", "rtc 1", "rtc_1&model=x", "rtc_ä", "x" * 129])
def test_what_is_no_id_of_a_call_is_refused(call_id: str):
    with pytest.raises(ConfigError, match="call_id"):
        check_call_id(call_id)
