"""Keys that leave only in the header."""

from __future__ import annotations

import asyncio
import copy
import pickle
import traceback

import pytest

from trunkline.client.credentials import KeySource, Secret, Token, reveal_credential, seal
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
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy, Secret.__getstate__):
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


def _locals_of(error: BaseException) -> str:
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    # Not this test's own frame, nor the source lines.
    return repr([frame.locals for frame in told.stack[1:]]) + repr(error)


@pytest.mark.parametrize("value", [f"{KEY} and more", f"{KEY}\u00e9", f"Bearer {KEY}"])
def test_what_is_nearly_a_key_is_refused_without_a_frame_that_shows_it(value: str):
    with pytest.raises(ConfigError) as caught:
        Secret(value)
    assert "canary" not in _locals_of(caught.value)
    with pytest.raises(ConfigError) as caught:
        asyncio.run(reveal_credential(seal(value)))
    assert "canary" not in _locals_of(caught.value)
    assert isinstance(seal(value), Secret)


def test_what_is_sealed_is_judged_when_it_is_asked_for():
    assert Secret.sealed(KEY) == Secret(KEY)
    assert not Secret.sealed(" ")
    assert seal(_later) is _later
    with pytest.raises(ConfigError, match="no header"):
        Secret.sealed("two words").checked()


def test_a_source_shows_no_key_among_its_attributes():
    assert "canary" not in repr(vars(KeySource(KEY)))


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


def test_a_key_is_blotted_out_of_any_text_as_it_is_and_as_a_query_has_it():
    secret = Secret("3f+canary/azure==")
    text = "GET /?api_key=3f%2Bcanary%2Fazure%3D%3D and 3f+canary/azure=="
    assert secret.blot(text) == "GET /?api_key=[redacted] and [redacted]"
    assert Secret("x").blot("xylophone") == "xylophone"


def test_a_key_is_blotted_out_of_a_message_that_is_short_enough_for_a_complaint():
    message = b'{"type":"error","error":{"message":"bad key ' + KEY.encode() + b'"}}'
    assert b"canary" not in Secret(KEY).blot_message(message)
    assert b"[redacted]" in Secret(KEY).blot_message(message)
    delta = b'{"delta":"' + b"A" * 5_000 + KEY.encode() + b'"}'
    assert Secret(KEY).blot_message(delta) is delta
    assert Secret("A").blot_message(b'{"A":1}') == b'{"A":1}'


def test_a_token_is_judged_by_the_clock_of_who_wrote_it():
    ahead = Token(Secret(KEY), 4_600.0, skew=3_600.0)
    assert not ahead.is_stale(985.0)
    assert ahead.is_stale(985.1)


class Backend:
    """Gives a token when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.left = 0
        self.may = asyncio.Event()

    async def __call__(self) -> Token:
        self.asked += 1
        try:
            await self.may.wait()
        except asyncio.CancelledError:
            self.left += 1
            raise
        return Token(Secret(f"ek_test_{self.asked}"), 1e12)


def _run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 10))


def test_many_who_ask_at_once_are_one_question():
    async def scenario():
        backend = Backend()
        source = KeySource(backend)
        asking = [asyncio.create_task(source.key(refresh=number == 2)) for number in range(4)]
        await asyncio.sleep(0)
        backend.may.set()
        keys = await asyncio.gather(*asking)
        assert {key.reveal() for key in keys} == {"ek_test_1"}
        return backend.asked

    assert _run(scenario()) == 1


def test_who_leaves_takes_the_question_along_only_as_the_last():
    async def scenario():
        backend = Backend()
        source = KeySource(backend)
        first, second = (asyncio.create_task(source.key()) for _ in range(2))
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.wait([first])
        assert backend.left == 0
        second.cancel()
        await asyncio.wait([second])
        assert (backend.asked, backend.left) == (1, 1)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        backend.may.set()
        assert (await source.key()).reveal() == "ek_test_2"

    # Not through wait_for, whose own task would be counted.
    asyncio.run(scenario())


def test_a_failure_is_told_to_all_who_wait_and_the_next_asks_anew():
    async def scenario():
        answers = [RuntimeError("down"), KEY]

        async def backend() -> str:
            await asyncio.sleep(0)
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        source = KeySource(backend)
        results = await asyncio.gather(source.key(), source.key(), return_exceptions=True)
        assert [type(result) for result in results] == [RuntimeError, RuntimeError]
        assert await source.key() == Secret(KEY)

    _run(scenario())


def test_a_source_is_a_credential_itself_and_knows_whether_asking_again_helps():
    source = KeySource(lambda: KEY)
    assert KeySource.of(source) is source
    assert source.is_renewable
    assert not KeySource(KEY).is_renewable
    assert asyncio.run(reveal_credential(source)) == Secret(KEY)


def test_a_source_serves_one_event_loop_after_another():
    mint = Mint()
    source = mint.source()
    asyncio.run(source.key())
    mint.now += 100.0
    assert asyncio.run(source.key()) == Secret("ek_test_2")
