"""The round trip of pings: last, smoothed, jitter, and the exact percentiles of a minute."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field

from trunkline.errors import StreamError
from trunkline.telemetry.history import HISTORY_SECONDS
from trunkline.telemetry.views import RoundTripView

__all__ = ["RoundTrips", "smoothed_jitter"]

# One ping a second for a minute is what a line sends at most; a flood of pongs must not grow this.
_MOST = 256


@dataclass(slots=True)
class RoundTrips:
    """Folds answered pings. A new link starts the smoothed values anew; the minute goes on."""

    last: float | None = None
    smoothed: float | None = None
    variation: float | None = None
    jitter: float | None = None
    count: int = 0
    timeouts: int = 0
    unanswered: bool = False
    """Whether the newest word of a ping was that no pong came in time."""
    times: array[float] = field(default_factory=lambda: array("d"))
    """When each of the last minute was answered."""
    recent: array[float] = field(default_factory=lambda: array("d"))
    """How long each took."""
    _p95: float | None = field(default=None, init=False, repr=False, compare=False)
    _known_of: int = field(default=0, init=False, repr=False, compare=False)
    """Of how many it is the 95th percentile; 0 once it may be another's."""

    def __post_init__(self) -> None:
        if len(self.times) != len(self.recent):
            raise StreamError("pings without a time")

    def add(self, at: float, rtt: float) -> None:
        """Take one round trip in seconds."""
        self._smooth(rtt)
        self.last = rtt
        self.count += 1
        self.unanswered = False
        self.times.append(at)
        self.recent.append(rtt)
        if self._p95 is None or rtt > self._p95:
            self._known_of = 0
        self._forget(at)

    def timed_out(self) -> None:
        """A ping waits for its pong for too long."""
        self.timeouts += 1
        self.unanswered = True

    def restart(self) -> None:
        """Forget what belonged to the link that ended."""
        self.last = self.smoothed = self.variation = self.jitter = None
        self.unanswered = False

    def worst_since(self, at: float) -> float | None:
        """The longest of those that were answered after a moment; None if none was."""
        times = self.times
        first = len(times)
        while first and times[first - 1] > at:
            first -= 1
        return max(self.recent[first:], default=None)

    def percentile(self, percent: float, now: float) -> float | None:
        """The value in seconds that so many of the last minute's do not exceed."""
        self._forget(now)
        if not self.recent:
            return None
        return sorted(self.recent)[max(math.ceil(len(self.recent) * percent / 100), 1) - 1]

    def p95(self, now: float) -> float | None:
        """The 95th percentile: the same, kept until something changes.

        One below it that came for one below it that went changes nothing, which is nearly each second.
        """
        self._forget(now)
        if self._known_of != len(self.recent) or not self._known_of:
            self._p95, self._known_of = self.percentile(95, now), len(self.recent)
        return self._p95

    def pings(self, now: float) -> int:
        """How many were answered in the last minute."""
        self._forget(now)
        return len(self.recent)

    def view(self, now: float, samples: tuple[float | None, ...] = ()) -> RoundTripView:
        """What a screen shows of it, in milliseconds; `samples` too."""
        return RoundTripView(
            last_ms=_milliseconds(self.last),
            smoothed_ms=_milliseconds(self.smoothed),
            p50_ms=_milliseconds(self.percentile(50, now)),
            p95_ms=_milliseconds(self.p95(now)),
            p99_ms=_milliseconds(self.percentile(99, now)),
            jitter_ms=_milliseconds(self.jitter),
            count=self.count,
            count_window=self.pings(now),
            samples_ms=samples,
            timeouts=self.timeouts,
            pending=self.unanswered,
        )

    def _forget(self, now: float) -> None:
        times = self.times
        while times and (times[0] <= now - HISTORY_SECONDS or len(times) > _MOST):
            if self._p95 is None or self.recent[0] >= self._p95:
                self._known_of = 0
            del times[0], self.recent[0]

    def _smooth(self, rtt: float) -> None:
        """RFC 6298 §2 for mean and deviation; the filter of RFC 3550 §A.8 for the jitter."""
        if self.smoothed is None or self.variation is None:
            self.smoothed, self.variation = rtt, rtt / 2
        else:
            self.variation += (abs(self.smoothed - rtt) - self.variation) / 4
            self.smoothed += (rtt - self.smoothed) / 8
        if self.last is not None:
            self.jitter = smoothed_jitter(self.jitter or 0.0, rtt - self.last)


def smoothed_jitter(jitter: float, step: float) -> float:
    """The jitter after another round trip that was so much longer or shorter than the one before."""
    return jitter + (abs(step) - jitter) / 16


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
