"""`trunkline doctor` and `trunkline probe` against servers of all kinds: certificates, portals, refusals, silence."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import json
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from click.testing import CliRunner

from cli.running import KEY
from diagnosis.places import answer, served_with
from transports.misbehaving import answering, keep_silent, server
from trunkline.cli.doctor import doctor
from trunkline.cli.probe import probe
from trunkline.simulator.actions import HalfOpen, ResetLink
from trunkline.simulator.server import SimulatorServer

HTML = answer("200 OK", "Content-Type: text/html", body=b"<html>Log in to Hotel WiFi")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Good Authority")


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that trusts that authority and nobody else."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return {"SSL_CERT_FILE": str(path), "SSL_CERT_DIR": str(tmp_path)}


async def command(*arguments: str, **variables: str) -> tuple[int, dict[str, Any], str]:
    """The command's code, its document, and all that it said; in a thread beside the server's loop."""
    made = {"doctor": doctor, "probe": probe}[arguments[0]]
    env = {"OPENAI_API_KEY": KEY, "OPENAI_API_KEY_FILE": None, "OPENAI_BASE_URL": None}
    runner = CliRunner(env=env | variables)
    told = await asyncio.to_thread(runner.invoke, made, [*arguments[1:], "--json"])
    assert isinstance(told.exception, SystemExit | None), told.exception
    assert "canary" not in told.output
    assert "Traceback" not in told.output
    return told.exit_code, json.loads(told.stdout), told.output


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 55))


def asked_of(handler, tls: ssl.SSLContext | None, *arguments: str, **variables: str):
    """What the command says of a raw server."""

    async def scenario():
        async with server(handler, tls) as port:
            address = f"{'http' if tls is None else 'https'}://127.0.0.1:{port}/v1"
            return await command(*arguments, **variables | {"OPENAI_BASE_URL": address})

    return run(scenario())


def failures(document: dict[str, Any]) -> dict[str, str]:
    """The facts of what failed, by the names of the checks."""
    checks = document["checks"]
    return {one["name"]: one["fact"] for one in checks if one["result"] == "failure"}


# The doctor.


def test_a_server_over_tls_is_well_with_its_chain_and_its_days(trusted, authority):
    leaf = authority.issue_cert("127.0.0.1")

    async def scenario():
        async with SimulatorServer() as simulator, _in_tls(simulator, leaf) as port:
            return await command("doctor", "--base-url", f"https://127.0.0.1:{port}/v1", **trusted)

    code, document, _ = run(scenario())
    assert (code, failures(document)) == (0, {})
    tls = next(one for one in document["checks"] if one["name"] == "tls")
    assert tls["fact"].startswith("TLSv1.3, 127.0.0.1 by Good Authority")
    assert len(tls["details"]["chain"]) == 2


@contextlib.asynccontextmanager
async def _in_tls(
    simulator: SimulatorServer, leaf: trustme.LeafCert, *, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """A port that speaks TLS before a simulator that does not, and is not asked for by that name."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", simulator.port)
        inner_writer.write(asked.replace(host.encode(), b"127.0.0.1"))
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))

    async with server(forward, served_with(leaf)) as port:
        yield port


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _tunnel(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A proxy for which every host is the server on this port."""
    asked = await reader.readuntil(b"\r\n\r\n")
    assert asked.startswith(b"CONNECT api.test:443 HTTP/1.1\r\n")
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))


def test_behind_a_proxy_each_check_goes_its_way_and_the_host_is_never_looked_up(trusted, authority):
    async def scenario():
        async with (
            SimulatorServer() as simulator,
            _in_tls(simulator, authority.issue_cert("api.test"), host="api.test") as port,
            server(functools.partial(_tunnel, port)) as proxy,
        ):
            way = {"HTTPS_PROXY": f"http://user:canary@127.0.0.1:{proxy}", "NO_PROXY": ""}
            address = ("--base-url", "https://api.test/v1")
            doctored = await command("doctor", *address, **trusted | way)
            probed = await command("probe", "https://api.test/v1", "--count", "1", **trusted | way)
            return proxy, doctored, probed

    proxy, (code, document, _), (probe_code, probed, _) = run(scenario())
    facts = {one["name"]: one["fact"] for one in document["checks"]}
    assert (code, failures(document)) == (0, {})
    assert facts["proxy"].startswith(f"api.test through 127.0.0.1:{proxy} (")
    assert facts["name"].startswith(f"the proxy 127.0.0.1:{proxy} in ")
    assert facts["tls"].startswith("TLSv1.3, api.test by Good Authority")
    assert "proxy " in facts["session"]
    assert probe_code == 0
    assert set(probed["phases_ms"]) == {"lookup", "tcp", "proxy", "tls", "upgrade", "session"}


def _expired(authority: trustme.CA) -> trustme.LeafCert:
    ended = dt.datetime.now(dt.UTC) - dt.timedelta(days=9)
    return authority.issue_cert("127.0.0.1", not_after=ended)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (_expired, "it ended 9 days ago by this machine's clock"),
        (lambda authority: authority.issue_cert("other.test"), "for another host: other.test"),
        (
            lambda _: trustme.CA(organization_name="Zscaler").issue_cert("127.0.0.1"),
            "issued by Zscaler",
        ),
    ],
    ids=["expired", "wrong host", "unknown issuer"],
)
def test_a_certificate_that_is_not_trusted_is_one_failure_with_its_reason(
    trusted, authority, made: Callable[[trustme.CA], trustme.LeafCert], words: str
):
    tls = served_with(made(authority))
    code, document, _ = asked_of(keep_silent, tls, "doctor", **trusted)
    assert (code, document["cause"]) == (6, "network")
    assert list(failures(document)) == ["tls"]
    assert words in failures(document)["tls"]
    code, document, _ = asked_of(keep_silent, tls, "probe", **trusted)
    assert code == 6
    assert "certificate" in document["error"]["cause"]


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (HTML, 7, "like a web page"),
        (answer("401 Unauthorized"), 4, "the key was not accepted"),
        (answer("403 Forbidden"), 4, "no access"),
        (answer("404 Not Found"), 7, "nothing at this address"),
        (answer("426 Upgrade Required"), 7, "another protocol"),
        (answer("429 Too Many Requests", "Retry-After: 9"), 1, "too many requests"),
    ],
    ids=["portal", "401", "403", "404", "426", "429"],
)
def test_what_the_upgrade_is_answered_with_is_told_apart(said: bytes, code: int, words: str):
    got, document, _ = asked_of(answering(said), None, "doctor")
    assert got == code
    assert list(failures(document)) == ["session"]
    assert words in failures(document)["session"]


def test_a_server_that_keeps_silent_is_left_within_the_time_there_is():
    code, document, _ = asked_of(keep_silent, None, "doctor")
    assert code == 6
    assert set(failures(document)) == {"http", "session"}
    assert "timed out" in failures(document)["session"]
    assert document["seconds"] < 15


def test_a_name_that_nobody_knows_is_one_failure(tmp_path: Path):
    code, document, _ = run(command("doctor", "--base-url", "https://nonexistent.invalid/v1"))
    assert code == 6
    assert list(failures(document)) == ["name"]
    assert "nonexistent.invalid" in failures(document)["name"]


# The probe.


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (HTML, 7),
        (answer("401 Unauthorized"), 4),
        (answer("404 Not Found"), 7),
        (answer("429 Too Many Requests"), 6),
        (answer("503 Service Unavailable"), 6),
        (b"220 mail.test ESMTP\r\n\r\n", 7),
        (b"", 6),
    ],
    ids=["portal", "401", "404", "429", "503", "mail", "hung up"],
)
def test_a_probe_ends_with_the_code_of_what_it_met(said: bytes, code: int):
    got, document, _ = asked_of(answering(said), None, "probe")
    assert (got, document["ok"], document["grade"]) == (code, False, "bad")
    assert document["error"]["advice"]
    assert not document["error"]["advice"].startswith("nothing")


def test_a_probe_of_a_link_over_tls_has_its_phase(trusted, authority):
    leaf = authority.issue_cert("127.0.0.1")

    async def scenario():
        async with SimulatorServer() as simulator, _in_tls(simulator, leaf) as port:
            address = f"wss://127.0.0.1:{port}/v1/realtime"
            return await command("probe", address, "--count", "2", "--interval", "0.05", **trusted)

    code, document, _ = run(scenario())
    assert code == 0
    assert set(document["phases_ms"]) == {"lookup", "tcp", "tls", "upgrade", "session"}


async def has_begun(simulator: SimulatorServer) -> None:
    """The first session was told that it is one: before that, a link that breaks is a dial that fails."""
    while not (simulator.sessions and simulator.sessions[0].passed["session.created"]):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


def test_pings_that_nobody_answers_are_lost_and_the_grade_is_bad():
    async def scenario():
        async with SimulatorServer() as simulator:
            probing = asyncio.ensure_future(
                command("probe", simulator.base_url, "--count", "15", "--interval", "0.1")
            )
            await has_begun(simulator)
            simulator.break_now(HalfOpen())
            return await probing, simulator.sessions[0]

    (code, document, _), session = run(scenario())
    assert code == 3
    assert document["error"] is None
    assert document["pings"]["lost"] > 0
    assert (document["grade"], document["levels"]["ping_loss_percent"]) == ("bad", "bad")
    assert (session.appended_ms, session.responses, session.received) == (0, [], [])


def test_a_link_that_ends_while_it_is_pinged_ends_with_6():
    async def scenario():
        async with SimulatorServer() as simulator:
            probing = asyncio.ensure_future(
                command("probe", simulator.base_url, "--count", "500", "--interval", "0.05")
            )
            await has_begun(simulator)
            simulator.break_now(ResetLink())
            return await probing

    code, document, _ = run(scenario())
    assert code == 6
    assert document["pings"]["sent"] < 500
    assert "reset" in document["error"]["evidence"]
