"""The link test: dials as a line dials, then pings the last link, and adds up what that took.

Pings are WebSocket pings: they are answered by the server, behind whatever proxy there is, and wait behind nothing of
ours since nothing else is sent. One that is not answered in three seconds is lost: TCP loses nothing, so it is a stall
of three seconds, which is longer than a conversation forgives.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from trunkline.diagnosis.finding import Cause, blame
from trunkline.diagnosis.pings import Pings
from trunkline.diagnosis.visit import READY_SECONDS, Visit
from trunkline.errors import LinkClosed
from trunkline.transports.base import Listener

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.client.credentials import Secret
    from trunkline.protocol.closure import Closure
    from trunkline.transports.base import Kernel, Link, Target, Transport

__all__ = ["LOST_SECONDS", "Dialed", "Pinged", "Plan", "Probe"]

LOST_SECONDS = 3.0
"""A ping that is not answered by then is lost."""
_PAYLOAD = b"probe-%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is tried."""

    count: int = 10
    """Pings."""
    interval: float = 1.0
    """Seconds between pings, and between dials."""
    dials: int = 1
    ready_within: float = READY_SECONDS
    lost_after: float = LOST_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialed:
    """One dial is over."""

    number: int
    phases: tuple[tuple[str, float], ...] = ()
    """Name and seconds of each; the last is `session`, unless it came to nothing."""
    model: str = ""
    closure: Closure | None = None
    """Why it came to nothing."""

    @property
    def total(self) -> float:
        """Seconds of all phases."""
        return sum(seconds for _, seconds in self.phases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged:
    """One ping is over."""

    number: int
    took: float | None
    """Seconds; None if it is lost."""
    kernel: Kernel | None = None
    """What the kernel's TCP said at that moment; None where it does not tell."""


@dataclass(slots=True)
class _Flight:
    """A ping that is not answered yet."""

    sent_at: float
    timer: asyncio.TimerHandle


@dataclass(kw_only=True)
class Probe:
    """One run; what is known of it may be asked for at any time, and after it was cut short."""

    transport: Transport
    target: Target
    plan: Plan
    key: Secret | None = None
    tell: Callable[[Dialed | Pinged], None] = lambda _: None
    dials: list[Dialed] = field(default_factory=list)
    pings: Pings = field(default_factory=Pings)
    kernel: Kernel | None = None
    """The last that it told."""
    ended: Closure | None = None
    """How the link ended that was pinged, if it did not last."""
    _flights: dict[bytes, _Flight] = field(default_factory=dict)
    _link: Visit | None = None
    _landed: deque[Pinged] = field(default_factory=deque)
    """Over, and not told yet."""
    _landing: asyncio.Future[None] | None = None
    """Whoever waits for the next ping to be over."""

    @property
    def failure(self) -> Closure | None:
        """What went wrong last, of dials and of the link; None if nothing did."""
        failed = [dialed.closure for dialed in self.dials if dialed.closure is not None]
        return self.ended or (failed[-1] if failed else None)

    async def run(self) -> None:
        """Dials, and pings. Does not raise for what a server or a network does."""
        visit = None
        try:
            for number in range(1, self.plan.dials + 1):
                if visit is not None:
                    await visit.leave()
                if number > 1:
                    await asyncio.sleep(self.plan.interval)
                visit = await self._dial(number)
                if visit is None and self._is_hopeless():
                    return
            if visit is not None:
                await self._ping(visit)
                await visit.leave()
        finally:
            for flight in self._flights.values():
                flight.timer.cancel()
            if visit is not None:
                visit.drop()

    async def _dial(self, number: int) -> Visit | None:
        listener = Listener(pong=self._pong, writable=lambda: None)
        links: list[Link] = []
        try:
            visit = await Visit.begin(
                self.transport,
                self.target,
                listener,
                key=self.key,
                ready_within=self.plan.ready_within,
                opened=links.append,
            )
        except LinkClosed as ended:
            closure = cast("Closure", ended.closure)
            phases = links[0].phases if links else ()
            self._report(Dialed(number=number, phases=phases, closure=closure))
            return None
        self._report(Dialed(number=number, phases=visit.phases, model=visit.model))
        return visit

    def _report(self, dialed: Dialed) -> None:
        self.dials.append(dialed)
        self.tell(dialed)

    def _is_hopeless(self) -> bool:
        """Whether dialing again would only hammer at a door that was shut for good."""
        closure = self.dials[-1].closure
        return closure is not None and blame(closure) is not Cause.NETWORK

    async def _ping(self, visit: Visit) -> None:
        self._link = visit
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._is_due or self._flights:
            await self._wait(visit, max(0.0, due - loop.time()) if self._is_due else None)
            if visit.ended.done():
                break
            if self._is_due and loop.time() >= due:
                self._send(visit, loop)
                due += self.plan.interval
        if visit.ended.done():
            self.ended = visit.ended.result()
            for payload in list(self._flights):
                self._lose(payload)
            self._tell_landed()

    @property
    def _is_due(self) -> bool:
        return self.pings.sent < self.plan.count

    async def _wait(self, visit: Visit, seconds: float | None) -> None:
        """Waits so long, for a ping to be over, or for the link to end; tells what is over."""
        self._landing = asyncio.get_running_loop().create_future()
        either: list[asyncio.Future[Any]] = [visit.ended, self._landing]
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        self._tell_landed()

    def _tell_landed(self) -> None:
        while self._landed:
            self.tell(self._landed.popleft())

    def _send(self, visit: Visit, loop: asyncio.AbstractEventLoop) -> None:
        self.pings.sent += 1
        payload = _PAYLOAD % self.pings.sent
        timer = loop.call_later(self.plan.lost_after, self._lose, payload)
        self._flights[payload] = _Flight(loop.time(), timer)
        visit.link.ping(payload)

    def _pong(self, payload: bytes) -> None:
        flight = self._flights.pop(payload, None)
        if flight is None or self._link is None:
            return
        flight.timer.cancel()
        now = asyncio.get_running_loop().time()
        self.pings.answer(now, now - flight.sent_at)
        self.kernel = self._link.link.progress().kernel or self.kernel
        self._land(Pinged(number=_number(payload), took=now - flight.sent_at, kernel=self.kernel))

    def _lose(self, payload: bytes) -> None:
        flight = self._flights.pop(payload)
        flight.timer.cancel()
        self.pings.lost += 1
        self._land(Pinged(number=_number(payload), took=None))

    def _land(self, pinged: Pinged) -> None:
        """Keeps it for the task that tells: whoever is told may fail, which must not happen in a callback."""
        self._landed.append(pinged)
        if self._landing is not None and not self._landing.done():
            self._landing.set_result(None)


def _number(payload: bytes) -> int:
    return int(payload.rpartition(b"-")[2])
