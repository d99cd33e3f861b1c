"""Who is let in, and what may not be open at all."""

from __future__ import annotations

from email.message import Message

import pytest

from trunkline.errors import ConfigError
from trunkline.fleet.metrics_guard import MetricsGuard

TOKEN = "a-token-of-some-length"
PORT = 9464


def guard(host: str = "127.0.0.1", **options) -> MetricsGuard:
    given = {"token": None, "remote": False, "hosts": ()} | options
    return MetricsGuard(host, **given)


def refusal(one: MetricsGuard, *headers: tuple[str, str]) -> int | None:
    message = Message()
    for name, value in headers:
        message[name] = value
    return one.refusal(message, PORT)


HOME = ("Host", "127.0.0.1:9464")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:9464", "localhost:9464", "LOCALHOST:9464", "[::1]:9464"]
)
def test_a_reader_of_this_machine_is_let_in(host):
    assert refusal(guard(), ("Host", host)) is None


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Host", "evil.example")],
        [("Host", "evil.example:9464")],
        [("Host", "127.0.0.1")],
        [("Host", "127.0.0.1:80")],
        [("Host", "127.0.0.1:9464.evil.example")],
        [HOME, ("Host", "evil.example")],
    ],
)
def test_a_name_that_is_not_ours_is_not_served(headers):
    assert refusal(guard(), *headers) == 421


@pytest.mark.parametrize(
    "header",
    [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Origin", "http://127.0.0.1:9464"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ],
)
def test_a_page_of_a_browser_is_refused(header):
    assert refusal(guard(), HOME, header) == 403


def test_somebody_who_types_the_address_is_no_page():
    assert refusal(guard(), HOME, ("Sec-Fetch-Site", "none")) is None


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "Bearer wrong")],
        [("Authorization", TOKEN)],
        [("Authorization", f"Basic {TOKEN}")],
        [("Authorization", f"Bearer {TOKEN} ")],
        [("Authorization", f"Bearer {TOKEN}"), ("Authorization", "Bearer x")],
        [("Authorization", "Bearer é")],
    ],
)
def test_without_the_token_nobody_is_let_in(headers):
    assert refusal(guard(token=TOKEN), HOME, *headers) == 401


def test_with_the_token_one_is():
    assert refusal(guard(token=TOKEN), HOME, ("Authorization", f"Bearer {TOKEN}")) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "example.com", ""])
def test_another_address_than_this_machines_needs_two_words(host):
    with pytest.raises(ConfigError, match="say remote"):
        guard(host)
    with pytest.raises(ConfigError, match="need one"):
        guard(host, remote=True)
    assert guard(host, remote=True, token=TOKEN)


def test_a_token_that_can_be_guessed_is_none():
    with pytest.raises(ConfigError, match="16 characters"):
        guard(token="secret")


def test_a_remote_endpoint_may_be_called_by_any_name_or_by_those_it_was_told():
    shown = ("Authorization", f"Bearer {TOKEN}")
    anywhere = guard("0.0.0.0", remote=True, token=TOKEN)
    named = guard("0.0.0.0", remote=True, token=TOKEN, hosts=["Metrics.Internal:9464"])
    other, ours = ("Host", "evil.example"), ("Host", "metrics.internal:9464")
    assert refusal(anywhere, other, shown) is None
    assert refusal(anywhere, other) == 401
    assert refusal(named, other, shown) == 421
    assert refusal(named, ours, shown) is None
    assert refusal(named, HOME, shown) is None
