"""The façade of the core: inputs in, what to do and what happened out, time as an argument.

The driver calls one input, then empties the four drains, then sleeps until `deadline()` or the next input. Nothing
here blocks, logs, sleeps, draws a number or reads a clock. An input that speaks of a link names its epoch; what comes
from one that is neither current nor a rotation's second is discarded and counted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trunkline.errors import CodecError, LineFailed, LocalError, OutboxFull
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.bookkeeper import Bookkeeper
from trunkline.protocol.compound_facts import next_fact
from trunkline.protocol.conversation import Conversation
from trunkline.protocol.devices import Devices
from trunkline.protocol.draining import Draining
from trunkline.protocol.drains import Command, Drains
from trunkline.protocol.fast_path import FastPath
from trunkline.protocol.kernel import Kernel
from trunkline.protocol.ledger import Ledger
from trunkline.protocol.lifecycle import FLOWING, OVER, Input, State
from trunkline.protocol.notices import Notices
from trunkline.protocol.outbox import Outbox
from trunkline.protocol.reception import Reception
from trunkline.protocol.requests import Requests
from trunkline.protocol.restore import Restore
from trunkline.protocol.snapshot import Snapshot, take_snapshot
from trunkline.protocol.stream import Stream
from trunkline.protocol.supervisor import Supervisor
from trunkline.protocol.times import earliest
from trunkline.protocol.turns import Turns
from trunkline.protocol.watchdog import Watchdog

if TYPE_CHECKING:
    from trunkline.protocol.books import Books
    from trunkline.protocol.closure import Closure
    from trunkline.protocol.events import Event
    from trunkline.protocol.link_facts import Phases
    from trunkline.protocol.observations import Observation
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.usage import Usage

__all__ = ["Connection"]

_HAS_SESSION = frozenset({State.CONFIGURING, State.RESTORING, *FLOWING})
_SENDING = frozenset({State.RESTORING, *FLOWING})


class Connection:
    """One line, without its sockets; the driver is its only caller."""

    def __init__(
        self,
        policy: LinePolicy,
        *,
        budget: RetryBudget | None = None,
        renewable: bool = True,
        snapshot: Snapshot | None = None,
    ) -> None:
        self.policy = policy
        self._drains = drains = Drains()
        self.actions, self.events, self.observations = drains.told()
        """The queues behind `next_action`, `next_event` and `next_observation`, for whoever asks often."""
        self._observe = self.observations.append
        self._now, self._count = 0.0, 0
        self._outbox = Outbox(**policy.room())
        self._conversation = Conversation(
            ledger=Ledger(policy.session, policy.replay_budget, policy.rate_hz),
            outbox=self._outbox,
            turns=Turns(),
            drains=drains,
            rate_hz=policy.rate_hz,
        )
        self._bookkeeper = Bookkeeper(policy, self._outbox, drains)
        self._requests = Requests(self._conversation, new_id=self._new_id)
        self._restore = Restore(
            policy, self._conversation, drains, bookkeeper=self._bookkeeper, new_id=self._new_id
        )
        self._stream = Stream(policy, self._conversation, self._restore, drains)
        self._watchdog = Watchdog(policy, self._conversation, drains)
        self.metering = self._conversation.metering
        """Switches the measurements on and off."""
        self.devices = Devices(self._conversation.ledger, drains)
        """Takes what the application tells of its microphone and its speaker."""
        self._draining = Draining(self._conversation, self.devices, self._watchdog, drains)
        self._notices = Notices(self._conversation, self.devices, self.metering, drains)
        self._supervisor = supervisor = Supervisor(
            policy,
            budget=budget or RetryBudget(),
            conversation=self._conversation,
            restore=self._restore,
            drains=drains,
            renewable=renewable,
        )
        self._rotation = supervisor.rotation
        self._reception = Reception(
            self._conversation,
            self._restore,
            drains,
            supervisor=supervisor,
            watchdog=self._watchdog,
            notices=self._notices,
            law=policy.law,
        )
        self.fast_path = self._short_way()
        """Asked before `send_audio` and `receive`."""
        self.kernel = Kernel(supervisor, self._bookkeeper, self._watchdog, drains, self.fast_path)
        """Is told how far the bytes of a link have come."""
        self._taken_over = None if snapshot is None else self._take_over(snapshot)

    def _short_way(self) -> FastPath:
        return FastPath(
            self.policy,
            self._conversation,
            self._drains,
            supervisor=self._supervisor,
            restore=self._restore,
            stream=self._stream,
            watchdog=self._watchdog,
            devices=self.devices,
            draining=self._draining,
        )

    @property
    def state(self) -> State:
        """Where the line stands."""
        return self._supervisor.state

    @property
    def failure(self) -> LineFailed | None:
        """Why the line failed; None unless the state is `failed`."""
        return self._supervisor.failure

    @property
    def epoch(self) -> int:
        """Number of the current link; 0 before the first."""
        return self._drains.epoch

    def books(self) -> Books:
        """Where all accepted audio is at this moment."""
        self.fast_path.post()
        return self._outbox.books()

    def usage(self) -> Usage:
        """What the responses cost so far."""
        return self._conversation.usage

    def snapshot(self, *, with_audio: bool = True) -> dict[str, Any]:
        """What another process needs to go on with the conversation; possible in every state."""
        self.fast_path.post()
        return take_snapshot(
            self._conversation,
            rate_hz=self.policy.rate_hz,
            ids=self._count,
            had_session=self._restore.had_session,
            with_audio=with_audio,
        )

    def _take_over(self, snapshot: Snapshot) -> seen.TakenOver:
        snapshot.pour(self._conversation)
        self._count = snapshot.ids
        self._restore.take_over(had_session=snapshot.had_session)
        return snapshot.taken_over()

    # Inputs of the application.

    def start(self, now: float) -> None:
        """Begin; the first connect is retried like any other."""
        if self._taken_over and self.state is State.IDLE:
            self._observe(replace(self._taken_over, at=now))
            self._bookkeeper.tell(now)
        self._step(Input.START, now)

    def close(self, now: float) -> None:
        """End, from any state; a second call is no mistake."""
        self._step(Input.CLOSE, now)

    def abandon(self, now: float) -> None:
        """End at once, without waiting for the goodbye."""
        self.close(now)
        if self.state is State.CLOSING:
            self._step(Input.GOODBYE_OVERDUE, now)

    def reconnect(self, now: float) -> None:
        """Leave the link as if it had broken, or end the wait, and dial. Raises LocalError where there is neither."""
        self._draining.refuse("reconnect", self.state)
        self._begin(now)
        self._supervisor.reconnect(now)
        self._settle()

    def drain(self, now: float, within: float | None = None) -> None:
        """Let the answer that is being given end, begin nothing new, and then close; at most in `within` seconds."""
        self._begin(now)
        if self.state not in OVER:
            self._draining.begin(within, now)
            self._rotation.stay(now)
            self._settle()

    def rotate(self, now: float, within: float | None = None) -> None:
        """Change to a new link without a break; in `within` seconds any moment will do for it.

        Raises LocalError unless the line is live. A rotation that has begun goes on, in the shorter time.
        """
        self._begin(now)
        self._refuse_attached("rotate")
        self._draining.refuse("rotate", self.state)
        self._rotation.ask(within, now)
        self._watch()

    def send(self, event: dict[str, Any], now: float) -> str:
        """One request; gives its event id. Raises LocalError if it is not possible now."""
        self._begin(now)
        if self.state in OVER:
            raise LocalError(str(event.get("type")), self.state.value)
        has_session = self.state in _HAS_SESSION
        if not has_session:  # and no restore that could tell it later
            self._refuse_attached(str(event.get("type")))
        has_session = has_session and not self._draining.holds(event)
        event_id = self._requests.send(event, has_session=has_session, state=self.state.value)
        self._notices.asked(event, now)
        self._rotation.asked(now)
        self._settle()
        return event_id

    def send_audio(self, pcm: bytes, now: float) -> None:
        """Whole samples of the user's audio, as it is captured; kept until there is evidence for it.

        Raises LocalError after the end, OutboxFull if a live line is offered more than it may keep (for an outage,
        and what a new session is still told of it, the oldest makes room instead), CodecError for half a sample.
        """
        self._begin(now)
        self._refuse_attached("send_audio")
        if self.state in OVER:
            raise LocalError("send_audio", self.state.value)
        if len(pcm) % 2:
            raise CodecError("pcm ends inside a sample of 2 bytes", len(pcm) - 1)
        late, samples = self._restore.backlog_end, len(pcm) // 2
        waiting = self._outbox.waiting(since=late) if self.state in FLOWING else 0
        if samples + waiting > self.policy.samples(self.policy.retention_ms):
            raise OutboxFull(self.policy.retention_ms)
        if self.devices.is_muted:
            pcm = bytes(len(pcm))
        self._outbox.accept(pcm)
        if self._outbox.is_overfull():
            self._outbox.make_room(silent_until=self._conversation.silent_until())
        self._observe(seen.AudioAccepted(at=now, epoch=self.epoch, samples=samples))
        if self.metering.is_on:
            self.metering.accepted(pcm, self._outbox.end, now)
        self._bookkeeper.tell(now)

    def played(self, item_id: str, samples: int, now: float) -> None:
        """How much of an assistant's item was played, in all; an item that is not known is ignored."""
        self._begin(now)
        if (heard := self._conversation.ledger.played(item_id, samples)) is not None:
            self.devices.played(item_id, heard, now)
            self._rotation.advance(now)
            self._settle()

    # Inputs of the link, or of the second one of a rotation.

    def tell_time(self, wall: float, now: float) -> None:
        """What Unix time it is: servers say in it when a session will end."""
        self._rotation.tell_time(wall, now)

    def link_opened(
        self, epoch: int, now: float, phases: Phases = (), phase: float | None = None
    ) -> None:
        """Answered with 101; `phases` is how long each part of the dial took, `phase` as in `Liveness`."""
        if self._is_second(epoch, now):
            self._rotation.second.opened(now, phases, phase)
        elif self._supervisor.is_current(epoch, "link opened", now):
            self._supervisor.opened(now, phases, phase)
            if self.policy.attached:
                self._attach(now)

    def link_closed(self, epoch: int, closure: Closure, now: float) -> None:
        """The link ended, or could not be opened."""
        if self._is_second(epoch, now):
            self._rotation.ended(closure, now)
        elif self._rotation.leaving.owns(epoch):
            self._rotation.leaving.ended(closure, now)
        elif self._supervisor.is_current(epoch, "link closed", now):
            self._supervisor.ended(closure, now)
            self._settle()

    def receive(self, epoch: int, message: bytes, now: float) -> None:
        """One text message; bad ones are observed and survived."""
        if self._is_second(epoch, now):
            self._rotation.receive(message, now)
        elif self._supervisor.is_current(epoch, "message", now):
            self._reception.receive(message, now)
        else:
            return
        self._settle()

    def pong(self, epoch: int, payload: bytes, now: float) -> None:
        """A ping was answered."""
        if self._is_second(epoch, now):
            self._rotation.second.pong(payload, now)
            return
        is_left = self._rotation.leaving.owns(epoch)
        if not is_left and self._supervisor.is_current(epoch, "pong", now):
            self.fast_path.heartbeat.answered(epoch, payload, now)

    def _attach(self, now: float) -> None:
        """A call's session exists already and says nothing of itself; settings are sent only if there are any."""
        self._supervisor.step(Input.SESSION_CREATED, now)
        if not self._restore.awaits_settings():
            self._supervisor.step(Input.CONFIGURED, now)

    def _refuse_attached(self, what: str) -> None:
        if self.policy.attached:
            raise LocalError(what, f"attached to a call ({self.state.value})")

    def _is_second(self, epoch: int, now: float) -> bool:
        """Whether an input speaks of the second link; the event loop runs on its inputs as well."""
        self._begin(now)
        if is_second := self._rotation.owns(epoch):
            self._supervisor.attend(now)
        return is_second

    # Time.

    def deadline(self, *, pings: bool = True) -> float | None:
        """When `handle_timeout` wants to be called, and of `pings` for one; None if only an input changes anything."""
        self.fast_path.post()
        paced = self._stream.waits_until if self.state in _SENDING else None
        first = earliest(self._supervisor.deadline(pings=pings), self._watchdog.deadline(), paced)
        return self._draining.sooner(first, self.state) if self._draining.is_on else first

    def handle_timeout(self, now: float, draw: float) -> None:
        """The time has come for something; `draw` is a random number in [0, 1)."""
        self._begin(now)
        self._stream.tick(now)
        self._supervisor.handle_timeout(now, draw)
        self._settle()

    def resumed(self, gap: float, now: float) -> None:
        """The machine slept for so long, by the clock that counts sleep; `now` is the line's own."""
        self._begin(now)
        self._supervisor.resumed(gap, now)
        self._settle()

    # Drains.

    def next_action(self) -> Command | None:
        """The next thing to do, oldest first."""
        return self._drains.actions.pop(0) if self._drains.actions else None

    def next_message(self, now: float, epoch: int | None = None) -> bytes | None:
        """The next text message for a link, the current one if none is named; ask only while it takes more."""
        self._begin(now)
        if epoch is not None and epoch != self._drains.epoch:
            return self._rotation.second.next_message(now) if self._rotation.owns(epoch) else None
        if (outgoing := self._stream.next_message(self.state, now)) is None:
            return None
        self._supervisor.sent(now, is_audio=outgoing.is_audio)
        return outgoing.text

    def next_event(self) -> Event | None:
        """The next event for the application, oldest first."""
        return self._drains.events.pop(0) if self._drains.events else None

    def next_observation(self) -> Observation | None:
        """The next fact, oldest first."""
        return next_fact(self._drains.observations)

    def _begin(self, now: float) -> None:
        """Precedes what an input does: no audio is left that was only noted."""
        self.fast_path.shut()
        self._now = now

    def _step(self, happened: Input, now: float) -> None:
        self._begin(now)
        self._supervisor.step(happened, now)
        self._watch()

    def _settle(self) -> None:
        """What must follow every input that may have moved the books or the turns."""
        self._bookkeeper.tell(self._now)
        self._watch()

    def _watch(self) -> None:
        """Compares what comes with what is due; a line that is not live has no model to wait for."""
        live = self.state in FLOWING
        self._watchdog.look(self._supervisor.link.liveness if live else None, self._now)
        if not live:
            self._watchdog.sample(0, self._now, live=False)
        if self._draining.is_on and self._draining.is_over(self.state, self._now):
            self._step(Input.CLOSE, self._now)

    def _new_id(self) -> str:
        """An id for a request or an item: ours by its prefix, unique in the line, under 32 characters."""
        self._count += 1
        return f"tk{self.epoch}_{self._count}"
