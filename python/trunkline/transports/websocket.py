"""Links over WebSocket, by the `websockets` library's asyncio client.

What we do not leave to its defaults, and why. Pings are ours, since the library's own wait behind a full write
buffer (959 s measured on a dead link that carries audio). Compression is never offered: base64 audio hardly
shrinks, and a bomb does. Redirects are refused, since a key must not travel. Messages may be 32 MiB, since a
retrieved item with 16 s of audio is larger than the default of 1 MiB. What the kernel is asked
to do for a link is in `tcp.py`.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import re
import socket
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websockets_connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    WebSocketException,
)
from websockets.frames import Frame, Opcode
from websockets.version import version as websockets_version

from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault
from trunkline.transports import tcp

if TYPE_CHECKING:
    from websockets.http11 import Response

    from trunkline.transports.base import Listener, Progress, Target

__all__ = ["WebSocketLink", "WebSocketTransport", "closure_of"]

MAX_MESSAGE_BYTES = 32 * 1024 * 1024
# DNS 3 s, TCP 5 s, TLS 5 s, upgrade 5 s: the library has one deadline for all of them.
OPEN_TIMEOUT = 18.0
CLOSE_TIMEOUT = 2.0
# Half a second of audio on the wire: enough to keep the link busy, little to lose or wait behind.
WRITE_LIMIT_BYTES = 32 * 1024


class _QuietLogger(logging.LoggerAdapter[logging.Logger]):
    """Lets nothing below a warning through: at DEBUG the library writes the Authorization header."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - the standard library's name
        return level >= logging.WARNING and super().isEnabledFor(level)


_LOGGER = _QuietLogger(logging.getLogger("trunkline.websockets"), {})


class _Connect(websockets_connect):
    """The library's dialer, with redirects off (they would carry the credential on)."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _Connection(ClientConnection):
    """The library's connection, telling pongs and room to write, and writing without a wait."""

    listener: Listener | None = None
    full = False

    def process_event(self, event: Any) -> None:
        super().process_event(event)
        if isinstance(event, Frame) and event.opcode is Opcode.PONG and self.listener:
            self.listener.pong(bytes(event.data))

    def pause_writing(self) -> None:
        super().pause_writing()
        self.full = True

    def resume_writing(self) -> None:
        super().resume_writing()
        self.full = False
        if self.listener:
            self.listener.writable()

    def write_text(self, message: bytes) -> None:
        self.protocol.send_text(message)
        self.send_data()

    def write_ping(self, payload: bytes) -> None:
        self.protocol.send_ping(payload)
        self.send_data()


class WebSocketLink:
    """One WebSocket connection; made by `WebSocketTransport.dial`."""

    def __init__(self, connection: _Connection, listener: Listener) -> None:
        self._connection = connection
        self._socket: socket.socket | None = connection.transport.get_extra_info("socket")
        connection.listener = listener
        tcp.tune(self._socket)

    @property
    def writable(self) -> bool:
        """Whether less than 32 KiB waits in the event loop."""
        return not self._connection.full

    def write(self, message: bytes) -> None:
        """Frames the message and hands it to the event loop's transport."""
        # Gone or closing: whoever reads the link is told, so the writer need not be.
        with contextlib.suppress(WebSocketException):
            self._connection.write_text(message)

    def ping(self, payload: bytes) -> None:
        """Writes a ping past the library's bookkeeping, which would wait for the buffer."""
        with contextlib.suppress(WebSocketException):
            self._connection.write_ping(payload)

    async def receive(self) -> bytes:
        """The next message as it was on the wire. Raises LinkClosed at the end."""
        try:
            message = await self._connection.recv(decode=False)
        except WebSocketException as error:
            raise LinkClosed(closure_of(error)) from error
        # A binary frame is no event of this protocol; the core reports it as malformed.
        return bytes(message)

    async def close(self, code: int, reason: str) -> None:
        """A close handshake of at most two seconds."""
        with contextlib.suppress(WebSocketException, OSError):
            await self._connection.close(code, reason)

    def abort(self) -> None:
        """Resets the connection; what is unsent is thrown away, in the kernel as well."""
        tcp.reset_on_close(self._socket)
        self._connection.transport.abort()

    def progress(self) -> Progress:
        """What the event loop holds, and what the kernel tells."""
        return tcp.progress(self._socket, self._connection.transport.get_write_buffer_size())


class WebSocketTransport:
    """Dials WebSocket servers; holds no state between links."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        """None: the system's certificates; certificates are always checked."""

    async def dial(self, target: Target, listener: Listener) -> WebSocketLink:
        """Resolves, connects, and upgrades within 18 s. Raises LinkClosed with the evidence."""
        try:
            connection = await _Connect(target.url, **self._options(target))
        except Exception as error:
            raise LinkClosed(closure_of(error)) from error
        assert isinstance(connection, _Connection)
        return WebSocketLink(connection, listener)

    def _options(self, target: Target) -> dict[str, Any]:
        secure = urlsplit(target.url).scheme == "wss"
        options: dict[str, Any] = {
            "additional_headers": list(target.headers),
            "compression": None,
            "create_connection": _Connection,
            "open_timeout": OPEN_TIMEOUT,
            "close_timeout": CLOSE_TIMEOUT,
            "ping_interval": None,
            "max_size": MAX_MESSAGE_BYTES,
            "write_limit": WRITE_LIMIT_BYTES,
            "logger": _LOGGER,
            "user_agent_header": "trunkline",
        }
        if secure:
            options["ssl"] = self._tls or ssl.create_default_context()
        elif int(websockets_version.split(".")[0]) >= 15:
            # Cleartext goes to loopback only, where no proxy has any business; version 14 knows none.
            options["proxy"] = None
        return options


# The gate: every exception of the library and of the system, as a closure.

_FAULTS: tuple[tuple[type[BaseException], Fault], ...] = (
    (ssl.SSLCertVerificationError, Fault.CERTIFICATE),
    (ssl.SSLError, Fault.TLS),
    (socket.gaierror, Fault.NAME),
    (ConnectionRefusedError, Fault.REFUSED),
    (ConnectionError, Fault.RESET),
    (TimeoutError, Fault.TIMEOUT),
    (MemoryError, Fault.LOCAL_RESOURCES),
    (EOFError, Fault.END),
    (InvalidHandshake, Fault.HANDSHAKE),
    (WebSocketException, Fault.HANDSHAKE),
    # The oldest supported versions let the parser's own error through for an answer that is no HTTP.
    (ValueError, Fault.HANDSHAKE),
    (OSError, Fault.UNREACHABLE),
)
"""Exception class to fault; the first that fits speaks."""

_ERRNOS = {
    errno.ECONNREFUSED: Fault.REFUSED,
    errno.ECONNRESET: Fault.RESET,
    errno.EMFILE: Fault.LOCAL_RESOURCES,
    errno.ENFILE: Fault.LOCAL_RESOURCES,
    errno.ENOBUFS: Fault.LOCAL_RESOURCES,
    errno.ENOMEM: Fault.LOCAL_RESOURCES,
    errno.ETIMEDOUT: Fault.TIMEOUT,
}
# When several addresses were tried, the event loop reports one OSError with all their numbers in its text.
_ERRNO_IN_TEXT = re.compile(r"\[Errno (\d+)\]")


def closure_of(error: BaseException) -> Closure:
    """How the link ended, by the exception that told of it; never raises."""
    if isinstance(error, ConnectionClosed):
        return _closed(error)
    if isinstance(error, InvalidStatus):
        return _refused(error.response)
    return Closure(fault=_fault_of(error), detail=f"{type(error).__name__}: {error}"[:200])


def _fault_of(error: BaseException) -> Fault:
    # Proxy errors exist from version 15 on; before, no proxy is used.
    if type(error).__name__ in (
        "ProxyError",
        "InvalidProxy",
        "InvalidProxyMessage",
        "InvalidProxyStatus",
    ):
        return Fault.PROXY
    for kind, fault in _FAULTS:
        if isinstance(error, kind) and kind is not OSError:
            return fault
    if isinstance(error, OSError):
        found = _ERRNO_IN_TEXT.search(str(error))
        number = error.errno or (int(found.group(1)) if found else 0)
        return _ERRNOS.get(number, Fault.UNREACHABLE)
    return Fault.INTERNAL


def _closed(error: ConnectionClosed) -> Closure:
    if error.rcvd is not None:
        return Closure(code=error.rcvd.code, reason=error.rcvd.reason)
    if error.sent is not None and error.sent.code != 1000:
        # We refused what came: too long, not UTF-8, or not WebSocket.
        fault = Fault.TOO_BIG if error.sent.code == 1009 else None
        return Closure(code=error.sent.code, reason=error.sent.reason, fault=fault)
    if error.sent is not None:
        return Closure(code=1000, by_us=True)
    cause = error.__cause__
    return Closure(code=1006, fault=Fault.END if cause is None else _fault_of(cause))


def _refused(response: Response) -> Closure:
    body = bytes(response.body or b"")[:200].decode("utf-8", "replace")
    status = response.status_code
    return Closure(
        status=status,
        retry_after=_retry_after(response.headers.get("Retry-After")),
        fault=Fault.REDIRECT if 300 <= status < 400 else None,
        detail=body.strip(),
    )


def _retry_after(value: str | None) -> float | None:
    """Seconds, or a date as RFC 9110 §10.2.3 allows; what is neither is ignored."""
    if not value:
        return None
    try:
        return float(int(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
