"""Ephemeral keys: minted, shown, kept, minted again."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace

import pytest
from aiohttp import web

import trunkline
from client.doorkeeper import QUICK, doorkeeper, minted, quick_line
from trunkline.client import client
from trunkline.client.config import LineConfig
from trunkline.client.credentials import KeySource, Secret
from trunkline.client.endpoint import Endpoint
from trunkline.client.minting import Mint
from trunkline.client.translation import translation_session
from trunkline.errors import ConfigError, LineFailed, LinkClosed
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure, Disposition, Fault, Phase, judge
from trunkline.protocol.policy import LinePolicy
from trunkline.simulator.server import SimulatorServer

KEY = "sk-test-canary-0123456789"


@pytest.fixture(autouse=True)
def _budget_of_its_own(monkeypatch: pytest.MonkeyPatch):
    """Short lines take from the one that a process has, and other tests need it."""
    monkeypatch.setattr(client, "process_budget", RetryBudget)


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 20))


def _config(base_url: str, key=KEY, **fields) -> LineConfig:
    fields = {"policy": LinePolicy(backoff=QUICK)} | fields
    return LineConfig(base_url=base_url, credential=key, **fields)


def test_a_key_is_minted_with_the_whole_session_and_shown_in_its_place():
    async def scenario():
        async with doorkeeper() as door:
            line = trunkline.connect(
                api_key=KEY,
                base_url=door.base_url,
                ephemeral=120,
                session={"instructions": "hi"},
                organization="org-1",
                safety_identifier="hash1",
            )
            async with line:
                pass
        return door

    door = run(scenario())
    (mint,) = door.mints
    assert mint.headers["Authorization"] == f"Bearer {KEY}"
    assert mint.headers["Openai-Organization"] == "org-1"
    assert mint.headers["Openai-Safety-Identifier"] == "hash1"
    assert mint.body == {
        "expires_after": {"anchor": "created_at", "seconds": 120},
        "session": {"type": "realtime", "model": "gpt-realtime-2.1", "instructions": "hi"},
    }
    (entry,) = door.entries
    assert entry.protocols[:2] == ["realtime", "openai-insecure-api-key.ek_canary_minted_0001"]
    assert KEY not in json.dumps(entry.headers)
    assert "Authorization" not in entry.headers


def test_a_key_for_translations_is_minted_at_their_address_and_names_no_type():
    async def scenario():
        async with SimulatorServer() as server:
            policy = LinePolicy(session=translation_session("es"))
            mint = Mint(_config(server.base_url, policy=policy, model="gpt-realtime-translate"))
            return await mint.mint()

    minted_key = run(scenario())
    assert minted_key.token.secret.reveal().startswith("ek_")
    assert minted_key.session["type"] == "translation"
    assert minted_key.session["audio"]["output"]["language"] == "es"


def test_the_simulator_opens_a_session_for_a_key_it_minted():
    async def scenario():
        async with SimulatorServer() as server:
            line = trunkline.connect(api_key=KEY, base_url=server.base_url, ephemeral=60)
            async with line:
                assert line.state.value == "live"
            return server.sessions

    (session,) = run(scenario())
    assert session.key.startswith("ek_")


def test_a_redial_shows_the_same_key_while_it_is_fresh():
    async def scenario():
        async with doorkeeper(drops=2) as door:
            config = _config(door.base_url)
            async with quick_line(replace(config, credential=Mint(config, ttl=600))) as line:
                while line.epoch < 3 or line.state.value != "live":
                    await asyncio.sleep(0.005)
        return door

    door = run(scenario())
    assert len(door.mints) == 1
    assert {entry.protocols[1] for entry in door.entries} == {door.entries[0].protocols[1]}
    assert len(door.entries) == 3


def test_a_redial_mints_anew_when_the_key_is_about_to_end():
    async def scenario():
        # Longer than the 15 s of margin at first; by the clock of the second question it is shorter.
        now = [0.0]
        async with doorkeeper() as door:
            config = _config(door.base_url)
            mint = Mint(config, ttl=60, wall=lambda: time.time() + now[0])
            source = KeySource(mint, wall=lambda: time.time() + now[0])
            keys = [await source.key()]
            now[0] = 40.0
            keys.append(await source.key())
            now[0] = 50.0
            keys.append(await source.key())
        return keys

    keys = [key.reveal() for key in run(scenario())]
    assert keys == ["ek_canary_minted_0001", "ek_canary_minted_0001", "ek_canary_minted_0002"]


@pytest.mark.parametrize("ahead", [-3600.0, 3600.0], ids=["we are fast", "we are slow"])
def test_a_wrong_clock_is_seen_by_the_date_of_the_answer(ahead: float):
    async def scenario():
        async with doorkeeper(minting=lambda n: minted(n, seconds=60, ahead=ahead)) as door:
            source = KeySource(Mint(_config(door.base_url), ttl=60))
            first = await source.key()
            assert await source.key() == first
            return len(door.mints)

    assert run(scenario()) == 1


def test_lines_that_share_a_source_ask_once_between_them():
    async def scenario():
        async with doorkeeper() as door:
            config = _config(door.base_url)
            shared = KeySource(Mint(config, ttl=600))
            lines = [quick_line(replace(config, credential=shared)) for _ in range(5)]
            await asyncio.gather(*(line.__aenter__() for line in lines))
            await asyncio.gather(*(line.aclose() for line in lines))
        return door

    door = run(scenario())
    assert (len(door.mints), len(door.entries)) == (1, 5)


def test_a_key_of_somebody_elses_backend_is_asked_for_again_when_it_ends():
    given = []
    clock = [0.0]

    async def backend() -> trunkline.Token:
        given.append(f"ek_canary_backend_{len(given):04}")
        return trunkline.Token(Secret(given[-1]), time.time() + clock[0] + 60.0)

    async def scenario():
        async with doorkeeper() as door:
            source = KeySource(backend, wall=lambda: time.time() + clock[0])
            config = _config(door.base_url, key=source)
            async with quick_line(config):
                pass
            clock[0] = 50.0
            async with quick_line(config):
                pass
        return door

    door = run(scenario())
    shown = [entry.protocols[1].partition(".")[2] for entry in door.entries]
    assert shown == given == ["ek_canary_backend_0000", "ek_canary_backend_0001"]


def _error(status: int, code: str, **headers: str) -> web.Response:
    message = f"Incorrect API key provided: {KEY}"
    error = {"message": message, "type": "invalid_request_error", "code": code, "param": None}
    return web.json_response({"error": error}, status=status, headers=headers)


def _refusal(answer) -> Closure:
    async def scenario():
        async with doorkeeper(minting=lambda _: answer()) as door:
            with pytest.raises(LinkClosed) as caught:
                await Mint(_config(door.base_url)).mint()
            return caught.value.closure

    return run(scenario())


def test_a_bad_key_is_final_and_not_repeated():
    closure = _refusal(lambda: _error(401, "invalid_api_key"))
    assert (closure.status, closure.error_code) == (401, "invalid_api_key")
    assert closure.phase is Phase.CREDENTIAL
    assert judge(closure).disposition is Disposition.FATAL
    assert "canary" not in repr(closure)


def test_a_busy_server_is_asked_again_when_it_says():
    closure = _refusal(lambda: _error(429, "slow_down", **{"Retry-After": "7"}))
    verdict = judge(closure)
    assert verdict.disposition is Disposition.RETRY
    assert verdict.floor_delay == 7.0


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (lambda: web.Response(text="<html>login</html>"), Fault.CREDENTIAL),
        (lambda: web.json_response({"value": "ek_canary"}), Fault.CREDENTIAL),
        (lambda: web.json_response([1]), Fault.CREDENTIAL),
        (
            lambda: web.Response(status=307, headers={"Location": "https://evil.example/canary"}),
            Fault.REDIRECT,
        ),
    ],
)
def test_an_answer_that_is_no_key_is_told_as_one(answer, fault: Fault):
    closure = _refusal(answer)
    assert closure.fault is fault
    assert "canary" not in repr(closure)


def test_a_line_whose_key_cannot_be_minted_fails_with_the_servers_verdict():
    facts = []

    async def scenario():
        async with doorkeeper(minting=lambda _: _error(401, "invalid_api_key")) as door:
            config = _config(door.base_url)
            config = replace(config, credential=Mint(config))
            with pytest.raises(LineFailed) as caught:
                await quick_line(config, [facts.append]).__aenter__()
            return caught.value, door

    failure, door = run(scenario())
    assert "check the API key" in failure.advice
    assert len(door.mints) == 1
    assert door.entries == []
    assert "canary" not in repr(facts) + str(failure) + repr(failure.closures)
    assert any(isinstance(fact, seen.LinkEnded) for fact in facts)


def test_a_line_waits_out_a_server_that_mints_nothing_for_a_while():
    def minting(number: int) -> web.Response:
        return web.Response(status=503) if number == 1 else minted(number, seconds=60)

    async def scenario():
        async with doorkeeper(minting=minting) as door:
            config = _config(door.base_url)
            async with quick_line(replace(config, credential=Mint(config))) as line:
                return line.epoch

    assert run(scenario()) == 2


def test_the_key_that_mints_may_come_from_a_function_and_azure_has_its_own_header():
    async def scenario():
        async with doorkeeper() as door:
            endpoint = Endpoint(
                base_url=f"http://127.0.0.1:{door.port}/openai/v1",
                is_azure=True,
                takes_subprotocol=False,
            )
            config = LineConfig(endpoint=endpoint, model="dep", credential=lambda: KEY)
            async with quick_line(replace(config, credential=Mint(config))):
                pass
        return door

    door = run(scenario())
    assert door.mints[0].headers["Api-Key"] == KEY
    assert door.mints[0].path == "/openai/v1/realtime/client_secrets"
    assert door.entries[0].headers["Authorization"] == "Bearer ek_canary_minted_0001"


@pytest.mark.parametrize("ttl", [9, 7201, 0])
def test_a_time_that_no_server_gives_is_refused_before_it_is_asked_for(ttl: int):
    with pytest.raises(ConfigError, match="between 10 and 7200"):
        Mint(_config("http://127.0.0.1:9/v1"), ttl=ttl)


def test_what_cannot_mint_says_so():
    with pytest.raises(ConfigError, match="known to mint"):
        Mint(_config("https://api.x.ai/v1"))
    with pytest.raises(ConfigError, match="joined with the key itself"):
        Mint(_config("http://127.0.0.1:9/v1", call_id="rtc_1"))
    with pytest.raises(ConfigError, match="cannot mint another"):
        run(Mint(_config("http://127.0.0.1:9/v1", key="ek_canary_0123456789")).mint())


def test_a_key_that_would_be_stale_at_once_is_not_dialed_with():
    with pytest.raises(ConfigError, match="longer than 15 s"):
        trunkline.connect(api_key=KEY, ephemeral=12)

    async def scenario():
        async with doorkeeper() as door:
            with pytest.raises(ConfigError, match="within 15 s"):
                await KeySource(Mint(_config(door.base_url), ttl=12)).key()

    run(scenario())


def test_a_key_that_a_restarted_server_does_not_know_is_minted_anew_once():
    async def scenario():
        async with SimulatorServer() as first:
            port, config = first.port, _config(first.base_url)
            source = KeySource(Mint(config))
            stale = await source.key()
        async with SimulatorServer(port=port, seed=7) as server:
            line = quick_line(replace(config, credential=source))
            async with line:
                assert line.state.value == "live"
            assert await source.key() != stale
            return server.rejections, line.epoch

    rejections, epoch = run(scenario())
    assert rejections == ["invalid_request_error.invalid_api_key"]
    assert epoch == 2
