"""How a line's end looks to a client that knows the exceptions of `websockets`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from websockets.datastructures import Headers
from websockets.exceptions import (
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    InvalidStatus,
)
from websockets.frames import Close
from websockets.http11 import Response

from trunkline.protocol.closure import Fault

if TYPE_CHECKING:
    from trunkline.errors import LineFailed
    from trunkline.protocol.closure import Closure

__all__ = ["closed_by_us", "failed", "not_opened"]

_NOT_RECEIVED = (1005, 1006)
"""Codes that stand for a close frame that was none (RFC 6455 §7.4.1)."""


def closed_by_us(code: int = 1000, reason: str = "") -> ConnectionClosed:
    """The client itself closed it."""
    close = Close(code, reason)
    return ConnectionClosedOK(close, close, rcvd_then_sent=False)


def failed(failure: LineFailed) -> ConnectionClosed:
    """The line is over: the close frame of its last link, if there was one."""
    last = _last(failure)
    return ConnectionClosedError(None if last is None else _received(last), None)


def not_opened(failure: LineFailed) -> Exception:
    """The line never began: what `websockets.connect` would have raised."""
    last = _last(failure)
    if last is not None and last.status is not None:
        return InvalidStatus(Response(last.status, "", Headers(), last.detail.encode()))
    if last is not None and _received(last) is not None:
        return failed(failure)
    late = last is not None and last.fault is Fault.TIMEOUT
    return TimeoutError(str(failure)) if late else ConnectionError(str(failure))


def _last(failure: LineFailed) -> Closure | None:
    return cast("Closure", failure.closures[-1]) if failure.closures else None


def _received(closure: Closure) -> Close | None:
    if closure.code is None or closure.code in _NOT_RECEIVED or closure.by_us:
        return None
    return Close(closure.code, closure.reason)
