"""Checks of the server itself: whether it answers HTTP, what time it has, and what it says to a session."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trunkline.diagnosis.finding import Cause, advice_on, blame, failed, not_applicable, ok, warned
from trunkline.diagnosis.key import key_of
from trunkline.diagnosis.visit import Visit
from trunkline.errors import ConfigError, LinkClosed
from trunkline.protocol.closure import Closure, judge
from trunkline.text import clean
from trunkline.transports.base import Listener
from trunkline.transports.gate import date_of, first_words

if TYPE_CHECKING:
    from trunkline.diagnosis.finding import Finding
    from trunkline.diagnosis.subject import Subject
    from trunkline.transports.http import Answer

__all__ = ["check_clock", "check_http", "check_upgrade"]

_NOBODY = Listener(pong=lambda _: None, writable=lambda: None)
# Shorter than a line's ten: the whole examination has fifteen.
_READY_SECONDS = 5.0
_SKEW_SECONDS = 5.0
"""Half a minute of an ephemeral key's life is spent before a dial counts as late (TOKEN_MARGIN is 15 s); a `Date` has
whole seconds and may come from a cache."""
_LOGIN = 511


async def check_http(subject: Subject) -> Finding:
    """Whether the base URL answers a plain request that shows no key; any answer of an API will do."""
    url = subject.endpoint.http_url("")
    wall, asked_at = time.time(), time.monotonic()
    try:
        answer = await subject.http.get(url)
    except LinkClosed as ended:
        return _ended(ended)
    took = time.monotonic() - asked_at
    date = date_of(answer.headers)
    # A Date is cut to whole seconds: in the middle of that second it is half a second more.
    subject.skew = None if date is None else date + 0.5 - (wall + took / 2)
    return judge_answer(answer, took)


def judge_answer(answer: Answer, took: float) -> Finding:
    """What an answer that came after so many seconds says."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    fact = f"HTTP {answer.status} in {took * 1000:.0f} ms"
    facts = {"status": answer.status, "took_ms": round(took * 1000, 1), "content_type": kind}
    verdict = judge(Closure(status=answer.status))
    portal = judge(Closure(status=_LOGIN))
    if answer.status == _LOGIN:
        return failed(f"{fact}: {verdict.cause}", verdict.advice, cause=Cause.NETWORK, **facts)
    if 300 <= answer.status < 400:
        return warned(f"{fact}: {verdict.cause}", f"{verdict.advice}; or {portal.advice}", **facts)
    if answer.status < 300 and kind == "text/html":
        begins = first_words(answer.body)
        words = f"{fact}: it answers like a web page ({clean(begins, limit_chars=60)})"
        return warned(words, portal.advice, **facts)
    if answer.status >= 500:
        return warned(
            f"{fact}: {verdict.cause}", "try again; see the server's status page", **facts
        )
    return ok(f"{fact}: reached", **facts)


async def check_clock(subject: Subject) -> Finding:
    """How far this machine's clock is from the server's."""
    if subject.skew is None:
        return not_applicable("the server's answer has no Date")
    return judge_skew(subject.skew)


def judge_skew(skew: float) -> Finding:
    """What it says that the server's clock is so many seconds ahead of ours."""
    # Of a Date with whole seconds less than one says nothing.
    size = abs(skew)
    facts = {"skew_s": round(skew, 1)}
    if size <= _SKEW_SECONDS:
        how = "within a second" if size < 1 else f"{size:.0f} s {'behind' if skew > 0 else 'ahead'}"
        return ok(f"this machine's clock and the server's: {how}", **facts)
    side = "behind" if skew > 0 else "ahead of"
    advice = (
        "set the clock (timedatectl set-ntp true): by it ephemeral keys seem fresh that have ended, or ended that are "
        "fresh, and certificates are judged"
    )
    return warned(f"this machine's clock is {size:.0f} s {side} the server's", advice, **facts)


async def check_upgrade(subject: Subject) -> Finding:
    """What the server says to a session, with the key if there is one; it is left as soon as it is there."""
    try:
        key = key_of(subject)
    except ConfigError:
        # Told by the check of the key; whether the server is there can be seen without it.
        key = None
    try:
        visit = await Visit.begin(
            subject.transport,
            subject.target(key),
            _NOBODY,
            key=key,
            ready_within=_READY_SECONDS,
        )
    except LinkClosed as ended:
        return _ended(ended, is_keyless=key is None)
    phases = {name: round(seconds * 1000, 2) for name, seconds in visit.phases}
    model = visit.model or subject.model
    await visit.leave()
    said = ", ".join(f"{name} {ms:.0f}" for name, ms in phases.items())
    return ok(f"a session of {model} ({said} ms), left at once", phases_ms=phases, model=model)


def _ended(ended: LinkClosed, *, is_keyless: bool = False) -> Finding:
    assert isinstance(ended.closure, Closure)
    return judge_end(ended.closure, is_keyless=is_keyless)


def judge_end(closure: Closure, *, is_keyless: bool) -> Finding:
    """What an attempt says that came to nothing; that a key is wanted where none was shown is as it should be."""
    verdict = judge(closure, renewable=False)
    cause = blame(closure)
    facts = {"evidence": closure.describe(), "disposition": verdict.disposition.value}
    if is_keyless and cause is Cause.KEY:
        return ok(f"reached; it wants a key ({closure.describe()})", **facts)
    after = "" if closure.retry_after is None else f" (Retry-After: {closure.retry_after:g} s)"
    advice = f"{advice_on(closure)}{after}"
    return failed(f"{verdict.cause} ({closure.describe()})", advice, cause=cause, **facts)
