"""Keys that leave only in the header."""

from __future__ import annotations

import asyncio
import copy
import pickle

import pytest

from trunkline.client.credentials import KeySource, Secret, Token, reveal_credential
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


class Mint:
    """Gives tokens that live for a minute, by a clock of its own."""

    def __init__(self, seconds: float = 60.0) -> None:
        self.now = 1_000.0
        self.minted = 0
        self._seconds = seconds

    def __call__(self) -> Token:
        self.minted += 1
        return Token(Secret(f"ek_test_{self.minted}"), self.now + self._seconds)

    def source(self) -> KeySource:
        return KeySource(self, wall=lambda: self.now)


def test_a_token_is_used_again_until_a_quarter_of_a_minute_before_its_end():
    mint = Mint()
    source = mint.source()
    for now, key in ((1_000.0, 1), (1_045.0, 1), (1_045.1, 2), (1_090.0, 2), (9_000.0, 3)):
        mint.now = now
        assert asyncio.run(source.key()) == Secret(f"ek_test_{key}")


def test_a_token_that_was_refused_is_not_shown_again():
    source = Mint().source()
    assert asyncio.run(source.key()) == Secret("ek_test_1")
    assert asyncio.run(source.key(refresh=True)) == Secret("ek_test_2")
    assert asyncio.run(source.key()) == Secret("ek_test_2")


def test_nothing_is_dialed_with_a_token_that_has_ended():
    with pytest.raises(ConfigError, match="expired"):
        asyncio.run(Mint(seconds=14.0).source().key())
    fixed = KeySource(Token(Secret("ek_test_1"), 1_000.0), wall=lambda: 2_000.0)
    with pytest.raises(ConfigError, match="expired"):
        asyncio.run(fixed.key())


def test_a_source_that_fails_is_asked_again_and_its_old_token_is_not_used():
    mint = Mint()
    answers = iter([mint, RuntimeError("down"), mint])

    def flaky() -> Token:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer()

    source = KeySource(flaky, wall=lambda: mint.now)
    asyncio.run(source.key())
    mint.now += 50.0
    with pytest.raises(RuntimeError):
        asyncio.run(source.key())
    assert asyncio.run(source.key()) == Secret("ek_test_2")
