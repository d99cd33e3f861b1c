"""Links over WebSocket, by the sans-I/O half of the `websockets` library (`connection.py`).

What we do not leave to its defaults, and why. Pings are ours, since the library's own wait behind a full write
buffer (959 s measured on a dead link that carries audio). Compression is never offered: base64 audio hardly
shrinks, and a bomb does. Redirects are refused, since a key must not travel. Messages may be 32 MiB, since a
retrieved item with 16 s of audio is larger than the default of 1 MiB. What the kernel is asked
to do for a link is in `tcp.py`.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn, cast
from urllib.parse import urlencode

from websockets import datastructures
from websockets.client import ClientProtocol
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI, parse_uri

from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault, Phase
from trunkline.transports import tcp
from trunkline.transports.base import Headers
from trunkline.transports.connection import Connection
from trunkline.transports.dialing import Dialer, phase, stopwatch
from trunkline.transports.gate import closure_of, first_words
from trunkline.transports.http import HttpClient
from trunkline.transports.trust import checked_context, default_context

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Sequence

    from trunkline.transports.base import Arrivals, Listener, Progress, Target

__all__ = ["WebSocketLink", "WebSocketTransport"]

MAX_MESSAGE_BYTES = 32 * 1024 * 1024
CLOSE_TIMEOUT = 2.0
# Half a second of audio on the wire: enough to keep the link busy, little to lose or wait behind.
WRITE_LIMIT_BYTES = 32 * 1024


class _QuietLogger(logging.LoggerAdapter[logging.Logger]):
    """Lets nothing below a warning through: at DEBUG the library writes the Authorization header."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - the standard library's name
        return level >= logging.WARNING and super().isEnabledFor(level)


_LOGGER = _QuietLogger(logging.getLogger("trunkline.websockets"), {})


class _QuietHeaders(datastructures.Headers):
    """Headers that a traceback with locals shows by their names; their `str` is what goes on the wire."""

    def __repr__(self) -> str:
        return f"Headers({', '.join(self)})"


class _QuietRequest(Request):
    """The same of a request, whose path may have the key in its query."""

    def __repr__(self) -> str:
        return f"Request(headers={self.headers!r})"


class _QuietUri(WebSocketURI):
    """An address that shows neither its query nor who asks."""

    def __repr__(self) -> str:
        return f"WebSocketURI({self.host}:{self.port}{self.path})"


class _QuietProtocol(ClientProtocol):
    """Makes such a request, and forgets what was shown when that is answered: a link lives for an hour."""

    def connect(self) -> Request:
        request = super().connect()
        return _QuietRequest(request.path, _QuietHeaders(request.headers))

    def process_response(self, response: Response) -> None:
        try:
            super().process_response(response)
            # What they said is known now.
            response.headers.clear()
        finally:
            self.available_subprotocols = None
            # `wsuri` before websockets 15.
            name = "uri" if hasattr(self, "uri") else "wsuri"
            setattr(self, name, replace(getattr(self, name), query=""))


class WebSocketLink:
    """One WebSocket connection; made by `WebSocketTransport.dial`."""

    def __init__(
        self,
        connection: Connection,
        listener: Listener,
        phases: tuple[tuple[str, float], ...] = (),
    ) -> None:
        self._connection = connection
        self.write = connection.write_text
        """Frames the message and hands it to the event loop's transport; after the end it does nothing."""
        self.send_chunk = connection.send_chunk
        """Sends a chunk that is noted; False, and nothing is done, if the listener's notes do not take it."""
        self.phases = phases
        """Name and seconds of each phase of the dial, in order."""
        self._socket: socket.socket | None = connection.transport.get_extra_info("socket")
        connection.listener = listener
        tcp.tune(self._socket)

    @property
    def writable(self) -> bool:
        """Whether less than 32 KiB waits in the event loop."""
        return not self._connection.full

    def ping(self, payload: bytes) -> None:
        """Writes a ping behind what waits, without waiting for it."""
        self._connection.write_ping(payload)

    async def deliver(self, take: Callable[[Sequence[bytes]], None]) -> NoReturn:
        """Gives messages as they were on the wire, those of one read at once. Raises LinkClosed at the end."""
        # A binary frame is no event of this protocol; the core reports it as malformed.
        await self._connection.deliver(take)
        error = self._connection.end()
        raise LinkClosed(closure_of(error)) from error

    async def close(self, code: int, reason: str) -> None:
        """A close handshake of at most two seconds."""
        await self._connection.close(code, reason)

    def abort(self) -> None:
        """Resets the connection; what is unsent is thrown away, in the kernel as well."""
        tcp.reset_on_close(self._socket)
        _abort(self._connection)

    def acked_bytes(self) -> int | None:
        """What the peer's kernel says it has."""
        return tcp.acked_bytes(self._socket)

    def arrivals(self) -> Arrivals:
        """What the kernel has from the peer, over TLS encrypted."""
        return tcp.arrivals(self._socket)

    def progress(self) -> Progress:
        """What the event loop holds, and what the kernel tells."""
        return tcp.progress(self._socket, self._connection.transport.get_write_buffer_size())


class WebSocketTransport:
    """Dials WebSocket servers; holds no state between links."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, dialer: Dialer | None = None) -> None:
        """Raises ConfigError for a context that does not check certificates and host names."""
        self._given_tls = checked_context(tls)
        """None: the system's certificates; certificates are always checked."""
        self._dialer = dialer or Dialer()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Once: reading the system's certificates takes tens of milliseconds of the event loop.
        return self._given_tls or default_context()

    def http(self) -> HttpClient:
        """Requests over the same network, with the same certificates."""
        return HttpClient(tls=self._given_tls, dialer=self._dialer)

    async def dial(self, target: Target, listener: Listener) -> WebSocketLink:
        """Resolves, connects and upgrades, each within its deadline. Raises LinkClosed with the evidence."""
        with stopwatch() as watch:
            connection = await self._open(target)
        return WebSocketLink(connection, listener, watch.phases())

    async def _open(self, target: Target) -> Connection:
        uri = _uri(target)
        tls = None
        if uri.secure:
            async with phase(Phase.TLS, self._dialer.limits.tls):
                tls = self._tls
        connection = await self._dialer.open(
            lambda: _connection(uri, target.subprotocols), uri.host, uri.port, tls
        )
        try:
            async with phase(Phase.UPGRADE, self._dialer.limits.upgrade):
                await connection.handshake(Headers(target.headers), "trunkline")
        except BaseException as error:
            # Also one that is cancelled when the answer has just come: nobody would hold the link.
            _abort(connection)
            if isinstance(error, LinkClosed):
                closure = cast("Closure", error.closure)
                raise LinkClosed(_heard(closure, connection)) from error
            raise
        return connection


def _abort(connection: Connection) -> None:
    # One that closed after it had written its last bytes has no event loop any more, and asks it all the same.
    sock = connection.transport.get_extra_info("socket")
    if sock is None or sock.fileno() != -1:
        connection.abort()


def _uri(target: Target) -> WebSocketURI:
    uri = parse_uri(target.url)
    # Put together here and nowhere before: what the library refuses to parse, it repeats in its error.
    query = "&".join(part for part in (uri.query, urlencode(target.query)) if part)
    return _QuietUri(uri.secure, uri.host, uri.port, uri.path, query)


def _connection(uri: WebSocketURI, subprotocols: tuple[str, ...]) -> Connection:
    # No extensions, so no compression; no pings of the library's; and not its dialer, which would follow redirects.
    offered = [Subprotocol(name) for name in subprotocols] or None
    protocol = _QuietProtocol(uri, subprotocols=offered, max_size=MAX_MESSAGE_BYTES, logger=_LOGGER)
    return Connection(
        protocol,
        limit_bytes=MAX_MESSAGE_BYTES,
        write_limit_bytes=WRITE_LIMIT_BYTES,
        close_timeout=CLOSE_TIMEOUT,
    )


def _heard(closure: Closure, connection: Connection) -> Closure:
    """What answered the upgrade and was no WebSocket, with its status and its first words."""
    if closure.fault is not Fault.HANDSHAKE:
        return closure
    if not connection.head:
        # It hung up: a server that is starting or stopping, rather than something else than a server.
        return replace(closure, fault=Fault.END)
    status = connection.response.status_code if connection.response else None
    detail = f"{closure.detail}; it began: {first_words(bytes(connection.head))}"
    return replace(closure, status=status, detail=detail)
