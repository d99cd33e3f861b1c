"""Drives the core: owns the clock, the dice, one timer, and the tasks of the current link, and of a second one.

Every input is followed by emptying the drains: actions, messages, events, observations. Nothing here decides
anything: what a failure means, when to dial and what to send are the core's. Writes never wait, so no lock
is ever held; a link that is full leaves audio in the outbox, where it is counted and can be kept.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from trunkline.client.delivery import Delivery
from trunkline.client.evidence import shown
from trunkline.client.gauges import Gauges
from trunkline.client.inbox import overflow
from trunkline.client.looks import Looks
from trunkline.client.loop_lag import LoopLag
from trunkline.client.targets import Targets
from trunkline.client.wheel import Wheel
from trunkline.errors import LinkClosed
from trunkline.protocol import drains
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.lifecycle import FLOWING, State
from trunkline.protocol.observations import LoopLagged
from trunkline.transports.base import Link, Listener, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trunkline.client.clocks import Clocks
    from trunkline.client.config import LineConfig
    from trunkline.client.credentials import Secret
    from trunkline.client.inbox import Inbox
    from trunkline.client.observers import Observers
    from trunkline.protocol.connection import Connection

__all__ = ["Driver"]

_log = logging.getLogger("trunkline")


def _leave(_samples: object) -> bool:
    """The short way of what has none."""
    return False


class Driver:
    """One line's event loop side; `client.Line` is its only caller."""

    def __init__(
        self,
        connection: Connection,
        *,
        config: LineConfig,
        transport: Transport,
        inbox: Inbox,
        observers: Observers,
        draw: Callable[[], float],
        clocks: Clocks,
    ) -> None:
        self.connection = connection
        self._targets = Targets(config, wall=clocks.wall)
        self._transport = transport
        self._inbox = inbox
        self._delivery = Delivery(connection.events, inbox, self._overflowed)
        self._observers = observers
        self._draw = draw
        self._loop = asyncio.get_running_loop()
        self._clock = self._loop.time
        self._links: dict[int, Link] = {}
        """By epoch: the current one, and during a rotation a second."""
        self._current: Link | None = None
        self.send_chunk = _leave
        """The current link's short way: takes bytes like the last ones; False if it does nothing."""
        self._readers: dict[int, asyncio.Task[None]] = {}
        self._tasks: dict[asyncio.Task[None], None] = {}
        """In order: a set's is that of addresses, and what is cancelled first would differ from run to run."""
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        """When it is due; not every loop's handle tells, if that is already past."""
        self._clocks = clocks
        self._fast_path = connection.fast_path
        self._fast_path.is_detailed = observers.is_detailed
        moment = Wheel.of(self._loop).join(self._loop, self._turn)
        self._phase = moment % 1.0
        self._gauges = Gauges(connection.observations.append)
        self._looks = Looks(connection, self._links, self._gauges, clocks, draw=draw, moment=moment)
        self._ends: list[asyncio.Future[None]] = []
        self._is_settled = False
        self.settled: asyncio.Future[None] = self._loop.create_future()
        """Done when the line is live for the first time, or over."""
        self._is_over = False
        """Whether the line is closed or failed and nothing of it runs any more."""

    def now(self) -> float:
        """Seconds of the line's clock."""
        return self._clock()

    def pump(self) -> None:
        """Empties the drains and arms the timer; must follow every input."""
        connection = self.connection
        if connection.actions:
            self._act()
        # Before anybody is called who may give audio.
        self._look_at_links()
        self._write_messages()
        self._delivery.deliver()
        self._observers.take(connection.observations)
        self._arm()
        state = connection.state
        if state is State.LIVE and self._is_settled:
            return
        if state in FLOWING:
            self._settle()
        elif state in (State.CLOSED, State.FAILED):
            self._finish()

    def _look_at_links(self) -> None:
        link = self._links.get(self.connection.epoch)
        if link is not self._current:
            self._current = link
            # Not every network has one.
            self.send_chunk = getattr(link, "send_chunk", _leave)

    def send_audio(self, pcm: bytes) -> None:
        """Whole samples of the user's audio; raises what `Connection.send_audio` does."""
        if self.send_chunk(pcm):
            # An array that became such bytes.
            return
        now, link, message = self._clock(), self._current, None
        if link is not None and link.writable:
            message = self._fast_path.send(pcm, now)
        if link is None or message is None:
            self.connection.send_audio(pcm, now)
            self.pump()
            return
        link.write(message)
        if self._fast_path.has_news:
            self._tell_news()

    def _tell_news(self) -> None:
        self._fast_path.has_news = False
        self._observers.take(self.connection.observations, growing=True)

    def _overflowed(self, dropped_bytes: int) -> None:
        self._observers.tell(overflow(dropped_bytes, at=self.now(), epoch=self.connection.epoch))

    def _act(self) -> None:
        while (command := self.connection.next_action()) is not None:
            _HANDLERS[type(command)](self, command)

    def _write_messages(self) -> None:
        now, next_message = self.now(), self.connection.next_message
        for epoch, link in tuple(self._links.items()):
            while link.writable:
                message = next_message(now, epoch)
                if message is None:
                    break
                link.write(message)
            else:
                self._gauges.full(epoch, now)

    def measure(self, *, on: bool) -> None:
        """Begins to tell what costs something to know, or ends."""
        self.connection.metering.turn(on=on)
        lag = LoopLag.of(self._loop)
        lag.leave(self._tell_lag)
        if on:
            lag.listen(self._loop, self._tell_lag)

    def _tell_lag(self, lag: float) -> None:
        told = LoopLagged(at=self.now(), epoch=self.connection.epoch, lag=lag)
        self._observers.tell(told)

    # The timer.

    def _arm(self) -> None:
        if not self._is_over:
            pings = not self._looks.comes_to_ping()
            self._wake_at(self.connection.deadline(pings=pings))

    def _wake_at(self, due: float | None) -> None:
        due = self._looks.timer_at(due)
        if self._timer is not None:
            # Mostly what is due next is what was: a handle less for every message.
            if self._timer_at == due:
                return
            self._timer.cancel()
        self._timer = None if due is None else self._loop.call_at(due, self._timeout)
        self._timer_at = due

    def _timeout(self) -> None:
        self._timer = None
        now = self.now()
        self._looks.has_slept(now)
        # Before anything is judged the kernel is asked: what it knows by now must count.
        if not self._looks.is_calm(now):
            self._looks.sample(now)
        elif self._looks.has_pinged(now):
            self._arm()
            return
        self._looks.doubt(now)
        if (due := self.connection.deadline()) is not None and now >= due:
            self.connection.handle_timeout(now, self._draw())
        self.pump()

    def _turn(self, now: float) -> None:
        """A look that is not about a deadline, four times a second."""
        is_long = self._looks.is_long(now)
        if self._looks.has_slept(now):
            self.pump()
            return
        # A second link is asked about as often as ever: it hears nothing that flows.
        if not is_long and len(self._links) == 1 and self._fast_path.is_flowing(now):
            return
        if is_long or not self._looks.is_calm(now):
            # How full queues are is told once a second, unless something is not as it should be.
            self._looks.sample(now)
        self._observers.take(self.connection.observations)
        self._fast_path.is_detailed = self._observers.is_detailed
        self._fast_path.renew(now)
        if is_long:
            # Without the ping, which is asked about at the next look, where it is not answered: this is what it was.
            self._wake_at(self.connection.deadline(pings=False))
        if not (is_long and self._looks.has_pinged(now)):
            self._arm()

    # Commands.

    def _dial(self, command: drains.Dial) -> None:
        self._readers[command.epoch] = self._spawn(self._serve(command))

    def _close_link(self, command: drains.CloseLink) -> None:
        if (link := self._links.get(command.epoch)) is not None:
            self._spawn(link.close(command.code, command.reason))

    def _ping(self, command: drains.Ping) -> None:
        if (link := self._links.get(command.epoch)) is not None:
            link.ping(command.payload)

    def _drop(self, epoch: int) -> None:
        """Leaves a link behind: its reader is cancelled, its socket reset."""
        link, reader = self._links.pop(epoch, None), self._readers.pop(epoch, None)
        self._gauges.free(epoch, self.now())
        if link is not None:
            link.abort()
        if reader is not None and reader is not asyncio.current_task():
            reader.cancel()

    def _spawn(self, work: asyncio.Future[None] | object) -> asyncio.Task[None]:
        task: asyncio.Task[None] = self._loop.create_task(work)  # type: ignore[arg-type]
        self._tasks[task] = None
        task.add_done_callback(self._ended_task)
        return task

    def _ended_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a task of the line failed", exc_info=error)

    # One link.

    async def _serve(self, order: drains.Dial) -> None:
        """Dials, reads to the end, and says how it ended; the root of the link's task."""
        link: Link | None = None
        secret: Secret | None = None
        epoch = order.epoch
        try:
            secret = await self._targets.secret(refresh=order.refresh_credential)
            target = self._targets.target(secret, order.conversation_id)
            link = await self._transport.dial(target, self._listener(epoch))
            self._opened(epoch, link)
            await link.deliver(partial(self._take, epoch, secret))
        except LinkClosed as ended:
            self._ended(epoch, shown(cast("Closure", ended.closure), secret))
        except Exception as error:  # noqa: BLE001 - a task's root: it ends the link, and is told
            _log.exception("the link's task failed")
            fault = Fault.LOCAL_RESOURCES if isinstance(error, MemoryError) else Fault.INTERNAL
            self._ended(epoch, Closure(fault=fault, detail=type(error).__name__))
        finally:
            if link is not None:
                link.abort()

    def _take(self, epoch: int, secret: Secret, messages: Sequence[bytes]) -> None:
        """What came over a link at once; what was told to nobody else is told once for all of it."""
        now, connection, fast_path, is_fast = self._clock(), self.connection, self._fast_path, True
        is_shown = fast_path.shows_messages
        for raw in messages:
            if fast_path.receive(epoch, secret.blot_message(raw) if is_shown else raw, now):
                continue
            is_fast = False
            connection.receive(epoch, secret.blot_message(raw), now)
            if connection.actions:
                self._act()
                if epoch not in self._links:
                    # It was left by what it said: the rest is said to nobody.
                    break
        if is_fast:
            self._delivery.deliver()
            if fast_path.has_news:
                self._tell_news()
        else:
            self.pump()

    def _listener(self, epoch: int) -> Listener:
        return Listener(
            pong=partial(self._pong, epoch),
            writable=partial(self._writable, epoch),
            notes=self._fast_path.notes,
            epoch=epoch,
            heard=self._delivery.heard,
        )

    def _writable(self, epoch: int) -> None:
        self._gauges.free(epoch, self.now())
        self.pump()

    def _pong(self, epoch: int, payload: bytes) -> None:
        now = self.now()
        if self._fast_path.heartbeat.pong(epoch, payload, now):
            if self._fast_path.is_detailed:
                self._observers.take(self.connection.observations)
            # Who only sums is told at the next look.
            return
        self.connection.pong(epoch, payload, now)
        self.pump()

    def _opened(self, epoch: int, link: Link) -> None:
        self._links[epoch] = link
        self.connection.tell_time(self._clocks.wall(), self.now())
        self._gauges.opened()
        self.connection.link_opened(epoch, self.now(), link.phases, self._phase)
        self.pump()

    def _ended(self, epoch: int, closure: Closure) -> None:
        self._links.pop(epoch, None)
        self._readers.pop(epoch, None)
        self._gauges.free(epoch, self.now())
        self.connection.link_closed(epoch, closure, self.now())
        self.pump()

    # The end.

    def _finish(self) -> None:
        if self._is_over:
            return
        self._wake_at(None)
        for epoch in list(self._readers):
            self._drop(epoch)
        self._observers.take(self.connection.observations)
        self._inbox.close()
        Wheel.of(self._loop).leave(self._turn)
        LoopLag.of(self._loop).leave(self._tell_lag)
        self._settle()
        self._is_over = True
        for future in self._ends:
            if not future.done():
                future.set_result(None)

    def _settle(self) -> None:
        self._is_settled = True
        if not self.settled.done():
            self.settled.set_result(None)

    def end(self) -> asyncio.Future[None]:
        """Done when the line is closed or failed; need not be awaited."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._ends.append(future)
        if self._is_over:
            future.set_result(None)
        return future

    async def join(self) -> None:
        """Waits until nothing of the line runs any more; if that is cancelled, the goodbye is cut short."""
        try:
            await self.end()
            await self._end_tasks()
        except asyncio.CancelledError:
            self.connection.abandon(self.now())
            self.pump()
            await self._end_tasks()
            raise

    async def _end_tasks(self) -> None:
        pending = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending)


_HANDLERS: dict[type[drains.Command], Callable[[Driver, Any], None]] = {
    drains.Dial: Driver._dial,
    drains.CloseLink: Driver._close_link,
    drains.AbortLink: lambda driver, command: driver._drop(command.epoch),
    drains.Ping: Driver._ping,
}
