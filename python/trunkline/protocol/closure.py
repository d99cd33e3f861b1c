"""How a link ended, and what that means.

A `Closure` holds the evidence; `judge` turns it into a `Verdict` by one table. The evidence is asked in
the order of how much it knows: the error event's code, the close reason `<type>.<code>`, the close code,
the HTTP status of a refused upgrade, the class of the exception. A close code alone misleads here: the
upgrade succeeds with a bad key, and 1013 "try again later" means that the account has no credit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from trunkline.text import clean

__all__ = ["CODE_MEANINGS", "RULES", "Closure", "Disposition", "Fault", "Rule", "Verdict", "judge"]


class Disposition(Enum):
    """What to do after a link ended."""

    RETRY = "retry"
    """Dial again, with backoff."""
    ROTATE = "rotate"
    """The session had its time: dial again at once, no fault of anybody."""
    FATAL = "fatal"
    """Dialing again cannot help; tell the application."""
    DONE = "done"
    """We closed it ourselves."""


class Fault(Enum):
    """What kind of failure a transport met, translated from its exceptions."""

    REFUSED = "connection refused"
    RESET = "connection reset"
    UNREACHABLE = "network unreachable"
    NAME = "name not resolved"
    CERTIFICATE = "certificate not trusted"
    TLS = "TLS handshake failed"
    HANDSHAKE = "not a WebSocket server"
    REDIRECT = "redirect refused"
    PROXY = "proxy refused"
    TIMEOUT = "timed out"
    LOCAL_RESOURCES = "local resources exhausted"
    TOO_BIG = "message over the limit"
    DEAD = "no sign of life"
    SUSPENDED = "this machine slept"
    END = "connection ended without a close frame"
    CREDENTIAL = "no credential could be had"
    SETTINGS = "the session's settings were refused"
    INTERNAL = "unexpected error"


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
    detail: str = ""
    """The foreign exception's own words."""
    by_us: bool = False
    """Whether our side ended it, by choice or by judgement."""

    def describe(self) -> str:
        """One line for a person: the code with its meaning, the reason, the fault."""
        parts = [
            f"close {self.code}" if self.code is not None else "",
            f"HTTP {self.status}" if self.status is not None else "",
            self.reason or self.error_code or "",
            self.fault.value if self.fault else "",
            self.detail,
        ]
        return clean(", ".join(part for part in parts if part) or "no evidence", limit_chars=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a closure means, and what to do about it."""

    disposition: Disposition
    cause: str
    """Why, in a short phrase a person understands."""
    advice: str
    """What a person can do about it."""
    floor_delay: float = 0.0
    """Seconds that must pass before the next attempt."""
    refresh_credential: bool = False
    """Whether the credential must be asked for again before the next attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table: which evidence it answers to, what it says, where that is known from."""

    match: str
    """`error:CODE`, `reason:TEXT`, `code:N`, `status:N` or `fault:NAME`; a trailing `*` matches any rest."""
    disposition: Disposition
    cause: str
    advice: str
    source: str
    floor_delay: float = 0.0
    refresh_credential: bool = False

    def verdict(self) -> Verdict:
        """What the row says."""
        return Verdict(
            disposition=self.disposition,
            cause=self.cause,
            advice=self.advice,
            floor_delay=self.floor_delay,
            refresh_credential=self.refresh_credential,
        )


CODE_MEANINGS: dict[int, str] = {
    1000: "the server ended the session normally",
    1001: "the server is going away, or the session reached its time limit",
    1002: "one side saw a violation of the WebSocket protocol",
    1003: "one side got a kind of data it does not take",
    1004: "reserved, not used",
    1005: "the link was closed without a code",
    1006: "the connection broke without a close frame",
    1007: "a text message was not valid UTF-8",
    1008: "a policy was violated; the reason says which",
    1009: "a message was larger than its receiver allows",
    1010: "an extension that was needed is missing",
    1011: "the server met an unexpected condition",
    1012: "the server is restarting",
    1013: "the server is overloaded, or the account has no credit",
    1014: "a gateway got a bad answer from the server behind it",
    1015: "the TLS handshake failed",
    3000: "the credential was not accepted",
    4000: "the request for a session was not valid",
    4004: "the model does not exist or this account has no access to it",
}
"""What each close code says, in words (RFC 6455 §7.4.1, the IANA registry; 3000 and above as OpenAI uses them)."""


def _retry(match: str, cause: str, advice: str, source: str, floor_delay: float = 0.0) -> Rule:
    return Rule(
        match=match, disposition=Disposition.RETRY, cause=cause, advice=advice, source=source,
        floor_delay=floor_delay,
    )  # fmt: skip


def _fatal(match: str, cause: str, advice: str, source: str) -> Rule:
    return Rule(
        match=match, disposition=Disposition.FATAL, cause=cause, advice=advice, source=source
    )


_WAIT = "nothing: the line comes back by itself"
_LIVE = "observed on the live endpoint, 2026-09-18"
_RFC = "RFC 6455 §7.4.1"
_IANA = "IANA WebSocket close code registry"
_KEY = "check the API key and the account it belongs to"
_BILLING = "add credit or raise the limit of the account; trying again will not help"
_REQUEST = "correct the request: model, intent and headers"

RULES: tuple[Rule, ...] = (
    # 1. The error event's code: the server's own word.
    _fatal("error:invalid_api_key", "the key was not accepted", _KEY, _LIVE),
    _fatal("error:account_deactivated", "the account is deactivated", _KEY, "LiveKit's list"),
    _fatal("error:insufficient_quota", "the account has no credit", _BILLING, _LIVE),
    _fatal("error:credit_balance_exhausted", "the account has no credit", _BILLING, _LIVE),
    _fatal("error:billing_hard_limit_reached", "the billing limit is reached", _BILLING, "LiveKit's list"),
    _fatal("error:beta_api_shape_disabled", "the beta protocol was removed", _REQUEST, _LIVE),
    _fatal("error:missing_model", "no model was named", _REQUEST, _LIVE),
    _fatal("error:invalid_model", "the model is not known", _REQUEST, _LIVE),
    _fatal("error:model_not_found", "the model does not exist or is not open to this account", _REQUEST, "openai-python"),
    _fatal("error:invalid_intent", "the intent is not known", _REQUEST, "litellm#13471"),
    Rule(
        match="error:session_expired", disposition=Disposition.ROTATE, cause="the session reached its time limit",
        advice=_WAIT, source="OpenAI realtime guide; livekit/agents#1073",
    ),
    # 2. The close reason: the same words, when the error event was lost.
    _fatal("reason:invalid_request_error.invalid_api_key", "the key was not accepted", _KEY, _LIVE),
    _fatal("reason:insufficient_quota*", "the account has no credit", _BILLING, "seen 2026-08 and 2026-09"),
    _fatal("reason:invalid_request_error*", "the request for a session was refused", _REQUEST, _LIVE),
    Rule(
        match="reason:Your session hit the maximum duration*", disposition=Disposition.ROTATE,
        cause="the session reached its time limit", advice=_WAIT, source="pollen-robotics/reachy_mini_conversation_app#134",
    ),
    Rule(
        match="reason:invalid_request_error.session_expired", disposition=Disposition.ROTATE,
        cause="the session reached its time limit", advice=_WAIT, source="the form of all reasons, `<type>.<code>`",
    ),
    # 3. The close code.
    _retry("code:1000", CODE_MEANINGS[1000], _WAIT, _RFC),
    _retry("code:1001", CODE_MEANINGS[1001], _WAIT, _RFC),
    _retry("code:1002", CODE_MEANINGS[1002], "if it repeats, look for a proxy that alters traffic", _RFC, 1.0),
    _retry("code:1003", CODE_MEANINGS[1003], "if it repeats, report it: it may be our mistake", _RFC, 1.0),
    _retry("code:1005", CODE_MEANINGS[1005], _WAIT, _RFC),
    _retry("code:1006", CODE_MEANINGS[1006], _WAIT, _RFC),
    _retry("code:1007", CODE_MEANINGS[1007], "if it repeats, look for a proxy that alters traffic", _RFC, 1.0),
    _retry("code:1008", CODE_MEANINGS[1008], "read the reason; if it repeats, ask the server's operator", _RFC, 5.0),
    _retry("code:1009", CODE_MEANINGS[1009], "send smaller messages, or raise the receiver's limit", _RFC, 1.0),
    _retry("code:1010", CODE_MEANINGS[1010], "if it repeats, look for a proxy that alters traffic", _RFC, 1.0),
    _retry("code:1011", CODE_MEANINGS[1011], _WAIT, _RFC),
    _retry("code:1012", CODE_MEANINGS[1012], _WAIT, _IANA),
    _retry("code:1013", CODE_MEANINGS[1013], "if it lasts, check the account's credit and limits", _IANA, 5.0),
    _retry("code:1014", CODE_MEANINGS[1014], _WAIT, _IANA),
    _retry("code:1015", CODE_MEANINGS[1015], "check the clock and the certificates of this machine", _RFC),
    _fatal("code:3000", CODE_MEANINGS[3000], _KEY, _LIVE),
    _fatal("code:4000", CODE_MEANINGS[4000], _REQUEST, _LIVE),
    _fatal("code:4004", CODE_MEANINGS[4004], _REQUEST, "openai-python"),
    _fatal("code:3*", "the server refused the session", "read the reason; ask the server's operator", "RFC 6455 §7.4.2"),
    _fatal("code:4*", "the server refused the session", "read the reason; ask the server's operator", "RFC 6455 §7.4.2"),
    # 4. The HTTP status of a refused upgrade.
    Rule(
        match="status:401", disposition=Disposition.RETRY, cause="the key was not accepted", advice=_KEY,
        source="gateways and compatible servers", refresh_credential=True,
    ),
    _retry("status:408", "the server took too long", _WAIT, "RFC 9110 §15.5.9"),
    _retry("status:425", "the server asked to come later", _WAIT, "RFC 8470 §5.2"),
    _retry("status:429", "too many requests", "wait, or ask for a higher limit", "RFC 6585 §4", 1.0),
    _fatal("status:3*", "the server redirects, which is refused: a key must not travel to another host", "set the base URL to the final address", "openai-python refuses the same"),
    _fatal("status:407", "the proxy wants a password", "set the proxy's credentials", "RFC 9110 §15.5.8"),
    _fatal("status:4*", "the server refused the connection", "check the base URL, the key and the model", "RFC 9110 §15.5"),
    _retry("status:5*", "the server has trouble", _WAIT, "RFC 9110 §15.6", 0.5),
    _retry("status:2*", "the server answered like a web page, not like a WebSocket", "log in to the network (captive portal) or check the base URL", "RFC 6455 §4.1", 15.0),
    # 5. What the transport met.
    _fatal("fault:CERTIFICATE", Fault.CERTIFICATE.value, "check this machine's clock, the proxy and the base URL", "RFC 8446 §6.2"),
    _fatal("fault:REDIRECT", Fault.REDIRECT.value, "set the base URL to the final address", "openai-python refuses the same"),
    _fatal("fault:PROXY", Fault.PROXY.value, "check the proxy's address and credentials", "RFC 9110 §15.5.8"),
    _retry("fault:CREDENTIAL", Fault.CREDENTIAL.value, "check the key, or what provides it", "the application's own provider", 1.0),
    _fatal("fault:SETTINGS", Fault.SETTINGS.value, "correct the setting that is named", "OpenAI realtime guide: a refused update is discarded whole"),
    _retry("fault:NAME", Fault.NAME.value, "check the base URL and the network", "getaddrinfo(3)"),
    _retry("fault:HANDSHAKE", Fault.HANDSHAKE.value, "check the base URL; log in to the network", "RFC 6455 §4.1", 15.0),
    _retry("fault:TLS", Fault.TLS.value, "if it lasts, check the base URL: is it a TLS port?", "RFC 8446 §6"),
    _retry("fault:REFUSED", Fault.REFUSED.value, "is the server running, and is the port right?", "connect(2)"),
    _retry("fault:RESET", Fault.RESET.value, _WAIT, "tcp(7)"),
    _retry("fault:UNREACHABLE", Fault.UNREACHABLE.value, "check this machine's network", "connect(2)"),
    _retry("fault:TIMEOUT", Fault.TIMEOUT.value, _WAIT, "our deadline for this phase"),
    _retry("fault:LOCAL_RESOURCES", Fault.LOCAL_RESOURCES.value, "raise the limit of open files, or free memory", "socket(2)", 1.0),
    _retry("fault:TOO_BIG", Fault.TOO_BIG.value, "the server sent more than 32 MiB in one message", _RFC, 1.0),
    _retry("fault:DEAD", Fault.DEAD.value, _WAIT, "our liveness rule"),
    Rule(
        match="fault:SUSPENDED", disposition=Disposition.RETRY, cause=Fault.SUSPENDED.value, advice=_WAIT,
        source="clock_gettime(2): CLOCK_BOOTTIME runs on where CLOCK_MONOTONIC stops", refresh_credential=True,
    ),
    _retry("fault:END", Fault.END.value, _WAIT, _RFC),
    _retry("fault:INTERNAL", Fault.INTERNAL.value, "report it with the log: it may be our mistake", "our own gate", 1.0),
)  # fmt: skip
"""The verdict table; the first row that matches the strongest evidence speaks."""

_UNKNOWN = Rule(
    match="*",
    disposition=Disposition.RETRY,
    cause="the link ended in an unknown way",
    advice=_WAIT,
    source="our choice: what is unknown may pass",
    floor_delay=1.0,
)
_EXACT = {rule.match: rule for rule in RULES if not rule.match.endswith("*")}
_PREFIXES = [(rule.match[:-1], rule) for rule in RULES if rule.match.endswith("*")]


def judge(closure: Closure, *, refused_before: bool = False) -> Verdict:
    """What the closure means; never raises, and what is unknown is retried.

    `refused_before` says that the credential was refreshed for the attempt that ended so: a second
    refusal is then final, since the same credential twice refused will be refused a third time.
    A Retry-After raises the floor, and is itself held to five minutes.
    """
    if closure.by_us and closure.fault is None:
        return Verdict(disposition=Disposition.DONE, cause="closed by us", advice="")
    verdict = _find(closure).verdict()
    if verdict.refresh_credential and refused_before:
        verdict = Verdict(disposition=Disposition.FATAL, cause=verdict.cause, advice=verdict.advice)
    return _with_retry_after(verdict, closure.retry_after)


def _with_retry_after(verdict: Verdict, retry_after: float | None) -> Verdict:
    if retry_after is None:
        return verdict
    # 300 s: a server that asks for more would outlast every caller's patience; the next answer asks again.
    floor = max(verdict.floor_delay, min(max(retry_after, 0.0), 300.0))
    return Verdict(
        disposition=verdict.disposition,
        cause=verdict.cause,
        advice=verdict.advice,
        floor_delay=floor,
        refresh_credential=verdict.refresh_credential,
    )


def _find(closure: Closure) -> Rule:
    for evidence in _evidence(closure):
        rule = _EXACT.get(evidence) or next(
            (rule for prefix, rule in _PREFIXES if evidence.startswith(prefix)), None
        )
        if rule is not None:
            return rule
    return _UNKNOWN


def _evidence(closure: Closure) -> list[str]:
    """What was seen, strongest first, in the notation of the table."""
    fault = f"fault:{closure.fault.name}" if closure.fault else ""
    # A code our side made up, or 1006 beside a known fault, says less than the fault; an HTTP status says more.
    weak_code = closure.code is not None and (closure.by_us or closure.code in (1005, 1006))
    return [
        item
        for item in (
            f"error:{closure.error_code}" if closure.error_code else "",
            f"reason:{closure.reason}" if closure.reason else "",
            fault if weak_code else "",
            f"code:{closure.code}" if closure.code is not None else "",
            f"status:{closure.status}" if closure.status is not None else "",
            fault,
        )
        if item
    ]
