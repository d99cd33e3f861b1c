"""Links without a network: for tests of what is above, an application's own included.

A `MemoryTransport` gives a link for every dial and hands its far end, a `Peer`, to whoever waits for it. The peer
says what the server says, breaks the link with any closure, or refuses the next dial. Delivery is in order and at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault
from trunkline.transports.base import Arrivals, Listener, Progress, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["MemoryLink", "MemoryTransport", "Peer"]


class Peer:
    """The server's end of one link."""

    def __init__(self, target: Target, listener: Listener) -> None:
        self.target = target
        """What was dialed, credential included."""
        self.answers_pings = True
        self.ended: Closure | None = None
        """How our side ended the link, once it did."""
        self._listener = listener
        self._to_us: asyncio.Queue[bytes | Closure] = asyncio.Queue()
        self._to_peer: asyncio.Queue[bytes] = asyncio.Queue()

    async def receive(self) -> dict[str, Any]:
        """The next message the client sent."""
        message = orjson.loads(await self._to_peer.get())
        assert isinstance(message, dict)
        return message

    def send(self, event: dict[str, Any]) -> None:
        """Sends one event."""
        self.send_text(orjson.dumps(event))

    def send_text(self, text: bytes) -> None:
        """Sends one message as it is, well-formed or not."""
        self._to_us.put_nowait(text)

    def drop(self, closure: Closure | None = None) -> None:
        """Ends the link; without a closure by a reset."""
        self._to_us.put_nowait(closure or Closure(code=1006, fault=Fault.RESET))


class MemoryLink:
    """The client's end of one link."""

    phases: tuple[tuple[str, float], ...] = ()
    """None: it is there at once."""

    def __init__(self, peer: Peer, listener: Listener) -> None:
        self._peer = peer
        self._listener = listener
        self._sent_bytes = 0

    @property
    def writable(self) -> bool:
        """Always: memory takes everything."""
        return True

    def write(self, message: bytes) -> None:
        """Puts the message where the peer finds it."""
        self._sent_bytes += len(message)
        self._peer._to_peer.put_nowait(message)

    def ping(self, payload: bytes) -> None:
        """Is answered at the next turn of the event loop, unless the peer is told not to."""
        if self._peer.answers_pings:
            asyncio.get_running_loop().call_soon(self._listener.pong, payload)

    async def deliver(self, take: Callable[[Sequence[bytes]], None]) -> NoReturn:
        """Gives the peer's messages one by one. Raises LinkClosed once it dropped the link."""
        while True:
            message = await self._peer._to_us.get()
            if isinstance(message, Closure):
                raise LinkClosed(message)
            take((message,))

    async def close(self, code: int, reason: str) -> None:
        """Ends both halves."""
        closure = Closure(code=code, reason=reason, by_us=True)
        self._peer.ended = closure
        self._peer.drop(closure)

    def abort(self) -> None:
        """Ends our half."""
        self._peer.ended = self._peer.ended or Closure(code=1006, by_us=True)

    def progress(self) -> Progress:
        """All of it has arrived."""
        return Progress(acked_bytes=self._sent_bytes, unsent_bytes=0)

    def acked_bytes(self) -> int:
        """All of it."""
        return self._sent_bytes

    def arrivals(self) -> Arrivals:
        """What waits is in no kernel."""
        return Arrivals(received_bytes=None, unread_bytes=0)


class MemoryTransport:
    """Gives links whose far ends are taken with `accept`."""

    def __init__(self) -> None:
        self._peers: asyncio.Queue[Peer] = asyncio.Queue()
        self._refusals: deque[Closure] = deque()

    def refuse_next(self, closure: Closure) -> None:
        """The next dial that is not yet refused fails so."""
        self._refusals.append(closure)

    async def accept(self) -> Peer:
        """The far end of the next link."""
        return await self._peers.get()

    async def dial(self, target: Target, listener: Listener) -> MemoryLink:
        """Opens a link at once. Raises LinkClosed if a refusal was ordered."""
        if self._refusals:
            raise LinkClosed(self._refusals.popleft())
        peer = Peer(target, listener)
        self._peers.put_nowait(peer)
        return MemoryLink(peer, listener)
