"""The gate: every exception of the system and of the `websockets` library, as a closure.

Nothing foreign gets past it, and it tells facts only: what a fault means is the verdict table's.
"""

from __future__ import annotations

import errno
import socket
import ssl
import time
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    WebSocketException,
)

from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault, Phase
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from websockets.http11 import Response

__all__ = ["KEPT_CHARS", "closure_of", "date_of", "fault_of_class", "first_words", "retry_after_of"]

KEPT_CHARS = 200
"""How much of what a server or an exception said is kept."""

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
_NAME_ERRORS = {
    socket.EAI_NONAME: Fault.NO_SUCH_NAME,
    getattr(socket, "EAI_NODATA", socket.EAI_NONAME): Fault.NO_SUCH_NAME,
    socket.EAI_MEMORY: Fault.LOCAL_RESOURCES,
}
# X509_V_ERR_*: OpenSSL's include/openssl/x509_vfy.h.
_CERTIFICATES = {
    9: Fault.CERTIFICATE_DATE,
    10: Fault.CERTIFICATE_DATE,
    2: Fault.CERTIFICATE_ISSUER,
    18: Fault.CERTIFICATE_ISSUER,
    19: Fault.CERTIFICATE_ISSUER,
    20: Fault.CERTIFICATE_ISSUER,
    21: Fault.CERTIFICATE_ISSUER,
    62: Fault.CERTIFICATE_NAME,
    64: Fault.CERTIFICATE_NAME,
}
# OpenSSL's include/openssl/sslerr.h, without what stands before the reason.
_TLS_REASONS = dict.fromkeys(
    (
        "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL",
        "WRONG_VERSION_NUMBER",
    ),
    Fault.NOT_TLS,
) | dict.fromkeys(
    (
        "NO_CIPHERS_AVAILABLE", "NO_PROTOCOLS_AVAILABLE", "NO_SHARED_CIPHER", "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_INSUFFICIENT_SECURITY", "TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL",
        "WRONG_SSL_VERSION",
    ),
    Fault.TLS_MISMATCH,
)  # fmt: skip


def closure_of(error: BaseException, phase: Phase | None = None) -> Closure:
    """How the link ended, by the exception that told of it; never raises."""
    if isinstance(error, LinkClosed) and isinstance(error.closure, Closure):
        return replace(error.closure, phase=error.closure.phase or phase)
    if isinstance(error, ConnectionClosed):
        return _closed(error)
    if isinstance(error, InvalidStatus):
        return _refused(error.response)
    detail = clean(f"{type(error).__name__}: {error}", limit_chars=KEPT_CHARS)
    return Closure(fault=_fault_of(error), phase=phase, detail=detail)


def fault_of_class(kind: type[BaseException]) -> Fault | None:
    """What an exception of the class says by itself; None if it is no news of a link."""
    return next((fault for known, fault in _FAULTS if issubclass(kind, known)), None)


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds, or a date as RFC 9110 §10.2.3 allows; what is neither is ignored.

    A date is compared with the answer's own Date, if it has one: this machine's clock may be wrong.
    """
    value = headers.get("Retry-After")
    if not value:
        return None
    try:
        return float(int(value))
    except (ValueError, OverflowError):
        asked = _timestamp(value)
    if asked is None:
        return None
    said = date_of(headers)
    return max(0.0, asked - (time.time() if said is None else said))


def date_of(headers: Mapping[str, str]) -> float | None:
    """When the server wrote its answer, by its own clock; None if it does not say."""
    return _timestamp(headers.get("Date") or "")


def first_words(raw: bytes) -> str:
    """The first of what a server said, fit to be shown."""
    return clean(raw[:KEPT_CHARS].decode("utf-8", "replace").strip())


def _timestamp(date: str) -> float | None:
    try:
        parsed = parsedate_to_datetime(date)
        # A date without a zone is UTC: HTTP knows no other.
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _fault_of(error: BaseException) -> Fault:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATES.get(getattr(error, "verify_code", 0), Fault.CERTIFICATE)
    if isinstance(error, ssl.SSLError):
        return _TLS_REASONS.get(getattr(error, "reason", None) or "", Fault.TLS)
    if isinstance(error, socket.gaierror):
        return _NAME_ERRORS.get(error.errno or 0, Fault.NAME)
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return Fault.LOCAL_RESOURCES
    if isinstance(error, OSError) and error.errno in _ERRNOS:
        return _ERRNOS[error.errno]
    return fault_of_class(type(error)) or Fault.INTERNAL


_OURS = {1009: Fault.TOO_BIG, 1011: Fault.INTERNAL}


def _closed(error: ConnectionClosed) -> Closure:
    if error.rcvd is not None:
        return Closure(code=error.rcvd.code, reason=error.rcvd.reason)
    if error.sent is not None and error.sent.code == 1000:
        return Closure(code=1000, by_us=True)
    if error.sent is not None:
        # We refused what came: too long, not UTF-8, or not WebSocket. The reason is the library's own.
        return Closure(
            code=error.sent.code,
            fault=_OURS.get(error.sent.code, Fault.FRAMING),
            detail=clean(error.sent.reason, limit_chars=KEPT_CHARS),
            by_us=True,
        )
    cause = error.__cause__
    return Closure(code=1006, fault=Fault.END if cause is None else _fault_of(cause))


def _refused(response: Response) -> Closure:
    status = response.status_code
    detail = first_words(bytes(response.body or b""))
    if 300 <= status < 400:
        detail = f"to {_origin(response.headers.get('Location', ''))}"
    return Closure(
        status=status,
        retry_after=retry_after_of(response.headers),
        fault=Fault.REDIRECT if 300 <= status < 400 else None,
        phase=Phase.UPGRADE,
        detail=detail,
    )


def _origin(location: str) -> str:
    """Where a redirect points, without path and query: they may hold anything."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        return "another path"
    host = rest.split("/", 1)[0].split("?", 1)[0].rpartition("@")[2]
    return clean(f"{scheme}://{host}", limit_chars=100)
