"""`trunkline explain`: what a close code, a status, an error or an exception means, and what the line does about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.closure import Closure, Rule

__all__ = ["explain"]

_FORMS = """the forms are:
  trunkline explain                        the whole table
  trunkline explain CODE [REASON]          how a WebSocket was closed: 1013 insufficient_quota.insufficient_quota
  trunkline explain http STATUS [AFTER]    a refused upgrade, with its Retry-After: http 429 30
  trunkline explain error CODE             an error event: error session_expired
  trunkline explain exception CLASS        what a dial raised, or a fault: exception gaierror, exception NOT_TLS"""
_HELP = """What the end of a link means, and what the line does about it.

\b
CODE [REASON]        a WebSocket close: 1013 insufficient_quota.insufficient_quota
http STATUS [AFTER]  a refused upgrade, with its Retry-After: http 429 30
error CODE           an error event: error session_expired
exception CLASS      what a dial raised, or a fault: exception gaierror

Without words: the whole table."""
_DOES = {
    "retry": "dials again, with backoff",
    "rotate": "dials again at once: the session had its time",
    "fatal": "stops, since dialing again cannot help",
    "done": "has ended as it was asked to",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What was asked, as evidence."""

    closure: Closure
    meaning: str = ""
    """What the code says by itself."""


@click.command(help=_HELP)
@click.argument("words", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(words: tuple[str, ...], *, as_json: bool) -> None:
    """Answers on standard output; what is not known is a usage error."""
    if not words:
        click.echo(_table_as_json() if as_json else _table())
        return
    question = _question(words)
    answer = _answer(question)
    click.echo(json.dumps(answer, indent=2) if as_json else _text(answer))


def _question(words: tuple[str, ...]) -> _Question:
    read = _READERS.get(words[0].lower(), _read_close)
    return read(words)


def _complain(about: str) -> click.UsageError:
    return click.UsageError(f"{clean(about, limit_chars=200)}; {_FORMS}")


def _number(text: str, least: int, most: int, what: str) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text[:6]) <= most):
        raise _complain(f"{text!r} is no {what} ({least} to {most})")
    return int(text)


def _read_close(words: tuple[str, ...]) -> _Question:
    from trunkline.protocol.closure import CODE_MEANINGS, Closure

    if not words[0].lstrip("-").isdigit():
        raise _complain(f"{words[0]!r} is nothing this command knows")
    code = _number(words[0], 1000, 4999, "close code")
    meaning = CODE_MEANINGS.get(code, "") or (
        "a code of the application or of a framework; the reason says which" if code >= 3000 else ""
    )
    return _Question(closure=Closure(code=code, reason=" ".join(words[1:])), meaning=meaning)


def _read_http(words: tuple[str, ...]) -> _Question:
    from trunkline.protocol.closure import Closure, Phase
    from trunkline.transports.gate import retry_after_of

    if len(words) not in (2, 3):
        raise _complain("http takes a status, and perhaps a Retry-After")
    status = _number(words[1], 100, 599, "HTTP status")
    after = retry_after_of({"Retry-After": words[2]}) if len(words) == 3 else None
    if len(words) == 3 and after is None:
        raise _complain(f"{words[2]!r} is neither seconds nor a date")
    return _Question(closure=Closure(status=status, retry_after=after, phase=Phase.UPGRADE))


def _read_error(words: tuple[str, ...]) -> _Question:
    from trunkline.protocol.closure import RULES, Closure

    known = sorted(rule.match[6:] for rule in RULES if rule.match.startswith("error:"))
    if len(words) != 2:
        raise _complain("error takes one code")
    if words[1] not in known:
        raise _complain(f"no link ends by {words[1]!r}; those it ends by: {', '.join(known)}")
    return _Question(closure=Closure(error_code=words[1]))


def _read_exception(words: tuple[str, ...]) -> _Question:
    from trunkline.protocol.closure import Closure, Fault

    if len(words) != 2:
        raise _complain("exception takes one class")
    name = words[1].rpartition(".")[2]
    fault = Fault.__members__.get(name) or _fault_of(name)
    if fault is None:
        raise _complain(f"{words[1]!r} is no exception that a link ends by")
    return _Question(closure=Closure(fault=fault))


def _fault_of(name: str) -> Any:
    import asyncio
    import builtins
    import socket
    import ssl

    import websockets.exceptions

    from trunkline.transports.gate import fault_of_class

    for module in (builtins, socket, ssl, asyncio, websockets.exceptions):
        kind = getattr(module, name, None)
        if isinstance(kind, type) and issubclass(kind, BaseException):
            return fault_of_class(kind)
    return None


_READERS: dict[str, Callable[[tuple[str, ...]], _Question]] = {
    "http": _read_http,
    "error": _read_error,
    "exception": _read_exception,
}


def _answer(question: _Question) -> dict[str, Any]:
    from trunkline.protocol.closure import judge, rule_of

    closure = question.closure
    verdict, rule = judge(closure), rule_of(closure)
    return {
        "asked": closure.describe(),
        "meaning": question.meaning or None,
        "disposition": verdict.disposition.value,
        "cause": verdict.cause,
        "advice": verdict.advice,
        "floor_delay": verdict.floor_delay,
        "refresh_credential": verdict.refresh_credential,
        "repeated": _repeated(rule) or None,
        "row": rule.match,
        "source": rule.source,
    }


def _repeated(rule: Rule) -> str:
    """What the row says when it speaks again, in words."""
    repeat = rule.repeat
    if repeat is None:
        return ""
    span = (
        "without a live session between" if repeat.within is None else f"within {repeat.within:g} s"
    )
    says = "fatal" if repeat.disposition is not rule.disposition else "the same, with a warning"
    return f"{repeat.count} times {span}: {says}"


def _text(answer: dict[str, Any]) -> str:
    delay = answer["floor_delay"]
    lines = [
        ("", answer["asked"]),
        ("means", answer["meaning"] or ""),
        ("cause", answer["cause"]),
        ("the line", _DOES[answer["disposition"]]),
        ("not before", f"{delay:g} s" if delay else ""),
        ("the key", "is asked for again first" if answer["refresh_credential"] else ""),
        ("repeated", answer["repeated"] or ""),
        ("you", answer["advice"]),
        ("row", f"{answer['row']} ({answer['source']})"),
    ]
    return "\n".join(clean(f"{name:<11}{text}".strip()) for name, text in lines if text)


def _rows() -> tuple[Rule, ...]:
    from trunkline.protocol.verdicts import RULES, UNKNOWN

    return (*RULES, UNKNOWN)


def _table() -> str:
    lines = []
    for rule in _rows():
        delay = f", not before {rule.floor_delay:g} s" if rule.floor_delay else ""
        again = f"; {_repeated(rule)}" if rule.repeat else ""
        lines.append(f"{rule.match:<56}{rule.disposition.value:<7} {rule.cause}{delay}{again}")
        lines.append(f"{'':<64}{rule.advice} ({rule.source})")
    return "\n".join(lines)


def _table_as_json() -> str:
    rows = [
        {
            "row": rule.match,
            "disposition": rule.disposition.value,
            "cause": rule.cause,
            "advice": rule.advice,
            "floor_delay": rule.floor_delay,
            "refresh_credential": rule.refresh_credential,
            "repeated": _repeated(rule) or None,
            "source": rule.source,
        }
        for rule in _rows()
    ]
    return json.dumps(rows, indent=2)
