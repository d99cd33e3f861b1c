"""One HTTP request over the links' dialer, against servers that do not do what they should."""

from __future__ import annotations

import asyncio
import ssl
import time

import pytest
import trustme

from transports.misbehaving import answering, free_port, keep_silent, run, server
from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault, Phase
from trunkline.transports.dialing import Dialer, DialLimits
from trunkline.transports.http import Answer, HttpClient
from trunkline.transports.websocket import WebSocketTransport

KEY = ("Authorization", "Bearer sk-test-canary-in-a-header")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nretry-after: 7\r\n\r\n{}"


def _post(answer: bytes, heard: list[bytes] | None = None, **client) -> Answer:
    async def scenario():
        async with server(answering(answer, heard)) as port:
            url = f"http://127.0.0.1:{port}/v1/x?a=b"
            return await HttpClient(**client).post(url, headers=[KEY], body=b'{"a":1}')

    return run(scenario())


def _closure(handler, **client) -> Closure:
    async def scenario():
        async with server(handler) as port:
            url = f"http://127.0.0.1:{port}/v1"
            with pytest.raises(LinkClosed) as caught:
                await HttpClient(**client).post(url, headers=[KEY], body=b"{}")
            return caught.value.closure

    return run(scenario())


def test_a_request_is_whole_and_its_answer_is_read():
    heard: list[bytes] = []
    answer = _post(OK, heard)
    assert (answer.status, answer.body, answer.headers["Retry-After"]) == (200, b"{}", "7")
    head = heard[0].decode()
    assert head.startswith("POST /v1/x?a=b HTTP/1.1\r\n")
    for line in (
        "Content-Length: 7",
        "Connection: close",
        "Host: 127.0.0.1:",
        f"{KEY[0]}: {KEY[1]}",
    ):
        assert line.lower() in head.lower()


def test_a_get_has_no_body_no_key_and_a_path():
    heard: list[bytes] = []

    async def scenario(path: str):
        async with server(answering(OK, heard)) as port:
            return await HttpClient().get(f"http://127.0.0.1:{port}{path}")

    assert run(scenario("/v1?a=b")).body == b"{}"
    assert run(scenario("")).status == 200
    assert [request.split(b"\r\n")[0] for request in heard] == [
        b"GET /v1?a=b HTTP/1.1",
        b"GET / HTTP/1.1",
    ]
    assert all(request.endswith(b"\r\n\r\n") for request in heard)
    assert b"content-" not in heard[0].lower()
    assert b"authorization" not in heard[0].lower()


def test_a_get_that_is_not_answered_is_told_as_that():
    async def scenario():
        async with server(keep_silent) as port:
            client = HttpClient(dialer=Dialer(DialLimits(upgrade=0.1)))
            with pytest.raises(LinkClosed) as caught:
                await client.get(f"http://127.0.0.1:{port}/")
            return caught.value.closure

    closure = run(scenario())
    assert (closure.fault, closure.phase) == (Fault.TIMEOUT, Phase.ANSWER)


def test_a_body_in_pieces_and_one_that_ends_with_the_connection_are_read():
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    assert _post(chunked).body == b"{}"
    assert _post(b"HTTP/1.1 500 Oh\r\n\r\nno").body == b"no"


def test_an_answer_shows_neither_headers_nor_body():
    answer = _post(b"HTTP/1.1 200 OK\r\nX: canary\r\nContent-Length: 6\r\n\r\ncanary")
    assert "canary" not in repr(answer)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"220 mail.example ESMTP\r\n\r\n", Fault.HANDSHAKE),
        (b"", Fault.END),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", Fault.END),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * 2_000_000, Fault.HANDSHAKE),
    ],
    ids=["no HTTP", "hung up", "cut off", "too long"],
)
def test_what_is_no_answer_is_told_as_a_closure(answer: bytes, fault: Fault):
    closure = _closure(answering(answer))
    assert closure.fault is fault
    assert closure.phase is Phase.CREDENTIAL


def test_a_server_that_keeps_silent_is_given_up_in_time():
    limits = DialLimits(upgrade=0.1)
    before = time.monotonic()
    closure = _closure(keep_silent, dialer=Dialer(limits))
    assert (closure.fault, closure.phase) == (Fault.TIMEOUT, Phase.CREDENTIAL)
    assert time.monotonic() - before < 3


def test_a_port_that_refuses_is_told_with_the_phase():
    async def scenario():
        url = f"http://127.0.0.1:{free_port()}/v1"
        with pytest.raises(LinkClosed) as caught:
            await HttpClient().post(url, headers=[], body=b"{}")
        return caught.value.closure

    closure = run(scenario())
    assert (closure.fault, closure.phase) == (Fault.REFUSED, Phase.TCP)


def test_certificates_are_checked_and_a_transport_s_own_are_used():
    authority = trustme.CA()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(theirs)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)

    async def scenario():
        async with server(answering(OK), tls=theirs) as port:
            url = f"https://localhost:{port}/v1"
            answer = await WebSocketTransport(tls=ours).http().post(url, headers=[], body=b"{}")
            with pytest.raises(LinkClosed) as caught:
                await HttpClient().post(url, headers=[], body=b"{}")
        return answer, caught.value.closure

    answer, closure = run(scenario())
    assert answer.status == 200
    assert (closure.fault, closure.phase) == (Fault.CERTIFICATE_ISSUER, Phase.TLS)


def test_a_request_goes_through_the_proxy_that_a_link_would_take(
    monkeypatch: pytest.MonkeyPatch,
):
    heard: list[bytes] = []

    async def scenario():
        async with server(answering(b"HTTP/1.1 407 no\r\n\r\n", heard)) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            with pytest.raises(LinkClosed) as caught:
                await HttpClient().post("https://api.test/v1", headers=[KEY], body=b"{}")
        return caught.value.closure

    closure = run(scenario())
    assert (closure.fault, closure.phase) == (Fault.PROXY_AUTH, Phase.PROXY)
    assert heard[0].startswith(b"CONNECT api.test:443 HTTP/1.1\r\n")
    assert b"canary" not in heard[0]


def test_a_request_that_is_cancelled_leaves_nothing_behind():
    gone = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(4096):
                pass
        except ConnectionError:
            pass
        gone.set()

    async def scenario():
        async with server(handler) as port:
            client = HttpClient()
            request = asyncio.create_task(
                client.post(f"http://127.0.0.1:{port}/", headers=[], body=b"{}")
            )
            await asyncio.sleep(0.05)
            request.cancel()
            with pytest.raises(asyncio.CancelledError):
                await request
            await asyncio.wait_for(gone.wait(), 5)

    run(scenario())
