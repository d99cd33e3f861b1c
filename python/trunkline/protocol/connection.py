"""The façade of the core: inputs in, what to do and what happened out, time as an argument.

The driver calls one input, then empties the four drains, then sleeps until `deadline()` or the next input. Nothing
here blocks, logs, sleeps, draws a number or reads a clock. Every input that speaks of a link names its epoch; what
comes from an epoch that is not current is discarded and counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.errors import CodecError, LineFailed, LocalError, OutboxFull
from trunkline.protocol import events, wire
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.bookkeeper import Bookkeeper
from trunkline.protocol.conversation import Conversation
from trunkline.protocol.drains import Command, Drains
from trunkline.protocol.ledger import Ledger
from trunkline.protocol.lifecycle import Input, State
from trunkline.protocol.observations import Direction, Observation
from trunkline.protocol.outbox import Books, Outbox
from trunkline.protocol.requests import Requests
from trunkline.protocol.restore import Restore
from trunkline.protocol.stream import Stream
from trunkline.protocol.supervisor import Supervisor
from trunkline.protocol.turns import Turns

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure
    from trunkline.protocol.events import Event
    from trunkline.protocol.policy import LinePolicy

__all__ = ["Connection"]

_HAS_SESSION = frozenset({State.CONFIGURING, State.RESTORING, State.LIVE})
_OVER = frozenset({State.CLOSING, State.CLOSED, State.FAILED})


class Connection:
    """One line, without its sockets; the driver is its only caller."""

    def __init__(self, policy: LinePolicy, *, budget: RetryBudget | None = None) -> None:
        self.policy = policy
        self._drains = Drains()
        self._now = 0.0
        self._count = 0
        self._outbox = Outbox(retention_samples=policy.samples(policy.retention_ms))
        self._conversation = Conversation(
            ledger=Ledger(policy.session),
            outbox=self._outbox,
            turns=Turns(),
            drains=self._drains,
            rate_hz=policy.rate_hz,
        )
        self._bookkeeper = Bookkeeper(policy, self._outbox, self._drains)
        self._requests = Requests(self._conversation, new_id=self._new_id)
        self._restore = Restore(policy, self._conversation, self._drains, new_id=self._new_id)
        self._stream = Stream(policy, self._conversation, self._restore, self._drains)
        self._supervisor = Supervisor(
            policy,
            budget=budget or RetryBudget(),
            conversation=self._conversation,
            restore=self._restore,
            drains=self._drains,
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
        return self._outbox.books()

    # Inputs of the application.

    def start(self, now: float) -> None:
        """Begin; the first connect is retried like any other."""
        self._step(Input.START, now)

    def close(self, now: float) -> None:
        """End, from any state; a second call is no mistake."""
        self._step(Input.CLOSE, now)

    def rotate(self, now: float) -> None:
        """Change to a new link without a break. Raises LocalError: this version can only restore."""
        self._step(Input.ROTATE, now)

    def send(self, event: dict[str, Any], now: float) -> str:
        """One request; gives its event id. Raises LocalError if it is not possible now."""
        self._now = now
        if self.state in _OVER:
            raise LocalError(str(event.get("type")), self.state.value)
        has_session = self.state in _HAS_SESSION
        event_id = self._requests.send(event, has_session=has_session, state=self.state.value)
        self._bookkeeper.tell(now)
        return event_id

    def send_audio(self, pcm: bytes, now: float) -> None:
        """Whole samples of the user's audio, as it is captured; kept until there is evidence for it.

        Raises LocalError after the end, OutboxFull if a live line is offered more than it may keep (during an
        outage the oldest makes room instead, and is announced as a gap), CodecError for half a sample.
        """
        self._now = now
        if self.state in _OVER:
            raise LocalError("send_audio", self.state.value)
        if len(pcm) % 2:
            raise CodecError("pcm ends inside a sample of 2 bytes", len(pcm) - 1)
        samples = len(pcm) // 2
        waiting = self._outbox.books().waiting if self.state is State.LIVE else 0
        if samples + waiting > self.policy.samples(self.policy.retention_ms):
            raise OutboxFull(self.policy.retention_ms)
        self._outbox.accept(pcm)
        if self._outbox.is_overfull():
            self._outbox.make_room(silent_until=self._conversation.silent_until())
        self._observe(seen.AudioAccepted(at=now, epoch=self.epoch, samples=samples))
        self._bookkeeper.tell(now)

    def played(self, item_id: str, samples: int, now: float) -> None:
        """How much of an assistant's item was played, in all; an item that is not known is ignored."""
        self._now = now
        heard = self._conversation.ledger.played(item_id, samples)
        if heard is not None:
            self._observe(seen.AudioHeard(at=now, epoch=self.epoch, item_id=item_id, samples=heard))

    def playout(self, buffered_ms: float, underruns: int, now: float) -> None:
        """How the application's playout stands; for the observers only."""
        self._observe(
            seen.PlayoutSampled(
                at=now, epoch=self.epoch, buffered_ms=buffered_ms, underruns=underruns
            )
        )

    # Inputs of the link.

    def link_opened(self, epoch: int, now: float) -> None:
        """The upgrade was answered with 101."""
        self._now = now
        if self._supervisor.is_current(epoch, "link opened", now):
            self._supervisor.opened(now)

    def link_closed(self, epoch: int, closure: Closure, now: float) -> None:
        """The link ended, or could not be opened."""
        self._now = now
        if self._supervisor.is_current(epoch, "link closed", now):
            self._supervisor.ended(closure, now)
            self._bookkeeper.tell(now)

    def receive(self, epoch: int, message: bytes, now: float) -> None:
        """One text message; bad ones are observed and survived."""
        self._now = now
        if not self._supervisor.is_current(epoch, "message", now):
            return
        if self._supervisor.link.liveness is not None:
            self._supervisor.link.liveness.received(now)
        received = wire.decode(message)
        if isinstance(received, wire.Malformed):
            self._anomaly(received.reason, received.sample)
            return
        self._observe(
            seen.MessagePassed(
                at=now,
                epoch=epoch,
                direction=Direction.DOWN,
                type=received.type,
                size_bytes=len(message),
            )
        )
        self._supervisor.link.said(received.event)
        self._take_event(received.event)
        self._bookkeeper.tell(now)

    def pong(self, epoch: int, payload: bytes, now: float) -> None:
        """A ping was answered."""
        self._now = now
        if not self._supervisor.is_current(epoch, "pong", now):
            return
        answer = self._supervisor.link.pong(payload, now)
        if answer is not None:
            rtt, cursor = answer
            self._conversation.heard(cursor)
            self._observe(seen.RoundTrip(at=now, epoch=epoch, rtt=rtt))

    def progress(
        self, epoch: int, now: float, *, acked_bytes: int | None, unsent_bytes: int
    ) -> None:
        """What the kernel acknowledged so far, if it tells, and what waits before it."""
        self._now = now
        liveness = self._supervisor.link.liveness
        if not self._supervisor.is_current(epoch, "progress", now) or liveness is None:
            return
        if acked_bytes is not None:
            liveness.progress(acked_bytes, now)
        books = self._outbox.books()
        self._observe(
            seen.QueueSampled(
                at=now,
                epoch=epoch,
                outbox_samples=books.waiting,
                retained_samples=books.retained,
                transport_bytes=unsent_bytes,
            )
        )

    # Time.

    def deadline(self) -> float | None:
        """When `handle_timeout` wants to be called; None if only an input can change anything."""
        return self._supervisor.deadline()

    def handle_timeout(self, now: float, draw: float) -> None:
        """The time has come for something; `draw` is a random number in [0, 1)."""
        self._now = now
        self._supervisor.handle_timeout(now, draw)
        self._bookkeeper.tell(now)

    # Drains.

    def next_action(self) -> Command | None:
        """The next thing to do, oldest first."""
        return self._drains.actions.popleft() if self._drains.actions else None

    def next_message(self) -> bytes | None:
        """The next text message for the current link; ask only while the link takes more."""
        outgoing = self._stream.next_message(self.state, self._now)
        if outgoing is None:
            return None
        self._supervisor.sent(self._now, is_audio=outgoing.is_audio)
        return outgoing.text

    def next_event(self) -> Event | None:
        """The next event for the application, oldest first."""
        return self._drains.events.popleft() if self._drains.events else None

    def next_observation(self) -> Observation | None:
        """The next fact, oldest first."""
        return self._drains.observations.popleft() if self._drains.observations else None

    # Events that move the lifecycle.

    def _take_event(self, event: Event) -> None:
        if self.state is State.CLOSING:
            # What a restore was asked to do before the goodbye is still answered.
            if not self._restore.absorbs(event, self._now):
                self._conversation.receive(event, self._now)
        elif isinstance(event, events.SessionCreated):
            self._session_created(event)
        elif isinstance(event, events.Refusal) and self._restore.is_settings(event.request_id):
            self._settings_refused(event)
        elif isinstance(event, events.SessionUpdated) and self.state is State.CONFIGURING:
            self._conversation.ledger.settings.adopt()
            self._confirmed(event, Input.CONFIGURED)
        elif self.state is State.RESTORING and self._restore.is_last_word(event):
            self._confirmed(event, Input.RESTORED)
        elif not self._restore.absorbs(event, self._now):
            if isinstance(event, events.ResponseDone) and event.status == "completed":
                self._supervisor.useful()
            self._conversation.receive(event, self._now)

    def _settings_refused(self, refusal: events.Refusal) -> None:
        if self._restore.reconfigure():
            self._drains.events.append(refusal)
        else:
            self._supervisor.refuse_settings(refusal, self._now)

    def _confirmed(self, event: Event, happened: Input) -> None:
        self._drains.events.append(event)
        self._supervisor.step(happened, self._now)

    def _session_created(self, event: events.SessionCreated) -> None:
        if self.state is not State.OPENING:
            self._anomaly("a second session.created", "")
            return
        session = event.session
        self._conversation.ledger.settings.begun(session)
        expires_at = session.get("expires_at")
        self._observe(
            seen.SessionReady(
                at=self._now,
                epoch=self.epoch,
                session_id=_text(session.get("id")),
                model=_text(session.get("model")),
                expires_at=float(expires_at) if isinstance(expires_at, int | float) else None,
            )
        )
        self._drains.events.append(event)
        self._supervisor.step(Input.SESSION_CREATED, self._now)

    def _step(self, happened: Input, now: float) -> None:
        self._now = now
        self._supervisor.step(happened, now)

    def _new_id(self) -> str:
        """An id for a request or an item: ours by its prefix, unique in the line, under 32 characters."""
        self._count += 1
        return f"tk{self.epoch}_{self._count}"

    def _anomaly(self, kind: str, sample: str) -> None:
        self._observe(seen.Anomaly(at=self._now, epoch=self.epoch, kind=kind, sample=sample))

    def _observe(self, observation: Observation) -> None:
        self._drains.observations.append(observation)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
