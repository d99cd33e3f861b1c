"""Sums what a line's observers are told into frames; the only part of telemetry on the line's hot path.

Problem: a line tells some 250 facts a second, and a console, a socket and a file each would have to take every one.
Here the frequent ones are added to plain attributes, one step of a dictionary away, and leave twice a second as a
`Beat`; the rare ones leave at once as they are, after a beat if they end what it sums. Words come letter by letter, so
they wait for the beat, too.

Beats end at whole multiples of the interval on the line's own clock, so two of them are a second exactly. There is no
timer: a fact that comes after the end lets the beat go first, and a line that tells nothing has nothing to sum.
"""

from __future__ import annotations

import math
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from trunkline.protocol.compound_facts import APPEND, DELTA, ChunkPassed, DeltaPassed, Fact, Flow
from trunkline.protocol.observations import (
    AudioAccepted,
    AudioConsumed,
    AudioGap,
    AudioHeard,
    AudioReceived,
    AudioSent,
    ChunkLate,
    Direction,
    KernelSampled,
    LevelSampled,
    LinkEnded,
    LoopLagged,
    MessagePassed,
    Milestone,
    MilestoneKind,
    PlayoutSampled,
    PlayStarted,
    PlayStopped,
    QueueSampled,
    RoundTrip,
    TakenOver,
    Transcript,
    Transition,
    WriterStalled,
)
from trunkline.telemetry import beat
from trunkline.telemetry.batch import Batcher
from trunkline.telemetry.delivery import Delivery
from trunkline.telemetry.frames import Told
from trunkline.telemetry.histogram import bucket_of
from trunkline.telemetry.message_counts import MessageCounts
from trunkline.telemetry.sums import Sums

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trunkline.protocol.observations import Observation
    from trunkline.telemetry.batch import Batch
    from trunkline.telemetry.frames import Began, Frame

__all__ = ["BEAT_SECONDS", "WATCHED_BEAT_SECONDS", "Digester"]

BEAT_SECONDS = 0.5
"""How often a line tells its sums: twice for each sample of a second that a screen shows."""
WATCHED_BEAT_SECONDS = 0.1
"""The same while somebody looks at the line: level meters move ten times a second."""

# Looked up once: an attribute of an enum costs as much as the rest of a step.
_UP = Direction.UP
_KERNEL_GAUGES = (beat.KERNEL_RTT, beat.KERNEL_RTT_LEAST, beat.RETRANSMITS, beat.UNSENT)
_kernel_values = attrgetter("rtt", "rtt_min", "retransmits", "unsent_bytes")


class Digester:
    """Turns the facts of one line into frames.

    `emit` takes each frame, `began` first; it is called within `observe`, so it must be quick. Facts come in the order
    of `at`. Cost: 0.2 to 0.5 µs a frequent fact, and 15 µs a beat.
    """

    __slots__ = (
        "_answering",
        "_batcher",
        "_began",
        "_delivery",
        "_due",
        "_emit",
        "_epoch",
        "_gauges",
        "_heard",
        "_heard_at",
        "_interval",
        "_lags",
        "_lates",
        "_playing_since",
        "_retained",
        "_sums",
        "_types",
        "_underruns",
        "_words",
    )

    def __init__(
        self,
        began: Began,
        emit: Callable[[Frame], None],
        *,
        interval: float = BEAT_SECONDS,
    ) -> None:
        self._began = began
        # Lines that began together need not hand on what they held back together.
        self._batcher = Batcher(began.line, emit, phase=int(began.at * 1000))
        self._emit = self._batcher.emit
        self._interval = interval
        self._due = self._after(began.at)
        self._epoch = 0
        self._retained = 0.0  # what the law leaves of the books, up to the last beat
        self._delivery = Delivery(began.rate_hz)
        self._words: dict[tuple[str, str], list[Transcript]] = {}
        self._answering = False
        self._playing_since: float | None = None
        self._underruns = (0, 0.0)
        self._heard = ("", 0)
        self._heard_at: float | None = None
        self._clear()
        emit(began)

    def observe(self, fact: Observation) -> None:
        """Take one fact."""
        self.observe_all((fact,))

    def observe_all(self, facts: Sequence[Fact]) -> None:
        """Take facts, oldest first: half the price of one after another."""
        step_of, due, tell = _STEPS.get, self._due, Digester._tell
        for fact in facts:
            if fact.at >= due:
                self.flush(due)
                self._due = due = self._after(fact.at)
            step_of(type(fact), tell)(self, fact)

    def beat_every(self, seconds: float) -> None:
        """How long beats are from the next one on: `BEAT_SECONDS`, or `WATCHED_BEAT_SECONDS` while somebody looks."""
        self._interval = seconds

    def hold(self, take: Callable[[Batch], None] | None) -> None:
        """Beats that are alike may wait for each other from now on, and are taken so; None: no longer."""
        self._batcher.hold(take)

    def flush(self, now: float) -> None:
        """Tell everything that was summed up to `now`; nothing if nothing was."""
        self._tell_words()
        if self._playing_since is not None:
            self._sums.played += max(now - self._playing_since, 0.0)
            self._playing_since = now
        sums = self._sums.named()
        if not (sums or self._gauges or self._lags):
            return
        self._retained += self._sums.accepted - self._sums.consumed
        spreads = self._taken_spreads()
        gauges, types = self._taken_gauges(), self._types.told()
        self._clear()
        self._batcher.beat(now, self._epoch, sums=sums, spreads=spreads, gauges=gauges, types=types)

    def _after(self, at: float) -> float:
        """The end of the beat that a moment is in."""
        return (math.floor(at / self._interval) + 1) * self._interval

    def _clear(self) -> None:
        self._sums = Sums()
        self._gauges: dict[str, float] = {}
        self._lates: list[int] = []
        self._lags: list[int] = []
        self._types = MessageCounts()

    def _taken_gauges(self) -> dict[str, float]:
        gauges = self._gauges
        if self._delivery.jitter is not None:
            gauges[beat.DELTA_JITTER] = self._delivery.jitter
        if self._heard_at is not None:
            gauges[beat.HEARD_AT] = self._heard_at
        return gauges

    def _taken_spreads(self) -> dict[str, tuple[int, ...]]:
        gaps, lead = self._delivery.take()
        if lead is not None:
            self._gauges[beat.LEAD_LEAST] = lead
        spreads = {beat.DELTA_GAP: tuple(gaps)} if gaps else {}
        if self._lates:
            spreads[beat.LATENESS] = tuple(self._lates)
        if self._lags:
            spreads[beat.LOOP_LAG] = tuple(self._lags)
        return spreads

    def _tell(self, fact: Observation) -> None:
        if self._words:
            self._tell_words()
        self._emit(Told(line=self._began.line, fact=fact))

    def _tell_words(self) -> None:
        for pieces in self._words.values():
            whole = pieces[0]
            if len(pieces) > 1:
                whole = replace(whole, text="".join(piece.text for piece in pieces))
            self._emit(Told(line=self._began.line, fact=whole))
        self._words.clear()

    # The frequent facts.

    def _accepted(self, fact: AudioAccepted) -> None:
        self._sums.accepted += fact.samples

    def _sent(self, fact: AudioSent) -> None:
        sums = self._sums
        sums.up_chunks += 1
        if fact.replayed:
            sums.replayed += fact.samples
        else:
            sums.sent += fact.samples

    def _consumed(self, fact: AudioConsumed) -> None:
        self._sums.consumed += fact.samples

    def _received(self, fact: AudioReceived | DeltaPassed) -> None:
        self._answering = True
        self._sums.down_chunks += 1
        self._sums.received += fact.samples
        self._delivery.received(fact)

    def _played_to(self, fact: AudioHeard) -> None:
        item, before = self._heard
        self._heard = (fact.item_id, fact.samples)
        self._sums.heard += max(fact.samples - before, 0) if item == fact.item_id else fact.samples

    def _message(self, fact: MessagePassed) -> None:
        sums = self._sums
        if fact.direction is _UP:
            sums.up_bytes += fact.size_bytes
            sums.up_messages += 1
            self._types.count("up", fact.type)
        else:
            self._heard_at = fact.at
            sums.down_bytes += fact.size_bytes
            sums.down_messages += 1
            self._types.count("down", fact.type)

    def _expanded(self, fact: ChunkPassed | DeltaPassed) -> None:
        for one in fact.facts():
            _STEPS[type(one)](self, one)

    def _flow(self, fact: Flow) -> None:
        self._sums.passed(fact)
        self._types.count("up", APPEND, fact.chunks)
        for deltas in fact.deltas:
            self._types.count("down", DELTA, len(deltas.times))
            self._answering, self._heard_at = True, deltas.times[-1]
            self._delivery.arrived(*deltas)

    def _level(self, fact: LevelSampled) -> None:
        sums = self._sums
        if fact.direction is _UP:
            sums.input_energy += fact.mean_square * fact.samples
            sums.input_samples += fact.samples
            sums.input_clipped += fact.clipped
            self._most(beat.INPUT_PEAK, fact.peak)
        else:
            sums.output_energy += fact.mean_square * fact.samples
            sums.output_samples += fact.samples
            sums.output_clipped += fact.clipped
            self._most(beat.OUTPUT_PEAK, fact.peak)

    def _most(self, gauge: str, value: float) -> None:
        if value > self._gauges.get(gauge, -1.0):
            self._gauges[gauge] = value

    def _late(self, fact: ChunkLate) -> None:
        late = fact.late
        self._sums.timed_chunks += 1
        if late > beat.LATE_SECONDS:
            self._sums.late_chunks += 1
        self._lates.append(bucket_of(late))

    def _lagged(self, fact: LoopLagged) -> None:
        self._lags.append(bucket_of(fact.lag))

    def _stalled(self, fact: WriterStalled) -> None:
        self._sums.stalled += fact.took

    def _queued(self, fact: QueueSampled) -> None:
        gauges = self._gauges
        gauges[beat.OUTBOX] = fact.outbox_samples
        gauges[beat.RETAINED] = fact.retained_samples
        gauges[beat.TRANSPORT] = fact.transport_bytes
        # Here and not in a fold: only now are both of the same moment.
        lawful = self._retained + self._sums.accepted - self._sums.consumed
        gauges[beat.IMBALANCE] = fact.retained_samples - lawful
        self._most(beat.OUTBOX_MOST, fact.outbox_samples)

    def _kernel(self, fact: KernelSampled) -> None:
        gauges = self._gauges
        for name, value in zip(_KERNEL_GAUGES, _kernel_values(fact), strict=True):
            if value is not None:
                gauges[name] = value

    def _playout(self, fact: PlayoutSampled) -> None:
        gauges = self._gauges
        gauges[beat.BUFFERED] = fact.buffered_ms
        if fact.target_ms is not None:
            gauges[beat.TARGET] = fact.target_ms
        if self._answering:
            least = gauges.get(beat.BUFFERED_LEAST)
            if least is None or fact.buffered_ms < least:
                gauges[beat.BUFFERED_LEAST] = fact.buffered_ms
        count, silent_ms = self._underruns
        # A playout that was made anew counts from 0.
        self._sums.underruns += max(fact.underruns - count, 0)
        self._sums.silent += max(fact.underrun_ms - silent_ms, 0.0) / 1000
        self._underruns = (fact.underruns, fact.underrun_ms)

    # The rare ones that are more than told.

    def _gap(self, fact: AudioGap) -> None:
        self._retained -= fact.samples
        self._tell(fact)

    def _taken_over(self, fact: TakenOver) -> None:
        self._retained += fact.accepted_samples - fact.consumed_samples - fact.gap_samples
        self._tell(fact)

    def _round_trip(self, fact: RoundTrip) -> None:
        self._heard_at = fact.at
        if self._words or not self._batcher.ping(fact):
            self._tell(fact)

    def _transition(self, fact: Transition) -> None:
        self._epoch = max(self._epoch, fact.epoch)
        self._tell(fact)

    def _play_started(self, fact: PlayStarted) -> None:
        self._delivery.play_started(fact)
        self._playing_since = fact.at
        self._tell(fact)

    def _play_stopped(self, fact: PlayStopped) -> None:
        if self._playing_since is not None:
            self._sums.played += max(fact.at - self._playing_since, 0.0)
        self._playing_since = None
        self._delivery.play_stopped()
        self._tell(fact)

    def _transcript(self, fact: Transcript) -> None:
        key = (fact.speaker.value, fact.item_id)
        if fact.final:
            # It repeats the whole, so what waits says nothing more.
            self._words.pop(key, None)
            self._tell(fact)
        else:
            self._words.setdefault(key, []).append(fact)

    def _milestone(self, fact: Milestone) -> None:
        """What was summed belongs to the turn before."""
        self.flush(fact.at)
        if fact.kind is MilestoneKind.RESPONSE_DONE:
            self._answering = False
        self._tell(fact)

    def _link_ended(self, fact: LinkEnded) -> None:
        self.flush(fact.at)
        self._answering = False
        self._tell(fact)


# One for all lines: a method bound for each fact of each line would be two kilobytes of it.
_STEPS: dict[type[Fact], Callable[[Digester, Any], None]] = {
    ChunkPassed: Digester._expanded,
    DeltaPassed: Digester._expanded,
    Flow: Digester._flow,
    AudioAccepted: Digester._accepted,
    AudioSent: Digester._sent,
    AudioConsumed: Digester._consumed,
    AudioGap: Digester._gap,
    AudioReceived: Digester._received,
    AudioHeard: Digester._played_to,
    MessagePassed: Digester._message,
    LevelSampled: Digester._level,
    ChunkLate: Digester._late,
    LoopLagged: Digester._lagged,
    WriterStalled: Digester._stalled,
    QueueSampled: Digester._queued,
    KernelSampled: Digester._kernel,
    PlayoutSampled: Digester._playout,
    PlayStarted: Digester._play_started,
    PlayStopped: Digester._play_stopped,
    RoundTrip: Digester._round_trip,
    Transcript: Digester._transcript,
    Milestone: Digester._milestone,
    LinkEnded: Digester._link_ended,
    Transition: Digester._transition,
    TakenOver: Digester._taken_over,
}
"""Which method takes which fact; one without a row is rare and goes as it is."""
