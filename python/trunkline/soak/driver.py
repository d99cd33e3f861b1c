"""The core's driver on the run's clock: what the client's driver does, without an event loop.

Every input is followed by emptying the drains. The process it stands for can be blocked (what comes meanwhile
waits, and is read before timers are looked at) and suspended (its clock stands still as well).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.errors import CodecError, LocalError, OutboxFull
from trunkline.protocol import drains
from trunkline.protocol.connection import Connection
from trunkline.protocol.events import SessionCreated
from trunkline.protocol.lifecycle import FLOWING, State
from trunkline.protocol.observations import LinkEnded
from trunkline.soak.link import Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from trunkline.protocol.backoff import RetryBudget
    from trunkline.protocol.closure import Closure
    from trunkline.protocol.events import Event
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.snapshot import Snapshot
    from trunkline.soak.agenda import Agenda
    from trunkline.soak.link import Link, NearJudge
    from trunkline.soak.trace import Trace

__all__ = ["Driver"]

WALL = 1.8e9
"""Unix time at the beginning of a run."""
_PROGRESS_INTERVAL = 0.25
"""As the client's driver asks the kernel; here only while a pong is awaited, since nothing else looks at it."""
_DOCUMENTED = (LocalError, OutboxFull, CodecError)


Dialer = Any
"""`(near, epoch, opened) -> None`: answers later, with a link or with an end."""


class Driver:
    """One line's event loop side."""

    def __init__(
        self,
        agenda: Agenda,
        dice: Random,
        trace: Trace,
        *,
        policy: LinePolicy,
        budget: RetryBudget,
        dial: Dialer,
        judge: NearJudge,
        reader: Callable[[Event], None],
        snapshot: Snapshot | None = None,
    ) -> None:
        self.connection = Connection(policy, budget=budget, snapshot=snapshot)
        self.links: dict[int, Link] = {}
        """By epoch: the serving one, and during a rotation a second, or one that is being left."""
        self.slept = 0.0
        """How long the client's clock stood still."""
        self.stood_at = float("-inf")
        """When the process last began to stand still."""
        self.woke_at = 0.0
        """When the process was last stopped from running."""
        self._agenda = agenda
        self._dice = dice
        self._trace = trace
        self._dial_server = dial
        self._judge = judge
        self._reader = reader
        self._state = State.IDLE
        self._dialing: set[int] = set()
        self._epoch = 0
        """Of the session that the application hears."""
        self._armed_at = float("inf")
        self._told = 0.0
        """The time of the last timeout: the line must never be told an earlier one."""
        self._blocked_until = 0.0
        self.asked_at = 0.0
        """When it last asked the kernel how far its bytes have come."""
        self._waiting: list[Callable[[], object]] = []
        self._polls = False
        self._is_dead = False

    @property
    def state(self) -> State:
        """Where the line stands."""
        return self.connection.state

    @property
    def epoch(self) -> int:
        """Of the serving link."""
        return self.connection.epoch

    @property
    def link(self) -> Link | None:
        """The serving link, if it is open."""
        return self.links.get(self.connection.epoch)

    def role(self, epoch: int) -> Role:
        """What the link of the epoch is to the line."""
        if epoch == self.connection.epoch:
            return Role.SERVING
        link = self.links.get(epoch)
        if link is not None and link.is_closing:
            return Role.LEAVING
        # One that is older, and was not left, served until a second one took its place.
        return Role.SERVING if epoch < self.connection.epoch else Role.SECOND

    def now(self) -> float:
        """Seconds of the client's clock."""
        return self._agenda.now - self.slept

    # Stopping the process.

    @property
    def is_blocked(self) -> bool:
        """Whether the process stands still."""
        return self._agenda.now < self._blocked_until

    def block(self, seconds: float, *, asleep: bool = False) -> None:
        """Stops the process; asleep, its clock stops with it."""
        if self.is_blocked:
            return
        self.stood_at = self._agenda.now
        self._blocked_until = self.woke_at = self.stood_at + seconds
        if asleep:
            self._agenda.at(self._blocked_until, partial(self._sleep, seconds))
        self._agenda.at(self._blocked_until, self._unblock)

    def kill(self) -> None:
        """The process is gone from one moment to the next, and its links with it."""
        self._is_dead = True
        self._waiting.clear()
        self._finish()

    def _sleep(self, seconds: float) -> None:
        self.slept += seconds

    def _unblock(self) -> None:
        self._armed_at = float("inf")
        waiting, self._waiting = self._waiting, []
        for deed in waiting:
            deed()
        self.input(lambda: None)

    def enter(self, deed: Callable[[], object]) -> None:
        """Does it in the process: now, or when it runs again."""
        if self.is_blocked:
            self._waiting.append(deed)
        elif not self._is_dead:
            deed()

    # Inputs.

    def input(self, deed: Callable[[], object]) -> bool:
        """One input and what follows from it; gives whether it was taken."""
        if self._is_dead:
            return False
        taken, is_ordinary = True, False
        try:
            is_ordinary = deed() is True
        except _DOCUMENTED:
            taken = False
        except Exception as error:  # noqa: BLE001 - the law itself: nothing else may come out
            self._judge.raised(error)
        try:
            if is_ordinary:
                self._hear()
            else:
                self._pump()
        except Exception as error:  # noqa: BLE001 - as above
            self._judge.raised(error)
        return taken

    def start(self) -> None:
        """Begins to dial."""
        self.input(lambda: self.connection.start(self.now()))

    def close(self) -> None:
        """Ends the line."""
        self.enter(lambda: self.input(lambda: self.connection.close(self.now())))

    def send(self, event: dict[str, Any]) -> bool:
        """A request of the application; gives whether it was taken."""
        return self.input(lambda: self.connection.send(event, self.now()))

    def send_audio(self, pcm: bytes) -> bool:
        """Audio of the application; gives whether it was taken."""
        return self.input(lambda: self._send_audio(pcm))

    def _send_audio(self, pcm: bytes) -> bool:
        """The short way, if it is open, as the client's driver does: then nobody asks what would be different."""
        link, now, message = self.link, self.now(), None
        if link is not None and link.writable:
            message = self.connection.fast_path.send(pcm, max(now, self._told))
        if link is None or message is None:
            self.connection.send_audio(pcm, now)
            return False
        link.write(message)
        return True

    def rotate(self, within: float | None) -> bool:
        """Asks for another session; gives whether that was possible."""
        return self.input(lambda: self.connection.rotate(self.now(), within))

    def played(self, item_id: str, samples: int) -> None:
        """News of the playout."""
        self.input(lambda: self.connection.played(item_id, samples, self.now()))

    # The link.

    def take(self, epoch: int, message: bytes) -> None:
        """A message came."""
        self.enter(lambda: self.input(lambda: self._receive(epoch, message)))

    def _receive(self, epoch: int, message: bytes) -> bool:
        if self.connection.fast_path.receive(epoch, message, self.now()):
            return True
        self.connection.receive(epoch, message, self.now())
        return False

    def take_pong(self, epoch: int, payload: bytes) -> None:
        """A pong came."""
        self.enter(lambda: self._pong(epoch, payload))

    def _pong(self, epoch: int, payload: bytes) -> None:
        if (link := self.links.get(epoch)) is not None:
            at = link.pings.get(payload)
            link.pings = {key: one for key, one in link.pings.items() if at is None or one > at}
        self.input(lambda: self._ponged(epoch, payload))

    def _ponged(self, epoch: int, payload: bytes) -> bool:
        if self.connection.fast_path.heartbeat.pong(epoch, payload, self.now()):
            return True
        self.connection.pong(epoch, payload, self.now())
        return False

    def take_end(self, epoch: int, closure: Closure) -> None:
        """The link ended, or could not be opened."""
        self.enter(lambda: self._ended(epoch, closure))

    def _ended(self, epoch: int, closure: Closure) -> None:
        if epoch in self._dialing or epoch in self.links:
            role = self.role(epoch)
            self._trace.note(self._agenda.now, f"ended {epoch} {closure.describe()}")
            self._dialing.discard(epoch)
            self._judge.ended(closure, self.links.pop(epoch, None), role)
        self.input(lambda: self.connection.link_closed(epoch, closure, self.now()))

    def take_room(self, epoch: int) -> None:
        """The link takes messages again."""
        if epoch in self.links:
            self.enter(lambda: self.input(lambda: None))

    def _opened(self, link: Link) -> None:
        if link.epoch not in self._dialing:
            link.abort()
            return
        self._dialing.discard(link.epoch)
        self.links[link.epoch] = link
        self.enter(lambda: self.input(lambda: self._told_open(link.epoch)))

    def _told_open(self, epoch: int) -> None:
        self.connection.tell_time(WALL + self._agenda.now, self.now())
        self.connection.link_opened(epoch, self.now())

    # The drains.

    def _pump(self) -> None:
        connection = self.connection
        while (command := connection.next_action()) is not None:
            self._do(command)
        self._write()
        self._hear()
        if connection.state is not self._state:
            before, self._state = self._state, connection.state
            self._trace.note(self._agenda.now, f"{self._state.value} {connection.epoch}")
            self._judge.moved(before, self._state)
        if self._state in (State.CLOSED, State.FAILED):
            self._finish()
        self._arm()

    def _hear(self) -> None:
        connection = self.connection
        while (event := connection.next_event()) is not None:
            # A switch stands between the events of two sessions: what is before its first one is of the old.
            if isinstance(event, SessionCreated):
                self._epoch = connection.epoch
            self._judge.delivered(event, self._epoch)
            self._reader(event)
        self._epoch = connection.epoch
        while (fact := connection.next_observation()) is not None:
            if isinstance(fact, LinkEnded):
                self._trace.note(self._agenda.now, f"says {fact.closure.describe()}")

    def _write(self) -> None:
        now = max(self.now(), self._told)
        for epoch, link in list(self.links.items()):
            while link.writable:
                if (message := self.connection.next_message(now, epoch)) is None:
                    break
                link.write(message)

    def _do(self, command: drains.Command) -> None:
        epoch = command.epoch
        if isinstance(command, drains.Dial):
            self._dial(epoch, refresh=command.refresh_credential)
        elif isinstance(command, drains.Ping):
            self._ping(epoch, command.payload)
        elif isinstance(command, drains.CloseLink):
            if epoch in self.links:
                self.links[epoch].close(command.code)
        else:
            self._judge.aborting(self.links.get(epoch), self.role(epoch))
            self._leave(epoch)

    def _dial(self, epoch: int, *, refresh: bool) -> None:
        self._dialing.add(epoch)
        role = Role.SECOND if self.state in FLOWING else Role.SERVING
        self._judge.dialing(epoch, role, refresh=refresh)
        self._dial_server(self, epoch, self._opened)

    def _leave(self, epoch: int) -> None:
        self._dialing.discard(epoch)
        if (link := self.links.pop(epoch, None)) is not None:
            link.abort()

    def _finish(self) -> None:
        for epoch in (*self._dialing, *self.links):
            self._leave(epoch)

    def _ping(self, epoch: int, payload: bytes) -> None:
        if (link := self.links.get(epoch)) is None:
            return
        link.ping(payload)
        link.pings[payload] = self._agenda.now
        if not self._polls:
            self._polls = True
            self._agenda.after(_PROGRESS_INTERVAL, self._poll)

    def _poll(self) -> None:
        self._polls = any(link.pings for link in self.links.values())
        if not self._polls:
            return
        self._agenda.after(_PROGRESS_INTERVAL, self._poll)
        for epoch, link in list(self.links.items()):
            if not self.is_blocked:
                self.asked_at = self._agenda.now
                self._sample(epoch, *link.progress())

    def _sample(self, epoch: int, acked: int, unsent: int) -> None:
        now, told = self.now(), self.connection.kernel.progress
        self.input(lambda: told(epoch, now, acked_bytes=acked, unsent_bytes=unsent))

    # The timer.

    def _arm(self) -> None:
        self._wake_at(self.connection.deadline())

    def _wake_at(self, due: float | None) -> None:
        if due is not None and due + self.slept < self._armed_at:
            self._armed_at = due + self.slept
            self._agenda.at(self._armed_at, self._timeout)

    def _timeout(self) -> None:
        if self._is_dead or self.is_blocked or self._agenda.now < self._armed_at:
            return
        self._armed_at = float("inf")
        due = self.connection.deadline()
        # The clock that slept is a difference of two numbers: it may lack the last bit of what was asked for.
        if due is not None and self.now() >= due - 1e-6:
            draw, now = self._dice.random(), max(self.now(), due)
            self._told = now
            self.input(lambda: self._due(now, draw))
        else:
            self._arm()

    def _due(self, now: float, draw: float) -> bool:
        heartbeat = self.connection.fast_path.heartbeat
        if (payload := heartbeat.ping(now)) is None:
            self.connection.handle_timeout(now, draw)
            return False
        self._ping(self.epoch, payload)
        self._wake_at(heartbeat.soonest_ping_at())
        return True
