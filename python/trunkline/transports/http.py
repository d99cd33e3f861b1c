"""One HTTP request over the dialer that links use: the same lookup, proxies, deadlines, certificates and gate.

The HTTP itself is h11's, which is bytes in, events out. A whole client (httpx, aiohttp) would bring a second
resolver, a second reading of the proxy variables and a second family of exceptions, for one small request now and then;
urllib in a thread can be neither cancelled nor held to a deadline per phase. No connection is kept, no redirect
followed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import h11

from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault, Phase
from trunkline.text import clean
from trunkline.transports.base import Headers
from trunkline.transports.dialing import Dialer, phase
from trunkline.transports.gate import KEPT_CHARS
from trunkline.transports.trust import checked_context, default_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

__all__ = ["Answer", "HttpClient"]

_MAX_BODY_BYTES = 1024 * 1024
"""A client secret comes with the whole session, instructions included: some kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server answered; its body may hold a secret."""

    status: int
    headers: dict[str, str] = field(repr=False)
    """Names as in `Retry-After`: each word begins with a capital."""
    body: bytes = field(repr=False)


class _Exchange(asyncio.Protocol):
    """One request and its answer on one connection."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        # Whoever waited may have left when the connection ends: that is no news then.
        self.answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._http = h11.Connection(h11.CLIENT)
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, request: h11.Request, body: bytes) -> None:
        """Sends the request."""
        assert self._transport is not None
        events = (request, *([h11.Data(data=body)] if body else ()), h11.EndOfMessage())
        self._transport.write(b"".join(self._http.send(event) or b"" for event in events))

    def abort(self) -> None:
        """Drops the connection."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._take(data)

    def eof_received(self) -> None:
        self._take(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or EOFError("the server hung up"))

    def _take(self, data: bytes) -> None:
        if self.answer.done():
            return
        try:
            self._http.receive_data(data)
            while not self._is_over(self._http.next_event()):
                pass
        except h11.RemoteProtocolError as error:
            fault = Fault.HANDSHAKE if data else Fault.END
            words = clean(f"no HTTP: {error}", limit_chars=KEPT_CHARS)
            self._fail(LinkClosed(Closure(fault=fault, detail=words)))

    def _is_over(self, event: object) -> bool:
        """Takes one event in; gives whether there is nothing more to read now."""
        if isinstance(event, h11.Response):
            self._head = event
        elif isinstance(event, h11.Data):
            self._body += event.data
            if len(self._body) > _MAX_BODY_BYTES:
                raise h11.RemoteProtocolError("the body is longer than 1 MiB")
        elif isinstance(event, h11.EndOfMessage):
            self._finish()
            return True
        return event is h11.NEED_DATA or event is h11.PAUSED

    def _finish(self) -> None:
        assert self._head is not None
        headers = {
            name.decode("ascii").title(): value.decode("latin-1")
            for name, value in self._head.headers
        }
        self.answer.set_result(
            Answer(status=self._head.status_code, headers=headers, body=bytes(self._body))
        )

    def _fail(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class HttpClient:
    """Makes requests; holds no connection between them."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, dialer: Dialer | None = None) -> None:
        """Raises ConfigError for a context that does not check certificates and host names."""
        self._given_tls = checked_context(tls)
        self._dialer = dialer or Dialer()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or default_context()

    async def post(self, url: str, *, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
        """The answer to a POST of JSON, whatever its status. Raises LinkClosed if there is none."""
        described = (("Content-Type", "application/json"), ("Content-Length", str(len(body))))
        shown = Headers((*described, *headers))
        del headers
        return await self._exchange("POST", url, shown, body, Phase.CREDENTIAL)

    async def get(self, url: str) -> Answer:
        """The answer to a GET that shows no key, whatever its status. Raises LinkClosed if there is none."""
        return await self._exchange("GET", url, Headers(()), b"", Phase.ANSWER)

    async def _exchange(
        self,
        method: str,
        url: str,
        headers: Headers,
        body: bytes,
        waits_in: Phase,
    ) -> Answer:
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        async with phase(Phase.TLS, self._dialer.limits.tls):
            tls = self._tls if secure else None
        port = parts.port or (443 if secure else 80)
        exchange = await self._dialer.open(_Exchange, host, port, tls)
        try:
            async with phase(waits_in, self._dialer.limits.upgrade):
                path = f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
                exchange.ask(_request(method, path, parts.netloc, headers), body)
                return await exchange.answer
        finally:
            exchange.abort()


def _request(method: str, path: str, host: str, headers: Headers) -> h11.Request:
    common = (
        ("Host", host),
        ("User-Agent", "trunkline"),
        ("Accept", "application/json"),
        ("Connection", "close"),
    )
    return h11.Request(method=method, target=path, headers=[*common, *headers])
