"""Every way of connecting, each on a real socket, and the key of each nowhere but where it belongs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

import trunkline
from client.doorkeeper import QUICK, Doorkeeper, Entry, doorkeeper, quick_line
from trunkline.client import client, keyform
from trunkline.client.config import LineConfig
from trunkline.client.endpoint import Endpoint
from trunkline.client.keyform import KeyForm
from trunkline.client.keystore import key_file
from trunkline.client.minting import Mint
from trunkline.errors import LineFailed, LocalError
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.policy import LinePolicy
from trunkline.simulator.server import SimulatorServer
from trunkline.telemetry.log import LogFold
from trunkline.telemetry.metrics import LineMetrics
from trunkline.telemetry.report import RunReport

KEY = "sk-test-CANARY0123456789abcdef"
# No filter knows this one by its looks.
AZURE_KEY = "CANARY0123456789abcdef01234567+/="
ENTRA = "eyJDQU5BUlki.CANARYhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl"
EPHEMERAL = "ek_CANARY0123456789abcdef"

Asked = Callable[[Entry], str]


def _header(name: str) -> Asked:
    return lambda entry: entry.headers[name]


def _protocol(entry: Entry) -> str:
    return entry.protocols[1]


async def _given(key: str) -> str:
    return key


WAYS = {
    "key": ({"credential": KEY}, _header("Authorization"), f"Bearer {KEY}"),
    "function": ({"credential": lambda: KEY}, _header("Authorization"), f"Bearer {KEY}"),
    "coroutine": (
        {"credential": lambda: _given(KEY)},
        _header("Authorization"),
        f"Bearer {KEY}",
    ),
    "ephemeral": (
        {"credential": EPHEMERAL},
        _protocol,
        f"openai-insecure-api-key.{EPHEMERAL}",
    ),
    "subprotocol": (
        {"credential": KEY, "key_form": KeyForm.SUBPROTOCOL},
        _protocol,
        f"openai-insecure-api-key.{KEY}",
    ),
    "query": (
        {"credential": KEY, "key_form": KeyForm.QUERY},
        lambda entry: entry.query["api_key"],
        KEY,
    ),
    "azure key": (
        {"credential": AZURE_KEY, "endpoint": ("/openai/v1", {"is_azure": True})},
        _header("Api-Key"),
        AZURE_KEY,
    ),
    "azure query": (
        {
            "credential": AZURE_KEY,
            "endpoint": ("/openai/v1", {"is_azure": True}),
            "key_form": KeyForm.QUERY,
        },
        lambda entry: entry.query["api-key"],
        AZURE_KEY,
    ),
    "entra": (
        {"credential": lambda: ENTRA, "endpoint": ("/openai/v1", {"is_azure": True})},
        _header("Authorization"),
        f"Bearer {ENTRA}",
    ),
    "azure preview": (
        {
            "credential": AZURE_KEY,
            "endpoint": (
                "/openai",
                {"is_azure": True, "dialect": Dialect.BETA, "model_parameter": "deployment"},
            ),
        },
        _header("Api-Key"),
        AZURE_KEY,
    ),
    "xai": (
        {"credential": KEY, "endpoint": ("/v1", {"dialect": Dialect.XAI})},
        _header("Authorization"),
        f"Bearer {KEY}",
    ),
}


def _config(door: Doorkeeper, way: dict) -> LineConfig:
    fields = {"policy": LinePolicy(backoff=QUICK, session={"instructions": "hi"}), "model": "m"}
    if "endpoint" in way:
        path, kind = way["endpoint"]
        endpoint = Endpoint(base_url=f"http://127.0.0.1:{door.port}{path}", **kind)
        return LineConfig(**(fields | way | {"endpoint": endpoint}))
    return LineConfig(base_url=door.base_url, **fields, **way)


@pytest.fixture(autouse=True)
def _budget_of_its_own(monkeypatch: pytest.MonkeyPatch):
    """Short lines take from the one that a process has, and other tests need it."""
    monkeypatch.setattr(client, "process_budget", RetryBudget)


@pytest.fixture(autouse=True)
def _warned(monkeypatch: pytest.MonkeyPatch):
    """The warning has its own test."""
    monkeypatch.setattr(keyform, "_warned", {KeyForm.QUERY})


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 20))


async def _call(config: LineConfig, shown: list[str]) -> None:
    """Comes live, is dropped once, comes live again; or fails. Everything it shows of itself is kept."""
    metrics, report = LineMetrics("canary", 24_000), RunReport(24_000)
    log = LogFold("canary", 24_000)
    observers = [
        metrics.observe,
        report.observe,
        log.observe,
        lambda fact: shown.append(repr(fact)),
    ]
    line = quick_line(config, observers)
    shown.extend([repr(config), str(config), repr(vars(line))])
    try:
        async with line:
            while line.epoch < 2 or line.state.value != "live":
                await asyncio.sleep(0.005)
    except LineFailed as error:
        shown.extend([str(error), repr(error), repr(error.closures), repr(error.__cause__)])
        with contextlib.suppress(LineFailed):
            async for event in line:
                shown.append(repr(event))  # noqa: PERF401 - the end is an error, and what came before it counts
    shown.extend([repr(metrics.snapshot(0.0)), repr(report.as_dict()), repr(line.snapshot())])


@pytest.mark.parametrize("name", WAYS)
def test_each_way_shows_its_key_where_it_belongs_and_nowhere_else(
    name: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    way, asked, expected = WAYS[name]
    shown: list[str] = []

    async def scenario():
        async with doorkeeper(drops=1) as door:
            await _call(_config(door, way), shown)
            return door

    with caplog.at_level(logging.DEBUG):
        door = run(scenario())
    assert [asked(entry) for entry in door.entries] == [expected, expected]
    for entry in door.entries:
        everything = repr([entry.query, entry.headers])
        assert everything.count("CANARY") == 1
    printed = capfd.readouterr()
    for text in ("\n".join(shown), caplog.text, printed.out + printed.err):
        assert "CANARY" not in text


def _repeating(key: str) -> Callable[[], web.StreamResponse]:
    """A gateway that writes what it was shown into its refusal."""
    return lambda: web.Response(status=403, text=f"no access for {key}, GET /?api_key={key}")


@pytest.mark.parametrize("name", WAYS)
def test_a_server_that_repeats_a_key_does_not_get_it_shown(
    name: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    way, _, expected = WAYS[name]
    key = expected.removeprefix("Bearer ").removeprefix("openai-insecure-api-key.")
    shown: list[str] = []

    async def scenario(**how):
        async with doorkeeper(**how) as door:
            await _call(_config(door, way), shown)

    with caplog.at_level(logging.DEBUG):
        run(scenario(upgrade=_repeating(key)))
        assert any("no access for" in text for text in shown)
        shown.append("after the upgrade")
        run(scenario(complaint=f"who is {key}?"))
        assert any("who is" in text for text in shown)
    printed = capfd.readouterr()
    for text in ("\n".join(shown), caplog.text, printed.out + printed.err):
        assert "CANARY" not in text


def test_neither_the_key_that_mints_nor_the_minted_one_is_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    shown: list[str] = []
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(0o600)

    async def scenario():
        async with doorkeeper(drops=1) as door:
            config = _config(door, {"credential": key_file(path)})
            await _call(replace(config, credential=Mint(config)), shown)
            return door

    with caplog.at_level(logging.DEBUG):
        door = run(scenario())
    assert door.mints[0].headers["Authorization"] == f"Bearer {KEY}"
    assert door.entries[0].protocols[1] == "openai-insecure-api-key.ek_canary_minted_0001"
    for text in ("\n".join(shown), caplog.text):
        assert "canary_minted" not in text
        assert "CANARY" not in text


def test_the_query_form_warns_when_it_is_chosen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keyform, "_warned", set())
    with pytest.warns(UserWarning, match="goes into the address") as caught:
        trunkline.connect(api_key=KEY, key_form=KeyForm.QUERY)
    assert "CANARY" not in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trunkline.connect(api_key=KEY, key_form=KeyForm.QUERY)


def test_organisation_project_and_safety_identifier_are_told_beside_the_key():
    async def scenario():
        async with doorkeeper() as door:
            line = trunkline.connect(
                api_key=KEY,
                base_url=door.base_url,
                organization="org-1",
                project="proj_1",
                safety_identifier="hash1",
            )
            async with line:
                pass
            return door.entries[0]

    entry = run(scenario())
    names = ("Openai-Organization", "Openai-Project", "Openai-Safety-Identifier")
    assert [entry.headers[name] for name in names] == ["org-1", "proj_1", "hash1"]


def test_a_preview_server_gets_the_settings_in_its_own_names():
    async def scenario():
        async with doorkeeper() as door:
            way, _, _ = WAYS["azure preview"]
            async with quick_line(_config(door, way)):
                pass
            return door

    door = run(scenario())
    assert door.entries[0].query == {"deployment": "m"}
    assert door.heard[0]["session"] == {"instructions": "hi"}


def test_a_link_to_xai_comes_back_to_the_conversation_it_had():
    async def scenario():
        async with doorkeeper(drops=1, conversation="551e72a6-5ce9") as door:
            await _call(_config(door, WAYS["xai"][0]), [])
            return door

    door = run(scenario())
    assert [entry.query for entry in door.entries] == [
        {"model": "m"},
        {"model": "m", "conversation_id": "551e72a6-5ce9"},
    ]
    resumption = {"enabled": True}
    assert [event["session"]["resumption"] for event in door.heard] == [resumption, resumption]


def test_a_call_that_others_hold_is_joined_by_its_id():
    async def scenario():
        async with doorkeeper(greets=False) as door:
            line = trunkline.connect(api_key=KEY, base_url=door.base_url, call_id="rtc_u0_1")
            async with line:
                assert line.state.value == "live"
                with pytest.raises(LocalError, match="attached to a call"):
                    line.send_audio(bytes(960))
            return door

    door = run(scenario())
    assert door.entries[0].query == {"call_id": "rtc_u0_1"}
    assert door.heard == []


def test_a_call_that_is_over_is_told_and_not_dialed_again():
    async def scenario():
        async with SimulatorServer() as server:
            line = trunkline.connect(api_key=KEY, base_url=server.base_url, call_id="rtc_u0_1")
            with pytest.raises(LineFailed) as caught:
                await line.__aenter__()
            return caught.value

    failure = run(scenario())
    assert [getattr(closure, "status", None) for closure in failure.closures] == [404]


@pytest.mark.parametrize("form", [KeyForm.AUTO, KeyForm.SUBPROTOCOL])
def test_the_simulator_takes_a_key_in_its_header_and_in_a_subprotocol(form: KeyForm):
    async def scenario():
        async with SimulatorServer() as server:
            line = trunkline.connect(api_key=KEY, base_url=server.base_url, key_form=form)
            async with line:
                return line.state.value

    assert run(scenario()) == "live"
