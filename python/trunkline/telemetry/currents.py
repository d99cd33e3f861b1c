"""What flows through a whole fleet, on one time axis: spreads over windows, shares of time, sums by the second.

None of it can be had by looking at each line each time, so it is counted as frames come. The axis is Unix seconds,
since each process has a clock of its own. Percentiles are never averaged: histograms are merged.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.protocol.observations import ResponseFailed, ServerError
from trunkline.telemetry import beat
from trunkline.telemetry.histogram import bucket_of
from trunkline.telemetry.line_view import spread_of
from trunkline.telemetry.presence import CONDITIONS
from trunkline.telemetry.tally import Tally
from trunkline.telemetry.views import NO_SPREAD, Spread
from trunkline.telemetry.windows import Windows
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.frames import Beat, Told

__all__ = ["JITTER", "KERNEL_RTT", "SERIES_SECONDS", "Currents", "rate"]

KERNEL_RTT = "kernel_rtt"
"""The spread of what the kernel says, one sample a second of each line."""
JITTER = "jitter"
"""The same of the jitter of pings."""
SERIES_SECONDS = 60

# How many of its whole seconds a rate is the mean of.
_AVERAGE_SECONDS = 3


@dataclass(slots=True)
class Currents:
    """Counts what frames bring to the fleet."""

    spreads: dict[str, Windows] = field(default_factory=dict)
    states: Tally = field(default_factory=Tally)
    """Line seconds in each condition."""
    failures: Tally = field(default_factory=Tally)
    """Errors of servers, by code."""
    flows: deque[tuple[int, float, float, float]] = field(default_factory=deque)
    """Unix second, bytes up, bytes down, messages."""

    def beaten(self, frame: Beat, unix: float) -> None:
        """A line's sums of half a second."""
        for metric, counts in frame.spreads.items():
            if metric != beat.DELTA_GAP:
                self._windows(metric).add_all(unix, counts)
        sums = frame.sums
        second = math.ceil(unix) - 1
        up, down = sums.get(beat.UP_BYTES, 0.0), sums.get(beat.DOWN_BYTES, 0.0)
        messages = sums.get(beat.UP_MESSAGES, 0.0) + sums.get(beat.DOWN_MESSAGES, 0.0)
        flows = self.flows
        if flows and flows[-1][0] >= second:
            at, *before = flows[-1]
            flows[-1] = (at, before[0] + up, before[1] + down, before[2] + messages)
            return
        flows.append((second, up, down, messages))
        while flows[0][0] < second - SERIES_SECONDS:
            flows.popleft()

    def told(self, frame: Told, measured: list[tuple[str, float]], unix: float) -> None:
        """A rare fact of a line, and the durations it told of."""
        for metric, seconds in measured:
            self._windows(metric).add(unix, bucket_of(seconds))
        if isinstance(frame.fact, ServerError):
            self._failed(unix, frame.fact.code or frame.fact.type)
        elif isinstance(frame.fact, ResponseFailed):
            self._failed(unix, frame.fact.code)

    def second(self, folds: Iterable[tuple[LineFold, str]], unix: int, passed: int) -> None:
        """What lines in their conditions have no event for is counted once a second, for as many as passed."""
        conditions: Counter[str] = Counter()
        jitters, rtts = [], []
        for fold, condition in folds:
            conditions[condition] += passed
            if fold.is_over:
                continue
            if fold.round_trips.jitter is not None:
                jitters.append(bucket_of(fold.round_trips.jitter))
            if (rtt := fold.pulse.gauges.get(beat.KERNEL_RTT)) is not None:
                rtts.append(bucket_of(rtt))
        for condition, seconds in conditions.items():
            self.states.add(unix, condition, seconds)
        for metric, buckets in ((JITTER, jitters), (KERNEL_RTT, rtts)):
            if buckets:
                self._windows(metric).add_all(unix, buckets)

    def spread(self, metric: str, now_unix: float, window_s: int) -> Spread:
        """The percentiles of a metric over a window."""
        windows = self.spreads.get(metric)
        return NO_SPREAD if windows is None else spread_of(windows.merged(now_unix, window_s))

    def availability(self, now_unix: float, window_s: int) -> float | None:
        """The share of wanted line seconds that was live, 0 to 1."""
        whole = self.states.sums(now_unix, window_s)
        wanted = sum(whole.get(name, 0.0) for name in ("live", "connecting", "reconnecting"))
        return whole.get("live", 0.0) / wanted if wanted else None

    def shares(self, now_unix: float, window_s: int) -> tuple[tuple[str, float], ...]:
        """Condition and its share of all line seconds, largest first."""
        whole = self.states.sums(now_unix, window_s)
        total = sum(whole.values())
        known = [(name, whole[name] / total) for name in CONDITIONS if whole.get(name)]
        return tuple(sorted(known, key=lambda item: -item[1]))

    def errors(self, now_unix: float, window_s: int) -> tuple[tuple[Clean, int], ...]:
        """Codes and how often, most first."""
        counted = self.failures.sums(now_unix, window_s).items()
        ordered = sorted(counted, key=lambda item: -item[1])
        return tuple((clean(code, limit_chars=60), int(count)) for code, count in ordered)

    def series(self, last: int) -> tuple[tuple[float | None, ...], ...]:
        """Bytes up, bytes down and messages of the 60 seconds before `last`; None before there was a line."""
        known = {second: amounts for second, *amounts in self.flows}
        first = self.flows[0][0] if self.flows else last
        seconds = range(last - SERIES_SECONDS, last)
        return tuple(
            tuple(
                known[second][n] if second in known else None if second < first else 0.0
                for second in seconds
            )
            for n in range(3)
        )

    def _failed(self, unix: float, code: str) -> None:
        self.failures.add(unix, clean(code or "unknown", limit_chars=60))

    def _windows(self, metric: str) -> Windows:
        windows = self.spreads.get(metric)
        if windows is None:
            windows = self.spreads[metric] = Windows(wide=True)
        return windows


def rate(series: tuple[float | None, ...]) -> float | None:
    """Per second, over the last three whole ones; None where nothing is known."""
    known = [amount for amount in series[-_AVERAGE_SECONDS:] if amount is not None]
    return sum(known) / len(known) if known else None
