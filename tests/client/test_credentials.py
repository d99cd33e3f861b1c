"""Keys that leave only in the header."""

from __future__ import annotations

import asyncio
import copy
import pickle

import pytest

from trunkline.client.credentials import Secret, reveal_credential
from trunkline.errors import ConfigError

KEY = "sk-test-canary-0123456789"


def test_a_secret_shows_its_end_only():
    secret = Secret(KEY)
    for text in (repr(secret), str(secret), f"{secret}", f"{secret:>40}", secret.__str__()):
        assert "6789" in text
        assert "canary" not in text
    assert secret.reveal() == KEY


def test_a_short_secret_shows_nothing():
    assert repr(Secret("sk-abcd")) == "Secret(…)"


def test_a_secret_is_not_copied_out_by_accident():
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            attempt(Secret(KEY))
    assert not hasattr(Secret(KEY), "__dict__")


def test_secrets_compare_by_what_they_hold():
    assert Secret(KEY) == Secret(f" {KEY}\n")
    assert Secret(KEY) != Secret("sk-test-other")
    assert Secret(KEY) != KEY
    assert len({Secret(KEY), Secret(KEY)}) == 1


@pytest.mark.parametrize("value", ["", "  ", "sk-ä", "sk-a\r\nEvil: 1", "two words"])
def test_what_no_header_may_carry_is_refused(value: str):
    with pytest.raises(ConfigError, match="api_key"):
        Secret(value)


async def _later() -> str:
    return KEY


@pytest.mark.parametrize(
    "credential", [KEY, Secret(KEY), lambda: KEY, lambda: Secret(KEY), _later], ids=repr
)
def test_a_credential_is_a_key_or_what_gives_one(credential):
    assert asyncio.run(reveal_credential(credential)) == Secret(KEY)


def test_a_provider_that_gives_no_key_is_named():
    with pytest.raises(ConfigError, match="gave a int"):
        asyncio.run(reveal_credential(lambda: 7))
