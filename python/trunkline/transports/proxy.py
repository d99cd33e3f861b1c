"""The way through an HTTP proxy: which one, and how it is asked.

The environment names it (HTTPS_PROXY, ALL_PROXY, NO_PROXY), as for every other program. A server on this machine is
never asked for through a proxy. What stands before the @ of its address goes to it and nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault, Phase
from trunkline.text import clean
from trunkline.transports.gate import KEPT_CHARS, first_words, retry_after_of

if TYPE_CHECKING:
    import socket

__all__ = ["Proxy", "ask", "proxy_for"]

_LONGEST_ANSWER = 16 * 1024
_FAULTS = {
    401: Fault.PROXY_AUTH,
    407: Fault.PROXY_AUTH,
    408: Fault.PROXY_BUSY,
    429: Fault.PROXY_BUSY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Where a proxy is, and what it wants to be told."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)
    """Value of the Proxy-Authorization header."""

    @property
    def name(self) -> str:
        """What a person may be shown."""
        return f"{self.host}:{self.port}"


def proxy_for(host: str, port: int = 443) -> Proxy | None:
    """The proxy for a TLS connection to the host, or None. Raises LinkClosed for one that cannot be used."""
    if _is_here(host) or proxy_bypass(f"{host}:{port}"):
        return None
    proxies = getproxies()
    address = proxies.get("https") or proxies.get("all")
    proxy = _read(address) if address else None
    # What stands before its @ is in no frame that raises: tracebacks may show locals.
    del proxies, address
    if isinstance(proxy, str):
        raise LinkClosed(Closure(fault=Fault.PROXY_KIND, phase=Phase.PROXY, detail=proxy))
    return proxy


def _read(address: str) -> Proxy | str:
    """The proxy at an address; in words what the address is, if no proxy of a kind that we know."""
    parts = urlsplit(address if "://" in address else f"http://{address}")
    try:
        name, gate = parts.hostname, parts.port or 80
    except ValueError:
        name, gate = None, 0
    if parts.scheme != "http" or not name:
        return clean(f"{parts.scheme}://{name or ''}", limit_chars=KEPT_CHARS)
    return Proxy(host=name, port=gate, authorization=_authorization(parts.username, parts.password))


def _authorization(user: str | None, password: str | None) -> str:
    if user is None:
        return ""
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


async def ask(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """Has the proxy connect to the server. Raises LinkClosed if it does not."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, _request(proxy, host, port))
    answer = b""
    # Nothing of the server can follow in the same packet: with TLS it is the client who speaks first.
    while b"\r\n\r\n" not in answer and len(answer) < _LONGEST_ANSWER:
        more = await loop.sock_recv(sock, 4096)
        if not more:
            break
        answer += more
    _judge(answer, proxy)


def _request(proxy: Proxy, host: str, port: int) -> bytes:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", "User-Agent: trunkline"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _judge(answer: bytes, proxy: Proxy) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    line, _, fields = head.partition(b"\r\n")
    version, _, rest = line.partition(b" ")
    code = rest[:3]
    if not version.startswith(b"HTTP/1.") or not code.isdigit():
        words = (
            f"{proxy.name} answered {first_words(answer)!r}" if answer else f"{proxy.name} hung up"
        )
        fault = Fault.HANDSHAKE if answer else Fault.PROXY_BUSY
        raise LinkClosed(Closure(fault=fault, phase=Phase.PROXY, detail=clean(words)))
    status = int(code)
    if 200 <= status < 300:
        return
    fault = _FAULTS.get(status, Fault.PROXY_BUSY if status >= 500 else Fault.PROXY)
    said = f"{proxy.name} answered {first_words(rest)} {first_words(body)}"
    headers = BytesHeaderParser().parsebytes(fields)
    wait = retry_after_of(dict(headers.items()))
    raise LinkClosed(
        Closure(
            fault=fault,
            phase=Phase.PROXY,
            retry_after=wait,
            detail=clean(said, limit_chars=KEPT_CHARS).strip(),
        )
    )
