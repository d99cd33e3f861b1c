"""Changing to a new link without a break: the second is ready before the first is left.

The problem: a session ends after 60 minutes. The plain way, waiting for that and restoring then, costs a second of
silence and whatever answer was being given; closing first and dialing then costs the same at a better moment.

Our way: while the first link goes on, a second is dialed, configured and told the conversation (`standby.py`), and kept
level with it. Then the line waits for a moment at which nobody notices: no utterance open, no answer in flight, none
being played, no words or tool output outstanding. Near the end of the window any moment between answers will do, and
at its end any at all. The switch itself is one step of the core, so it falls between two chunks: up to it the first
link carries audio and events, from it on the second. What the first session had and had not yet committed is given
to the second from the outbox, as after any drop, so the books need no new rule.

The second link may fail: it is tried again with backoff, out of the same budget as all dials, and what its ends mean is
judged with the same memory; the first never notices.
If the final verdict is that there can be no second, the first goes on until its end. If the first fails, the second
takes its place as far as it has come; the supervisor's table says into which state.

Left out: a third link. While the one that was left says goodbye, the next rotation waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.attention import TIME_TO_READ
from trunkline.protocol.closure import Disposition
from trunkline.protocol.drains import AbortLink, Drains
from trunkline.protocol.handover import Handover
from trunkline.protocol.leaving import Leaving
from trunkline.protocol.lifecycle import Input, Phase, State
from trunkline.protocol.moment import Moments
from trunkline.protocol.second import Second
from trunkline.protocol.times import earliest
from trunkline.protocol.window import Window

if TYPE_CHECKING:
    from trunkline.protocol.backoff import RetryBudget
    from trunkline.protocol.closure import Closure
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.events import Event
    from trunkline.protocol.link import Link
    from trunkline.protocol.observations import Observation
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.repetition import Repetitions
    from trunkline.protocol.restore import Restore
    from trunkline.protocol.settings import JsonObject

__all__ = ["Lead", "Rotation"]

_PROMOTIONS = {Phase.DIALING: Input.PROMOTED_DIALING, Phase.OPENING: Input.PROMOTED_OPENING}


class Lead(Protocol):
    """Who leads the line: the supervisor."""

    state: State
    link: Link

    def step(self, happened: Input, now: float) -> None:
        """Goes on by the table."""

    def take_over(self, link: Link, now: float) -> None:
        """The link is the line's from here on, and live."""


class Rotation:
    """The rotations of one line; the connection and the supervisor call it."""

    def __init__(
        self,
        policy: LinePolicy,
        *,
        budget: RetryBudget,
        repetitions: Repetitions,
        conversation: Conversation,
        restore: Restore,
        drains: Drains,
        lead: Lead,
    ) -> None:
        self.second = Second(
            policy,
            budget=budget,
            repetitions=repetitions,
            conversation=conversation,
            drains=drains,
            new_id=restore.new_id,
        )
        self._moments = Moments(policy.rotation, conversation)
        self._policy = policy
        self._handover = Handover(policy, conversation, restore, drains)
        self._drains = drains
        self._lead = lead
        self._now = 0.0
        self._wall_offset: float | None = None
        self._window: Window | None = None
        """Of the current session; None if there is none, or if its rotation failed for good."""
        self._began_at = 0.0
        self._is_told = True
        """Whether the observers know how the latest rotation ended."""
        self.leaving = Leaving(drains, patience=policy.deadlines.goodbye)

    # The first link.

    def tell_time(self, wall: float, now: float) -> None:
        """What Unix time it is: `expires_at` is told in it."""
        self._wall_offset = wall - now

    def session_created(self, event: events.SessionCreated, now: float) -> None:
        """The line has a new session, by a dial and not by a switch."""
        self._now = now
        self._handover.forget()
        self._window = self._window_of(event.session, self._lead.link)

    def _window_of(self, session: JsonObject, link: Link) -> Window:
        window = Window(self._policy.rotation, opened_at=self._now - link.lived(self._now))
        expires_at = session.get("expires_at")
        if isinstance(expires_at, int | float) and self._wall_offset is not None:
            window.told(expires_at - (window.opened_at + self._wall_offset))
        return window

    def ask(self, within: float | None, now: float) -> None:
        """The application wants a rotation, within so many seconds. Raises LocalError if the line is not live."""
        self._now = now
        patience = self._policy.rotation.patience
        within = patience if within is None else within
        if self._lead.state is State.ROTATING:
            self._moments.any_at = min(self._moments.any_at, now + within)
        else:
            self._begin("asked for", now + within, now + max(within, patience))

    def stay(self, now: float) -> None:
        """The current session is to be the last."""
        self._now, self._window = now, None
        if self._lead.state is State.ROTATING:
            self._give_up("the line is being drained", "the session goes on until its end")

    def _begin(self, cause: str, any_at: float, gives_up_at: float) -> None:
        self._lead.step(Input.ROTATE, self._now)
        self._moments.any_at, self._moments.gives_up_at = any_at, gives_up_at
        within = any_at - self._now
        self._observe(
            seen.RotationBegun(at=self._now, epoch=self._drains.epoch, cause=cause, within=within)
        )

    def begin(self, now: float) -> None:
        """By the table: the line is rotating."""
        self._began_at = self._now = now
        self._is_told = False
        self.second.begin(now)

    def noticed(self, event: Event, now: float) -> None:
        """The first session told something, and the books know it."""
        self._now = now
        if not isinstance(event, events.AudioDelta | events.TranscriptDelta):
            self.advance(now)

    def asked(self, now: float) -> None:
        """The application asked for something, and the books know it."""
        self._moments.asked(now)
        self.advance(now)

    # The second link.

    def owns(self, epoch: int | None) -> bool:
        """Whether an input speaks of the second link."""
        return self.second.link is not None and self.second.link.epoch == epoch

    def receive(self, message: bytes, now: float) -> None:
        """One message of its session; none reaches the application before the switch."""
        closure = self.second.receive(message, now)
        if closure is not None:
            self.ended(closure, now)
        self.advance(now)

    def ended(self, closure: Closure, now: float) -> None:
        """It ended, or could not be opened: another is tried, unless the verdict is final."""
        self._now = now
        closure = self.second.failed(closure, now)
        verdict = self.second.verdict
        if verdict.disposition is Disposition.FATAL:
            self._give_up(verdict.cause, verdict.advice, closure)
        else:
            self._tell_failed(verdict.cause, verdict.advice, closure, final=False)

    def _give_up(self, cause: str, advice: str, closure: Closure | None = None) -> None:
        """There will be no second link: the first goes on, and no other rotation of it is planned."""
        self._window = None
        self._tell_failed(cause, advice, closure, final=True)
        self._lead.step(Input.ROTATION_ENDED, self._now)

    def end(self, now: float) -> None:
        """By the table: the second link is given up, whatever it is doing."""
        self._now, link = now, self.second.link
        if not self._is_told:
            self._tell_failed("the line is not live any more", "", None, final=True)
        if link is not None and link.liveness is not None:
            self.leaving.begin(link, now)
        elif link is not None:
            self._drains.actions.append(AbortLink(epoch=link.epoch))
        self.second.forget()

    def resumed(self, now: float) -> None:
        """The machine slept, which no link outlives: what is not the line's own is dropped without a goodbye."""
        self._now = now
        self.leaving.drop(now)
        if self.second.link is not None:
            self._drains.actions.append(AbortLink(epoch=self.second.link.epoch))
            self.second.forget()

    # Time.

    def excuse(self, lag: float, now: float) -> None:
        """The event loop was blocked for so long: nothing is judged before what had come is read."""
        self.second.excuse(lag, TIME_TO_READ, now)
        self.leaving.excuse(now + TIME_TO_READ)

    def deadline(self) -> float | None:
        """When `handle_timeout` wants to be called; None if only an input can change anything."""
        state, leaves_at = self._lead.state, self.leaving.ends_at
        if state is State.LIVE and self._policy.rotation.planned and self._window is not None:
            due_at = self._window.due_at()
            return due_at if leaves_at is None else min(leaves_at, due_at)
        if state is not State.ROTATING:
            return leaves_at
        times = [leaves_at, self._moments.gives_up_at, self._moments.looks_at(self._now)]
        return earliest(*times, None if self._must_wait() else self.second.looks_at())

    def _must_wait(self) -> bool:
        """Whether a link still says goodbye: with it and the first, there are two."""
        return self.leaving.ends_at is not None and self.second.link is None

    def handle_timeout(self, now: float, draw: float) -> None:
        """The time has come for something; `draw` is a random number in [0, 1)."""
        self._now = now
        self.leaving.handle_timeout(now)
        if self._lead.state is State.LIVE and self._policy.rotation.planned:
            self._plan(draw)
        if self._lead.state is State.ROTATING:
            self._go_on(draw)

    def _plan(self, draw: float) -> None:
        window = self._window
        if window is not None and window.is_due(self._now, draw):
            self._begin("planned", window.ends_at(), window.ends_at())

    def _go_on(self, draw: float) -> None:
        if self._now >= self._moments.gives_up_at and not self.second.is_told:
            self._give_up("no second link in time", "the session goes on until its end")
        elif self.second.link is not None:
            closure = self.second.watch(self._now)
            if closure is not None:
                self.ended(closure, self._now)
            self.advance(self._now)
        elif not self._must_wait():
            self._try(draw)

    def _try(self, draw: float) -> None:
        until = self._moments.gives_up_at
        retry_at = self.second.wait(self._now, draw, until=until)
        if retry_at is None or retry_at >= until:
            self._give_up("no second link in time", "the session goes on until its end")
        elif self._now >= retry_at:
            self.second.dial(self._now)

    # The switch.

    def advance(self, now: float) -> None:
        """Tells the second session what is new, and switches if this is the moment."""
        self._now, standby = now, self.second.standby
        if self._lead.state is not State.ROTATING or standby is None or not self.second.is_told:
            return
        self.second.sync(now)
        is_ready = self.second.phase is Phase.READY
        if self._moments.has_come(now, is_ready=is_ready, is_pending=standby.is_pending):
            self._lead.step(Input.SWITCH_DUE, now)

    def switch(self, now: float) -> None:
        """By the table: one step, after which the second link is the line's."""
        self._now, standby, link = now, self.second.standby, self.second.current()
        assert standby is not None
        moment = self._moments.name(now, is_pending=standby.is_pending)
        old_epoch, self._is_told = self._drains.epoch, True
        moved = self._handover.leave(standby, now)
        self.leaving.begin(self._lead.link, now)
        self._window = self._window_of(standby.created.session, link)
        self.second.forget()
        self._lead.take_over(link, now)
        self._handover.enter(standby, link)
        owed = self._handover.go_on(standby, moved)
        self._observe(
            seen.Rotated(
                at=now,
                epoch=link.epoch,
                old_epoch=old_epoch,
                items=standby.items,
                items_dropped=standby.items_dropped,
                replayed_samples=moved.replayed_samples,
                lost_samples=moved.lost_samples,
                verified=standby.is_level() and not standby.echoes.differences,
                owed=owed,
                moment=moment,
                took=now - self._began_at,
            )
        )

    def absorbs(self, event: Event, now: float) -> bool:
        """After a switch: whether the event is a late echo of it, and not the application's."""
        return self._handover.absorbs(event, now)

    # The first link ends before.

    def promotion(self, happened: Input) -> Input:
        """What the end of the first link means while there is a second."""
        if happened is Input.LINK_REFUSED or self.second.link is None:
            return happened
        return _PROMOTIONS.get(self.second.phase, Input.PROMOTED)

    def promote(self, now: float) -> tuple[Link, float, bool]:
        """By the table: the second link is the line's as it is. Gives it, the end of its phase, and if it is unpaid."""
        self._now, link, standby = now, self.second.current(), self.second.standby
        self._tell_failed("the first link ended", "the second goes on", None, final=True)
        ends_at = self.second.phase_ends_at or now + self._policy.deadlines.ready
        if standby is not None:
            self._window = self._window_of(standby.created.session, link)
        self._handover.inherit(standby, link, now)
        self.second.forget()
        return link, ends_at, self.second.is_unpaid

    # What is told.

    def _tell_failed(
        self, cause: str, advice: str, closure: Closure | None, *, final: bool
    ) -> None:
        self._is_told = final
        self._observe(
            seen.RotationFailed(
                at=self._now,
                epoch=self._drains.epoch,
                cause=cause,
                advice=advice,
                closure=closure,
                final=final,
            )
        )

    def _observe(self, observation: Observation) -> None:
        self._drains.observations.append(observation)
