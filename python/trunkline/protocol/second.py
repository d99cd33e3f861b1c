"""The second link of a rotation: from its dial, over its failures, to a session that is level with the first.

It has the phases of a line in small (`lifecycle.PHASES`), its own deadlines and its own liveness. Its ends are judged
with the memory of the line, since a server that refuses the one refuses the other. It decides nothing about the line:
it says how it failed, and `rotation.py` says what that means.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.protocol import events, wire
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget, retry_delay
from trunkline.protocol.closure import Closure, Fault, judge
from trunkline.protocol.dialect import spoken
from trunkline.protocol.drains import AbortLink, Dial, Drains, Ping
from trunkline.protocol.lifecycle import Input, Phase, next_phase
from trunkline.protocol.link import Link
from trunkline.protocol.observations import Direction
from trunkline.protocol.standby import Standby
from trunkline.protocol.times import earliest

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.events import Event
    from trunkline.protocol.link_facts import Phases
    from trunkline.protocol.observations import Observation
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.repetition import Repetitions

__all__ = ["Second"]

_TOLD = frozenset({Phase.RESTORING, Phase.READY})
_NO_VERDICT = judge(Closure(by_us=True))


class Second:
    """At most one link at a time, attempt after attempt; `rotation.py` is its only caller."""

    def __init__(
        self,
        policy: LinePolicy,
        *,
        budget: RetryBudget,
        repetitions: Repetitions,
        conversation: Conversation,
        drains: Drains,
        new_id: Callable[[], str],
    ) -> None:
        self.phase = Phase.WAITING
        self.link: Link | None = None
        self.standby: Standby | None = None
        self.verdict = _NO_VERDICT
        """Of the last attempt's end."""
        self.phase_ends_at: float | None = None
        self.retry_at: float | None = None
        self._policy = policy
        self._law = policy.law
        self._budget = budget
        self._repetitions = repetitions
        self._asking = RetryBudget()
        """For attempts that end before the dial, at the credential."""
        self._conversation = conversation
        self._drains = drains
        self._new_id = new_id
        self._now = 0.0
        self._attempt = 0
        self.is_unpaid = False
        """Whether the attempt was made without asking the budget: the first."""
        self._was_dialed = True
        """Whether the last attempt came as far as a dial."""

    def begin(self, now: float) -> None:
        """A rotation begins: nothing of an earlier one counts."""
        self._now = now
        self.verdict, self._attempt = _NO_VERDICT, 0
        self._was_dialed = self.is_unpaid = True
        self.forget()

    def forget(self) -> None:
        """There is no second link any more."""
        self.phase = Phase.WAITING
        self.link = self.standby = self.retry_at = self.phase_ends_at = None

    @property
    def is_told(self) -> bool:
        """Whether its session takes what the first one knows."""
        return self.phase in _TOLD

    # An attempt.

    def wait(self, now: float, draw: float, *, until: float) -> float | None:
        """When the next attempt is made; the first comes at once. None if there can be none before `until`."""
        self._now = now
        if self.retry_at is None:
            self.retry_at = self._reserve(draw, until)
        return self.retry_at

    def _reserve(self, draw: float, until: float) -> float | None:
        attempt, self._attempt = self._attempt, self._attempt + 1
        if not attempt:
            return self._now
        floor = self.verdict.floor_delay
        delay = retry_delay(self._policy.backoff, attempt=attempt, draw=draw, floor=floor)
        budget = self._budget if self._was_dialed else self._asking
        return budget.reserve(self._now + delay, draw, until=until)

    def dial(self, now: float) -> None:
        """The time of the attempt has come."""
        self._now = now
        self._step(Input.RETRY_DUE)
        self._drains.dialed += 1
        self.link = Link(epoch=self._drains.dialed, dialed_at=now)
        self.phase_ends_at = now + self._policy.deadlines.dial
        refresh = self._repetitions.asks_for_new_key()
        self._drains.actions.append(Dial(epoch=self.link.epoch, refresh_credential=refresh))

    def failed(self, closure: Closure, now: float) -> Closure:
        """It ended; gives what is known of that. The verdict says whether there may be another."""
        self._now, link = now, self.current()
        closure = link.explain(closure, now)
        self.verdict = self._repetitions.judge(closure, now)
        self._was_dialed = closure.fault is not Fault.CREDENTIAL
        if self.is_unpaid and self._was_dialed:
            self.is_unpaid = False
            if link.lived(now) < self._policy.backoff.proof:
                # As a line's first dial: it counts only if it was in vain.
                self._budget.spend(now)
        self._step(Input.LINK_LOST)
        self.forget()
        return closure

    def current(self) -> Link:
        """The link of the attempt that is made."""
        assert self.link is not None
        return self.link

    # What happens on it.

    def opened(self, now: float, phases: Phases = (), ping_phase: float | None = None) -> None:
        """Its upgrade was answered."""
        self._now, link = now, self.current()
        took = now - link.dialed_at
        link.opened(now, ping_phase)
        self._observe(seen.LinkOpened(at=now, epoch=link.epoch, took=took, phases=phases))
        self._step(Input.LINK_OPENED)
        self._await_ready()

    def receive(self, message: bytes, now: float) -> Closure | None:
        """One message of its session; gives how it ends, if the message ends it."""
        self._now, link = now, self.current()
        if link.liveness is not None:
            link.liveness.received(now)
        received = wire.decode(message, law=self._law)
        if isinstance(received, wire.Malformed):
            self._anomaly(received.reason, received.sample)
            return self._aborted(Closure(fault=Fault.GARBLED)) if link.garbled(now) else None
        self._tell_passed(Direction.DOWN, received.type, message)
        link.said(received.event, now)
        return self._take(received.event)

    def _take(self, event: Event) -> Closure | None:
        standby = self.standby
        if isinstance(event, events.SessionCreated) and self.phase is Phase.OPENING:
            self._configure(event)
        elif standby is None:
            self._anomaly("before session.created", type(event).__name__)
        elif isinstance(event, events.Refusal) and standby.is_settings(event.request_id):
            return self._settings_refused(event)
        else:
            standby.take(event)
            if self.phase is Phase.CONFIGURING and not standby.unconfirmed:
                self._step(Input.CONFIGURED)
        return None

    def _configure(self, event: events.SessionCreated) -> None:
        self._step(Input.SESSION_CREATED)
        # Its key was taken: one that was refused on the way here says nothing of the next outage.
        self._repetitions.live()
        self.standby = Standby(event, self._policy, self._conversation, new_id=self._new_id)
        self.standby.offer_settings()
        self._await_ready()

    def _settings_refused(self, refusal: events.Refusal) -> Closure:
        """An update that the first session has yet to refuse will pass; settings that it took will not."""
        detail = " ".join(part for part in (refusal.param, refusal.message) if part)
        is_asking = self._conversation.ledger.settings.is_asking()
        fault = Fault.INTERNAL if is_asking else Fault.SETTINGS
        return self._aborted(Closure(fault=fault, detail=detail))

    def pong(self, payload: bytes, now: float) -> None:
        """A ping was answered."""
        self.current().pong(payload, now)

    def progress(self, acked_bytes: int | None, now: float) -> None:
        """What the kernel acknowledged so far, if it tells."""
        liveness = self.current().liveness
        if liveness is not None and acked_bytes is not None:
            liveness.progress(acked_bytes, now)

    def next_message(self, now: float) -> bytes | None:
        """The next message for it; ask only while the link takes more."""
        if self.standby is None or not self.standby.outgoing:
            return None
        self._now = now
        type_, text = self.standby.outgoing.popleft()
        text = spoken(self._policy.dialect, text)
        self._await_ready()
        self._tell_passed(Direction.UP, type_, text)
        return text

    def sync(self, now: float) -> None:
        """Tells its session what is new, and follows whether it is level."""
        standby = self.standby
        assert standby is not None
        self._now = now
        standby.sync(now)
        if standby.is_level():
            self.phase_ends_at = None
            if self.phase is Phase.RESTORING:
                self._step(Input.RESTORED)
        elif self.phase is Phase.READY:
            self._await_ready()
            self._step(Input.FELL_BEHIND)

    # Time.

    def excuse(self, lag: float, time_to_read: float, now: float) -> None:
        """The event loop was blocked for so long: first what had come is read, then anything is judged."""
        if self.link is not None and self.link.liveness is not None:
            self.link.liveness.excuse(lag + time_to_read)
        if self.phase_ends_at is not None:
            self.phase_ends_at = max(self.phase_ends_at, now + time_to_read)

    def looks_at(self) -> float | None:
        """When it wants to be looked at; a planned attempt that has no time yet wants it now."""
        if self.phase is Phase.WAITING:
            return self._now if self.retry_at is None else self.retry_at
        settles_at = None if self.standby is None else self.standby.looks_at
        liveness = self.current().liveness
        alive_at = None if liveness is None else liveness.looks_at()
        return earliest(self.phase_ends_at, settles_at, alive_at)

    def watch(self, now: float) -> Closure | None:
        """Looks whether it lives and keeps its deadline; gives how it ends, if it does."""
        self._now, link = now, self.current()
        if self.phase_ends_at is not None and now >= self.phase_ends_at:
            detail = f"no answer while {self.phase.value}"
            return self._aborted(Closure(fault=Fault.TIMEOUT, detail=detail))
        if link.liveness is not None and link.liveness.is_dead(now):
            return self._aborted(Closure(code=1006, fault=Fault.DEAD))
        if link.liveness is not None and now >= link.liveness.ping_at():
            payload = link.ping(now, 0)
            self._drains.actions.append(Ping(epoch=link.epoch, payload=payload))
        return None

    def _aborted(self, closure: Closure) -> Closure:
        self._drains.actions.append(AbortLink(epoch=self.current().epoch))
        return replace(closure, by_us=True)

    def _await_ready(self) -> None:
        self.phase_ends_at = self._now + self._policy.deadlines.ready

    # What is told.

    def _tell_passed(self, direction: Direction, type_: str, message: bytes) -> None:
        self._observe(
            seen.MessagePassed(
                at=self._now,
                epoch=self.current().epoch,
                direction=direction,
                type=type_,
                size_bytes=len(message),
                message=message,
            )
        )

    def _anomaly(self, kind: str, sample: str) -> None:
        epoch = self.current().epoch
        self._observe(seen.Anomaly(at=self._now, epoch=epoch, kind=kind, sample=sample))

    def _step(self, happened: Input) -> None:
        self.phase = next_phase(self.phase, happened)

    def _observe(self, observation: Observation) -> None:
        self._drains.observations.append(observation)
