"""The verdict table: what each way a link can end means, and what to do about it.

One row, one piece of evidence; `closure.py` finds the row for a closure. Each row says where it is known from. A row
may speak differently when it speaks again: some ends are worth one more attempt and no third.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

__all__ = ["CODE_MEANINGS", "RULES", "UNKNOWN", "Disposition", "Fault", "Repeat", "Rule", "Verdict"]


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
    """What kind of failure was met, translated from exceptions of others or found by ourselves."""

    REFUSED = "connection refused"
    RESET = "connection reset"
    UNREACHABLE = "network unreachable"
    NOT_HERE = "the address without TLS is not this machine's"
    NAME = "name not resolved"
    NO_SUCH_NAME = "the host name does not exist"
    CERTIFICATE = "certificate not trusted"
    CERTIFICATE_DATE = "the certificate is not valid at this time"
    CERTIFICATE_NAME = "the certificate is for another host"
    CERTIFICATE_ISSUER = "the certificate's issuer is not known here"
    TLS = "TLS handshake failed"
    TLS_MISMATCH = "no TLS version or cipher in common"
    NOT_TLS = "the port does not speak TLS"
    HANDSHAKE = "not a WebSocket server"
    REDIRECT = "redirect refused"
    PROXY = "proxy refused"
    PROXY_AUTH = "the proxy wants other credentials"
    PROXY_BUSY = "the proxy did not reach the server"
    PROXY_DOWN = "the proxy cannot be reached"
    PROXY_KIND = "this kind of proxy is not supported"
    TIMEOUT = "timed out"
    LOCAL_RESOURCES = "local resources exhausted"
    TOO_BIG = "message over the limit"
    FRAMING = "the server broke the WebSocket protocol"
    GARBLED = "too many malformed messages"
    FLOODED = "more messages than a session can have"
    DEAD = "no sign of life"
    SUSPENDED = "this machine slept"
    LEFT = "another link was asked for"
    END = "connection ended without a close frame"
    CREDENTIAL = "no credential could be had"
    SETTINGS = "the session's settings were refused"
    INTERNAL = "unexpected error"


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
class Repeat:
    """How a row speaks when it speaks for the n-th time."""

    count: int
    """From this time on."""
    within: float | None = None
    """Seconds in which they count together; None: since the line was last live."""
    disposition: Disposition = Disposition.FATAL
    words: str = ""
    """Added to the cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table: which evidence it answers to, what it says, where that is known from."""

    match: str
    """`key:KIND`, `error:CODE`, `type:TYPE`, `reason:TEXT`, `code:N`, `status:N` or `fault:NAME`; a trailing `*` matches any rest."""
    disposition: Disposition
    cause: str
    advice: str
    source: str
    floor_delay: float = 0.0
    refresh_credential: bool = False
    repeat: Repeat | None = None

    def verdict(self, times: int = 1) -> Verdict:
        """What the row says when it speaks for that many times."""
        said = Verdict(
            disposition=self.disposition,
            cause=self.cause,
            advice=self.advice,
            floor_delay=self.floor_delay,
            refresh_credential=self.refresh_credential,
        )
        if self.repeat is None or times < self.repeat.count:
            return said
        cause = f"{self.cause}, {self.repeat.words}" if self.repeat.words else self.cause
        return replace(
            said, disposition=self.repeat.disposition, cause=cause, refresh_credential=False
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

_RETRY, _ROTATE, _FATAL = Disposition.RETRY, Disposition.ROTATE, Disposition.FATAL


def _row(
    match: str,
    disposition: Disposition,
    cause: str,
    advice: str,
    source: str,
    *,
    floor: float = 0.0,
    repeat: Repeat | None = None,
) -> Rule:
    return Rule(
        match=match,
        disposition=disposition,
        cause=cause,
        advice=advice,
        source=source,
        floor_delay=floor,
        repeat=repeat,
    )


def _fault(
    fault: Fault,
    disposition: Disposition,
    advice: str,
    source: str,
    *,
    floor: float = 0.0,
    repeat: Repeat | None = None,
) -> Rule:
    return _row(
        f"fault:{fault.name}", disposition, fault.value, advice, source, floor=floor, repeat=repeat
    )


def _code(
    code: int,
    disposition: Disposition,
    advice: str,
    source: str,
    *,
    floor: float = 0.0,
    repeat: Repeat | None = None,
) -> Rule:
    return _row(
        f"code:{code}", disposition, CODE_MEANINGS[code], advice, source, floor=floor, repeat=repeat
    )


_WAIT = "nothing: the line comes back by itself"
_LIVE = "observed on the live endpoint, 2026-09-18"
_RFC = "RFC 6455 §7.4.1"
_IANA = "IANA WebSocket close code registry"
_HTTP = "RFC 9110 §15.5"
_KEY = "check the API key and the account it belongs to"
_BILLING = "add credit or raise the limit of the account; trying again will not help"
_REQUEST = "correct the request: model, intent and headers"
_ACCOUNT = "ask for access, or use an account that has it"
_OPERATOR = "read the reason; ask the server's operator"
_MIDDLEBOX = (
    "if it repeats, look for a proxy that alters traffic, or report it: it may be our mistake"
)
_PORTAL = "log in to the network (captive portal) or check the base URL"
_FINAL = "set the base URL to the final address"
_LIMIT = "wait, or ask for a higher limit"
_KEYS = "LiveKit's list of errors that are never retried"
_EXPIRED = "the session reached its time limit"
_REFUSED_SESSION = "the server refused the session"
_HOLDS = "OpenAI realtime guide; livekit/agents#1073"
# A mistake of ours, or a middlebox that alters traffic: one more attempt shows which, a third shows nothing new.
_TWICE = Repeat(count=2, within=600.0, words="for the second time in ten minutes")
# Until the line was live between them: what no link ever got over is not chance.
_TWICE_IN_A_ROW = Repeat(count=2, words="twice in a row")

RULES: tuple[Rule, ...] = (
    # 0. A key that ends by itself: the refusal of a lasting one is final, of this one it may only mean that it is over.
    Rule(
        match="key:ephemeral", disposition=_RETRY, cause="the ephemeral key was not accepted",
        advice="mint a new one, and check the key that mints it", source="OpenAI realtime guide; a server that restarted knows none",
        refresh_credential=True, repeat=Repeat(count=2, words="nor was a new one"),
    ),
    # 1. The error event's code, or where it has none its type: the server's own word.
    _row("error:invalid_api_key", _FATAL, "the key was not accepted", _KEY, _LIVE),
    _row("error:account_deactivated", _FATAL, "the account is deactivated", _KEY, _KEYS),
    _row("error:insufficient_quota", _FATAL, "the account has no credit", _BILLING, _LIVE),
    _row("error:credit_balance_exhausted", _FATAL, "the account has no credit", _BILLING, _LIVE),
    _row("error:billing_hard_limit_reached", _FATAL, "the billing limit is reached", _BILLING, _KEYS),
    _row("error:beta_api_shape_disabled", _FATAL, "the beta protocol was removed", _REQUEST, _LIVE),
    _row("error:missing_model", _FATAL, "no model was named", _REQUEST, _LIVE),
    _row("error:invalid_model", _FATAL, "the model is not known", _REQUEST, _LIVE),
    _row("error:model_not_found", _FATAL, "the model does not exist or is not open to this account", _REQUEST, "openai-python"),
    _row("error:invalid_intent", _FATAL, "the intent is not known", _REQUEST, "litellm#13471"),
    _row("error:session_expired", _ROTATE, _EXPIRED, _WAIT, _HOLDS),
    _row("error:rate_limit_exceeded", _RETRY, "the rate limit is reached", _LIMIT, "OpenAI realtime guide", floor=1.0),
    _row("error:inference_rate_limit_exceeded", _RETRY, "the rate limit is reached", _LIMIT, "Azure OpenAI, recorded 2026-08", floor=1.0),
    _row("type:insufficient_quota", _FATAL, "the account has no credit", _BILLING, "the close reason's first half"),
    _row("type:server_error", _RETRY, CODE_MEANINGS[1011], _WAIT, "livekit/agents#4617"),
    # 2. The close reason: the same words, when the error event was lost.
    _row("reason:invalid_request_error.session_expired", _ROTATE, _EXPIRED, _WAIT, "the form of all reasons, `<type>.<code>`"),
    _row("reason:invalid_request_error.invalid_api_key", _FATAL, "the key was not accepted", _KEY, _LIVE),
    _row("reason:invalid_request_error.account_deactivated", _FATAL, "the account is deactivated", _KEY, _KEYS),
    _row("reason:invalid_request_error.beta_api_shape_disabled", _FATAL, "the beta protocol was removed", _REQUEST, _LIVE),
    _row("reason:invalid_request_error.missing_model", _FATAL, "no model was named", _REQUEST, _LIVE),
    _row("reason:invalid_request_error.invalid_model", _FATAL, "the model is not known", _REQUEST, _LIVE),
    _row("reason:invalid_request_error.model_not_found", _FATAL, "the model does not exist or is not open to this account", _REQUEST, "openai-python"),
    _row("reason:invalid_request_error.invalid_intent", _FATAL, "the intent is not known", _REQUEST, "litellm#13471"),
    _row("reason:invalid_request_error*", _FATAL, "the request for a session was refused", "check the key and the request: model, intent and headers", _LIVE),
    _row("reason:insufficient_quota*", _FATAL, "the account has no credit", _BILLING, "seen 2026-08 and 2026-09"),
    _row("reason:billing_hard_limit_reached*", _FATAL, "the billing limit is reached", _BILLING, _KEYS),
    _row("reason:rate_limit_exceeded*", _RETRY, "the rate limit is reached", _LIMIT, "the form of all reasons, `<type>.<code>`", floor=5.0),
    _row("reason:server_error*", _RETRY, CODE_MEANINGS[1011], _WAIT, "the form of all reasons, `<type>.<code>`"),
    _row("reason:Your session hit the maximum duration*", _ROTATE, _EXPIRED, _WAIT, "pollen-robotics/reachy_mini_conversation_app#134"),
    # 3. The close code.
    _code(1000, _RETRY, _WAIT, _RFC),
    _code(1001, _RETRY, _WAIT, _RFC),
    _code(1002, _RETRY, _MIDDLEBOX, _RFC, floor=1.0, repeat=_TWICE),
    _code(1003, _RETRY, _MIDDLEBOX, _RFC, floor=1.0, repeat=_TWICE),
    _code(1005, _RETRY, _WAIT, _RFC),
    _code(1006, _RETRY, _WAIT, _RFC),
    _code(1007, _RETRY, _MIDDLEBOX, _RFC, floor=1.0, repeat=_TWICE),
    _code(1008, _RETRY, _OPERATOR, _RFC, floor=5.0, repeat=_TWICE),
    _code(1009, _RETRY, "send smaller messages, or raise the receiver's limit", _RFC, floor=1.0, repeat=_TWICE),
    _code(1010, _RETRY, _MIDDLEBOX, _RFC, floor=1.0, repeat=_TWICE),
    _code(1011, _RETRY, _WAIT, _RFC),
    _code(1012, _RETRY, _WAIT, _IANA),
    _code(1013, _RETRY, "if it lasts, check the account's credit and limits", _IANA, floor=5.0),
    _code(1014, _RETRY, _WAIT, _IANA),
    _code(1015, _RETRY, "check the clock and the certificates of this machine", _RFC),
    _code(3000, _FATAL, _KEY, _LIVE),
    _code(4000, _FATAL, _REQUEST, _LIVE),
    _code(4004, _FATAL, _REQUEST, "openai-python"),
    _row("code:3*", _FATAL, _REFUSED_SESSION, _OPERATOR, "RFC 6455 §7.4.2"),
    _row("code:4*", _FATAL, _REFUSED_SESSION, _OPERATOR, "RFC 6455 §7.4.2"),
    # 4. The HTTP status of a refused upgrade.
    _row("status:2*", _RETRY, "the server answered like a web page, not like a WebSocket", _PORTAL, "RFC 6455 §4.1", floor=15.0),
    _row("status:3*", _FATAL, "the server redirects, which is refused: a key must not travel to another host", _FINAL, "openai-python refuses the same"),
    _row("status:400", _FATAL, "the server did not take the request", "check the base URL and the model", _HTTP),
    Rule(
        match="status:401", disposition=_RETRY, cause="the key was not accepted", advice=_KEY, source="gateways and compatible servers",
        refresh_credential=True, repeat=Repeat(count=2, words="nor was a new one"),
    ),
    _row("status:403", _FATAL, "this account has no access", _ACCOUNT, "openai-realtime-api-beta#2"),
    _row("status:404", _FATAL, "there is nothing at this address", "check the base URL and the model", "openai-realtime-console#562"),
    _row("status:407", _FATAL, "the proxy wants a password", "set the proxy's credentials", "RFC 9110 §15.5.8"),
    _row("status:408", _RETRY, "the server took too long", _WAIT, "RFC 9110 §15.5.9"),
    _row("status:425", _RETRY, "the server asked to come later", _WAIT, "RFC 8470 §5.2"),
    _row("status:426", _FATAL, "the server wants another protocol", "check the base URL: is it a Realtime endpoint?", "RFC 9110 §15.5.22"),
    _row("status:429", _RETRY, "too many requests", _LIMIT, "RFC 6585 §4", floor=1.0),
    _row("status:4*", _FATAL, "the server refused the connection", "check the base URL, the key and the model", _HTTP),
    _row("status:500", _RETRY, "the server met an unexpected condition", _WAIT, "RFC 9110 §15.6.1", floor=0.5),
    _row("status:502", _RETRY, "a gateway got a bad answer from the server behind it", _WAIT, "RFC 9110 §15.6.3", floor=0.5),
    _row("status:503", _RETRY, "the server is overloaded or being serviced", _WAIT, "RFC 9110 §15.6.4", floor=0.5),
    _row("status:504", _RETRY, "a gateway got no answer from the server behind it", _WAIT, "RFC 9110 §15.6.5", floor=0.5),
    _row("status:511", _RETRY, "the network wants a login", _PORTAL, "RFC 6585 §6", floor=15.0),
    _row("status:529", _RETRY, "the server is overloaded", _WAIT, "seen with several model providers", floor=1.0),
    _row("status:52*", _RETRY, "the gateway cannot reach the server behind it", _WAIT, "Cloudflare's 5xx errors", floor=0.5),
    _row("status:5*", _RETRY, "the server has trouble", _WAIT, "RFC 9110 §15.6", floor=0.5),
    # 5. What was met where no server spoke.
    _fault(Fault.NAME, _RETRY, "check the network's name server", "getaddrinfo(3)"),
    _fault(Fault.NO_SUCH_NAME, _RETRY, "check the base URL and the network", "getaddrinfo(3)", repeat=Repeat(count=3, disposition=_RETRY, words="asked three times and more")),
    _fault(Fault.REFUSED, _RETRY, "is the server running, and is the port right?", "connect(2)"),
    _fault(Fault.RESET, _RETRY, _WAIT, "tcp(7)"),
    _fault(Fault.UNREACHABLE, _RETRY, "check this machine's network", "connect(2)"),
    _fault(Fault.NOT_HERE, _FATAL, "use https, or write 127.0.0.1 instead of the name: somebody made localhost another machine", "RFC 6761 §6.3"),
    _fault(Fault.TIMEOUT, _RETRY, _WAIT, "our deadline for this phase"),
    _fault(Fault.CERTIFICATE, _FATAL, "check this machine's clock, the proxy and the base URL", "RFC 8446 §6.2"),
    _fault(Fault.CERTIFICATE_DATE, _FATAL, "check this machine's clock; if it is right, the server's operator must renew the certificate", "RFC 5280 §6.1.3"),
    _fault(Fault.CERTIFICATE_NAME, _FATAL, "check the host in the base URL", "RFC 9525"),
    _fault(Fault.CERTIFICATE_ISSUER, _FATAL, "if a proxy inspects TLS here, add its certificate to the CA bundle (SSL_CERT_FILE); else do not trust this network", "RFC 5280 §6.1.3"),
    _fault(Fault.TLS, _RETRY, "if it lasts, check the base URL: is it a TLS port?", "RFC 8446 §6"),
    _fault(Fault.TLS_MISMATCH, _RETRY, "one side is too old or too strict: compare the TLS settings of both", "RFC 8446 §6.2", repeat=_TWICE_IN_A_ROW),
    _fault(Fault.NOT_TLS, _RETRY, "check the port in the base URL", "RFC 8446 §5.1", repeat=_TWICE_IN_A_ROW),
    _fault(Fault.HANDSHAKE, _RETRY, _PORTAL, "RFC 6455 §4.1", floor=15.0),
    _fault(Fault.REDIRECT, _FATAL, _FINAL, "openai-python refuses the same"),
    _fault(Fault.PROXY, _FATAL, "ask whoever runs the proxy to allow the host, or add it to NO_PROXY", "RFC 9110 §9.3.6"),
    _fault(Fault.PROXY_AUTH, _FATAL, "set the proxy's credentials", "RFC 9110 §15.5.8; tinyproxy answers 401"),
    _fault(Fault.PROXY_BUSY, _RETRY, _WAIT, "RFC 9110 §9.3.6", floor=0.5),
    _fault(Fault.PROXY_DOWN, _RETRY, "check the proxy's address (HTTPS_PROXY)", "connect(2)"),
    _fault(Fault.PROXY_KIND, _FATAL, "name an http:// proxy in HTTPS_PROXY, or add the host to NO_PROXY", "our choice: CONNECT is what every proxy has"),
    _fault(Fault.LOCAL_RESOURCES, _RETRY, "raise the limit of open files, or free memory", "socket(2)", floor=1.0),
    _fault(Fault.TOO_BIG, _RETRY, "the server sent more than 32 MiB in one message", _RFC, floor=1.0, repeat=_TWICE),
    _fault(Fault.FRAMING, _RETRY, _MIDDLEBOX, _RFC, floor=1.0, repeat=_TWICE),
    _fault(Fault.GARBLED, _RETRY, "check that the base URL is a Realtime endpoint; the log holds samples", "our choice: 20 in 10 s", floor=1.0),
    _fault(Fault.FLOODED, _RETRY, "check that the base URL is a Realtime endpoint; ask who runs it", "our choice: 5,000 a second for 10 s", floor=5.0, repeat=_TWICE),
    _fault(Fault.DEAD, _RETRY, _WAIT, "our liveness rule"),
    replace(_fault(Fault.SUSPENDED, _RETRY, _WAIT, "clock_gettime(2): CLOCK_BOOTTIME runs on where CLOCK_MONOTONIC stops"), refresh_credential=True),
    _fault(Fault.LEFT, _ROTATE, _WAIT, "our choice: an operator wishes it, and dials at once"),
    _fault(Fault.END, _RETRY, _WAIT, _RFC),
    _fault(Fault.CREDENTIAL, _RETRY, "check the key, or what provides it", "the application's own provider", floor=1.0),
    _fault(Fault.SETTINGS, _FATAL, "correct the setting that is named", "OpenAI realtime guide: a refused update is discarded whole"),
    _fault(Fault.INTERNAL, _RETRY, "report it with the log: it may be our mistake", "our own gate", floor=1.0),
)  # fmt: skip
"""The verdict table; of the rows that match the strongest evidence an exact one speaks, then the first."""

UNKNOWN = Rule(
    match="*",
    disposition=Disposition.RETRY,
    cause="the link ended in an unknown way",
    advice=_WAIT,
    source="our choice: what is unknown may pass",
    floor_delay=1.0,
)
"""The row for what no other answers to."""
