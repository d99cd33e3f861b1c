"""The check of TLS: version, chain, issuer, how long it is valid, and who vouches here.

A certificate that is not trusted is looked at all the same, since its issuer is what tells an inspecting proxy from a
wrong clock: by a second handshake that verifies nothing, and over which not one byte is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from trunkline.diagnosis.finding import (
    Cause,
    Finding,
    advice_on,
    blame,
    failed,
    not_applicable,
    ok,
    warned,
)
from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Fault, judge

if TYPE_CHECKING:
    from trunkline.diagnosis.subject import Subject
    from trunkline.protocol.closure import Closure
    from trunkline.transports.dialing import Dialer

__all__ = ["Shown", "check_certificate", "check_trust", "interceptor_of"]

_DAY = 86_400.0
# Public authorities renew a month before the end, and some certificates live 47 days: a week is late.
_SOON_DAYS = 7
_DISTRUST = frozenset(
    {Fault.CERTIFICATE, Fault.CERTIFICATE_DATE, Fault.CERTIFICATE_ISSUER, Fault.CERTIFICATE_NAME}
)
# Products that open TLS on its way, by what their issuers are called; in small letters.
_INTERCEPTORS = (
    "avast", "bitdefender", "blue coat", "bluecoat", "burp", "charles proxy", "checkpoint", "check point",
    "cisco umbrella", "eset ssl", "fiddler", "forcepoint", "fortinet", "fortigate", "kaspersky", "mcafee", "mitmproxy",
    "netskope", "palo alto", "portswigger", "skyhigh", "sophos", "squid", "symantec web", "trend micro", "watchguard",
    "zscaler",
)  # fmt: skip
_CERTIFICATE_FILES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the other side showed in a handshake."""

    version: str
    """`TLSv1.3`."""
    subject: str
    """The common name, or the first name it is for."""
    issuer: str
    """Organisation and common name."""
    ends_at: float | None
    """Unix seconds; None if it cannot be read."""
    chain: tuple[str, ...] = ()
    """Common names from the server up to the root, as far as they are known."""
    is_own: bool = False
    """Whether it is signed by itself."""


async def check_trust(subject: Subject) -> Finding:
    """Which authorities are trusted here."""
    paths = ssl.get_default_verify_paths()
    named = {name: os.environ[name] for name in _CERTIFICATE_FILES if os.environ.get(name)}
    loaded = subject.context.cert_store_stats()["x509_ca"]
    return judge_trust(loaded, paths.cafile, paths.capath, named)


def judge_trust(
    loaded: int, cafile: str | None, capath: str | None, named: dict[str, str]
) -> Finding:
    """What the store says; a folder of certificates is read as they are needed, and counts none until then."""
    lazily = capath is not None and _holds_certificates(Path(capath))
    said = "".join(f", {name}={value}" for name, value in named.items())
    place = cafile or capath or "nowhere"
    facts: dict[str, Any] = {
        "authorities": loaded,
        "file": cafile,
        "folder": capath,
        "variables": named,
    }
    missing = [name for name, value in named.items() if not Path(value).exists()]
    if missing:
        names = " and ".join(missing)
        return failed(
            f"{names} names what is not there{said}", f"correct or unset {names}", **facts
        )
    if not loaded and not lazily:
        advice = "install the authorities (apt install ca-certificates, apk add ca-certificates), or set SSL_CERT_FILE"
        return failed(f"no authority is trusted here{said}", advice, **facts)
    count = f"{loaded} authorities" if loaded else "authorities"
    return ok(f"{count} from {place}{said}, {ssl.OPENSSL_VERSION}", **facts)


def _holds_certificates(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return next(folder.iterdir(), None) is not None
    return False


async def check_certificate(subject: Subject) -> Finding:
    """A TLS handshake as a link makes it, and what was shown in it."""
    if not subject.is_secure:
        return not_applicable("plain ws://, which is dialed on this machine only")
    try:
        shown = await _shake(subject.dialer, subject.host, subject.port, subject.context)
    except LinkClosed as ended:
        closure = cast("Closure", ended.closure)
        untrusted = await _look(subject) if closure.fault in _DISTRUST else None
        return judge_failure(closure, untrusted, now=time.time())
    return judge_shown(shown, now=time.time())


async def _look(subject: Subject) -> Shown | None:
    """What is shown by a server that is not trusted; None if it cannot be seen."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # Only to read who signed it: nothing is sent over this, no key and no request.
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(LinkClosed):
        return await _shake(subject.dialer, subject.host, subject.port, context)
    return None


async def _shake(dialer: Dialer, host: str, port: int, context: ssl.SSLContext) -> Shown:
    reader = await dialer.open(_Handshake, host, port, context)
    try:
        return read_shown(reader.transport.get_extra_info("ssl_object"))
    finally:
        reader.transport.abort()


class _Handshake(asyncio.Protocol):
    """Says nothing, and listens to nothing."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport


def read_shown(tls: ssl.SSLObject) -> Shown:
    """What a handshake showed."""
    chain = _chain_of(tls)
    # Of a certificate that was not verified only the chain tells more than its bytes.
    leaf: dict[str, Any] = tls.getpeercert() or (chain[0] if chain else {})
    return Shown(
        version=tls.version() or "unknown",
        subject=_name(leaf.get("subject"), ("commonName",)) or _first_host(leaf),
        issuer=_name(leaf.get("issuer"), ("organizationName", "commonName")),
        ends_at=_ends_at(leaf),
        chain=tuple(
            _name(each.get("subject"), ("commonName",)) or _first_host(each) for each in chain
        ),
        is_own=bool(leaf) and leaf.get("subject") == leaf.get("issuer"),
    )


def _chain_of(tls: ssl.SSLObject) -> list[dict[str, Any]]:
    """The certificates as dicts, the server's first; empty where this Python does not tell.

    `get_verified_chain` is public from 3.13 on, and gives bytes that nothing here can read; the object inside has had
    both, and `get_info`, since 3.10.
    """
    inside = getattr(tls, "_sslobj", None)
    for name in ("get_verified_chain", "get_unverified_chain"):
        with contextlib.suppress(AttributeError, ValueError, ssl.SSLError):
            found = [each.get_info() for each in getattr(inside, name)() or ()]
            if found:
                return found
    return []


def _name(parts: Any, wanted: tuple[str, ...]) -> str:
    """Of a distinguished name as `getpeercert` has it, these attributes."""
    pairs = [pair for group in parts or () for pair in group]
    found = [value for attribute in wanted for name, value in pairs if name == attribute]
    return " / ".join(dict.fromkeys(found))


def _first_host(certificate: dict[str, Any]) -> str:
    names = certificate.get("subjectAltName") or ()
    return str(names[0][1]) if names else "?"


def _ends_at(certificate: dict[str, Any]) -> float | None:
    with contextlib.suppress(KeyError, ValueError):
        return float(ssl.cert_time_to_seconds(certificate["notAfter"]))
    return None


def interceptor_of(issuer: str) -> str | None:
    """Which product that opens TLS is called so; None if none that is known."""
    return next((name for name in _INTERCEPTORS if name in issuer.lower()), None)


def _facts(shown: Shown, days: float | None) -> dict[str, Any]:
    return {
        "tls": shown.version,
        "subject": shown.subject,
        "issuer": shown.issuer,
        "chain": list(shown.chain),
        "days_left": None if days is None else round(days, 2),
    }


def judge_shown(shown: Shown, *, now: float) -> Finding:
    """What a handshake that was verified says; `now` is Unix time."""
    days = None if shown.ends_at is None else (shown.ends_at - now) / _DAY
    length = f", chain of {len(shown.chain)}" if shown.chain else ""
    left = "" if days is None else f", valid for {days:.0f} days more"
    fact = f"{shown.version}, {shown.subject} by {shown.issuer or 'nobody named'}{length}{left}"
    facts = _facts(shown, days)
    product = interceptor_of(" ".join((shown.issuer, *shown.chain)))
    if product is not None:
        advice = f"{product} opens TLS here and sees the key and all audio; ask whoever runs it, or bypass it"
        return warned(fact, advice, **facts)
    if days is not None and days < _SOON_DAYS:
        advice = "tell the server's operator: it ends soon, and every dial will fail then"
        return warned(fact, advice, **facts)
    return ok(fact, **facts)


def judge_failure(closure: Closure, shown: Shown | None, *, now: float) -> Finding:
    """Why the handshake failed, with what an untrusted server showed; `now` is Unix time."""
    verdict = judge(closure)
    fact = f"{verdict.cause} ({closure.detail})"
    if shown is None:
        return failed(fact, advice_on(closure), cause=blame(closure))
    fact = f"{verdict.cause}: {shown.subject}, issued by {shown.issuer or 'nobody named'}"
    product = interceptor_of(" ".join((shown.issuer, *shown.chain)))
    advice = verdict.advice
    if product is not None:
        advice = f"{product} opens TLS here: add its authority to the CA bundle (SSL_CERT_FILE), or bypass it"
    elif shown.is_own:
        advice = f"it signed itself; {advice}"
    days = None if shown.ends_at is None else (shown.ends_at - now) / _DAY
    if closure.fault is Fault.CERTIFICATE_DATE and days is not None:
        end = f"it ended {-days:.0f} days ago" if days < 0 else "it is not valid yet"
        here = datetime.fromtimestamp(now, UTC)
        fact += f"; {end} by this machine's clock ({here:%Y-%m-%d %H:%M} UTC)"
    return failed(fact, advice, cause=Cause.NETWORK, **_facts(shown, days))
