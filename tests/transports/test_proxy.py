"""The way through a proxy."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl

import pytest
import trustme
from websockets.asyncio.server import serve

from transports.misbehaving import (
    HEADERS,
    KEY,
    NOBODY,
    answering,
    free_port,
    keep_silent,
    refusal,
    run,
    server,
)
from transports.reading import receive
from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Disposition, Fault, Phase, judge
from trunkline.transports.base import Target
from trunkline.transports.proxy import proxy_for
from trunkline.transports.websocket import WebSocketTransport

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("variables", "host", "name"),
    [
        ({}, "api.test", None),
        ({"HTTPS_PROXY": "http://proxy.test:3128"}, "api.test", "proxy.test:3128"),
        ({"https_proxy": "proxy.test:3128"}, "api.test", "proxy.test:3128"),
        ({"ALL_PROXY": "http://proxy.test"}, "api.test", "proxy.test:80"),
        ({"HTTP_PROXY": "http://proxy.test"}, "api.test", None),
        ({"HTTPS_PROXY": "http://p.test", "NO_PROXY": "api.test"}, "api.test", None),
        ({"HTTPS_PROXY": "http://p.test", "NO_PROXY": "*"}, "api.test", None),
        ({"HTTPS_PROXY": "http://p.test", "NO_PROXY": "api.test:443"}, "api.test", None),
        ({"HTTPS_PROXY": "http://p.test", "NO_PROXY": "api.test:8"}, "api.test", "p.test:80"),
        ({"HTTPS_PROXY": "http://p.test:1"}, "localhost", None),
        ({"HTTPS_PROXY": "http://p.test:1"}, "sim.localhost", None),
        ({"HTTPS_PROXY": "http://p.test:1"}, "127.0.0.9", None),
        ({"HTTPS_PROXY": "http://p.test:1"}, "::1", None),
    ],
)
def test_the_environment_names_the_proxy_and_never_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, variables: dict, host: str, name: str | None
):
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    proxy = proxy_for(host)
    assert (proxy.name if proxy else None) == name


@pytest.mark.parametrize(
    "address", ["socks5://user:canary@p.test:1", "https://p.test", "http://", "http://p.test:99999"]
)
def test_a_proxy_of_another_kind_is_named_as_one(monkeypatch: pytest.MonkeyPatch, address: str):
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(LinkClosed) as caught:
        proxy_for("api.test")
    closure = caught.value.closure
    assert isinstance(closure, Closure)
    assert (closure.fault, closure.phase) == (Fault.PROXY_KIND, Phase.PROXY)
    assert "canary" not in repr(closure)
    assert judge(closure).disposition is Disposition.FATAL


def through(
    monkeypatch: pytest.MonkeyPatch, handler, *, user: str = "", **limits: float
) -> Closure:
    """A dial of a server that is not there, through a proxy that answers so."""

    async def scenario():
        async with server(handler) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{user}127.0.0.1:{port}")
            return await refusal("wss://api.test/v1", **limits)

    return run(scenario())


@pytest.mark.parametrize(
    ("line", "fault", "disposition"),
    [
        ("407 Proxy Authentication Required", Fault.PROXY_AUTH, Disposition.FATAL),
        ("401 Unauthorized", Fault.PROXY_AUTH, Disposition.FATAL),
        ("403 Filtered", Fault.PROXY, Disposition.FATAL),
        ("302 Found", Fault.PROXY, Disposition.FATAL),
        ("429 Too Many Requests", Fault.PROXY_BUSY, Disposition.RETRY),
        ("500 Unable to connect", Fault.PROXY_BUSY, Disposition.RETRY),
        ("502 Bad Gateway", Fault.PROXY_BUSY, Disposition.RETRY),
        ("503 Service Unavailable", Fault.PROXY_BUSY, Disposition.RETRY),
        ("504 Gateway Timeout", Fault.PROXY_BUSY, Disposition.RETRY),
    ],
)
def test_what_a_proxy_answers_is_told_as_its_own(
    monkeypatch: pytest.MonkeyPatch, line: str, fault: Fault, disposition: Disposition
):
    answer = f"HTTP/1.1 {line}\r\nRetry-After: 7\r\n\r\n<b>\x1b[2Jwhy</b>".encode()
    closure = through(monkeypatch, answering(answer), user="me:canary@")
    assert (closure.fault, closure.phase, closure.status) == (fault, Phase.PROXY, None)
    assert closure.retry_after == 7.0
    assert line in closure.detail
    assert "127.0.0.1" in closure.detail
    assert "\x1b" not in closure.detail
    assert judge(closure).disposition is disposition


def test_the_proxy_gets_its_credentials_and_not_ours(monkeypatch: pytest.MonkeyPatch):
    heard: list[bytes] = []
    answer = answering(b"HTTP/1.1 407 no\r\n\r\n", heard)
    through(monkeypatch, answer, user="me%40home:p%3Aw@")
    (request,) = heard
    assert request.startswith(b"CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n")
    pair = base64.b64encode(b"me@home:p:w")
    assert b"Proxy-Authorization: Basic " + pair + b"\r\n" in request
    assert b"canary" not in request
    assert b"Proxy-Auth" not in _request_without_user(monkeypatch)


def _request_without_user(monkeypatch: pytest.MonkeyPatch) -> bytes:
    heard: list[bytes] = []
    through(monkeypatch, answering(b"HTTP/1.0 407 no\r\n\r\n", heard))
    return heard[0]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", Fault.HANDSHAKE),
        (b"HTTP/1.1 abc\r\n\r\n", Fault.HANDSHAKE),
        (b"x" * 20_000, Fault.HANDSHAKE),
        (b"", Fault.PROXY_BUSY),
    ],
    ids=["not HTTP", "no status", "endless", "hung up"],
)
def test_a_proxy_that_is_none_is_retried(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, fault: Fault
):
    closure = through(monkeypatch, answering(answer))
    assert (closure.fault, closure.phase) == (fault, Phase.PROXY)
    assert len(closure.detail) < 300


def test_a_proxy_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch):
    closure = through(monkeypatch, keep_silent, proxy=0.1)
    assert (closure.fault, closure.phase) == (Fault.TIMEOUT, Phase.PROXY)


def test_a_proxy_that_is_not_there_is_told_as_that(monkeypatch: pytest.MonkeyPatch):
    port = free_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:canary@127.0.0.1:{port}")
    closure = run(refusal("wss://api.test/v1"))
    assert (closure.fault, closure.phase) == (Fault.PROXY_DOWN, Phase.PROXY)
    assert f"127.0.0.1:{port}" in closure.detail
    assert judge(closure).disposition is Disposition.RETRY


def test_leaving_while_the_proxy_thinks_leaves_no_socket(monkeypatch: pytest.MonkeyPatch):
    async def scenario():
        gone = asyncio.Event()

        async def patient(reader, writer):
            await keep_silent(reader, writer)
            gone.set()

        async with server(patient) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
            dialing = asyncio.create_task(refusal("wss://api.test/v1"))
            await asyncio.sleep(0.05)
            dialing.cancel()
            await asyncio.gather(dialing, return_exceptions=True)
            await asyncio.wait_for(gone.wait(), 2)

    run(scenario())


def test_the_key_goes_through_the_proxy_inside_tls_only(monkeypatch: pytest.MonkeyPatch):
    authority = trustme.CA()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.test").configure_cert(served)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    passed = bytearray()
    keys = []

    async def echo(connection):
        keys.append(connection.request.headers["Authorization"])
        await connection.send(await connection.recv())

    async def scenario():
        over = asyncio.Event()
        async with serve(echo, "127.0.0.1", 0, ssl=served) as upstream:
            upstream_port = upstream.sockets[0].getsockname()[1]

            async def pump(reader, writer):
                with contextlib.suppress(OSError):
                    while data := await reader.read(4096):
                        passed.extend(data)
                        writer.write(data)
                writer.close()

            async def tunnel(reader, writer):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n")
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", upstream_port)
                await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
                over.set()

            async with server(tunnel) as port:
                monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
                target = Target(url="wss://api.test/v1", headers=HEADERS)
                link = await WebSocketTransport(tls=trusted).dial(target, NOBODY)
                link.write(b"hello through the tunnel")
                assert await receive(link) == b"hello through the tunnel"
                # Name and port are the proxy's, and so is the time that they took.
                named = [name for name, _ in link.phases]
                assert named == ["lookup", "tcp", "proxy", "tls", "upgrade"]
                link.abort()
                await over.wait()

    run(scenario())
    assert keys == [KEY]
    assert passed
    assert b"canary" not in passed
    assert b"hello" not in passed
