"""What the beats of one line add up to: totals, the last minute by the second, and spreads over longer windows.

This runs for every beat of every line, so a beat is added with as little as can be: sums to a dictionary, extremes to
another. Once a second one row of the history is made of what the totals grew by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from sys import intern
from typing import TYPE_CHECKING

from trunkline.telemetry import beat
from trunkline.telemetry.histogram import bucket_of
from trunkline.telemetry.history import History, Track
from trunkline.telemetry.meter import Meter
from trunkline.telemetry.voice import Voice
from trunkline.telemetry.windows import Windows
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trunkline.telemetry.frames import Beat

__all__ = ["MOST_TYPES", "TRACK_OF", "Pulse"]

MOST_TYPES = 128
"""Types of messages that are told apart in all; a console does not grow by what a server invents."""

# The sums that have a column, in the order of the columns (`history.Track`), and the last: the user's speech.
_SUMMED = (
    beat.UP_BYTES,
    beat.DOWN_BYTES,
    beat.UP_MESSAGES,
    beat.DOWN_MESSAGES,
    beat.UP_CHUNKS,
    beat.DOWN_CHUNKS,
    beat.SENT,
    beat.REPLAYED,
    beat.RECEIVED,
    beat.TIMED_CHUNKS,
    beat.LATE_CHUNKS,
    beat.UNDERRUNS,
    beat.SILENT,
    beat.PLAYED,
    beat.INPUT_SAMPLES,
    beat.INPUT_CLIPPED,
    beat.OUTPUT_SAMPLES,
    beat.OUTPUT_CLIPPED,
)
TRACK_OF = {name: track for track, name in enumerate(_SUMMED)}
"""Which column of the history a sum grows."""
_LOWEST = (beat.BUFFERED_LEAST, beat.LEAD_LEAST)
_HIGHEST = (beat.INPUT_PEAK, beat.OUTPUT_PEAK)
_OTHER = "other"
_LONGEST_TYPE = 100


_SILENT, _PLAYED = _SUMMED.index(beat.SILENT), _SUMMED.index(beat.PLAYED)


@dataclass(slots=True)
class Pulse:
    """Folds beats. `second` is the one that lasts, by the line's own clock."""

    rate_hz: int
    second: int
    history: History
    input: Meter
    output: Meter
    totals: dict[str, float] = field(default_factory=dict)
    gauges: dict[str, float] = field(default_factory=dict)
    extremes: dict[str, float] = field(default_factory=dict)
    """The least and the most of the second that lasts."""
    types: dict[str, int] = field(default_factory=dict)
    spreads: dict[str, Windows] = field(default_factory=dict)
    fresh: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The buckets of the second that lasts alone."""
    passed: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Those of the second before: what an alert judges."""
    outbox_most: float = 0.0
    buffered_most: float = 0.0
    _rtt_ms: tuple[float | None, ...] | None = field(
        default=None, init=False, repr=False, compare=False
    )
    _late_p95: tuple[int, float | None] = field(
        default=(-1, None), init=False, repr=False, compare=False
    )
    user_s: float = 0.0
    """For how long the user has spoken, up to `speaking_since` or in all."""
    speaking_since: float | None = None
    voice: Voice = field(default_factory=Voice)

    @classmethod
    def begun(cls, at: float, rate_hz: int) -> Pulse:
        """Of a line that begins now."""
        second = math.floor(at)
        return cls(
            rate_hz=rate_hz,
            second=second,
            history=History.begun(second),
            input=Meter(rate_hz),
            output=Meter(rate_hz),
        )

    def add(self, told: Beat) -> None:
        """Take one beat; its second is the one that lasts."""
        sums, gauges = told.sums, told.gauges
        self.add_sums(sums.items())
        if gauges:
            self.gauges.update(gauges)
            self._extreme(gauges)
        if told.spreads:
            self._spread(told.at, told.spreads)
        self.count_types(told.types.items())
        samples = sums.get(beat.INPUT_SAMPLES)
        if samples:
            energy = sums.get(beat.INPUT_ENERGY, 0.0)
            self.input.add(told.at, energy, samples)
            self.voice.add(told.at, energy, samples, speaking=self.speaking_since is not None)
        samples = sums.get(beat.OUTPUT_SAMPLES)
        if samples:
            self.output.add(told.at, sums.get(beat.OUTPUT_ENERGY, 0.0), samples)

    def add_sums(self, sums: Iterable[tuple[str, float]]) -> None:
        """So much more of each."""
        totals = self.totals
        get = totals.get
        for name, amount in sums:
            totals[name] = get(name, 0.0) + amount

    def count_types(self, types: Iterable[tuple[str, int]]) -> None:
        """Messages that passed, by direction and type."""
        for name, count in types:
            if name in self.types:
                self.types[name] += count
            else:
                self._new_type(name, count)

    def spread(self, metric: str) -> Windows:
        """The windows of a metric."""
        windows = self.spreads.get(metric)
        if windows is None:
            windows = self.spreads[metric] = Windows()
        return windows

    def measured(self, metric: str, at: float, seconds: float) -> None:
        """One duration that was told by itself."""
        self._spread(at, {metric: (bucket_of(seconds),)})

    def rtt_ms(self) -> tuple[float | None, ...]:
        """The worst round trip of each of the last 60 seconds, in milliseconds; kept, since every row shows it."""
        if self._rtt_ms is None:
            self._rtt_ms = tuple(map(_milliseconds, self.history.series(Track.RTT)))
        return self._rtt_ms

    def late_p95(self) -> float | None:
        """Of the last minute, in seconds: the slots that are over, so it moves every ten seconds."""
        windows = self.spreads.get(beat.LATENESS)
        if windows is None:
            return None
        slot = self.second // 10
        if self._late_p95[0] != slot or self._late_p95[1] is None:
            over = windows.over(float(self.second), 60)
            late = (
                over.percentile(95) if len(over) else windows.merged(self.second, 60).percentile(95)
            )
            self._late_p95 = (slot, late)
        return self._late_p95[1]

    def speaks(self, at: float) -> None:
        """The user began to speak."""
        if self.speaking_since is None:
            self.speaking_since = at

    def is_silent(self, at: float) -> None:
        """The user stopped."""
        if self.speaking_since is not None:
            self.user_s += max(at - self.speaking_since, 0.0)
            self.speaking_since = None

    def close(self, rtt: float | None) -> None:
        """The second that lasts is whole; `rtt` is the worst round trip in it."""
        end = self.second + 1.0
        if self.speaking_since is not None:
            self.user_s += max(end - self.speaking_since, 0.0)
            self.speaking_since = end
        get, extreme = self.totals.get, self.extremes.get
        totals = [get(name, 0.0) for name in _SUMMED]
        totals[_SILENT] *= 1000
        totals[_PLAYED] *= 1000
        totals.append(self.user_s * 1000)
        values = (
            math.nan if rtt is None else rtt,
            self.gauges.get(beat.KERNEL_RTT, math.nan),
            extreme(beat.BUFFERED_LEAST, math.nan),
            extreme(beat.LEAD_LEAST, math.nan),
            extreme(beat.INPUT_PEAK, math.nan),
            extreme(beat.OUTPUT_PEAK, math.nan),
        )
        self.history.put(self.second, totals, values)
        if self._rtt_ms is not None:
            self._rtt_ms = (*self._rtt_ms[1:], _milliseconds(rtt))
        self.extremes = {}
        self._next_second()

    def close_grown(
        self,
        grown: Iterable[tuple[int, Sequence[float]]],
        measured: Mapping[int, Sequence[float]],
        count: int,
    ) -> None:
        """The same of so many seconds in which only these tracks grew, and two were measured; nobody spoke."""
        if count:
            self.history.put_grown(self.second, grown, measured, count)
            self._rtt_ms = None
            self.second += count - 1
            self._next_second()

    def _next_second(self) -> None:
        self.voice.end_second()
        self.passed, self.fresh = self.fresh, {}
        self.second += 1

    def skip(self, second: int) -> None:
        """Nothing was told for long: go on at a second, with nothing between."""
        self.second = second
        self.passed = {}
        self.voice.end_second()
        self._rtt_ms = None
        if self.speaking_since is not None:
            self.speaking_since = float(second)

    def link_ended(self) -> None:
        """What the kernel said of the link says nothing any more."""
        for name in (beat.KERNEL_RTT, beat.KERNEL_RTT_LEAST, beat.RETRANSMITS, beat.UNSENT):
            self.gauges.pop(name, None)

    def _extreme(self, gauges: dict[str, float]) -> None:
        extremes, get = self.extremes, gauges.get
        for name in _LOWEST:
            value = get(name)
            if value is not None and value < extremes.get(name, math.inf):
                extremes[name] = value
        for name in _HIGHEST:
            value = get(name)
            if value is not None and value > extremes.get(name, -math.inf):
                extremes[name] = value
        if get(beat.OUTBOX_MOST, 0.0) > self.outbox_most:
            self.outbox_most = gauges[beat.OUTBOX_MOST]
        if get(beat.BUFFERED, 0.0) > self.buffered_most:
            self.buffered_most = gauges[beat.BUFFERED]

    def _spread(self, at: float, spreads: dict[str, tuple[int, ...]]) -> None:
        fresh, known = self.fresh, self.spreads
        for metric, buckets in spreads.items():
            (known.get(metric) or self.spread(metric)).add_all(at, buckets)
            fresh[metric] = fresh[metric] + buckets if metric in fresh else buckets

    def _new_type(self, name: str, count: int) -> None:
        types = self.types
        # A type is the server's word: any string at all.
        name = Clean(intern(clean(name, limit_chars=_LONGEST_TYPE)))  # most lines meet the same
        if name not in types and len(types) >= MOST_TYPES:
            name = Clean(f"{name.partition(' ')[0]} {_OTHER}")
        types[name] = types.get(name, 0) + count


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
