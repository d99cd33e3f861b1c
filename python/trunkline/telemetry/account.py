"""What all lines together have done since the process began, for systems of metrics.

Problem: a line is forgotten some minutes after its end, and a counter must never fall. So what frames bring is added to
totals that belong to no line, under labels of which there are few. What a fact says of a line is read from its fold,
which has taken the frame just before.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from trunkline.telemetry import beat
from trunkline.telemetry import families as of
from trunkline.telemetry.frames import Beat, Began, Ended, Told
from trunkline.telemetry.histogram import BUCKET_LIMIT, middle_of
from trunkline.telemetry.labels import OTHER, LabelBook
from trunkline.telemetry.reckoning import reckon
from trunkline.telemetry.totals import Totals

if TYPE_CHECKING:
    from trunkline.telemetry.families import Family
    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.frames import Frame
    from trunkline.telemetry.totals import Counts, Labels, Listener, Sum

__all__ = ["Account", "Standing"]

# Sums of a beat that are counters as they are.
_PLAIN: dict[str, tuple[Family, tuple[str, ...]]] = {
    beat.UP_BYTES: (of.NETWORK, ("up",)),
    beat.DOWN_BYTES: (of.NETWORK, ("down",)),
    beat.STALLED: (of.STALLED, ()),
    beat.UNDERRUNS: (of.UNDERRUNS, ()),
    beat.SILENT: (of.UNDERRUN_SECONDS, ()),
    beat.INPUT_CLIPPED: (of.CLIPPED, ("up",)),
    beat.OUTPUT_CLIPPED: (of.CLIPPED, ("down",)),
}
# Those that are samples, and seconds in metrics.
_SAMPLES = {beat.SENT: "up", beat.REPLAYED: "up", beat.RECEIVED: "down"}
_SPREADS = {
    beat.LATENESS: of.LATENESS,
    beat.LOOP_LAG: of.LOOP_LAG,
    beat.DELTA_GAP: of.DELTA_GAP,
}
# Below this a line is not excellent (telemetry.quality.GRADES).
_DEGRADED_BELOW = 80.0
_REASONS = {"rtt+jitter": "rtt_jitter"}
_OVER = ("closed", "failed")
# Gauges have a few series for each; products of bounded labels are still too many.
_MOST_BASES = 200
# As long as a fleet waits for the last beat of a second.
_LATEST_SECONDS = 1.0


# 128 types of messages, and what else a line is counted by.
_MOST_KEPT = 400
_Key = tuple["Family", tuple[str, ...]]
_Kept = TypeVar("_Kept")
_MIDDLES = [middle_of(bucket) for bucket in range(BUCKET_LIMIT)]


@cache
def _places(family: Family) -> list[int]:
    """For each bucket of a beat the one that its middle is in."""
    return [bisect_left(family.bounds, middle) for middle in _MIDDLES]


@dataclass(slots=True)
class Standing:
    """How far a line has been counted."""

    base: Labels
    """The labels that say which lines it is one of."""
    since: float
    """Up to when the time of its state was counted."""
    second: int
    """Up to which whole second its quality was."""
    reconnects: int = 0
    retransmits: tuple[int, float] = (0, 0.0)
    """The epoch they were last told for, and how many."""
    reason: str = "unknown"
    """What began the outage that lasts, or the last one."""
    replays: str = "reconnect"
    """Why audio is sent again, if it is."""
    created: dict[str, float] = field(default_factory=dict)
    """When each response that is not done was created."""
    failures: dict[str, str] = field(default_factory=dict)
    """Why responses failed that will be told to be done."""
    degraded: str = ""
    """What takes most of its score, while that is below an excellent one."""
    is_over: bool = False
    sums: dict[_Key, Sum] = field(default_factory=dict)
    """Where it was counted before: what is counted is mostly what was."""
    counts: dict[_Key, Counts] = field(default_factory=dict)

    def rebase(self, base: Labels) -> None:
        """It is one of other lines from now on."""
        if base != self.base:
            self.base = base
            self.sums.clear()
            self.counts.clear()

    def keep(self, kept: dict[_Key, _Kept], key: _Key, one: _Kept) -> None:
        """Remember where it was counted; not more than that of any honest line."""
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = one


class Account:
    """Counts frames; belongs to one thread.

    `names` adds the name of a line as a label, at most 100 of them. `listener` hears of every amount. Cost: about 15 µs
    a beat, beside that of the fold.
    """

    def __init__(self, *, names: bool = False, listener: Listener | None = None) -> None:
        self.book = LabelBook()
        self.totals = Totals()
        self._listener = listener
        self.bases: dict[Labels, None] = {}
        """All that were met: a gauge of one that has no line now is 0, and not gone."""
        self._names = names
        self._lines: dict[str, Standing] = {}

    @property
    def base_labels(self) -> tuple[str, ...]:
        """Names of the labels that all families of lines have."""
        return (*of.BASE_LABELS, "line") if self._names else of.BASE_LABELS

    def known(self, fold: LineFold) -> Standing:
        """How far a line has been counted; one that was not met before is counted from now on."""
        key = fold.began.line
        found = self._lines.get(key)
        if found is None:
            since = max(fold.presence.since, fold.began.at)
            found = self._lines[key] = Standing(self.base_of(fold), since, fold.pulse.second)
            found.reconnects = fold.outages.ended
            found.is_over = fold.is_over
        return found

    def adopt(self, fold: LineFold, now: float) -> None:
        """A line that was followed elsewhere until `now`, in seconds of its clock: what was before is not counted."""
        standing = self.known(fold)
        standing.rebase(self.base_of(fold))
        standing.reconnects = fold.outages.ended
        standing.since, standing.second = max(standing.since, now), fold.pulse.second
        standing.is_over = fold.is_over

    def forget(self, key: str) -> None:
        """A line leaves; what it added stays."""
        self._lines.pop(key, None)

    def take(self, frame: Frame, fold: LineFold) -> None:
        """Count a frame that the fold of its line has just taken."""
        standing = self.known(fold)
        if isinstance(frame, Beat):
            self._beat(frame, fold, standing)
        elif isinstance(frame, Told):
            reckon(self, frame.fact, fold, standing)
            self.judge(standing, fold)
        elif isinstance(frame, Began):
            standing.rebase(self.base_of(fold))
            standing.is_over = False
        elif isinstance(frame, Ended):
            self.ended(standing, fold, frame.at, "gone")

    def pass_time(self, fold: LineFold, now: float) -> None:
        """Time of a line passed, in seconds of its clock, whether it told something or not.

        Word of a change of state may be on its way, so the last second is not counted yet.
        """
        standing = self.known(fold)
        if not standing.is_over:
            self.spend(standing, fold.presence.state, now - _LATEST_SECONDS)
            self.judge(standing, fold)

    def base_of(self, fold: LineFold) -> Labels:
        """The labels that say which lines it is one of."""
        value = self.book.value
        model = fold.standing.model or fold.began.model
        base: Labels = (value("model", model), value("server_address", fold.server))
        if self._names:
            base = (*base, value("line", fold.name))
        if base not in self.bases and len(self.bases) >= _MOST_BASES:
            base = (OTHER,) * len(base)
        self.bases.setdefault(base)
        return base

    def add(self, standing: Standing, family: Family, amount: float, *values: str) -> None:
        """Count an amount under a line's labels and these; one that is below 0 is none."""
        if amount < 0:
            return
        cell = standing.sums.get((family, values))
        if cell is None:
            cell = self.totals.sum_of(family, self._labels(standing, family, values))
            standing.keep(standing.sums, (family, values), cell)
        cell.value += amount
        if self._listener is not None:
            self._listener(family, cell.labels, amount)

    def observe(self, standing: Standing, family: Family, value: float, *values: str) -> None:
        """Count a duration under a line's labels and these, a bucket's upper end in it; below 0 counts as 0."""
        value = max(value, 0.0)
        counts = self._counts(standing, family, values)
        counts.counts[bisect_left(family.bounds, value)] += 1
        counts.sum += value
        if self._listener is not None:
            self._listener(family, counts.labels, value)

    def spend(self, standing: Standing, state: str, until: float) -> None:
        """Time in a state passed; what was counted up to a later moment already is not taken back."""
        passed = until - standing.since
        if passed > 0:
            standing.since = until
            self.add(standing, of.STATE_SECONDS, passed, state)

    def judge(self, standing: Standing, fold: LineFold) -> None:
        """Count the whole seconds that passed by how the line was when it was last looked at, and look at it."""
        passed, standing.second = fold.pulse.second - standing.second, fold.pulse.second
        if passed > 0 and standing.degraded:
            self.add(standing, of.DEGRADED, passed, standing.degraded)
        standing.degraded = _degraded(fold)

    def ended(self, standing: Standing, fold: LineFold, at: float, reason: str) -> None:
        """A line is over; a second word of it changes nothing."""
        if not standing.is_over:
            standing.is_over = True
            self.spend(standing, fold.presence.state, at)
            self.observe(standing, of.SESSION_DURATION, at - fold.began.at, reason)

    def _counts(self, standing: Standing, family: Family, values: tuple[str, ...]) -> Counts:
        counts = standing.counts.get((family, values))
        if counts is None:
            counts = self.totals.counts_of(family, self._labels(standing, family, values))
            standing.keep(standing.counts, (family, values), counts)
        return counts

    def _labels(self, standing: Standing, family: Family, values: tuple[str, ...]) -> Labels:
        value = self.book.value
        return (*standing.base, *map(value, family.labels, values))

    def _beat(self, told: Beat, fold: LineFold, standing: Standing) -> None:
        rate_hz = fold.began.rate_hz
        for name, amount in told.sums.items():
            plain = _PLAIN.get(name)
            if plain is not None:
                self.add(standing, plain[0], amount, *plain[1])
            elif name in _SAMPLES:
                self.add(standing, of.AUDIO, amount / rate_hz, _SAMPLES[name])
                if name == beat.REPLAYED:
                    self.add(standing, of.REPLAYED, amount / rate_hz, "up", standing.replays)
        for name, count in told.types.items():
            self.add(standing, of.EVENTS, count, *name.partition(" ")[::2])
        for metric, buckets in told.spreads.items():
            self._spread(standing, _SPREADS.get(metric), buckets)
        if beat.LEAD_LEAST in told.gauges:
            self.observe(standing, of.DELTA_LEAD, told.gauges[beat.LEAD_LEAST])
        if beat.RETRANSMITS in told.gauges:
            self._retransmits(standing, told.epoch, told.gauges[beat.RETRANSMITS])
        self.judge(standing, fold)

    def _spread(self, standing: Standing, family: Family | None, buckets: tuple[int, ...]) -> None:
        """Fifty durations of each beat: a table says which bucket of ours each of the beat's is in."""
        if family is None:
            return
        kept, places = self._counts(standing, family, ()), _places(family)
        counts = kept.counts
        for bucket in buckets:
            counts[places[bucket]] += 1
        kept.sum += sum(map(_MIDDLES.__getitem__, buckets))
        if self._listener is not None:
            for bucket in buckets:
                self._listener(family, kept.labels, _MIDDLES[bucket])

    def _retransmits(self, standing: Standing, epoch: int, count: float) -> None:
        """The kernel counts from 0 with each link."""
        known, before = standing.retransmits
        standing.retransmits = (epoch, count)
        is_same = epoch == known and count >= before
        self.add(standing, of.RETRANSMITS, count - before if is_same else count)


def _degraded(fold: LineFold) -> str:
    scorer = fold.scorer
    if fold.presence.state in _OVER:
        return ""
    if scorer.lost:
        return "lost"
    if not scorer.known or scorer.score is None or scorer.score >= _DEGRADED_BELOW:
        return ""
    worst = max(scorer.taken, key=lambda name: scorer.taken[name])
    return _REASONS.get(worst, worst)
