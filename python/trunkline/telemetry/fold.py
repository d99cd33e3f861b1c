"""What is known of one line: a fold of its frames.

Everything frequent comes as beats, so what happens for each must be little: sums are added to totals, and once a
second, when all of its beats are there, one row of the history is made of the differences. The score and the alerts
move with that row. A beat that ends at a whole second belongs to the second before. Nothing here reads a clock: time
is what frames and readers say.

The state is plain fields, so that it can be written down and read again (`telemetry.keyframe`); what begins with an
underscore can be made anew from the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from trunkline.protocol import observations as seen
from trunkline.protocol.observations import MilestoneKind
from trunkline.telemetry.books import Ledgers
from trunkline.telemetry.frames import Beat, Began, Ended, Marked, Told
from trunkline.telemetry.history import Track
from trunkline.telemetry.journal import Journal
from trunkline.telemetry.outages import Outages
from trunkline.telemetry.presence import LIVE, ROTATING, Presence
from trunkline.telemetry.pulse import Pulse
from trunkline.telemetry.quality import QualityInputs, Scorer
from trunkline.telemetry.roundtrip import RoundTrips
from trunkline.telemetry.transcript import Transcripts
from trunkline.telemetry.turns import Turns
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Observation
    from trunkline.telemetry.frames import Frame
    from trunkline.telemetry.views import Mark

__all__ = ["RTT", "LineFold"]

RTT = "rtt"
"""The spread of pings, in seconds; the others are named by what measures them."""

# Of what a server sends; the rest of them is counted together.
_MOST_ERRORS = 32
_OTHER = Clean("other")
_NOTHING = Clean("")
_KEPT_MARKS = 64
# A line that was silent for longer skips what it has not told, instead of a row for each second of it.
_LONGEST_CATCH_UP = 10
_SCORE_SECONDS = 30
# Nothing leads out of these.
_OVER = ("closed", "failed")

_Fact = TypeVar("_Fact", bound="Observation")


@dataclass(slots=True)
class LineFold:
    """Folds the frames of one line; constant in size however long it lives."""

    began: Began
    name: Clean
    server: Clean
    pulse: Pulse
    presence: Presence
    books: Ledgers
    outages: Outages
    turns: Turns
    journal: Journal
    round_trips: RoundTrips = field(default_factory=RoundTrips)
    transcripts: Transcripts = field(default_factory=Transcripts)
    scorer: Scorer = field(default_factory=Scorer)
    epoch: int = 0
    model: Clean | None = None
    session_id: Clean | None = None
    expires_at: float | None = None
    settings: Clean = _NOTHING
    phases: tuple[tuple[str, float], ...] = ()
    """Name and seconds of each phase of the last dial."""
    attempt: int = 0
    retry_at: float | None = None
    rotations: int = 0
    rotations_failed: int = 0
    anomalies: int = 0
    fenced: int = 0
    duplicated_samples: int = 0
    capture_lost_ms: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    limits: tuple[tuple[Clean, int, int, float], ...] = ()
    errors: dict[Clean, int] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    ended_at: float | None = None
    gone: bool = False
    version: int = 0
    """Grows with every frame and every second: a view of the same version is the same."""
    _told_spreads: list[tuple[str, float]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    @classmethod
    def begun(cls, began: Began) -> LineFold:
        """Of a line that is introduced."""
        return cls(
            began=began,
            name=clean(began.name, limit_chars=60),
            server=clean(began.server, limit_chars=120),
            pulse=Pulse.begun(began.at, began.rate_hz),
            presence=Presence(began.at),
            books=Ledgers(began.rate_hz),
            outages=Outages(began.rate_hz),
            turns=Turns(began.rate_hz),
            journal=Journal(began.rate_hz),
        )

    def apply(self, frame: Frame) -> None:
        """Take one frame of this line; frames come in the order of their time. Cost: about 10 µs a beat."""
        self.version += 1
        if isinstance(frame, Beat):
            self.settle(math.ceil(frame.at) - 1)
            self.pulse.add(frame)
        elif isinstance(frame, Told):
            self._told(frame.fact)
        else:
            self._rare(frame)

    def measured(self) -> list[tuple[str, float]]:
        """Metric and seconds of what the last fact said of durations."""
        return self._told_spreads

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.ended_at is not None

    def settle(self, second: int) -> None:
        """All seconds before this one are whole: nothing more will be told of them."""
        pulse = self.pulse
        if second <= pulse.second:
            return
        self.version += 1
        last = min(second, pulse.second + _LONGEST_CATCH_UP)
        while pulse.second < last:
            pulse.close(self.round_trips.worst_since(float(pulse.second)))
            self._score(float(pulse.second))
        if pulse.second < second:
            pulse.skip(second)

    def _score(self, now: float) -> None:
        """One step of the score, at the end of a second."""
        history = self.pulse.history
        timed = history.total(Track.TIMED_CHUNKS, _SCORE_SECONDS)
        silent = history.total(Track.SILENT, _SCORE_SECONDS)
        speech = silent + history.total(Track.PLAYED, _SCORE_SECONDS) if silent else 0.0
        late = history.total(Track.LATE_CHUNKS, _SCORE_SECONDS)
        p95 = self.round_trips.percentile(95, now)
        jitter = self.round_trips.jitter
        inputs = QualityInputs(
            rtt_p95_ms=None if p95 is None else p95 * 1000,
            jitter_ms=None if jitter is None else jitter * 1000,
            silenced_percent=100 * silent / speech if speech else None,
            late_percent=100 * late / timed if timed else None,
            outage_ages=tuple(now - start for start in self.outages.starts()),
            pings=self.round_trips.pings(now),
            lost=self.presence.is_lost,
        )
        self.scorer.advance(inputs, now)

    def _told(self, fact: Observation) -> None:
        self.settle(math.floor(fact.at))
        if self._told_spreads:
            self._told_spreads = []
        if self.presence.state != ROTATING or isinstance(fact, seen.Rotated):
            # The second link of a rotation is ahead, and not yet the line's.
            self.epoch = max(self.epoch, fact.epoch)
        step = _STEPS.get(type(fact))
        if step is not None:
            step(self, fact)
        self.journal.observe(fact)

    def _rare(self, frame: Frame) -> None:
        if isinstance(frame, Began):
            self.began, self.ended_at, self.gone = frame, None, False
            self.name = clean(frame.name, limit_chars=60)
            self.server = clean(frame.server, limit_chars=120)
        elif isinstance(frame, Ended):
            self.settle(math.floor(frame.at))
            self.ended_at, self.gone = frame.at, frame.gone
        elif isinstance(frame, Marked):
            self.marks = [*self.marks, frame.mark][-_KEPT_MARKS:]

    # The facts, by what they are about.

    def _transition(self, fact: seen.Transition) -> None:
        state = clean(fact.target.value, limit_chars=20)
        self.presence.enter(state, fact.at)
        if state == LIVE:
            self.outages.live(fact.at, fact.epoch)
            self.attempt, self.retry_at = 0, None
        if state in _OVER:
            self.ended_at, self.retry_at = fact.at, None
        if self.presence.is_lost or self.scorer.lost:
            self._score(fact.at)

    def _link_opened(self, fact: seen.LinkOpened) -> None:
        self.phases = fact.phases
        if self.presence.state != ROTATING:
            self._another_link()

    def _another_link(self) -> None:
        self.round_trips.restart()
        self.pulse.link_ended()

    def _session_ready(self, fact: seen.SessionReady) -> None:
        self.session_id = clean(fact.session_id, limit_chars=80)
        self.model = clean(fact.model, limit_chars=80)
        self.expires_at = fact.expires_at

    def _link_ended(self, fact: seen.LinkEnded) -> None:
        self.outages.link_ended(fact)
        if fact.epoch >= self.epoch:
            # One that a rotation left says goodbye while the next goes on.
            self.transcripts.link_ended()
            self.pulse.link_ended()

    def _retry_scheduled(self, fact: seen.RetryScheduled) -> None:
        self.outages.retry_scheduled(fact)
        self.attempt, self.retry_at = fact.attempt, fact.at + fact.delay

    def _rotated(self, fact: seen.Rotated) -> None:
        self.rotations += 1
        self._another_link()
        if fact.owed:
            self.transcripts.link_ended()

    def _rotation_failed(self, fact: seen.RotationFailed) -> None:
        self.rotations_failed += fact.final

    def _restored(self, fact: seen.Restored) -> None:
        self.outages.restored(fact)
        self.duplicated_samples += fact.duplicated_samples

    def _taken_over(self, fact: seen.TakenOver) -> None:
        self.books.take_over(fact)

    def _gap(self, fact: seen.AudioGap) -> None:
        self.books.gap += fact.samples

    def _round_trip(self, fact: seen.RoundTrip) -> None:
        self.round_trips.add(fact.at, fact.rtt)
        self._measured(RTT, fact.at, fact.rtt)

    def _ping_timed_out(self, _: seen.PingTimedOut) -> None:
        self.round_trips.timed_out()

    def _transcript(self, fact: seen.Transcript) -> None:
        self.transcripts.add(fact)

    def _milestone(self, fact: seen.Milestone) -> None:
        self.turns.milestone(fact)
        self.transcripts.begin(fact)
        if fact.kind is MilestoneKind.SPEECH_STARTED:
            self.pulse.speaks(fact.at)
        elif fact.kind is MilestoneKind.SPEECH_STOPPED:
            self.pulse.is_silent(fact.at)
        self._measure_turns(fact.at)

    def _play_started(self, fact: seen.PlayStarted) -> None:
        self.turns.play_started(fact)
        self._measure_turns(fact.at)

    def _play_stopped(self, fact: seen.PlayStopped) -> None:
        self.turns.play_stopped(fact)
        self._measure_turns(fact.at)

    def _usage(self, fact: seen.ResponseUsage) -> None:
        self.turns.usage(fact)
        self.input_tokens += fact.input_tokens
        self.output_tokens += fact.output_tokens
        self.cached_tokens += fact.cached_tokens

    def _rate_limits(self, fact: seen.RateLimits) -> None:
        self.limits = tuple(
            (clean(name, limit_chars=40), limit, left, reset)
            for name, limit, left, reset in fact.limits[:8]
        )

    def _settings(self, fact: seen.SettingsConfirmed) -> None:
        self.settings = clean(fact.settings, limit_chars=65_536)

    def _failed(self, fact: seen.ResponseFailed) -> None:
        self.turns.failed(fact)
        self._error(fact.code)

    def _server_error(self, fact: seen.ServerError) -> None:
        self._error(fact.code or fact.type)

    def _error(self, code: str) -> None:
        name = clean(code or "unknown", limit_chars=60)
        if name not in self.errors and len(self.errors) >= _MOST_ERRORS:
            name = _OTHER
        self.errors[name] = self.errors.get(name, 0) + 1

    def _capture_overrun(self, fact: seen.CaptureOverrun) -> None:
        self.capture_lost_ms += fact.lost_ms

    def _anomaly(self, _: seen.Anomaly) -> None:
        self.anomalies += 1

    def _fence(self, _: seen.Fenced) -> None:
        self.fenced += 1

    def _measure_turns(self, at: float) -> None:
        for metric, seconds in self.turns.measured():
            self._measured(metric, at, seconds)

    def _measured(self, metric: str, at: float, seconds: float) -> None:
        self.pulse.measured(metric, at, seconds)
        self._told_spreads.append((metric, seconds))


def _row(
    kind: type[_Fact], step: Callable[[LineFold, _Fact], None]
) -> tuple[type[Observation], Callable[[LineFold, Any], None]]:
    """A row of the table; the key is the type the step takes."""
    return kind, cast("Callable[[LineFold, Any], None]", step)


_STEPS: dict[type[Observation], Callable[[LineFold, Any], None]] = dict(
    [
        _row(seen.Transition, LineFold._transition),
        _row(seen.LinkOpened, LineFold._link_opened),
        _row(seen.SessionReady, LineFold._session_ready),
        _row(seen.LinkEnded, LineFold._link_ended),
        _row(seen.RetryScheduled, LineFold._retry_scheduled),
        _row(seen.Rotated, LineFold._rotated),
        _row(seen.RotationFailed, LineFold._rotation_failed),
        _row(seen.Restored, LineFold._restored),
        _row(seen.TakenOver, LineFold._taken_over),
        _row(seen.AudioGap, LineFold._gap),
        _row(seen.RoundTrip, LineFold._round_trip),
        _row(seen.PingTimedOut, LineFold._ping_timed_out),
        _row(seen.Transcript, LineFold._transcript),
        _row(seen.Milestone, LineFold._milestone),
        _row(seen.SpeechEnded, lambda fold, fact: fold.turns.speech_ended(fact)),
        _row(seen.PlayStarted, LineFold._play_started),
        _row(seen.PlayStopped, LineFold._play_stopped),
        _row(seen.AudioTruncated, lambda fold, fact: fold.turns.truncated(fact)),
        _row(seen.TruncateConfirmed, lambda fold, fact: fold.turns.truncate_confirmed(fact)),
        _row(seen.FunctionCalled, lambda fold, fact: fold.turns.called(fact)),
        _row(seen.FunctionAnswered, lambda fold, fact: fold.turns.call_answered(fact)),
        _row(seen.ResponseUsage, LineFold._usage),
        _row(seen.RateLimits, LineFold._rate_limits),
        _row(seen.SettingsConfirmed, LineFold._settings),
        _row(seen.ResponseFailed, LineFold._failed),
        _row(seen.ServerError, LineFold._server_error),
        _row(seen.CaptureOverrun, LineFold._capture_overrun),
        _row(seen.Anomaly, LineFold._anomaly),
        _row(seen.Fenced, LineFold._fence),
    ]
)
