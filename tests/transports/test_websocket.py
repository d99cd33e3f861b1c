"""The WebSocket transport: the gate of exceptions, and a real server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct

import pytest
import websockets.exceptions
from websockets.asyncio.server import serve

from transports.reading import receive
from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Disposition, Fault, Phase, judge
from trunkline.transports import websocket
from trunkline.transports.base import Listener, Target
from trunkline.transports.websocket import WebSocketTransport

NOBODY = Listener(pong=lambda _: None, writable=lambda: None)
KEY = "Bearer sk-test-canary-in-a-header"


def _target(port: int) -> Target:
    return Target(url=f"ws://127.0.0.1:{port}/v1", headers=(("Authorization", KEY),))


# A real server.


def _with_server(handler, scenario, **options):
    async def run():
        async with serve(handler, "127.0.0.1", 0, compression=None, **options) as server:
            port = server.sockets[0].getsockname()[1]
            return await scenario(port)

    return asyncio.run(asyncio.wait_for(run(), 20))


async def _echo(connection):
    async for message in connection:
        await connection.send(message)


def test_text_goes_out_as_text_and_comes_back_as_bytes():
    kinds = []

    async def handler(connection):
        message = await connection.recv()
        kinds.append(type(message))
        await connection.send(message)

    async def scenario(port):
        link = await WebSocketTransport().dial(_target(port), NOBODY)
        link.write('{"type":"ä"}'.encode())
        assert await receive(link) == '{"type":"ä"}'.encode()
        await link.close(1000, "")

    _with_server(handler, scenario)
    assert kinds == [str]


def test_a_link_knows_how_long_each_phase_of_its_dial_took():
    async def handler(connection):
        await connection.wait_closed()

    async def scenario(port):
        began_at = asyncio.get_running_loop().time()
        link = await WebSocketTransport().dial(_target(port), NOBODY)
        took = asyncio.get_running_loop().time() - began_at
        await link.close(1000, "")
        assert [name for name, _ in link.phases] == ["lookup", "tcp", "upgrade"]
        assert all(seconds >= 0 for _, seconds in link.phases)
        assert 0 < sum(seconds for _, seconds in link.phases) <= took

    _with_server(handler, scenario)


def test_no_compression_is_offered_and_the_key_is_in_the_header_only():
    seen = []

    async def handler(connection):
        seen.append(connection.request)

    async def scenario(port):
        link = await WebSocketTransport().dial(_target(port), NOBODY)
        with pytest.raises(LinkClosed):
            await receive(link)

    _with_server(handler, scenario)
    assert "Sec-WebSocket-Extensions" not in seen[0].headers
    assert seen[0].headers["Authorization"] == KEY
    assert seen[0].path == "/v1"


def test_a_pong_is_told_while_the_write_buffer_is_full():
    pongs: list[bytes] = []

    async def scenario(port):
        got = asyncio.Event()

        def pong(payload: bytes) -> None:
            pongs.append(payload)
            got.set()

        link = await WebSocketTransport().dial(
            _target(port), Listener(pong=pong, writable=lambda: None)
        )
        while link.writable:
            link.write(b'{"x":"%s"}' % (b"x" * 60_000))
        link.ping(b"beat")
        await asyncio.wait_for(got.wait(), 10)
        link.abort()

    _with_server(_drain, scenario)
    assert pongs == [b"beat"]


async def _drain(connection):
    with contextlib.suppress(websockets.exceptions.ConnectionClosed):
        async for _ in connection:
            pass


def test_a_full_link_says_so_and_says_when_it_takes_more():
    async def scenario(port):
        room = asyncio.Event()
        listener = Listener(pong=lambda _: None, writable=room.set)
        link = await WebSocketTransport().dial(_target(port), listener)
        written = 0
        while link.writable and written < 10_000:
            link.write(b'{"x":"%s"}' % (b"x" * 60_000))
            written += 1
        assert link.progress().unsent_bytes > 0
        await asyncio.wait_for(room.wait(), 10)
        assert link.writable
        link.abort()
        link.write(b"after the end")
        link.ping(b"after the end")

    _with_server(_drain, scenario)


def test_a_link_that_closed_behind_its_last_bytes_can_still_be_aborted():
    async def scenario(port):
        link = await WebSocketTransport().dial(_target(port), NOBODY)
        while link.writable:
            link.write(b'{"x":"%s"}' % (b"x" * 60_000))
        transport = link._connection.transport
        transport.close()
        async with asyncio.timeout(10):
            while transport.get_extra_info("socket").fileno() != -1:
                await asyncio.sleep(0)
        link.abort()

    _with_server(_drain, scenario)


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="this kernel has no TCP_INFO")
def test_the_kernel_tells_how_much_was_acknowledged():
    async def scenario(port):
        link = await WebSocketTransport().dial(_target(port), NOBODY)
        before = link.progress().acked_bytes
        link.write(b'{"x":"%s"}' % (b"x" * 1000))
        await receive(link)
        after = link.progress().acked_bytes
        assert before is not None
        assert after is not None
        assert after - before >= 1000
        link.abort()

    _with_server(_echo, scenario)


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="this kernel has no TCP_INFO")
def test_the_kernel_tells_how_much_came_and_was_not_read():
    async def scenario(port):
        link = await WebSocketTransport().dial(_target(port), NOBODY)
        before = link.arrivals()
        link._connection._reading.pause()
        link.write(b'{"x":"%s"}' % (b"x" * 1000))
        async with asyncio.timeout(10):
            while link.arrivals().unread_bytes < 1000:
                await asyncio.sleep(0.01)
        late = link.arrivals()
        link._connection._reading.resume()
        await receive(link)
        after = link.arrivals()
        assert before.unread_bytes == after.unread_bytes == 0
        assert late.unread_bytes >= 1000
        assert after.received_bytes - before.received_bytes >= 1000
        link.abort()

    _with_server(_echo, scenario)


def test_a_close_code_reaches_the_reader():
    async def handler(connection):
        await connection.close(1011, "internal error")

    async def scenario(port):
        link = await WebSocketTransport().dial(_target(port), NOBODY)
        with pytest.raises(LinkClosed) as caught:
            await receive(link)
        return caught.value.closure

    assert _with_server(handler, scenario) == Closure(code=1011, reason="internal error")


def test_a_reset_reaches_the_reader_as_one():
    async def handler(connection):
        sock = connection.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.transport.abort()

    async def scenario(port):
        link = await WebSocketTransport().dial(_target(port), NOBODY)
        with pytest.raises(LinkClosed) as caught:
            await receive(link)
        return caught.value.closure

    assert _with_server(handler, scenario) == Closure(code=1006, fault=Fault.RESET)


def test_a_message_over_the_limit_ends_the_link(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(websocket, "MAX_MESSAGE_BYTES", 1000)

    async def handler(connection):
        with contextlib.suppress(websockets.exceptions.ConnectionClosed):
            await connection.send("x" * 2000)

    async def scenario(port):
        link = await WebSocketTransport().dial(_target(port), NOBODY)
        with pytest.raises(LinkClosed) as caught:
            await receive(link)
        return caught.value.closure

    closure = _with_server(handler, scenario)
    assert (closure.code, closure.fault) == (1009, Fault.TOO_BIG)


async def _raw_server(answer: bytes, *, ends_with: bytes = b"\r\n\r\n"):
    async def handle(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError):
            await reader.readuntil(ends_with)
        writer.write(answer)
        await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    return await asyncio.start_server(handle, "127.0.0.1", 0)


def _refusal(answer: bytes) -> Closure:
    async def run():
        server = await _raw_server(answer)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(LinkClosed) as caught:
                await WebSocketTransport().dial(_target(port), NOBODY)
            return caught.value.closure

    return asyncio.run(asyncio.wait_for(run(), 20))


def test_a_redirect_is_not_followed():
    answer = b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/else\r\nContent-Length: 0\r\n\r\n"
    closure = _refusal(answer)
    assert (closure.status, closure.fault) == (302, Fault.REDIRECT)
    assert judge(closure).disposition is Disposition.FATAL


def test_a_refused_upgrade_keeps_status_delay_and_first_words():
    answer = b"HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: 9\r\n\r\nslow down"
    closure = _refusal(answer)
    assert (closure.status, closure.retry_after, closure.detail) == (429, 3.0, "slow down")


def test_a_captive_portal_is_not_taken_for_a_server():
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>log in</h"
    assert judge(_refusal(answer)).floor_delay >= 15


def test_a_login_page_is_kept_with_its_status_and_its_first_words_cleaned():
    page = b"<html>\x1b]0;x\x07 log in" + b"." * 1000
    closure = _refusal(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page) + page)
    assert closure.status == 200
    assert closure.detail.startswith("<html>\u241b]0;x\ufffd log in...")
    assert len(closure.detail) == 200


def test_garbage_instead_of_an_answer_is_a_failed_handshake():
    closure = _refusal(b"\x00\x01\x02 garbage\r\n\r\n")
    assert (closure.fault, closure.phase) == (Fault.HANDSHAKE, Phase.UPGRADE)
    assert "\ufffd\ufffd\ufffd garbage" in closure.detail
    assert judge(closure).floor_delay >= 15


def test_an_upgrade_with_a_wrong_proof_is_no_websocket():
    accept = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n"
    closure = _refusal(b"HTTP/1.1 101 Switching Protocols\r\n" + accept + b"\r\n")
    assert (closure.fault, closure.status) == (Fault.HANDSHAKE, 101)
    assert "101 Switching" in closure.detail
    assert judge(closure).floor_delay >= 15


def test_a_server_that_hangs_up_instead_of_an_answer_is_retried():
    closure = _refusal(b"")
    assert judge(closure).disposition is Disposition.RETRY
    assert judge(closure).floor_delay < 15


def test_nobody_listening_is_a_refused_connection():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    async def run():
        with pytest.raises(LinkClosed) as caught:
            await WebSocketTransport().dial(_target(port), NOBODY)
        return caught.value.closure

    assert asyncio.run(run()).fault is Fault.REFUSED


def test_a_plain_port_dialed_with_tls_is_a_failed_handshake_and_not_a_crash():
    async def run():
        # 0x03: the second byte of a TLS record; a plain server answers it in plain words.
        server = await _raw_server(b"HTTP/1.1 400 no\r\n\r\n", ends_with=b"\x03")
        async with server:
            port = server.sockets[0].getsockname()[1]
            target = Target(url=f"wss://127.0.0.1:{port}/v1")
            with pytest.raises(LinkClosed) as caught:
                await WebSocketTransport().dial(target, NOBODY)
            return caught.value.closure

    assert asyncio.run(run()).fault is Fault.NOT_TLS


def test_the_key_is_in_no_log_even_at_debug(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)

    async def scenario(port):
        link = await WebSocketTransport().dial(_target(port), NOBODY)
        link.write(b"{}")
        await receive(link)
        await link.close(1000, "")

    logging.getLogger("websockets.server").setLevel(logging.WARNING)
    _with_server(_echo, scenario)
    assert "canary" not in caplog.text


def test_a_key_in_a_subprotocol_goes_out_and_only_realtime_is_taken_back():
    seen = []

    async def handler(connection):
        seen.append((connection.request.headers["Sec-WebSocket-Protocol"], connection.subprotocol))

    async def scenario(port):
        offered = ("realtime", "openai-insecure-api-key.ek_canary_0123")
        target = Target(url=f"ws://127.0.0.1:{port}/v1", subprotocols=offered)
        link = await WebSocketTransport().dial(target, NOBODY)
        with pytest.raises(LinkClosed):
            await receive(link)

    _with_server(handler, scenario, subprotocols=["realtime"])
    assert seen == [("realtime, openai-insecure-api-key.ek_canary_0123", "realtime")]


def test_a_server_that_takes_no_subprotocol_is_taken_all_the_same():
    async def handler(connection):
        await connection.send("hello")

    async def scenario(port):
        target = Target(url=f"ws://127.0.0.1:{port}/v1", subprotocols=("realtime",))
        link = await WebSocketTransport().dial(target, NOBODY)
        assert await receive(link) == b"hello"
        link.abort()

    _with_server(handler, scenario)


def test_a_key_in_the_query_goes_behind_what_the_address_has_and_into_no_log(caplog):
    seen = []

    async def handler(connection):
        seen.append(connection.request.path)

    async def scenario(port):
        url = f"ws://127.0.0.1:{port}/v1?model=m"
        target = Target(url=url, query=(("api_key", "canary&+ 1"),))
        assert "canary" not in repr(target)
        link = await WebSocketTransport().dial(target, NOBODY)
        with pytest.raises(LinkClosed):
            await receive(link)

    with caplog.at_level(logging.DEBUG, logger="trunkline"):
        _with_server(handler, scenario)
    assert seen == ["/v1?model=m&api_key=canary%26%2B+1"]
    assert "canary" not in caplog.text
