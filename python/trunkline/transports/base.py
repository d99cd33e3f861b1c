"""What a transport is: it dials, and gives a link that carries text messages.

The contract of failure is part of it. Whatever ends a link, or keeps it from opening, is a `LinkClosed` with the
`Closure` that tells how: foreign exceptions are translated at one gate per transport and never get past it. Writing
never waits and never fails: a link that cannot take more says so by `writable`, one that is gone says so to its reader.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from trunkline.audio.short_way import Notes

__all__ = ["Arrivals", "Headers", "Kernel", "Link", "Listener", "Progress", "Target", "Transport"]


class Headers:
    """Names and values of headers, one of which holds the credential: tracebacks with locals show the names only.

    No tuple: there are tools that show what is in a container whatever it says of itself.
    """

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = tuple(pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __repr__(self) -> str:
        return f"Headers({', '.join(name for name, _ in self)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to dial, and what to show there; made anew for each attempt and dropped after it."""

    url: str
    """`wss://…`, or `ws://…` to a loopback address."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Holds the credential, so it is in no repr."""
    subprotocols: tuple[str, ...] = field(default=(), repr=False)
    """Offered in this order; one of them may hold a key."""
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Goes behind the query of `url`, which may be shown; this may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """What the kernel's TCP says of a link; round trips in seconds, None while it has measured none."""

    rtt: float | None
    """Smoothed (RFC 6298)."""
    rtt_var: float | None
    """Mean deviation of it."""
    rtt_min: float | None
    retransmits: int
    """Segments since the link was opened."""
    unsent_bytes: int
    """Taken from the event loop and not yet sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far what was written has come."""

    acked_bytes: int | None
    """Acknowledged by the peer's kernel since the link began; None where this kernel does not tell."""
    unsent_bytes: int
    """Taken from us and not yet sent, by the event loop and the kernel."""
    kernel: Kernel | None = None
    """None where this kernel does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """How much the peer said, and how much of it was heard."""

    received_bytes: int | None
    """Since the link began, as far as the kernel has it; None where this kernel does not tell."""
    unread_bytes: int
    """Of those, what waits in the kernel to be read; 0 where it does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """What a link tells between messages."""

    pong: Callable[[bytes], None]
    """A pong came, with this payload."""
    writable: Callable[[], None]
    """The link takes messages again."""
    notes: Notes | None = None
    """A link that can has ordinary audio noted here and goes the short way with it (`audio/short_way.py`)."""
    epoch: int = 0
    """By which the notes know the link."""
    heard: Callable[[Any], None] | None = None
    """Gets what the notes make of audio that came that way; it is in no messages."""


class Link(Protocol):
    """One open connection."""

    @property
    def writable(self) -> bool:
        """Whether it takes more messages now without piling them up."""

    @property
    def phases(self) -> tuple[tuple[str, float], ...]:
        """Name and seconds of each phase of its dial, in order; empty for a network that has none."""

    def write(self, message: bytes) -> None:
        """Sends one text message without waiting; after the end it does nothing."""

    def ping(self, payload: bytes) -> None:
        """Sends a ping without waiting for the buffer or the pong; after the end it does nothing."""

    async def deliver(self, take: Callable[[Sequence[bytes]], None]) -> NoReturn:
        """Gives all text messages to `take`, in order, those that came together at once.

        Raises LinkClosed when the link has ended and all are given, and whatever `take` raises. Cancelled, it gives no
        more.
        """

    async def close(self, code: int, reason: str) -> None:
        """Says goodbye and waits for the peer's, for a bounded time; never raises."""

    def abort(self) -> None:
        """Drops the connection at once, whatever it is doing; a second call does nothing."""

    def progress(self) -> Progress:
        """How far what was written has come."""

    def acked_bytes(self) -> int | None:
        """Of it only what is acknowledged."""

    def arrivals(self) -> Arrivals:
        """How much has come, and what of it was not read."""


class Transport(Protocol):
    """A way to get links."""

    async def dial(self, target: Target, listener: Listener) -> Link:
        """Opens a link. Raises LinkClosed with the evidence if that is not possible."""
