"""Drives the core: owns the clock, the dice, one timer, and the tasks of the current link, and of a second one.

Every input is followed by emptying the drains: actions, messages, events, observations. Nothing here decides
anything: what a failure means, when to dial and what to send are the core's. Writes never wait, so no lock
is ever held; a link that is full leaves audio in the outbox, where it is counted and can be kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from trunkline.client.credentials import reveal_credential
from trunkline.errors import LinkClosed, TrunklineError
from trunkline.protocol import drains
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Anomaly, Observation
from trunkline.transports.base import Link, Listener, Target, Transport

if TYPE_CHECKING:
    from trunkline.client.config import LineConfig
    from trunkline.client.inbox import Inbox
    from trunkline.protocol.connection import Connection

__all__ = ["Driver", "Observer"]

Observer = Callable[[Observation], None]
"""Gets every fact, in order, in the driver's event loop; must be quick and must not raise."""

# How often the kernel is asked how far our bytes have come: a tenth of the shortest death threshold.
_PROGRESS_INTERVAL = 0.25
_log = logging.getLogger("trunkline")


class Driver:
    """One line's event loop side; `client.Line` is its only caller."""

    def __init__(
        self,
        connection: Connection,
        *,
        config: LineConfig,
        transport: Transport,
        inbox: Inbox,
        observers: tuple[Observer, ...],
        draw: Callable[[], float],
    ) -> None:
        self.connection = connection
        self._config = config
        self._transport = transport
        self._inbox = inbox
        self._observers = observers
        self._draw = draw
        self._loop = asyncio.get_running_loop()
        self._links: dict[int, Link] = {}
        """By epoch: the current one, and during a rotation a second."""
        self._readers: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._progress_at = 0.0
        self.settled = asyncio.Event()
        """Set when the line is live for the first time, or over."""
        self.over = asyncio.Event()
        """Set when the line is closed or failed and nothing of it runs any more."""
        self._handlers: dict[type[drains.Command], Callable[[drains.Command], None]] = {
            drains.Dial: self._dial,
            drains.CloseLink: self._close_link,
            drains.AbortLink: self._abort_link,
            drains.Ping: self._ping,
        }

    def now(self) -> float:
        """Seconds of the line's clock."""
        return self._loop.time()

    def pump(self) -> None:
        """Empties the drains and arms the timer; must follow every input."""
        while (command := self.connection.next_action()) is not None:
            self._handlers[type(command)](command)
        self._write_messages()
        while (event := self.connection.next_event()) is not None:
            dropped_bytes = self._inbox.put(event)
            if dropped_bytes:
                self._observe(self._overflow(dropped_bytes))
        while (observation := self.connection.next_observation()) is not None:
            self._observe(observation)
        self._arm()
        if self.connection.state in (State.LIVE, State.ROTATING):
            self.settled.set()
        elif self.connection.state in (State.CLOSED, State.FAILED):
            self._finish()

    def _write_messages(self) -> None:
        for epoch, link in list(self._links.items()):
            while link.writable and (message := self.connection.next_message(epoch)) is not None:
                link.write(message)

    def _observe(self, observation: Observation) -> None:
        for observer in self._observers:
            observer(observation)

    def _overflow(self, dropped_bytes: int) -> Observation:
        sample = f"{dropped_bytes} bytes of reply audio dropped: the application reads too slowly"
        return Anomaly(at=self.now(), epoch=self.connection.epoch, kind="inbox full", sample=sample)

    # The timer.

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        times = [self.connection.deadline()]
        if self._links:
            times.append(self._progress_at)
        due = min((at for at in times if at is not None), default=None)
        if due is not None:
            self._timer = self._loop.call_at(due, self._timeout)

    def _timeout(self) -> None:
        self._timer = None
        now = self.now()
        if self._links and now >= self._progress_at:
            self._progress_at = now + _PROGRESS_INTERVAL
            self._tell_progress(now)
        deadline = self.connection.deadline()
        if deadline is not None and now >= deadline:
            self.connection.handle_timeout(now, self._draw())
        self.pump()

    def _tell_progress(self, now: float) -> None:
        for epoch, link in self._links.items():
            progress = link.progress()
            self.connection.progress(
                epoch,
                now,
                acked_bytes=progress.acked_bytes,
                unsent_bytes=progress.unsent_bytes,
            )

    # Commands.

    def _dial(self, command: drains.Command) -> None:
        assert isinstance(command, drains.Dial)
        self._readers[command.epoch] = self._spawn(self._serve(command.epoch))

    def _close_link(self, command: drains.Command) -> None:
        assert isinstance(command, drains.CloseLink)
        link = self._links.get(command.epoch)
        if link is not None:
            self._spawn(link.close(command.code, command.reason))

    def _abort_link(self, command: drains.Command) -> None:
        self._drop(command.epoch)

    def _ping(self, command: drains.Command) -> None:
        assert isinstance(command, drains.Ping)
        link = self._links.get(command.epoch)
        if link is not None:
            link.ping(command.payload)

    def _drop(self, epoch: int) -> None:
        """Leaves a link behind: its reader is cancelled, its socket reset."""
        link, reader = self._links.pop(epoch, None), self._readers.pop(epoch, None)
        if link is not None:
            link.abort()
        if reader is not None and reader is not asyncio.current_task():
            reader.cancel()

    def _spawn(self, work: asyncio.Future[None] | object) -> asyncio.Task[None]:
        task: asyncio.Task[None] = self._loop.create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # One link.

    async def _serve(self, epoch: int) -> None:
        """Dials, reads to the end, and says how it ended; the root of the link's task."""
        link: Link | None = None
        try:
            link = await self._transport.dial(await self._target(), self._listener(epoch))
            self._opened(epoch, link)
            while True:
                message = await link.receive()
                self.connection.receive(epoch, message, self.now())
                self.pump()
        except LinkClosed as ended:
            self._ended(epoch, cast("Closure", ended.closure))
        except Exception as error:  # noqa: BLE001 - a task's root: it ends the link, and is told
            _log.exception("the link's task failed")
            self._ended(epoch, Closure(fault=Fault.INTERNAL, detail=type(error).__name__))
        finally:
            if link is not None:
                link.abort()

    async def _target(self) -> Target:
        try:
            secret = await reveal_credential(self._config.credential)
        except TrunklineError as error:
            raise LinkClosed(Closure(fault=Fault.CREDENTIAL, detail=str(error))) from error
        except Exception as error:
            detail = f"{type(error).__name__} in the credential provider"
            raise LinkClosed(Closure(fault=Fault.CREDENTIAL, detail=detail)) from error
        headers = [*self._config.headers(), ("Authorization", f"Bearer {secret.reveal()}")]
        return Target(url=self._config.url(), headers=tuple(headers))

    def _listener(self, epoch: int) -> Listener:
        return Listener(pong=partial(self._pong, epoch), writable=self.pump)

    def _pong(self, epoch: int, payload: bytes) -> None:
        self.connection.pong(epoch, payload, self.now())
        self.pump()

    def _opened(self, epoch: int, link: Link) -> None:
        self._links[epoch] = link
        self.connection.tell_time(time.time(), self.now())
        self._progress_at = self.now() + _PROGRESS_INTERVAL
        self.connection.link_opened(epoch, self.now())
        self.pump()

    def _ended(self, epoch: int, closure: Closure) -> None:
        self._links.pop(epoch, None)
        self._readers.pop(epoch, None)
        self.connection.link_closed(epoch, closure, self.now())
        self.pump()

    # The end.

    def _finish(self) -> None:
        if self.over.is_set():
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for epoch in list(self._readers):
            self._drop(epoch)
        self._inbox.close()
        self.settled.set()
        self.over.set()

    async def join(self) -> None:
        """Waits until nothing of the line runs any more."""
        await self.over.wait()
        for task in list(self._tasks):
            if task is not asyncio.current_task():
                task.cancel()
        pending = [task for task in self._tasks if task is not asyncio.current_task()]
        if pending:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait(pending)
