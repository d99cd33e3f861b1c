"""Many lines on one event loop.

Lines of a process need little from each other: they share a retry budget, and one telemetry may watch them all. What
goes wrong when there are hundreds is what they do at the same time. Five hundred that are opened together are five
hundred handshakes whose answers nobody reads in time; an hour later they would all rotate within four minutes; when
their server restarts, a budget made for a dozen would let them come back for most of an hour. So a pool opens a few at
a time, gives each line a time of its own for its rotation, and has a budget that fits its size.

Left out: choosing a line for a caller, and keeping idle ones ready. A session costs money from its first word on and
belongs to one conversation.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from trunkline.client.client import Line, connect
from trunkline.client.config import policy_of
from trunkline.errors import ConfigError, LocalError
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.books import Books
from trunkline.transports.websocket import WebSocketTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from types import TracebackType

    from trunkline.client.telemetry import LineTelemetry
    from trunkline.protocol.lifecycle import State
    from trunkline.protocol.policy import LinePolicy
    from trunkline.transports.base import Transport

__all__ = ["Pool", "Totals", "run"]

T = TypeVar("T")

OPENING = 32
"""Handshakes at a time: five hundred take 1.6 s at a round trip of 100 ms, and each answer is read in time."""
# Of all lines a quarter may dial again in a minute, and each once an hour all day.
_SHARE_A_MINUTE = 0.25
_DIALS_A_DAY = 24
# Rotations are spread over so much of a session's hour, before the time at which a single line would rotate.
_STAGGER = 600.0
# And over so much before the time when it must: two hundred lines on which somebody always speaks did it together, and
# while each was told its ten seconds of audio again, what came meanwhile found the outbox full.
_LATEST_STAGGER = 120.0
# Multiples of it, without the whole part, fill the unit interval evenly however many there are (Weyl's sequence).
_GOLDEN = 0.618_033_988_749_895


@dataclass(frozen=True, slots=True)
class Totals:
    """All lines of a pool at one moment."""

    states: dict[State, int]
    """How many lines are in which state."""
    books: Books
    """The sums of their books, in samples of each line's own rate."""


class Pool:
    """Opens lines, has them while they live, and closes them together.

    `size` is how many lines it is meant for, and bounds nothing: retry budget and rotations are made to fit it. Keyword
    arguments of `connect` that hold for all lines are given here, those of one line to `open`. All methods belong to
    one event loop; for several cores see docs/many-lines.md. Opening takes some 2 ms of processor time a line.
    """

    def __init__(
        self,
        size: int,
        *,
        opening: int = OPENING,
        budget: RetryBudget | None = None,
        telemetry: LineTelemetry | None = None,
        transport: Transport | None = None,
        **settings: Any,
    ) -> None:
        if size < 1 or opening < 1:
            raise ConfigError("size" if size < 1 else "opening", "it is at least 1")
        self.budget = budget or _budget_for(size)
        """What all its lines dial again from."""
        self._settings = settings | {
            "telemetry": telemetry,
            # One, so that certificates are read once.
            "transport": transport or WebSocketTransport(),
            "budget": self.budget,
        }
        self._gate = asyncio.Semaphore(opening)
        self._lines: dict[Line, None] = {}
        self._opened = 0
        self._is_over = False

    async def __aenter__(self) -> Self:
        """Nothing is dialed yet."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    @property
    def lines(self) -> tuple[Line, ...]:
        """Those that are open, oldest first; one that failed is among them until it is closed."""
        return tuple(self._lines)

    async def open(self, **settings: Any) -> Line:
        """A live line, by the pool's settings and these; waits while too many others are being opened.

        Raises LineFailed if it cannot become live, ConfigError for settings that cannot work, LocalError once the pool
        is closed.
        """
        line = self._line(settings)
        async with self._gate:
            self._refuse_over()
            # Before it is live: a pool that is closed meanwhile closes it, too.
            self._lines[line] = None
            try:
                await line.__aenter__()
                self._refuse_over()
            except BaseException:
                self._lines.pop(line, None)
                raise
        return line

    @asynccontextmanager
    async def line(self, **settings: Any) -> AsyncIterator[Line]:
        """`open` and `close` around a block."""
        line = await self.open(**settings)
        try:
            yield line
        finally:
            await self.close(line)

    async def close(self, line: Line) -> None:
        """Says goodbye to a line, within a second; one that is not the pool's is closed all the same."""
        try:
            await line.aclose()
        finally:
            self._lines.pop(line, None)

    async def aclose(self) -> None:
        """Closes all lines at once and opens no more; a second call does nothing."""
        self._is_over = True
        await asyncio.gather(*map(self.close, self._lines))

    def totals(self) -> Totals:
        """How the lines stand together; 2 µs a line."""
        states: dict[State, int] = {}
        sums = [0] * 5
        for line in self._lines:
            states[line.state] = states.get(line.state, 0) + 1
            books = line.books()
            told = (books.accepted, books.consumed, books.retained, books.gap, books.waiting)
            sums = [total + one for total, one in zip(sums, told, strict=True)]
        accepted, consumed, retained, gap, waiting = sums
        books = Books(
            accepted=accepted, consumed=consumed, retained=retained, gap=gap, waiting=waiting
        )
        return Totals(states, books)

    def _line(self, settings: dict[str, Any]) -> Line:
        self._refuse_over()
        settings = self._settings | settings
        policy = policy_of(settings.pop("session", None), settings.pop("policy", None), None, None)
        return connect(policy=self._staggered(policy), **settings)

    def _staggered(self, policy: LinePolicy) -> LinePolicy:
        """With a rotation earlier than all lines' by a share of its own, and a deadline for it as well."""
        share = self._opened * _GOLDEN % 1.0
        self._opened += 1
        rotation = policy.rotation
        after = max(rotation.after - _STAGGER * share, rotation.spread)
        # What is sooner than the rotation is as it was asked for.
        latest = max(rotation.latest - _LATEST_STAGGER * share, min(rotation.latest, after))
        return replace(policy, rotation=replace(rotation, after=after, latest=latest))

    def _refuse_over(self) -> None:
        if self._is_over:
            raise LocalError("opening a line", "the pool is closed")


def _budget_for(size: int) -> RetryBudget:
    least = RetryBudget()
    return RetryBudget(
        size=max(least.size, size * _SHARE_A_MINUTE),
        daily_limit=max(least.daily_limit, size * _DIALS_A_DAY),
    )


def run(main: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, on uvloop where that is installed: a tenth to a third less for each frame."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - an application that does not call `run` need not have it
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
