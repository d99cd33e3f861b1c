"""One segment: a process with its retry budget, its lines one after another, a server, and misfortunes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from trunkline.errors import ConfigError
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure
from trunkline.protocol.lifecycle import FLOWING, State
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.snapshot import Snapshot
from trunkline.protocol.window import RotationPolicy
from trunkline.soak import bounds
from trunkline.soak.agenda import Agenda
from trunkline.soak.caller import Caller, settings_of
from trunkline.soak.driver import Driver
from trunkline.soak.faults import FAULTS, FINAL, KINDS
from trunkline.soak.judge import Judge
from trunkline.soak.link import Role
from trunkline.soak.outcome import Outcome, Violation
from trunkline.soak.pipe import Weather
from trunkline.soak.profile import Habits, draw_habits
from trunkline.soak.server import Server
from trunkline.soak.session import Session
from trunkline.soak.tape import Microphone
from trunkline.soak.trace import Trace
from trunkline.soak.voice import Witness
from trunkline.soak.watch import Watch

if TYPE_CHECKING:
    from trunkline.protocol.events import Event
    from trunkline.soak.link import Link, NearEnd

__all__ = ["CALM", "Segment", "Stage", "run_segment"]

CALM = 120.0
"""I20: so long after the last misfortune the line is live and nothing waits."""
_SETTLES = 10.0
"""What a switch leaves to tell, the sound of words that nobody wrote down, has reached the server by then."""
_CALL = (300.0, 1500.0)
"""Seconds of one line's life before its calm; fewer turns than the replay budget holds."""
_BUSY = 0.2
"""How often a server has no room for the session that is to take another's place."""
_SECOND_REFUSED = ([Closure(status=503)] * 3, [Closure(status=401)])
_RUDE = 0.3
"""How often a server does not answer the goodbye."""
_AIMED = 0.04
"""How many misfortunes wait for a state that is too short to be met by chance."""
_SHORT_STATES = (State.CONFIGURING, State.RESTORING, State.ROTATING)
_MOST_VIOLATIONS = 5
"""Of one segment: the first tells, the rest follow from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Everything that a segment depends on."""

    seed: int
    number: int
    profile: str
    seconds: float

    @property
    def name(self) -> str:
        """As it is written into a violation."""
        return f"{self.seed}/{self.number}"


class Broken(BaseException):  # so that nobody on the way takes it for an error of the core
    """The segment has shown enough."""


class Stage:
    """What all of a segment's lines share, and the line of the moment."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.agenda = Agenda()
        self.dice = Random(f"{segment.seed}/{segment.number}/{segment.profile}")  # noqa: S311 - a seed, no secret
        self.trace = Trace()
        self.outcome = Outcome(hours=segment.seconds / 3600)
        self.habits: Habits = draw_habits(segment.profile, self.dice, KINDS)
        weather = Weather(delay=self.habits.delay, jitter=self.habits.jitter)
        self.server = Server(
            self.agenda, self.dice, seed=self.dice.getrandbits(32), weather=weather
        )
        self.server.lifetime = self.habits.lifetime
        self.budget = RetryBudget()
        self.driver: Driver
        self.caller: Caller
        self.judge: Judge
        self.watch: Watch
        self._voice: Witness
        self._calls = 0
        self._target: Link | None = None
        self._aimed: dict[State, str] = {}
        """Misfortunes that wait for a state."""
        self._is_calm = False

    # What faults need to know.

    @property
    def link(self) -> Link | None:
        """The connection that a misfortune is aimed at; the serving one before the first, or if that is gone."""
        link = self._target
        if link is None or not link.is_open:
            link = self.driver.link
        return link if link is not None and link.is_open else None

    @property
    def session(self) -> Session | None:
        """The session at its far end."""
        return _session_of(self.link)

    def _aim(self) -> None:
        links = [one for one in self.driver.links.values() if one.is_open]
        self._target = self.dice.choice(links) if links else None

    def trouble(self, seconds: float) -> None:
        """Until then nothing is promised to be quick."""
        self.watch.trouble_until = max(self.watch.trouble_until, self.agenda.now + seconds)

    # One line after another.

    def run(self) -> Outcome:
        """The whole segment."""
        try:
            self._plan_fault()
            self._plan_operation()
            while self.agenda.now < self.segment.seconds:
                self._call()
        except Broken:
            pass
        self.outcome.trace_hash = self.trace.digest()
        self.outcome.figures["messages"] += self.server.messages
        self.outcome.figures["sessions"] += self.server.sessions
        return self.outcome

    def _call(self) -> None:
        self._pick_up()
        left = self.segment.seconds - self.agenda.now
        length = min(self.dice.uniform(*_CALL), max(left - CALM, 1.0))
        ends_at = self.agenda.now + length
        while self.agenda.now < ends_at and not self._is_over():
            self.agenda.run_until(min(ends_at, self.agenda.now + 5.0))
            bounds.look(self.driver.connection, self.accuse)
        if not self._is_over():
            self._calm_down()
        self._hang_up()

    def _is_over(self) -> bool:
        return self.driver.state in (State.CLOSED, State.FAILED) or self.caller.stays_closed

    def _pick_up(self) -> None:
        self._calls += 1
        self._is_calm = False
        microphone = Microphone()
        least, most = self.habits.reply_ms
        self._voice = Witness(microphone, least_ms=least, most_ms=most)
        self.watch = Watch(self.agenda, self.accuse)
        self.judge = Judge(self.agenda, microphone, self._voice, self.accuse, self.watch)
        self.caller = Caller(self.agenda, self.dice, self.habits, microphone, self.judge)
        self.judge.caller = self.caller
        self.judge.wants(self.habits.outage)
        session = settings_of(self.habits, by_hand=self.caller.by_hand, version=0)
        self.driver = self._line(_policy(self.habits, session))
        self.watch.attach(self.driver)
        self.caller.attach(self.driver)
        self.driver.start()

    def _line(self, policy: LinePolicy, snapshot: Snapshot | None = None) -> Driver:
        return Driver(
            self.agenda, self.dice, self.trace, policy=policy, budget=self.budget, dial=self._dial,
            judge=self, reader=self.caller.read, snapshot=snapshot,
        )  # fmt: skip

    def _take_over(self) -> None:
        """The line's process is killed, and another goes on with the document it left."""
        if self._is_over() or self.driver.is_blocked:
            # A process that stands still writes no document.
            return
        snapshot = self._document()
        slept = self.driver.slept
        self.driver.kill()
        self.outcome.figures["take-overs"] += 1
        self.budget = RetryBudget()
        self.outcome.figures["switches"] += self.watch.switches
        before, self.watch = self.watch, Watch(self.agenda, self.accuse)
        self.driver = self._line(_policy(self.habits, snapshot.session), snapshot)
        self.driver.slept = slept
        self.watch.attach(self.driver)
        self.watch.succeeds(before)
        self.judge.moves_to(self.watch)
        self.caller.moves_to(self.driver)
        self.driver.start()

    def _document(self) -> Snapshot:
        connection = self.driver.connection
        document = bounds.weigh(connection.snapshot(), connection.policy, self.accuse)
        try:
            return Snapshot.read(document)
        except ConfigError as error:
            self.raised(error)
            raise

    def _dial(self, near: NearEnd, epoch: int, opened: object) -> None:
        assert callable(opened)
        watch = self.watch

        def told(link: Link) -> None:
            opened(link)
            if link.is_open:
                watch.opened(link)

        self.server.dial(near, epoch, self.judge, self._voice, told)

    def _calm_down(self) -> None:
        """No more misfortune: the line must come back and have nothing left to do."""
        self._is_calm = True
        self.caller.hangs_up = True
        server = self.server
        server.refusals.clear()
        server.silences = 0
        start = max(
            server.dark_until, server.down_until, server.loops_until, self.watch.trouble_until
        )
        self.agenda.run_until(max(start, self.agenda.now) + CALM)
        self._settle()
        if self._is_over():
            return
        if self.driver.state not in FLOWING:
            # A session may just now have reached its natural end.
            self.agenda.run_until(self.agenda.now + 15.0)
        if self.driver.state not in FLOWING:
            self.accuse("I20", f"{self.driver.state.value} after {CALM:.0f} s without a fault")
            return
        self.judge.final()

    def _settle(self) -> None:
        live_at = self.watch.live_at
        if live_at is not None and self.agenda.now - live_at < _SETTLES:
            self.agenda.run_until(live_at + _SETTLES)

    def _hang_up(self) -> None:
        driver = self.driver
        self.caller.stays_closed = True
        if self.dice.random() < _RUDE:
            self.server.darken(5.0)
        driver.close()
        self.agenda.run_until(self.agenda.now + 2.5 + 200.0 * driver.is_blocked)
        if driver.state not in (State.CLOSED, State.FAILED):
            self.accuse("I14", f"{driver.state.value} long after it was closed")
        figures = self.outcome.figures
        figures["calls"] += 1
        figures["switches"] += self.watch.switches
        figures["turns"] += self.caller.turns
        figures["audio_seconds"] += self.caller.captured_seconds
        for link in driver.links.values():
            link.abort()
        self.agenda.run_until(self.agenda.now + self.dice.uniform(0.5, 20.0))

    # Misfortunes and operations.

    def _plan_fault(self) -> None:
        self.agenda.after(self.dice.expovariate(1 / self.habits.fault_interval), self._strike)

    def _strike(self) -> None:
        self._plan_fault()
        kinds = [kind for kind in KINDS if kind in self.habits.faults]
        weights = [
            self.habits.fault_weights[kind] * (0.03 if kind == FINAL else 1.0) for kind in kinds
        ]
        kind = self.dice.choices(kinds, weights)[0]
        if self._is_calm or self._is_over():
            return
        if self.dice.random() < _AIMED:
            self._aimed[self.dice.choice(_SHORT_STATES)] = kind
        else:
            self._befall(kind)

    def _befall(self, kind: str) -> None:
        if self._is_calm or self._is_over():
            return
        self.outcome.faults[kind] += 1
        self.outcome.coverage[kind, self.driver.state.value] += 1
        self.trace.note(self.agenda.now, f"fault {kind}")
        self.watch.struck_at = self.agenda.now
        self._aim()
        FAULTS[kind](self)

    def _plan_operation(self) -> None:
        self.agenda.after(self.dice.expovariate(1 / self.habits.operation_interval), self._operate)

    def _operate(self) -> None:
        self._plan_operation()
        operations = self.habits.operations
        if not operations or self._is_calm or self._is_over():
            return
        chosen = self.dice.choices(operations, [one.weight for one in operations])[0].name
        self.outcome.figures["operations"] += 1
        self.trace.note(self.agenda.now, f"does {chosen}")
        if chosen == "rotate" and self.dice.random() < _BUSY:
            self._be_busy()
        if chosen == "reopen":
            self.caller.stays_closed = True
        elif chosen == "snapshot":
            self._take_over()
        elif chosen == "tool":
            # A model calls in a response, and none is given before a session is restored.
            session = _session_of(self.driver.link)
            if session is not None and self.driver.state in FLOWING:
                session.call_tool(str(self.outcome.figures["operations"]))
        else:
            self.caller.do(chosen)

    def _be_busy(self) -> None:
        """Chance alone rarely makes the second link wait for its third try, or ask for a new key."""
        self.server.refusals.extend(self.dice.choice(_SECOND_REFUSED))
        if self.driver.state is State.ROTATING:
            # On top of the refusals that this rotation has met: it need not bear all of them in its time.
            self.watch.struck_at = self.agenda.now

    # The judges, as the driver sees them.

    def dialing(self, epoch: int, role: Role, *, refresh: bool) -> None:
        """It asks for a link."""
        self.trace.note(self.agenda.now, f"dials {epoch} {role.value} {refresh}")
        self.watch.dialing(role, refresh=refresh)

    def aborting(self, link: Link | None, role: Role) -> None:
        """It drops a link."""
        self.trace.note(self.agenda.now, f"aborts {role.value}")
        self.watch.aborting(link, role)

    def ended(self, closure: Closure, link: Link | None, role: Role) -> None:
        """A link ended, or could not be opened."""
        self.watch.ended(closure, link, role)
        if role is Role.SERVING:
            self.agenda.after(0.0, self.watch.settle)

    def moved(self, before: State, state: State) -> None:
        """The line went on."""
        self.watch.moved(before, state)
        kind = self._aimed.pop(state, None)
        if kind is not None:
            # Somewhere in the way of a message, so that the state is not over yet.
            delay = self.dice.uniform(0.0, self.habits.delay)
            self.agenda.after(delay, partial(self._befall, kind))

    def raised(self, error: Exception) -> None:
        """The core raised what it must not."""
        self.accuse("I8", f"{type(error).__name__}: {error}")
        raise Broken from error

    def delivered(self, event: Event, epoch: int) -> None:
        """An event left the core."""
        self.trace.note(self.agenda.now, type(event).__name__)
        self.watch.delivered(event, epoch)
        self.judge.delivered(event)

    def accuse(self, law: str, detail: str) -> None:
        """A law was broken."""
        self.outcome.violations.append(
            Violation(
                law=law, seed=self.segment.name, at=self.agenda.now, detail=detail, context=tuple(self.trace.context())
            )
        )  # fmt: skip
        if len(self.outcome.violations) >= _MOST_VIOLATIONS:
            raise Broken


def _policy(habits: Habits, session: dict[str, Any]) -> LinePolicy:
    age = habits.rotates_after
    if not age:
        return LinePolicy(session=session, outage=habits.outage)
    rotation = RotationPolicy(
        after=age, spread=age / 10, latest=age * 1.2, hurry=min(30.0, age / 10), lifetime=habits.lifetime
    )  # fmt: skip
    return LinePolicy(session=session, rotation=rotation, outage=habits.outage)


def _session_of(link: Link | None) -> Session | None:
    far = link.far if link is not None else None
    return far if isinstance(far, Session) else None


def run_segment(segment: Segment) -> Outcome:
    """What a segment came to; the same segment comes to the same."""
    return Stage(segment).run()
