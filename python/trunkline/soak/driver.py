"""The core's driver on the run's clock: what the client's driver does, without an event loop.

Every input is followed by emptying the drains. The process it stands for can be blocked (what comes meanwhile
waits, and is read before timers are looked at) and suspended (its clock stands still as well).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from trunkline.errors import CodecError, LocalError, OutboxFull
from trunkline.protocol import drains
from trunkline.protocol.connection import Connection
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import LinkEnded

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from trunkline.protocol.backoff import RetryBudget
    from trunkline.protocol.closure import Closure
    from trunkline.protocol.events import Event
    from trunkline.protocol.policy import LinePolicy
    from trunkline.soak.agenda import Agenda
    from trunkline.soak.link import Link
    from trunkline.soak.trace import Trace

__all__ = ["Driver", "NearJudge"]

_PROGRESS_INTERVAL = 0.25
"""As the client's driver asks the kernel; here only while a pong is awaited, since nothing else looks at it."""
_DOCUMENTED = (LocalError, OutboxFull, CodecError)


class NearJudge(Protocol):
    """Whoever watches the client's side."""

    def dialing(self, epoch: int, *, refresh: bool) -> None:
        """A link is asked for."""

    def aborting(self, link: Link | None) -> None:
        """A link is dropped."""

    def ended(self, closure: Closure, link: Link | None) -> None:
        """The current link ended, or could not be opened."""

    def moved(self, before: State, state: State) -> None:
        """The line went to another state."""

    def raised(self, error: Exception) -> None:
        """The core raised what it must not."""

    def delivered(self, event: Event, epoch: int) -> None:
        """An event reached the application's side."""


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
    ) -> None:
        self.connection = Connection(policy, budget=budget)
        self.link: Link | None = None
        self.pings: dict[bytes, float] = {}
        """Written and not answered, with their time."""
        self.slept = 0.0
        """How long the client's clock stood still."""
        self.woke_at = 0.0
        """When the process was last stopped from running."""
        self._agenda = agenda
        self._dice = dice
        self._trace = trace
        self._dial_server = dial
        self._judge = judge
        self._reader = reader
        self._state = State.IDLE
        self._armed_at = float("inf")
        self._told = 0.0
        """The time of the last timeout: the line must never be told an earlier one."""
        self._blocked_until = 0.0
        self._waiting: list[Callable[[], object]] = []
        self._polls = False

    @property
    def state(self) -> State:
        """Where the line stands."""
        return self.connection.state

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
        self._blocked_until = self.woke_at = self._agenda.now + seconds
        if asleep:
            self._agenda.at(self._blocked_until, partial(self._sleep, seconds))
        self._agenda.at(self._blocked_until, self._unblock)

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
        else:
            deed()

    # Inputs.

    def input(self, deed: Callable[[], object]) -> bool:
        """One input and what follows from it; gives whether it was taken."""
        taken = True
        try:
            deed()
        except _DOCUMENTED:
            taken = False
        except Exception as error:  # noqa: BLE001 - the law itself: nothing else may come out
            self._judge.raised(error)
        try:
            self._pump()
        except Exception as error:  # noqa: BLE001 - as above
            self._judge.raised(error)
        return taken

    def _input(self, deed: Callable[[], object]) -> None:
        self.input(deed)

    def start(self) -> None:
        """Begins to dial."""
        self.input(lambda: self.connection.start(self.now()))

    def close(self) -> None:
        """Ends the line."""
        self.enter(lambda: self._input(lambda: self.connection.close(self.now())))

    def send(self, event: dict[str, Any]) -> bool:
        """A request of the application; gives whether it was taken."""
        return self.input(lambda: self.connection.send(event, self.now()))

    def send_audio(self, pcm: bytes) -> bool:
        """Audio of the application; gives whether it was taken."""
        return self.input(lambda: self.connection.send_audio(pcm, self.now()))

    def played(self, item_id: str, samples: int) -> None:
        """News of the playout."""
        self.input(lambda: self.connection.played(item_id, samples, self.now()))

    # The link.

    def take(self, epoch: int, message: bytes) -> None:
        """A message came."""
        self.enter(lambda: self._input(lambda: self.connection.receive(epoch, message, self.now())))

    def take_pong(self, epoch: int, payload: bytes) -> None:
        """A pong came."""
        self.enter(lambda: self._pong(epoch, payload))

    def _pong(self, epoch: int, payload: bytes) -> None:
        if self.link is not None and epoch == self.link.epoch:
            at = self.pings.get(payload)
            self.pings = {key: one for key, one in self.pings.items() if at is None or one > at}
        self.input(lambda: self.connection.pong(epoch, payload, self.now()))

    def take_end(self, epoch: int, closure: Closure) -> None:
        """The link ended, or could not be opened."""
        self.enter(lambda: self._ended(epoch, closure))

    def _ended(self, epoch: int, closure: Closure) -> None:
        if epoch == self.connection.epoch and self.state not in (State.WAITING, State.CLOSED):
            self._trace.note(self._agenda.now, f"ended {epoch} {closure.describe()}")
            link, self.link = self.link, None
            self._judge.ended(closure, link)
        self.input(lambda: self.connection.link_closed(epoch, closure, self.now()))

    def take_room(self, epoch: int) -> None:
        """The link takes messages again."""
        if self.link is not None and self.link.epoch == epoch:
            self.enter(lambda: self._input(lambda: None))

    def _opened(self, link: Link) -> None:
        if link.epoch != self.connection.epoch or self.state is not State.DIALING:
            link.abort()
            return
        self.link = link
        self.pings = {}
        self.enter(lambda: self._input(lambda: self.connection.link_opened(link.epoch, self.now())))

    # The drains.

    def _pump(self) -> None:
        connection = self.connection
        while (command := connection.next_action()) is not None:
            self._do(command)
        self._write()
        while (event := connection.next_event()) is not None:
            self._judge.delivered(event, connection.epoch)
            self._reader(event)
        while (fact := connection.next_observation()) is not None:
            if isinstance(fact, LinkEnded):
                self._trace.note(self._agenda.now, f"says {fact.closure.describe()}")
        if connection.state is not self._state:
            before, self._state = self._state, connection.state
            self._trace.note(self._agenda.now, f"{self._state.value} {connection.epoch}")
            self._judge.moved(before, self._state)
        self._arm()

    def _write(self) -> None:
        while self.link is not None and self.link.writable:
            message = self.connection.next_message(max(self.now(), self._told))
            if message is None:
                return
            self.link.write(message)

    def _do(self, command: drains.Command) -> None:
        if isinstance(command, drains.Dial):
            self._leave()
            self._judge.dialing(command.epoch, refresh=command.refresh_credential)
            self._dial_server(self, command.epoch, self._opened)
        elif isinstance(command, drains.Ping):
            self._ping(command.payload)
        elif isinstance(command, drains.CloseLink):
            if self.link is not None:
                self.link.close(command.code)
        else:
            self._judge.aborting(self.link)
            self._leave()

    def _leave(self) -> None:
        link, self.link = self.link, None
        if link is not None:
            link.abort()

    def _ping(self, payload: bytes) -> None:
        if self.link is None:
            return
        self.link.ping(payload)
        self.pings[payload] = self._agenda.now
        if not self._polls:
            self._polls = True
            self._agenda.after(_PROGRESS_INTERVAL, self._poll)

    def _poll(self) -> None:
        self._polls = False
        if self.link is None or not self.pings:
            return
        self._polls = True
        self._agenda.after(_PROGRESS_INTERVAL, self._poll)
        if not self.is_blocked:
            acked, unsent = self.link.progress()
            epoch, now = self.link.epoch, self.now()
            self.input(
                lambda: self.connection.progress(epoch, now, acked_bytes=acked, unsent_bytes=unsent)
            )

    # The timer.

    def _arm(self) -> None:
        due = self.connection.deadline()
        if due is not None and due + self.slept < self._armed_at:
            self._armed_at = due + self.slept
            self._agenda.at(self._armed_at, self._timeout)

    def _timeout(self) -> None:
        if self.is_blocked or self._agenda.now < self._armed_at:
            return
        self._armed_at = float("inf")
        due = self.connection.deadline()
        # The clock that slept is a difference of two numbers: it may lack the last bit of what was asked for.
        if due is not None and self.now() >= due - 1e-6:
            draw, now = self._dice.random(), max(self.now(), due)
            self._told = now
            self.input(lambda: self.connection.handle_timeout(now, draw))
        else:
            self._arm()
