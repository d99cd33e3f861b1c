"""Checks of the way to the server: the proxy, the name, and a connection by each family of addresses."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trunkline.diagnosis.finding import Cause, advice_on, failed, not_applicable, ok, warned
from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault, Phase, judge
from trunkline.text import clean
from trunkline.transports.gate import closure_of
from trunkline.transports.lookup import look_up
from trunkline.transports.proxy import proxy_for

if TYPE_CHECKING:
    from trunkline.diagnosis.finding import Finding
    from trunkline.diagnosis.subject import Subject
    from trunkline.transports.lookup import Address
    from trunkline.transports.proxy import Proxy

__all__ = ["Connected", "check_connection", "check_name", "check_proxy", "shown_proxy"]

_PROXY_VARIABLES = ("HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY", "NO_PROXY")
_FAMILIES = {socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}
# A quarter of a second is the head start of the better address (RFC 8305 §5): half of it is felt at each dial.
_SLOW_NAME_SECONDS = 0.5


async def check_proxy(subject: Subject) -> Finding:
    """Which proxy the environment names for this server, without what stands before its @."""
    named = {name: shown_proxy(name, value) for name, value in _proxy_variables().items()}
    said = ", ".join(f"{name}={value}" for name, value in named.items()) or "none is named"
    try:
        proxy = _proxy_of(subject)
    except LinkClosed as ended:
        verdict = judge(_evidence(ended))
        return failed(f"{verdict.cause} ({said})", verdict.advice, variables=named)
    if proxy is None:
        why = "" if not named else f"; none is used for {subject.host}"
        return ok(f"{said}{why}", variables=named, used=None)
    return ok(f"{subject.host} through {proxy.name} ({said})", variables=named, used=proxy.name)


def _proxy_variables() -> dict[str, str]:
    """Those that are set, by the name they have in capitals; the small form goes before, as everywhere."""
    found = {
        name: os.environ.get(name.lower()) or os.environ.get(name) for name in _PROXY_VARIABLES
    }
    return {name: value for name, value in found.items() if value}


def shown_proxy(name: str, value: str) -> str:
    """A proxy's address fit to be shown: no user, no password, no path."""
    if name == "NO_PROXY":
        return clean(value, limit_chars=200)
    parts = urlsplit(value if "://" in value else f"http://{value}")
    place = parts.netloc.rpartition("@")[2]
    hidden = "…@" if "@" in parts.netloc else ""
    return clean(f"{parts.scheme}://{hidden}{place}", limit_chars=200)


def _proxy_of(subject: Subject) -> Proxy | None:
    return proxy_for(subject.host, subject.port) if subject.is_secure else None


def _way(subject: Subject) -> tuple[str, int, str]:
    """Whose name is looked up and who is connected to first: the server, or the proxy that does it for us."""
    proxy = _proxy_of(subject)
    if proxy is None:
        return subject.host, subject.port, subject.host
    return proxy.host, proxy.port, f"the proxy {proxy.name}"


def _evidence(ended: LinkClosed) -> Closure:
    assert isinstance(ended.closure, Closure)
    return ended.closure


async def check_name(subject: Subject) -> Finding:
    """Which addresses the name has, by family, and how long the answer took."""
    host, port, words = _way(subject)
    loop = asyncio.get_running_loop()
    began_at = loop.time()
    try:
        async with asyncio.timeout(subject.limits.name):
            subject.addresses = await look_up(host, port)
    except TimeoutError:
        detail = f"no answer within {subject.limits.name:g} s"
        return _unresolved(words, Closure(fault=Fault.NAME, phase=Phase.NAME, detail=detail))
    except OSError as error:
        return _unresolved(words, closure_of(error, Phase.NAME))
    return judge_name(words, subject.addresses, loop.time() - began_at)


def _unresolved(words: str, closure: Closure) -> Finding:
    verdict = judge(closure)
    fact = f"{words}: {verdict.cause} ({closure.detail})"
    return failed(fact, verdict.advice, cause=Cause.NETWORK)


def judge_name(words: str, addresses: list[Address], took: float) -> Finding:
    """What an answer says that came after so many seconds."""
    by_family: dict[str, list[str]] = {}
    for family, where in addresses:
        shown = by_family.setdefault(_FAMILIES.get(family, str(family)), [])
        if where[0] not in shown:
            shown.append(where[0])
    said = "; ".join(f"{family} {', '.join(shown)}" for family, shown in by_family.items())
    fact = f"{words} in {took * 1000:.0f} ms: {said}"
    facts = {"addresses": by_family, "lookup_ms": round(took * 1000, 1)}
    if took > _SLOW_NAME_SECONDS:
        advice = "each dial waits for that: check the name servers (/etc/resolv.conf)"
        return warned(fact, advice, **facts)
    return ok(fact, **facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """One try to connect to the first address of a family."""

    family: str
    address: str
    took: float
    """Seconds until it came up, or failed."""
    closure: Closure | None = None
    """Why it did not come up."""


async def check_connection(subject: Subject) -> Finding:
    """Whether the first address of each family takes a connection, and how soon."""
    firsts: dict[socket.AddressFamily, Address] = {}
    for address in subject.addresses:
        firsts.setdefault(address[0], address)
    tries = [_connect(address, subject.limits.tcp) for address in firsts.values()]
    return judge_connections(await asyncio.gather(*tries))


async def _connect(address: Address, limit: float) -> Connected:
    family, where = address
    loop = asyncio.get_running_loop()
    began_at = loop.time()
    closure = None
    try:
        async with asyncio.timeout(limit):
            # IPv6 may be switched off as a whole, and then already the socket is refused.
            with socket.socket(family, socket.SOCK_STREAM) as sock:
                sock.setblocking(False)
                await loop.sock_connect(sock, where)
    except TimeoutError:
        detail = f"no answer within {limit:g} s"
        closure = Closure(fault=Fault.TIMEOUT, phase=Phase.TCP, detail=detail)
    except OSError as error:
        closure = closure_of(error, Phase.TCP)
    name = _FAMILIES.get(family, str(family))
    took = loop.time() - began_at
    return Connected(family=name, address=str(where[0]), took=took, closure=closure)


def judge_connections(tries: list[Connected]) -> Finding:
    """What one try by family says, the resolver's favourite first."""
    fact = "; ".join(_told(one) for one in tries)
    facts = {"families": {one.family: _facts(one) for one in tries}}
    up = [one for one in tries if one.closure is None]
    if not tries:
        return not_applicable("there is no address to connect to")
    if not up:
        worst = next(
            (
                one.closure
                for one in tries
                if one.closure and one.closure.fault is not Fault.UNREACHABLE
            ),
            tries[0].closure,
        )
        assert worst is not None
        advice = _SILENT if worst.fault is Fault.TIMEOUT else advice_on(worst)
        return failed(fact, advice, cause=Cause.NETWORK, **facts)
    if len(up) == 2:
        gap = (up[1].took - up[0].took) * 1000
        words = f"{up[1].family} {'later' if gap >= 0 else 'sooner'} by {abs(gap):.1f} ms"
        return ok(f"{fact}; {words}", **facts, gap_ms=round(gap, 2))
    silent = tries[0].closure is not None and tries[0].closure.fault is Fault.TIMEOUT
    if silent:
        advice = (
            f"each dial loses 250 ms: {tries[0].family} is tried first and never answers; "
            "repair its route, or switch it off"
        )
        return warned(fact, advice, **facts)
    return ok(fact, **facts)


_SILENT = "a firewall drops it without a word: allow the port, or set HTTPS_PROXY"


def _told(one: Connected) -> str:
    if one.closure is None:
        return f"{one.family} {one.address} in {one.took * 1000:.1f} ms"
    reason = one.closure.fault.value if one.closure.fault else "failed"
    return f"{one.family} {one.address}: {reason}"


def _facts(one: Connected) -> dict[str, object]:
    error = None if one.closure is None else one.closure.describe()
    return {"address": one.address, "connect_ms": round(one.took * 1000, 2), "error": error}
