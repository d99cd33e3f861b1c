"""What a check found: how it went, the fact, what to do, and what a failure is a failure of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from trunkline.protocol.closure import Fault, judge
from trunkline.text import clean

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure

__all__ = [
    "Cause",
    "Finding",
    "Outcome",
    "advice_on",
    "blame",
    "failed",
    "not_applicable",
    "ok",
    "warned",
]

_LONGEST_CHARS = 400


class Outcome(Enum):
    """How a check went."""

    OK = "ok"
    WARNING = "warning"
    """It works, but somebody should know."""
    FAILURE = "failure"
    NOT_APPLICABLE = "not applicable"
    """There was nothing to check, or what it needs was not there."""


class Cause(Enum):
    """What a failure is a failure of; a command's exit code says it."""

    HERE = "this machine"
    KEY = "the key"
    NETWORK = "the way to the server"
    PROTOCOL = "what answers there"
    """It is no Realtime server."""
    SERVER = "the server"
    """It was reached and understood, and turns the session away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer of one check, fit to be shown."""

    outcome: Outcome
    fact: str
    advice: str = ""
    cause: Cause = Cause.HERE
    """Means something for a failure only."""
    details: dict[str, Any] = field(default_factory=dict)
    """The same and more for a program: values of JSON."""


def ok(fact: str, **details: Any) -> Finding:
    """All is well."""
    return _finding(Outcome.OK, fact, "", details)


def warned(fact: str, advice: str, **details: Any) -> Finding:
    """It works, but somebody should know."""
    return _finding(Outcome.WARNING, fact, advice, details)


def failed(fact: str, advice: str, *, cause: Cause = Cause.HERE, **details: Any) -> Finding:
    """It does not work."""
    return _finding(Outcome.FAILURE, fact, advice, details, cause)


def not_applicable(fact: str, advice: str = "", **details: Any) -> Finding:
    """There was nothing to check."""
    return _finding(Outcome.NOT_APPLICABLE, fact, advice, details)


def _finding(
    outcome: Outcome,
    fact: str,
    advice: str,
    details: dict[str, Any],
    cause: Cause = Cause.HERE,
) -> Finding:
    return Finding(
        outcome=outcome,
        fact=_line(fact),
        advice=_line(advice),
        cause=cause,
        details={name: _plain(value) for name, value in details.items()},
    )


def _line(text: str) -> str:
    return " ".join(clean(text, limit_chars=_LONGEST_CHARS).split())


def _plain(value: Any) -> Any:
    """The value with every string cleaned, however deep it is."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


_KEY_CODES = frozenset({"invalid_api_key", "account_deactivated"})
_STRANGE = frozenset(
    {
        Fault.HANDSHAKE,
        Fault.NOT_TLS,
        Fault.REDIRECT,
        Fault.FRAMING,
        Fault.GARBLED,
        Fault.TOO_BIG,
    }
)
# A request that is not understood, nothing there, another protocol; below 400 a web page, or the way to one.
_NOT_REALTIME = frozenset({400, 404, 405, 410, 426})
_LOGIN = 511


def blame(closure: Closure) -> Cause:
    """What a link's end, or a dial that came to nothing, is a failure of."""
    status = closure.status
    if _is_refused_key(closure):
        return Cause.KEY
    if closure.fault in _STRANGE or status in _NOT_REALTIME or (status or 400) < 400:
        return Cause.PROTOCOL
    was_told = (status, closure.code, closure.error_code) != (None, None, None)
    is_broken = closure.code in _NOT_RECEIVED or status == _LOGIN
    return Cause.SERVER if was_told and not is_broken else Cause.NETWORK


def advice_on(closure: Closure) -> str:
    """What a person can do about it who waits for no line: a line's own advice may be that it comes back by itself."""
    advice = judge(closure, renewable=False).advice
    return advice if not advice.startswith("nothing") else _LASTING[blame(closure) is Cause.SERVER]


_LASTING = {
    True: "try again later; if it lasts, ask the server's operator",
    False: "try again; if it lasts, look for a firewall or a proxy between here and there",
}
# RFC 6455 §7.4.1: these stand for a close that nobody sent.
_NOT_RECEIVED = frozenset({1005, 1006, 1015})


def _is_refused_key(closure: Closure) -> bool:
    return (
        closure.status in (401, 403)
        or closure.code == 3000
        or closure.error_code in _KEY_CODES
        or closure.reason.rpartition(".")[2] in _KEY_CODES
    )
