"""How a link ended, and what that means.

A `Closure` holds the evidence; `judge` turns it into a `Verdict` by the table of `verdicts.py`. The evidence is
asked in the order of how much it knows: the error event's code, the close reason `<type>.<code>`, the close code,
the HTTP status of a refused upgrade, the class of the exception. A close code alone misleads here: the
upgrade succeeds with a bad key, and 1013 "try again later" means that the account has no credit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from trunkline.protocol.verdicts import (
    CODE_MEANINGS,
    RULES,
    UNKNOWN,
    Disposition,
    Fault,
    Rule,
    Verdict,
)
from trunkline.text import clean

__all__ = [
    "CODE_MEANINGS",
    "RULES",
    "Closure",
    "Disposition",
    "Fault",
    "Phase",
    "Rule",
    "Verdict",
    "judge",
    "rule_of",
]

# A server that asks for more would outlast every caller's patience; the next answer asks again.
_LONGEST_FLOOR = 300.0


class Phase(Enum):
    """Which part of a dial a link did not get over."""

    CREDENTIAL = "asking for the credential"
    NAME = "looking up the name"
    TCP = "connecting"
    PROXY = "asking the proxy"
    TLS = "shaking hands (TLS)"
    UPGRADE = "waiting for the upgrade"
    ANSWER = "waiting for the answer"
    """To a plain HTTP request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """The evidence of how one link ended, as far as each part was seen."""

    error_type: str | None = None
    """`error.type` of the last error event that announced the end."""
    error_code: str | None = None
    """`error.code` of the same event."""
    code: int | None = None
    """WebSocket close code (RFC 6455 §7.4); 1005 and 1006 stand for what was not received."""
    reason: str = ""
    """Close reason as received; OpenAI writes `<error.type>[.<error.code>]`."""
    status: int | None = None
    """HTTP status of a refused upgrade."""
    retry_after: float | None = None
    """Seconds from the Retry-After header."""
    fault: Fault | None = None
    """What the transport met."""
    phase: Phase | None = None
    """Where in the dial; None once the link was open."""
    detail: str = ""
    """The foreign exception's own words, or the first of what a server answered instead."""
    ephemeral_key: bool = False
    """Whether the key that was shown is one that ends by itself."""
    by_us: bool = False
    """Whether our side ended it, by choice or by judgement."""

    def describe(self) -> str:
        """One line for a person: code, status, reason, fault, where, and the words that came with it."""
        where = f" while {self.phase.value}" if self.phase else ""
        parts = [
            f"close {self.code}" if self.code is not None else "",
            f"HTTP {self.status}" if self.status is not None else "",
            self.reason or self.error_code or "",
            f"{self.fault.value}{where}" if self.fault else "",
            self.detail,
        ]
        return clean(", ".join(part for part in parts if part) or "no evidence", limit_chars=300)


_EXACT = {rule.match: rule for rule in RULES if not rule.match.endswith("*")}
_PREFIXES = [(rule.match[:-1], rule) for rule in RULES if rule.match.endswith("*")]


def judge(closure: Closure, *, times: int = 1, renewable: bool = True) -> Verdict:
    """What the closure means; never raises, and what is unknown is retried.

    `times` is how often its row has spoken, this time included: `repetition.py` counts. `renewable` says whether
    a credential can be asked for again; one that cannot is refused once and for all. A Retry-After raises
    the floor, and is itself held to five minutes.
    """
    if closure.by_us and closure.fault is None:
        return Verdict(disposition=Disposition.DONE, cause="closed by us", advice="")
    rule = rule_of(closure)
    verdict = rule.verdict(times)
    if verdict.refresh_credential and not renewable:
        # After a sleep a fresh one is a precaution; after a refusal there is nothing else to try.
        was_refused = closure.status is not None or closure.ephemeral_key
        disposition = Disposition.FATAL if was_refused else verdict.disposition
        verdict = replace(verdict, disposition=disposition, refresh_credential=False)
    return _with_retry_after(verdict, closure.retry_after)


def _with_retry_after(verdict: Verdict, retry_after: float | None) -> Verdict:
    if retry_after is None:
        return verdict
    floor = max(verdict.floor_delay, min(max(retry_after, 0.0), _LONGEST_FLOOR))
    return replace(verdict, floor_delay=floor)


def rule_of(closure: Closure) -> Rule:
    """The row that speaks for the closure."""
    for evidence in _evidence(closure):
        rule = _EXACT.get(evidence) or next(
            (rule for prefix, rule in _PREFIXES if evidence.startswith(prefix)), None
        )
        if rule is not None:
            return rule
    return UNKNOWN


def _is_refused_key(closure: Closure) -> bool:
    words = (closure.error_code, closure.reason.rpartition(".")[2])
    return "invalid_api_key" in words or closure.status == 401


def _evidence(closure: Closure) -> list[str]:
    """What was seen, strongest first, in the notation of the table."""
    fault = f"fault:{closure.fault.name}" if closure.fault else ""
    # A code our side made up, or 1006 beside a known fault, says less than the fault; an HTTP status says more.
    weak_code = closure.code is not None and (closure.by_us or closure.code in (1005, 1006))
    return [
        item
        for item in (
            "key:ephemeral" if closure.ephemeral_key and _is_refused_key(closure) else "",
            f"error:{closure.error_code}" if closure.error_code else "",
            f"type:{closure.error_type}" if closure.error_type and not closure.error_code else "",
            f"reason:{closure.reason}" if closure.reason and not closure.by_us else "",
            fault if weak_code else "",
            f"code:{closure.code}" if closure.code is not None else "",
            f"status:{closure.status}" if closure.status is not None else "",
            fault,
        )
        if item
    ]
