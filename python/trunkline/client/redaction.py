"""A second net under the logs: what looks like a key, and every key that is in use, is taken out of records.

The first net is that nothing of ours writes a key. But the loggers are shared: an application's own `websockets`
connections write their request headers at DEBUG, ours among them if the key is the same; a provider's exception may
repeat what it was asked with; a traceback may quote it. So the filter sits on the loggers that are about links, and an
application can put it on handlers of its own, where it sees the records of everybody.

Keys are known here for as long as a `Secret` holds them, by value: two that are equal share one entry.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Any
from urllib.parse import quote_plus
from weakref import WeakValueDictionary

from trunkline.text import redact

__all__ = ["GUARDED", "LiveKey", "RedactingFilter", "guard_logs", "live_key"]

GUARDED = (
    "trunkline",
    "trunkline.websockets",
    "websockets",
    "websockets.client",
    "websockets.server",
)
"""The loggers that `guard_logs` puts the filter on: those we write to, and those the WebSocket library does."""

# Shorter than any key: to blot out every "x" of a text would tell more than it hides.
_SHORTEST_KEY = 8
_MASK = "[redacted]"
_USUAL = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime"}
_DEPTH = 6


class LiveKey:
    """One key that is in use, in the forms in which a text may hold it; in no repr."""

    __slots__ = ("__weakref__", "_forms")

    def __init__(self, value: str) -> None:
        # The longer first: one may be a part of the other.
        forms = sorted({value, quote_plus(value)}, key=len, reverse=True)
        self._forms = tuple(forms) if len(value) >= _SHORTEST_KEY else ()

    def blot(self, text: str) -> str:
        """The text without this key, as it is and as a query carries it; a key of less than 8 characters stays."""
        for form in self._forms:
            text = text.replace(form, _MASK)
        return text


_live: WeakValueDictionary[str, LiveKey] = WeakValueDictionary()


def live_key(value: str) -> LiveKey:
    """The entry of a key, which is known to all filters for as long as somebody holds it."""
    return _live.setdefault(value, LiveKey(value))


class RedactingFilter(logging.Filter):
    """Lets every record through, without keys: in its message, its arguments, its traceback and its own fields.

    For a logger or a handler. A record that holds none is not touched, so its arguments stay what they were.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Takes keys out of one record; always true."""
        _blot_message(record)
        _blot_traceback(record)
        for name, value in vars(record).items():
            if name not in _USUAL:
                setattr(record, name, _blotted(value))
        return True


@cache
def guard_logs() -> None:
    """Puts the filter on the loggers of links, once in a process."""
    guard = RedactingFilter()
    for name in GUARDED:
        logging.getLogger(name).addFilter(guard)


def _blot_message(record: logging.LogRecord) -> None:
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001 - arguments that do not fit: the handler will say so, and quote them
        record.msg, record.args = _blotted(str(record.msg)), _blotted(record.args)
        return
    safe = _safe(message)
    if safe != message:
        record.msg, record.args = safe, None


def _blot_traceback(record: logging.LogRecord) -> None:
    if record.stack_info:
        record.stack_info = _safe(record.stack_info)
    if not record.exc_info and not record.exc_text:
        return
    told = record.exc_text or logging.Formatter().formatException(record.exc_info)  # type: ignore[arg-type]
    safe = _safe(told)
    if safe != told:
        # Every formatter writes `exc_text` where it is; the exception itself would be formatted anew.
        record.exc_text, record.exc_info = safe, None


def _safe(text: str) -> str:
    for key in list(_live.values()):
        text = key.blot(text)
    return redact(text)


def _blotted(value: Any, depth: int = _DEPTH) -> Any:
    if isinstance(value, str):
        return _safe(value)
    if depth and isinstance(value, dict):
        return {name: _blotted(each, depth - 1) for name, each in value.items()}
    if depth and type(value) in (list, tuple):
        return type(value)(_blotted(each, depth - 1) for each in value)
    return value
