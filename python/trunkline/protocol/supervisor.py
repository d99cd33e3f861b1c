"""Leads a line through its life: one link after another, each phase with its deadline.

It carries out what the lifecycle table orders: dialing, waiting, saying goodbye. It judges how a link ended,
watches whether the current one lives, and says when it wants to be called again. What is said over the link is
not its business.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.errors import LineFailed, RetriesExhausted
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.attention import TIME_TO_READ, Attention
from trunkline.protocol.backoff import Backoff, RetryBudget
from trunkline.protocol.closure import Closure, Disposition, Fault, Verdict, judge
from trunkline.protocol.drains import AbortLink, CloseLink, Dial, Drains, Ping
from trunkline.protocol.lifecycle import FLOWING, Action, Input, State, step
from trunkline.protocol.link import Link
from trunkline.protocol.repetition import Repetitions
from trunkline.protocol.rotation import Rotation
from trunkline.protocol.times import earliest

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.link_facts import Phases
    from trunkline.protocol.observations import Observation
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.restore import Restore

__all__ = ["Supervisor"]

_LINKLESS = frozenset({State.IDLE, State.WAITING, State.CLOSED, State.FAILED})
_INPUTS = {
    Disposition.RETRY: Input.LINK_LOST,
    Disposition.ROTATE: Input.LINK_EXPIRED,
    Disposition.FATAL: Input.LINK_REFUSED,
    Disposition.DONE: Input.LINK_LOST,
}
# An expiry that comes sooner is none: dialing again at once would be a hot loop.
_SHORTEST_SESSION = 60.0


class Supervisor:
    """The state of one line and its current link; `connection.py` is its only caller."""

    def __init__(
        self,
        policy: LinePolicy,
        *,
        budget: RetryBudget,
        conversation: Conversation,
        restore: Restore,
        drains: Drains,
        renewable: bool = True,
    ) -> None:
        self.state = State.IDLE
        self.failure: LineFailed | None = None
        self.link = Link(epoch=0, dialed_at=0.0)
        self._policy = policy
        self._conversation = conversation
        self._restore = restore
        self._drains = drains
        self._now = 0.0
        self.attention = Attention()
        self._repetitions = Repetitions(renewable=renewable)
        self.rotation = Rotation(
            policy,
            budget=budget,
            repetitions=self._repetitions,
            conversation=conversation,
            restore=restore,
            drains=drains,
            lead=self,
        )
        self._backoff = Backoff(policy.backoff, budget)
        self._phase_ends_at: float | None = None
        self._retry_at: float | None = None
        self._verdict = judge(Closure(by_us=True))
        """Of the last link's end."""
        self._unplanned = False
        """Whether the current link was dialed without asking the budget: the first, or after an expiry."""
        self._was_dialed = True
        """Whether the last attempt came as far as a dial: without a credential it does not."""
        self._closures: list[Closure] = []
        """Of the links that ended since the line was last live."""

    # What happened.

    def step(self, happened: Input, now: float) -> None:
        """Goes on by the table. Raises LocalError if the input is not possible in the state."""
        self._now = now
        self._step(happened)
        if happened is Input.START:
            self._backoff.lost(now)
            self._unplanned = True

    def is_current(self, epoch: int, what: str, now: float) -> bool:
        """Whether an input speaks of the current link; if not, it is told and discarded."""
        self.attend(now)
        if epoch == self._drains.epoch and self.state not in _LINKLESS:
            return True
        self._observe(seen.Fenced(at=now, epoch=self._drains.epoch, stale_epoch=epoch, what=what))
        return False

    def opened(self, now: float, phases: Phases = (), ping_phase: float | None = None) -> None:
        """The upgrade of the current link was answered."""
        took = now - self.link.dialed_at
        self.link.opened(now, ping_phase)
        self._observe(seen.LinkOpened(at=now, epoch=self.link.epoch, took=took, phases=phases))
        self.step(Input.LINK_OPENED, now)

    def ended(self, closure: Closure, now: float) -> None:
        """The current link ended, or could not be opened."""
        self._now = now
        if self.state is State.CLOSING:
            # The answer to our goodbye, or what came instead of it: we wanted the end.
            closure = replace(closure, by_us=True, fault=None)
        self._end_link(closure)

    def refuse_settings(self, refusal: events.Refusal, now: float) -> None:
        """The server does not take our settings: without them there is no session to speak of."""
        self._now = now
        detail = " ".join(part for part in (refusal.param, refusal.message) if part)
        self._drop_link()
        self._end_link(Closure(fault=Fault.SETTINGS, detail=detail, by_us=True))

    def garbled(self, now: float) -> None:
        """A message could not be read; a flood of them is no session."""
        self._now = now
        if self.link.garbled(now):
            self._drop_link()
            self._end_link(Closure(fault=Fault.GARBLED, by_us=True))

    def expired(self, now: float) -> None:
        """The server said that the session had its time; the close that belongs to it does not always follow."""
        self._drop_link()
        self.ended(Closure(), now)

    def sent(self, now: float, *, is_audio: bool) -> None:
        """A message was handed to the link."""
        self._now = now
        if is_audio and self.link.liveness is not None:
            self.link.liveness.sent_audio(now)
        if self.state is State.RESTORING:
            # Messages are taken as fast as the link carries them: on a slow one a restore may take its time.
            self._await_ready()

    def resumed(self, gap: float, now: float) -> None:
        """The machine slept: the link is taken for dead, and waiting is over, since that time has passed."""
        self._now = now
        self.attention.lag(lambda: None, now)
        self._observe(seen.Suspended(at=now, epoch=self._drains.epoch, gap=gap))
        self.rotation.resumed(now)
        if self.state not in _LINKLESS:
            self._drop_link()
            self.ended(Closure(fault=Fault.SUSPENDED, detail=f"for {gap:.0f} s", by_us=True), now)
        self._skip_wait(gap)

    def _skip_wait(self, gap: float) -> None:
        """What the server asked for is kept, less the time that passed; what we chose ourselves is not."""
        if self.state is not State.WAITING:
            return
        asked = self._retry_at if self._verdict.floor_delay > 0 else None
        self._retry_at = self._now if asked is None else max(self._now, asked - gap)
        # The attempt was not planned: if it is in vain it must still be counted.
        self._unplanned = True

    def reconnect(self, now: float) -> None:
        """Leaves the link as if it had broken, or ends the wait, and dials. Raises LocalError if there is neither."""
        self._now = now
        if self.state in _LINKLESS or self.state is State.CLOSING:
            self._step(Input.RECONNECT)
            # An attempt that had its time was paid for; one that had none must be counted if it is in vain.
            self._unplanned = self._retry_at is None
            return
        self._drop_link()
        self.ended(Closure(fault=Fault.LEFT, by_us=True), now)

    def useful(self) -> None:
        """A response was completed: the link has proved itself."""
        self._backoff.useful()

    def take_over(self, link: Link, now: float) -> None:
        """A rotation switched: its link is the line's from here on, and live."""
        self.link = link
        self._unplanned = self.rotation.second.is_unpaid
        self._repetitions.live()
        self._closures.clear()
        self._backoff.live(now)

    # Time.

    def deadline(self, *, pings: bool = True) -> float | None:
        """When `handle_timeout` wants to be called, and of `pings` for one; None if only an input changes anything."""
        common = earliest(self._phase_ends_at, self.rotation.deadline())
        if self.state is State.WAITING:
            return earliest(common, self._now if self._retry_at is None else self._retry_at)
        liveness = self.link.liveness
        return common if liveness is None else earliest(common, liveness.looks_at(pings=pings))

    def handle_timeout(self, now: float, draw: float) -> None:
        """The time has come for something; `draw` is a random number in [0, 1)."""
        self.attend(now)
        if self.state is State.WAITING:
            self._wait(draw)
        elif self._phase_ends_at is not None and now >= self._phase_ends_at:
            self._phase_overdue()
        elif self.link.liveness is not None:
            self._watch()
        self.rotation.handle_timeout(now, draw)

    def attend(self, now: float) -> None:
        """The event loop runs; if it was blocked, on whatever link, what had come is read before anything is judged."""
        self._now = now
        lag = self.attention.lag(self._ran_for, now)
        if not lag:
            return
        self._observe(seen.LoopBlocked(at=now, epoch=self._drains.epoch, lag=lag))
        if self.link.liveness is not None:
            self.link.liveness.excuse(lag + TIME_TO_READ)
        if self._phase_ends_at is not None:
            self._phase_ends_at = max(self._phase_ends_at, now + TIME_TO_READ)
        self.rotation.excuse(lag, now)

    def _ran_for(self) -> float | None:
        return None if self.state is State.WAITING else self.deadline()

    def _wait(self, draw: float) -> None:
        if self._retry_at is None:
            floor = self._verdict.floor_delay
            self._retry_at = self._backoff.plan(
                self._now, draw, floor=floor, was_dialed=self._was_dialed
            )
            if self._retry_at is None:
                self._give_up()
                return
            delay = self._retry_at - self._now
            attempt = self._backoff.attempt
            self._observe(
                seen.RetryScheduled(
                    at=self._now, epoch=self._drains.epoch, attempt=attempt, delay=delay
                )
            )
        if self._now >= self._retry_at:
            self._step(Input.RETRY_DUE)

    def _give_up(self) -> None:
        self.failure = RetriesExhausted(self._verdict.cause, self._verdict.advice, self._closures)
        self._step(Input.GAVE_UP)

    def _phase_overdue(self) -> None:
        if self.state is State.CLOSING:
            overdue = Closure(fault=Fault.TIMEOUT, detail="no answer to our goodbye", by_us=True)
            verdict = judge(replace(overdue, fault=None))
            self._observe(self.link.ending(overdue, verdict, self._now))
            self._step(Input.GOODBYE_OVERDUE)
            return
        self._drop_link()
        detail = f"no answer while {self.state.value}"
        self._end_link(Closure(fault=Fault.TIMEOUT, detail=detail, by_us=True))

    def _watch(self) -> None:
        liveness = self.link.liveness
        assert liveness is not None
        if (fault := self.link.fault(self._now)) is not None:
            self._drop_link()
            self._end_link(Closure(code=1006, fault=fault, by_us=True))
        elif self._now >= liveness.ping_at():
            payload = self.link.ping(self._now, self._conversation.outbox.cursor)
            self._drains.actions.append(Ping(epoch=self._drains.epoch, payload=payload))

    # The table and its actions.

    def _step(self, happened: Input) -> None:
        source = self.state
        self.state, actions = step(source, happened)
        if self.state is not source:
            epoch, cause, now = self._drains.epoch, happened.value, self._now
            moved = seen.Transition(
                at=now, epoch=epoch, source=source, target=self.state, cause=cause
            )
            self._observe(moved)
        for action in actions:
            _ACTIONS[action](self)

    def _dial(self) -> None:
        self._drains.dialed += 1
        self._drains.epoch = self._drains.dialed
        self.link = Link(epoch=self._drains.epoch, dialed_at=self._now)
        self._phase_ends_at = self._now + self._policy.deadlines.dial
        refresh, name = self._repetitions.asks_for_new_key(), self._restore.resumption.ask()
        dial = Dial(epoch=self.link.epoch, refresh_credential=refresh, conversation_id=name)
        self._drains.actions.append(dial)

    def _await_ready(self) -> None:
        self._phase_ends_at = self._now + self._policy.deadlines.ready

    def _configure(self) -> None:
        self._await_ready()
        began_at = self._backoff.outage_at
        self._restore.configure(self._now, began_at=self._now if began_at is None else began_at)

    def _begin_restore(self) -> None:
        self._await_ready()
        if not self._restore.needed():
            self._step(Input.RESTORED)

    def _go_live(self) -> None:
        self._phase_ends_at = None
        self._repetitions.live()
        self._closures.clear()
        self._backoff.live(self._now)
        self._restore.finish(self._now)

    def _promote(self) -> None:
        self.link, self._phase_ends_at, self._unplanned = self.rotation.promote(self._now)

    def _plan_retry(self) -> None:
        self._retry_at = None

    def _say_goodbye(self) -> None:
        self._phase_ends_at = self._now + self._policy.deadlines.goodbye
        # From here on only the goodbye's own deadline counts.
        self.link.liveness = None
        self._drains.actions.append(CloseLink(epoch=self._drains.epoch, code=1000, reason=""))

    def _drop_link(self) -> None:
        self._drains.actions.append(AbortLink(epoch=self._drains.epoch))

    def _finish(self) -> None:
        self._phase_ends_at = None
        self.link.liveness = None
        self._drains.messages.clear()
        self.rotation.leaving.drop(self._now)

    def _end_link(self, closure: Closure) -> None:
        closure = self.link.explain(closure, self._now)
        lived = self.link.lived(self._now)
        self._verdict = self._repetitions.judge(closure, self._now)
        self._was_dialed = closure.fault is not Fault.CREDENTIAL
        self._closures.append(closure)
        self._observe(self.link.ending(closure, self._verdict, self._now))
        self._forget_link()
        is_left = closure.fault is Fault.LEFT
        wanted = is_left or self._verdict.disposition is Disposition.DONE
        unpaid = self._unplanned and not wanted and lived < self._policy.backoff.proof
        if unpaid and self._was_dialed:
            # Only if it was in vain: a process that opens many healthy lines must not starve their retries.
            self._backoff.dialed(self._now)
        self._backoff.lost(self._now)
        if self.state in FLOWING:
            self._drains.events.append(events.LineDropped(closure=closure, verdict=self._verdict))
        if self._verdict.disposition is Disposition.FATAL:
            self.failure = LineFailed(self._verdict.cause, self._verdict.advice, self._closures)
        happened = Input.RECONNECT if is_left else self._input_of(self._verdict, lived)
        if self.state is State.ROTATING:
            happened = self.rotation.promotion(happened)
        at_once = happened in (Input.LINK_EXPIRED, Input.RECONNECT)
        self._unplanned = at_once or (unpaid and not self._was_dialed)
        self._step(happened)

    def _input_of(self, verdict: Verdict, lived: float) -> Input:
        happened = _INPUTS[verdict.disposition]
        if happened is Input.LINK_EXPIRED and lived < _SHORTEST_SESSION:
            return Input.LINK_LOST
        return happened

    def _forget_link(self) -> None:
        self.link.liveness = None
        self._phase_ends_at = None
        self._drains.messages.clear()
        self._restore.dropped()
        self._conversation.dropped()

    def _observe(self, observation: Observation) -> None:
        self._drains.observations.append(observation)


# One for all lines: a method bound for each action of each line would be a kilobyte of it.
_ACTIONS: dict[Action, Callable[[Supervisor], None]] = {
    Action.DIAL: Supervisor._dial,
    Action.AWAIT_SESSION: Supervisor._await_ready,
    Action.CONFIGURE: Supervisor._configure,
    Action.RESTORE: Supervisor._begin_restore,
    Action.GO_LIVE: Supervisor._go_live,
    Action.PLAN_RETRY: Supervisor._plan_retry,
    Action.SAY_GOODBYE: Supervisor._say_goodbye,
    Action.DROP_LINK: Supervisor._drop_link,
    Action.FINISH: Supervisor._finish,
    Action.BEGIN_ROTATION: lambda line: line.rotation.begin(line._now),
    Action.SWITCH: lambda line: line.rotation.switch(line._now),
    Action.END_ROTATION: lambda line: line.rotation.end(line._now),
    Action.PROMOTE: Supervisor._promote,
}
