"""The metrics of one line: a fold of its observations, and the snapshot of them at a moment.

`observe` and `snapshot` belong to one thread, the network's, and take no lock: `snapshot` is called
there about ten times a second and its result, which never changes, is handed over as one reference
(`handover.Handover`). So the console may read at any time and costs the network nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from trunkline.protocol.observations import (
    Anomaly,
    AudioAccepted,
    AudioConsumed,
    AudioGap,
    AudioReceived,
    AudioSent,
    Direction,
    Fenced,
    LinkEnded,
    LinkOpened,
    MessagePassed,
    Milestone,
    PlayoutSampled,
    QueueSampled,
    Restored,
    RetryScheduled,
    Rotated,
    RotationFailed,
    RoundTrip,
    SessionReady,
    TakenOver,
    Transcript,
    Transition,
)
from trunkline.telemetry.books import Ledgers
from trunkline.telemetry.flow import Flow
from trunkline.telemetry.journal import Journal
from trunkline.telemetry.outages import Outages
from trunkline.telemetry.presence import LIVE, ROTATING, Presence
from trunkline.telemetry.quality import QualityInputs, Scorer
from trunkline.telemetry.roundtrip import RoundTrips
from trunkline.telemetry.snapshot import LineSnapshot, Quality
from trunkline.telemetry.transcript import Transcripts
from trunkline.telemetry.turns import Turns
from trunkline.telemetry.views import PlayoutView, QueueView, RoundTripView
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Observation

__all__ = ["LineMetrics"]

_Fact = TypeVar("_Fact", bound="Observation")
_Handler = tuple["type[Observation]", "Callable[[Observation], None]"]


class LineMetrics:
    """Everything that is counted of one line; constant in size however long it lives.

    `name` and `server` (a host, never a URL with a query) are shown as they are, cleaned. `rate_hz`
    turns samples into time. `started_at` is when the line began; without it the first observation
    says so.
    """

    def __init__(
        self, name: str, rate_hz: int, *, server: str = "", started_at: float | None = None
    ) -> None:
        self._name = clean(name, limit_chars=60)
        self._server = clean(server, limit_chars=120)
        self._rate_hz = rate_hz
        self._started_at = started_at
        self._presence = Presence(started_at or 0.0)
        self._up = Flow(started_at or 0.0, rate_hz)
        self._down = Flow(started_at or 0.0, rate_hz)
        self._round_trips = RoundTrips()
        self._books = Ledgers(rate_hz)
        self._outages = Outages(rate_hz)
        self._turns = Turns()
        self._transcripts = Transcripts()
        self._journal = Journal(rate_hz)
        self._scorer = Scorer()
        self._model: Clean | None = None
        self._session_id: Clean | None = None
        self._expires_at: float | None = None
        self._epoch = 0
        self._queue: QueueView | None = None
        self._playout: PlayoutView | None = None
        self._rotations = 0
        self._rotations_failed = 0
        self._anomalies = 0
        self._fenced = 0
        self._handlers: dict[type[Observation], Callable[[Observation], None]] = dict(self._table())

    def observe(self, observation: Observation) -> None:
        """Take one fact; facts come in the order of `at`. Cost: about 1 µs for one of audio."""
        if self._started_at is None:
            self._begin(observation.at)
        if self._presence.state != ROTATING or isinstance(observation, Rotated):
            # The second link of a rotation is ahead, and not yet the line's.
            self._epoch = max(self._epoch, observation.epoch)
        handler = self._handlers.get(type(observation))
        if handler is not None:
            handler(observation)
        self._journal.observe(observation)

    def snapshot(self, now: float) -> LineSnapshot:
        """What is known at `now`, which is not before the last fact."""
        if self._started_at is None:
            self._begin(now)
        rtt = self._round_trips.view(now)
        return LineSnapshot(
            at=now,
            started_at=self._started_at or 0.0,
            name=self._name,
            server=self._server,
            model=self._model,
            session_id=self._session_id,
            expires_at=self._expires_at,
            state=Clean(self._presence.state),
            state_since=self._presence.since,
            epoch=self._epoch,
            live_s=self._presence.live_seconds(now),
            availability=self._presence.availability(now),
            quality=self._quality(rtt, now),
            rtt=rtt,
            up=self._up.view(now),
            down=self._down.view(now),
            queue=self._queue,
            playout=self._playout,
            books=self._books.view(),
            outages=self._outages.view(),
            reconnects=self._outages.ended,
            outage_s=self._outages.seconds(now),
            rotations=self._rotations,
            rotations_failed=self._rotations_failed,
            turns=self._turns.view(),
            turns_total=self._turns.total,
            turns_answered=self._turns.answered,
            transcript=self._transcripts.view(),
            log=self._journal.view(),
            anomalies=self._anomalies,
            fenced=self._fenced,
        )

    def _begin(self, at: float) -> None:
        self._started_at = at
        self._presence = Presence(at)
        self._up = Flow(at, self._rate_hz)
        self._down = Flow(at, self._rate_hz)

    def _quality(self, rtt: RoundTripView, now: float) -> Quality:
        inputs = QualityInputs(
            rtt_p95_ms=rtt.p95_ms,
            jitter_ms=rtt.jitter_ms,
            outage_ages=tuple(now - start for start in self._outages.starts()),
            pings=rtt.count_window,
            lost=self._presence.is_lost,
        )
        return self._scorer.advance(inputs, now)

    def _table(self) -> list[_Handler]:
        """Which method takes which fact; a fact without a row changes no number."""
        return [
            _row(Transition, self._transition),
            _row(LinkOpened, self._link_opened),
            _row(SessionReady, self._session_ready),
            _row(LinkEnded, self._link_ended),
            _row(RetryScheduled, self._outages.retry_scheduled),
            _row(Rotated, self._rotated),
            _row(RotationFailed, self._rotation_failed),
            _row(Restored, self._outages.restored),
            _row(TakenOver, self._taken_over),
            _row(AudioAccepted, self._accepted),
            _row(AudioSent, self._sent),
            _row(AudioConsumed, self._consumed),
            _row(AudioGap, self._gap),
            _row(AudioReceived, self._received),
            _row(RoundTrip, self._round_trip),
            _row(MessagePassed, self._message),
            _row(Transcript, self._transcripts.add),
            _row(Milestone, self._milestone),
            _row(Anomaly, self._anomaly),
            _row(Fenced, self._fence),
            _row(QueueSampled, self._queue_sampled),
            _row(PlayoutSampled, self._playout_sampled),
        ]

    def _transition(self, fact: Transition) -> None:
        state = clean(fact.target.value, limit_chars=20)
        self._presence.enter(state, fact.at)
        if state == LIVE:
            self._outages.live(fact.at, fact.epoch)

    def _milestone(self, fact: Milestone) -> None:
        self._turns.milestone(fact)
        self._transcripts.begin(fact)

    def _link_opened(self, _: LinkOpened) -> None:
        if self._presence.state != ROTATING:
            self._round_trips.restart()

    def _rotated(self, fact: Rotated) -> None:
        self._rotations += 1
        self._round_trips.restart()
        if fact.owed:
            self._transcripts.link_ended()

    def _rotation_failed(self, fact: RotationFailed) -> None:
        self._rotations_failed += fact.final

    def _session_ready(self, fact: SessionReady) -> None:
        self._session_id = clean(fact.session_id, limit_chars=80)
        self._model = clean(fact.model, limit_chars=80)
        self._expires_at = fact.expires_at

    def _link_ended(self, fact: LinkEnded) -> None:
        self._outages.link_ended(fact)
        if fact.epoch >= self._epoch:
            # One that a rotation left says goodbye while the next goes on.
            self._transcripts.link_ended()

    def _taken_over(self, fact: TakenOver) -> None:
        self._books.take_over(fact)

    def _accepted(self, fact: AudioAccepted) -> None:
        self._books.accepted += fact.samples

    def _sent(self, fact: AudioSent) -> None:
        self._up.audio(fact.at, fact.samples)
        if fact.replayed:
            self._books.replayed += fact.samples
        else:
            self._books.sent += fact.samples

    def _consumed(self, fact: AudioConsumed) -> None:
        self._books.consumed += fact.samples

    def _gap(self, fact: AudioGap) -> None:
        self._books.gap += fact.samples

    def _received(self, fact: AudioReceived) -> None:
        self._down.audio(fact.at, fact.samples)

    def _round_trip(self, fact: RoundTrip) -> None:
        self._round_trips.add(fact.at, fact.rtt)

    def _message(self, fact: MessagePassed) -> None:
        flow = self._up if fact.direction is Direction.UP else self._down
        flow.message(fact.at, fact.size_bytes)

    def _anomaly(self, _: Anomaly) -> None:
        self._anomalies += 1

    def _fence(self, _: Fenced) -> None:
        self._fenced += 1

    def _queue_sampled(self, fact: QueueSampled) -> None:
        self._books.compare(fact.retained_samples)
        self._queue = QueueView(
            outbox_ms=self._books.milliseconds(fact.outbox_samples),
            retained_ms=self._books.milliseconds(fact.retained_samples),
            transport_bytes=fact.transport_bytes,
        )

    def _playout_sampled(self, fact: PlayoutSampled) -> None:
        largest = max(fact.buffered_ms, self._playout.largest_ms if self._playout else 0.0)
        self._playout = PlayoutView(
            buffered_ms=fact.buffered_ms, underruns=fact.underruns, largest_ms=largest
        )


def _row(kind: type[_Fact], handler: Callable[[_Fact], None]) -> _Handler:
    """A row of the table; the key is the type the handler takes."""
    return kind, cast("Callable[[Observation], None]", handler)
