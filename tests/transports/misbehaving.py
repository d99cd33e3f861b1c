"""Servers that do not do what they should, on real sockets, and a dial to them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure
from trunkline.transports.base import Listener, Target
from trunkline.transports.dialing import Dialer, DialLimits
from trunkline.transports.websocket import WebSocketTransport

NOBODY = Listener(pong=lambda _: None, writable=lambda: None)
KEY = "Bearer sk-test-canary-in-a-header"
HEADERS = (("Authorization", KEY),)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def run(scenario):
    """Runs a coroutine within ten seconds, threads of the loop included."""
    return asyncio.run(asyncio.wait_for(scenario, 10))


async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes everything and says nothing."""
    while await reader.read(4096):
        pass


def answering(answer: bytes, heard: list[bytes] | None = None) -> Handler:
    """Says the same to every request, and hangs up."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(request)
        writer.write(answer)
        await writer.drain()

    return handle


@contextlib.asynccontextmanager
async def server(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A raw server on loopback; gives its port."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await handler(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


@contextlib.contextmanager
def deaf_port():
    """A port whose queue is full, so that the kernel drops every further SYN; gives its number."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def transport(*, tls: ssl.SSLContext | None = None, **limits: float) -> WebSocketTransport:
    """One with deadlines of our own."""
    return WebSocketTransport(tls=tls, dialer=Dialer(DialLimits(**limits)))


async def refusal(url: str, *, tls: ssl.SSLContext | None = None, **limits: float) -> Closure:
    """How a dial ends that cannot succeed."""
    with pytest.raises(LinkClosed) as caught:
        await transport(tls=tls, **limits).dial(Target(url=url, headers=HEADERS), NOBODY)
    closure = caught.value.closure
    assert isinstance(closure, Closure)
    assert "canary" not in repr(closure)
    return closure
