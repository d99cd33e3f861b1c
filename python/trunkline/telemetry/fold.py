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
from sys import intern
from typing import TYPE_CHECKING, Any, TypeVar, cast

from trunkline.protocol import observations as seen
from trunkline.protocol.observations import MilestoneKind
from trunkline.telemetry import beat
from trunkline.telemetry.alerts import OUTAGE, RULES, Alerts
from trunkline.telemetry.books import Ledgers
from trunkline.telemetry.frames import Beat, Began, Ended, Marked, Told
from trunkline.telemetry.history import Track
from trunkline.telemetry.journal import Journal
from trunkline.telemetry.levels import Level
from trunkline.telemetry.outages import Outages
from trunkline.telemetry.presence import LIVE, ROTATING, Presence
from trunkline.telemetry.pulse import Pulse
from trunkline.telemetry.quality import QualityInputs, Scorer
from trunkline.telemetry.roundtrip import RoundTrips
from trunkline.telemetry.sampling import samples_of, silenced_percent
from trunkline.telemetry.standing import Standing
from trunkline.telemetry.timeline import Timeline
from trunkline.telemetry.transcript import Transcripts
from trunkline.telemetry.turns import Turns
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trunkline.protocol.observations import Observation
    from trunkline.telemetry.alerts import Rule
    from trunkline.telemetry.depth import Depth
    from trunkline.telemetry.frames import Frame
    from trunkline.telemetry.views import Mark

__all__ = ["GONE", "RTT", "LineFold"]

RTT = "rtt"
"""The spread of pings, in seconds; the others are named by what measures them."""

GONE = "gone"
"""The metric of the alert that a line's process went without a word."""

_KEPT_MARKS = 64
# A line that was silent for longer skips what it has not told, instead of a row for each second of it.
_LONGEST_CATCH_UP = 10
_SCORE_SECONDS = 30
# A commit by hand ends an utterance without another word.
_SPEECH_ENDS = (MilestoneKind.SPEECH_STOPPED, MilestoneKind.COMMITTED)
_OVER = ("closed", "failed")  # nothing leads out of these

_Fact = TypeVar("_Fact", bound="Observation")


@dataclass(slots=True)
class LineFold:
    """Folds the frames of one line; constant in size however long it lives."""

    began: Began
    name: Clean
    server: Clean
    process: Clean
    pulse: Pulse
    presence: Presence
    books: Ledgers
    outages: Outages
    turns: Turns
    journal: Journal
    alerts: Alerts
    round_trips: RoundTrips = field(default_factory=RoundTrips)
    transcripts: Transcripts = field(default_factory=Transcripts)
    scorer: Scorer = field(default_factory=Scorer)
    standing: Standing = field(default_factory=Standing)
    timeline: Timeline = field(default_factory=Timeline.begun)
    epoch: int = 0
    marks: list[Mark] = field(default_factory=list)
    ended_at: float | None = None
    gone: bool = False
    version: int = 0
    """Grows with every frame and every second: a view of the same version is the same."""
    _rules: Mapping[str, Rule] = field(default_factory=lambda: RULES, init=False, compare=False)  # fmt: skip
    _calm_version: int = field(default=-1, init=False, compare=False)
    _told_spreads: list[tuple[str, float]] = field(default_factory=list, init=False, compare=False)  # fmt: skip

    def __post_init__(self) -> None:
        # Parts know the rate by themselves; what was written down must not make them disagree.
        parts = (self.pulse, self.pulse.input, self.pulse.output, self.books)
        for part in (*parts, self.outages, self.turns, self.journal):
            part.rate_hz = self.began.rate_hz

    @classmethod
    def begun(cls, began: Began) -> LineFold:
        """Of a line that is introduced."""
        return cls(
            began=began,
            name=clean(began.name, limit_chars=60),
            server=Clean(intern(clean(began.server, limit_chars=120))),  # one for all its lines
            process=Clean(intern(clean(began.process, limit_chars=60))),
            pulse=Pulse.begun(began.at, began.rate_hz),
            presence=Presence(began.at),
            books=Ledgers(began.rate_hz),
            outages=Outages(began.rate_hz),
            turns=Turns(began.rate_hz),
            journal=Journal(began.rate_hz),
            alerts=Alerts(line=began.line, name=clean(began.name, limit_chars=60)),
        )

    def apply(self, frame: Frame) -> None:
        """Take one frame of this line; frames come in the order of their time. Cost: about 10 µs a beat."""
        self.version += 1
        if isinstance(frame, Beat):
            second = math.ceil(frame.at) - 1
            if second > self.pulse.second:
                self.settle(second)
            self.pulse.add(frame)
        elif isinstance(frame, Told):
            self._told(frame.fact)
        else:
            self._rare(frame)

    def keep(self, depth: Depth) -> None:
        """Keep so much of the past, now and from now on."""
        self.journal.shrink(depth.log)
        self.transcripts.shrink(depth.transcript)
        self.turns.shrink(depth.turns)
        self.outages.shrink(depth.outages)

    def judge_by(self, rules: Mapping[str, Rule]) -> None:
        """Other thresholds hold from now on."""
        self._rules = rules

    @property
    def rules(self) -> Mapping[str, Rule]:
        """What its metrics are judged by."""
        return self._rules

    def measured(self) -> list[tuple[str, float]]:
        """Metric and seconds of what the last fact said of durations."""
        return self._told_spreads

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.ended_at is not None

    @property
    def is_calm(self) -> bool:
        """Whether nothing was told since seconds that were folded at once (`calmed`)."""
        return self.version == self._calm_version

    def calmed(self) -> None:
        """Seconds were folded at once, of which nothing but what pings move could be bad."""
        self.version += 1
        self._calm_version = self.version

    def settle(self, second: int) -> None:
        """All seconds before this one are whole: nothing more will be told of them."""
        pulse = self.pulse
        if second <= pulse.second:
            return
        self.version += 1
        last = min(second, pulse.second + _LONGEST_CATCH_UP)
        while pulse.second < last:
            pulse.close(self.round_trips.worst_since(float(pulse.second)))
            self._end_second(float(pulse.second))
        if pulse.second < second:
            pulse.skip(second)

    def _end_second(self, now: float) -> None:
        """The row of a second is made: the score moves, alerts are judged, the timeline goes on."""
        self._score(now)
        unix = now + self.began.wall_offset
        if self.ended_at is None:
            self.alerts.judge_all(samples_of(self, self._rules, now), self._rules, unix)
            if self.outages.is_open:
                self._outage(now)
        history = self.pulse.history
        played = history.total(Track.PLAYED, 1) / 1000
        self.timeline.add(
            self.pulse.second - 1,
            self.presence.taken_worst(),
            user_s=history.total(Track.USER, 1) / 1000,
            model_s=played or history.total(Track.RECEIVED, 1) / self.began.rate_hz,
            underruns=history.total(Track.UNDERRUNS, 1),
            alert=self.alerts.taken_worst(),
        )

    def _score(self, now: float) -> None:
        """One step of the score."""
        history = self.pulse.history
        timed = history.total(Track.TIMED_CHUNKS, _SCORE_SECONDS)
        late = history.total(Track.LATE_CHUNKS, _SCORE_SECONDS)
        p95, jitter = self.round_trips.p95(now), self.round_trips.jitter
        inputs = QualityInputs(
            rtt_p95_ms=None if p95 is None else p95 * 1000,
            jitter_ms=None if jitter is None else jitter * 1000,
            silenced_percent=silenced_percent(self.pulse, _SCORE_SECONDS),
            late_percent=100 * late / timed if timed else None,
            outage_ages=tuple(now - start for start in self.outages.starts()),
            pings=self.round_trips.pings(now),
            lost=self.presence.is_lost,
        )
        self.scorer.advance(inputs, now)

    def _outage(self, now: float) -> None:
        """Say of the outage that lasts how long it does, and what is done about it."""
        words = self.standing.outage_words(self.outages.kept[-1], now)
        self.alerts.raise_at_once(OUTAGE, Level.BAD, words, now + self.began.wall_offset)

    def _told(self, fact: Observation) -> None:
        second = math.floor(fact.at)
        if second > self.pulse.second:
            self.settle(second)
        self._told_spreads.clear()
        if self.presence.state != ROTATING or isinstance(fact, seen.Rotated):
            # The second link of a rotation is ahead, and not yet the line's.
            self.epoch = max(self.epoch, fact.epoch)
        if (step := _STEPS.get(type(fact))) is not None:
            step(self, fact)
        self.journal.observe(fact)

    def _rare(self, frame: Frame) -> None:
        if isinstance(frame, Began):
            self.began, self.ended_at, self.gone = frame, None, False
            self.alerts.clear(GONE, "its process is back", frame.at + frame.wall_offset)
            self.name = clean(frame.name, limit_chars=60)
            self.server = clean(frame.server, limit_chars=120)
            self.process = clean(frame.process, limit_chars=60)
        elif isinstance(frame, Ended) and not (frame.gone and self.is_over):
            # A process that goes takes no line along that was over before.
            self.settle(math.floor(frame.at))
            self.ended_at, self.gone = frame.at, frame.gone
            unix = frame.at + self.began.wall_offset
            if frame.gone:
                self.alerts.raise_at_once(GONE, Level.BAD, "its process went without a word", unix)
            else:
                self.alerts.close("closed", unix)
        elif isinstance(frame, Marked):
            self.marks = [*self.marks, frame.mark][-_KEPT_MARKS:]

    # The facts, by what they are about.

    def _transition(self, fact: seen.Transition) -> None:
        state = clean(fact.target.value, limit_chars=20)
        self.presence.enter(state, fact.at)
        unix = fact.at + self.began.wall_offset
        if state == LIVE:
            self.outages.live(fact.at, fact.epoch)
            self.standing.live()
            self.alerts.clear(OUTAGE, f"recovered after {self.outages.last_s:.1f} s", unix)
        if state in _OVER:
            self.ended_at, self.standing.retry_at = fact.at, None
        if state == "closed":
            self.alerts.close("closed", unix)
        if self.presence.is_lost or self.scorer.lost:
            self._score(fact.at)

    def _link_opened(self, fact: seen.LinkOpened) -> None:
        self.standing.phases = fact.phases
        if self.presence.state != ROTATING:
            self._another_link()

    def _another_link(self) -> None:
        self.round_trips.restart()
        self.pulse.link_ended()

    def _link_ended(self, fact: seen.LinkEnded) -> None:
        self.outages.link_ended(fact, self.pulse.gauges.get(beat.HEARD_AT) if fact.lived else None)
        if self.outages.is_open:
            self._outage(fact.at)
        if fact.epoch >= self.epoch:
            # One that a rotation left says goodbye while the next goes on.
            self.transcripts.link_ended()
            self.pulse.link_ended()
            # Nobody tells any more when the user stops; the next session tells when they speak.
            self.pulse.is_silent(fact.at)
            self.turns.link_ended()

    def _retry_scheduled(self, fact: seen.RetryScheduled) -> None:
        self.outages.retry_scheduled(fact)
        self.standing.retry_scheduled(fact)
        if self.outages.is_open:
            self._outage(fact.at)

    def _rotated(self, fact: seen.Rotated) -> None:
        self.standing.rotations += 1
        self._another_link()
        if fact.owed:
            self.transcripts.link_ended()

    def _restored(self, fact: seen.Restored) -> None:
        self.outages.restored(fact)
        self.standing.duplicated_samples += fact.duplicated_samples

    def _gap(self, fact: seen.AudioGap) -> None:
        self.books.gap += fact.samples
        self.standing.gap(fact)

    def _round_trip(self, fact: seen.RoundTrip) -> None:
        self.round_trips.add(fact.at, fact.rtt)
        self._measured(RTT, fact.at, fact.rtt)

    def _milestone(self, fact: seen.Milestone) -> None:
        self.turns.milestone(fact)
        self.transcripts.begin(fact)
        if fact.kind is MilestoneKind.SPEECH_STARTED:
            self.pulse.speaks(fact.at)
        elif fact.kind in _SPEECH_ENDS:
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
        self.standing.usage(fact)

    def _failed(self, fact: seen.ResponseFailed) -> None:
        self.turns.failed(fact)
        self.standing.error(fact.code)

    def _confirmed(self, fact: seen.SettingsConfirmed) -> None:
        self.standing.confirmed(fact)
        self.pulse.voice.detected = self.standing.detects
        self.turns.by_hand = not self.standing.detects

    def _measure_turns(self, at: float) -> None:
        for metric, seconds in self.turns.measured():
            self._measured(metric, at, seconds)

    def _measured(self, metric: str, at: float, seconds: float) -> None:
        if metric != RTT:
            self.pulse.measured(metric, at, seconds)
        self._told_spreads.append((metric, seconds))
        rule = self.rules.get(metric)
        if rule is not None and metric != RTT:
            # Three slow turns of five, not three seconds after one.
            self.alerts.judge(rule, seconds * 1000, at + self.began.wall_offset)


def _row(
    kind: type[_Fact], step: Callable[[LineFold, _Fact], None]
) -> tuple[type[Observation], Callable[[LineFold, Any], None]]:
    """A row of the table; the key is the type the step takes."""
    return kind, cast("Callable[[LineFold, Any], None]", step)


_STEPS: dict[type[Observation], Callable[[LineFold, Any], None]] = dict(
    [
        _row(seen.Transition, LineFold._transition),
        _row(seen.LinkOpened, LineFold._link_opened),
        _row(seen.SessionReady, lambda fold, fact: fold.standing.session_ready(fact)),
        _row(seen.LinkEnded, LineFold._link_ended),
        _row(seen.RetryScheduled, LineFold._retry_scheduled),
        _row(seen.Rotated, LineFold._rotated),
        _row(seen.RotationFailed, lambda fold, fact: fold.standing.rotation_failed(fact)),
        _row(seen.Restored, LineFold._restored),
        _row(seen.TakenOver, lambda fold, fact: fold.books.take_over(fact)),
        _row(seen.AudioGap, LineFold._gap),
        _row(seen.RoundTrip, LineFold._round_trip),
        _row(seen.PingTimedOut, lambda fold, _: fold.round_trips.timed_out()),
        _row(seen.Transcript, lambda fold, fact: fold.transcripts.add(fact)),
        _row(seen.Milestone, LineFold._milestone),
        _row(seen.SpeechEnded, lambda fold, fact: fold.turns.speech_ended(fact)),
        _row(seen.PlayStarted, LineFold._play_started),
        _row(seen.PlayStopped, LineFold._play_stopped),
        _row(seen.AudioTruncated, lambda fold, fact: fold.turns.truncated(fact)),
        _row(seen.TruncateConfirmed, lambda fold, fact: fold.turns.truncate_confirmed(fact)),
        _row(seen.FunctionCalled, lambda fold, fact: fold.turns.called(fact)),
        _row(seen.FunctionAnswered, lambda fold, fact: fold.turns.call_answered(fact)),
        _row(seen.ResponseUsage, LineFold._usage),
        _row(seen.RateLimits, lambda fold, fact: fold.standing.rate_limits(fact)),
        _row(seen.SettingsConfirmed, LineFold._confirmed),
        _row(seen.ResponseFailed, LineFold._failed),
        _row(seen.Muted, lambda fold, _: fold.pulse.voice.forget()),
        _row(seen.ServerError, lambda fold, fact: fold.standing.error(fact.code or fact.type)),
        _row(seen.CaptureOverrun, lambda fold, fact: fold.standing.overrun(fact)),
        _row(seen.Anomaly, lambda fold, _: fold.standing.anomaly()),
        _row(seen.Fenced, lambda fold, _: fold.standing.fence()),
    ]
)
