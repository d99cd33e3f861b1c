"""From a host's name to a stream that a protocol can speak over, phase by phase.

Each phase has its own deadline, and what goes wrong in it says so: a name that is not answered, a host that
drops our packets and a TLS port that keeps silent are three different faults. Every wait can be cancelled, and leaves
no socket behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeVar, cast

from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault, Phase
from trunkline.transports.gate import closure_of
from trunkline.transports.lookup import look_up
from trunkline.transports.loopback import is_loopback
from trunkline.transports.proxy import ask, proxy_for
from trunkline.transports.tls import TlsStream

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterator

    from trunkline.transports.lookup import Address
    from trunkline.transports.proxy import Proxy

__all__ = ["DialLimits", "Dialer", "Stopwatch", "phase", "stopwatch"]

P = TypeVar("P", bound=asyncio.BaseProtocol)

# RFC 8305 §5: how long the better address is waited for before the next is tried beside it.
_HEAD_START = 0.25
_NAMES = {
    Phase.NAME: "lookup",
    Phase.TCP: "tcp",
    Phase.PROXY: "proxy",
    Phase.TLS: "tls",
    Phase.UPGRADE: "upgrade",
}
# Of the dial that runs in this task: a dialer is shared by many, and whoever has one of their own need not know of it.
_watch: ContextVar[Stopwatch | None] = ContextVar("trunkline-stopwatch", default=None)
_FAR = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


@dataclass(frozen=True, slots=True, kw_only=True)
class DialLimits:
    """How long each phase of a dial may take, in seconds; a session's birth is the core's to wait for."""

    name: float = 3.0
    tcp: float = 5.0
    """Not the kernel's: it tries for about 130 s (tcp_syn_retries)."""
    proxy: float = 5.0
    tls: float = 5.0
    upgrade: float = 5.0


class Stopwatch:
    """How long the phases of one dial took."""

    def __init__(self) -> None:
        self._took: dict[Phase, float] = {}

    def add(self, where: Phase, seconds: float) -> None:
        """A phase, or a part of it, is over."""
        self._took[where] = self._took.get(where, 0.0) + seconds

    def phases(self) -> tuple[tuple[str, float], ...]:
        """Name and seconds of each phase there was, in the order in which a dial has them."""
        return tuple((name, self._took[key]) for key, name in _NAMES.items() if key in self._took)


@contextlib.contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Takes the time of all phases that end inside, in this task."""
    watch = Stopwatch()
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


@contextlib.asynccontextmanager
async def phase(where: Phase, limit: float) -> AsyncIterator[None]:
    """Holds what is inside to a deadline. Raises LinkClosed, with the phase, for whatever goes wrong in it."""
    deadline = asyncio.timeout(limit)
    clock = asyncio.get_running_loop().time
    began_at = clock()
    try:
        async with deadline:
            yield
        watch = _watch.get()
        if watch is not None:
            watch.add(where, clock() - began_at)
    except Exception as error:
        if deadline.expired():
            detail = f"no answer within {limit:g} s"
            raise LinkClosed(Closure(fault=Fault.TIMEOUT, phase=where, detail=detail)) from error
        raise LinkClosed(closure_of(error, where)) from error


class Dialer:
    """Opens streams; the seam where a test or a simulation puts a network of its own."""

    def __init__(self, limits: DialLimits | None = None) -> None:
        self.limits = limits or DialLimits()

    async def open(
        self, factory: Callable[[], P], host: str, port: int, tls: ssl.SSLContext | None
    ) -> P:
        """A protocol on a stream to the host. Raises LinkClosed with the phase that failed."""
        proxy = None if tls is None else proxy_for(host, port)
        if proxy is None:
            sock = await self._connect(host, port, only_here=tls is None)
        else:
            sock = await self._connect_through(proxy, host, port)
        # From here on the socket is the event loop's, which closes it if this fails or is cancelled.
        async with phase(Phase.TCP if tls is None else Phase.TLS, self.limits.tls):
            if tls is None:
                return await _on(factory, sock)
            return await _secured(factory, sock, tls, host)

    async def _connect(self, host: str, port: int, *, only_here: bool = False) -> socket.socket:
        async with phase(Phase.NAME, self.limits.name):
            addresses = await look_up(host, port)
            if only_here:
                _check_here(addresses)
        async with phase(Phase.TCP, self.limits.tcp):
            return await _race(_interleaved(addresses))

    async def _connect_through(self, proxy: Proxy, host: str, port: int) -> socket.socket:
        try:
            sock = await self._connect(proxy.host, proxy.port)
        except LinkClosed as ended:
            raise LinkClosed(_proxy_down(cast("Closure", ended.closure), proxy)) from ended
        try:
            async with phase(Phase.PROXY, self.limits.proxy):
                await ask(sock, proxy, host, port)
        except BaseException:
            sock.close()
            raise
        return sock


async def _on(factory: Callable[[], P], sock: socket.socket) -> P:
    _, protocol = await asyncio.get_running_loop().create_connection(factory, sock=sock)
    return protocol


async def _secured(
    factory: Callable[[], P], sock: socket.socket, tls: ssl.SSLContext, host: str
) -> P:
    protocol = factory()
    stream = await _on(lambda: TlsStream(protocol, tls, host), sock)
    try:
        await stream.handshake()
    except BaseException:
        stream.abort()
        raise
    return protocol


def _check_here(addresses: list[Address]) -> None:
    """Without TLS a key goes to this machine or nowhere, whatever a hosts file or a resolver says of the name."""
    strangers = [where[0] for _, where in addresses if not is_loopback(where[0])]
    if strangers:
        detail = f"it is {strangers[0]}"
        raise LinkClosed(Closure(fault=Fault.NOT_HERE, phase=Phase.NAME, detail=detail))


def _proxy_down(closure: Closure, proxy: Proxy) -> Closure:
    """The way to the proxy failed: that is told as such, unless it is this machine that lacks something."""
    if closure.fault is Fault.LOCAL_RESOURCES:
        return closure
    words = f"{proxy.name}: {closure.detail}"
    return replace(closure, fault=Fault.PROXY_DOWN, phase=Phase.PROXY, detail=words)


def _interleaved(addresses: list[Address]) -> list[Address]:
    """The families by turns, the resolver's favourite first (RFC 8305 §4)."""
    first = [address for address in addresses if address[0] == addresses[0][0]]
    others = [address for address in addresses if address[0] != addresses[0][0]]
    return [address for pair in zip_longest(first, others) for address in pair if address]


async def _race(addresses: list[Address]) -> socket.socket:
    """The first connection that comes up, each attempt with a head start; the others are dropped."""
    attempts: list[asyncio.Task[socket.socket]] = []
    try:
        for address in addresses:
            attempts.append(asyncio.create_task(_attempt(address)))
            if winner := await _winner(attempts, wait_all=False):
                return winner
        winner = await _winner(attempts, wait_all=True)
        if winner is None:
            raise _most_telling([attempt.exception() for attempt in attempts])
        return winner
    finally:
        # Without a wait, in which a cancellation would find a winner that nobody holds yet.
        for attempt in attempts:
            attempt.add_done_callback(_close_late)
            attempt.cancel()


async def _winner(
    attempts: list[asyncio.Task[socket.socket]], *, wait_all: bool
) -> socket.socket | None:
    """Waits for an attempt to come up: for the head start, or until all have failed."""
    while pending := [attempt for attempt in attempts if not attempt.done()]:
        done, _ = await asyncio.wait(
            pending,
            timeout=None if wait_all else _HEAD_START,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not done or any(attempt.exception() is None for attempt in done):
            break
        if not wait_all and attempts[-1] in done:
            break
    winner = next(
        (attempt for attempt in attempts if attempt.done() and attempt.exception() is None), None
    )
    if winner is None:
        return None
    attempts.remove(winner)
    return winner.result()


async def _attempt(address: Address) -> socket.socket:
    family, where = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, where)
    except BaseException:
        sock.close()
        raise
    return sock


def _close_late(attempt: asyncio.Task[socket.socket]) -> None:
    """An attempt that came up in spite of its cancellation, or with the winner."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()


def _most_telling(errors: list[BaseException | None]) -> BaseException:
    """That a family is not routed here says less than what another address met."""
    failures = [error for error in errors if error is not None]
    return next(
        (error for error in failures if getattr(error, "errno", None) not in _FAR), failures[0]
    )
