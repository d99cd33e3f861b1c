"""The round trip of pings: last, smoothed, spread, percentiles and one sample per second."""

from __future__ import annotations

from trunkline.telemetry.histogram import WindowedHistogram
from trunkline.telemetry.rates import HISTORY_SECONDS
from trunkline.telemetry.views import RoundTripView

__all__ = ["RoundTrips"]


class RoundTrips:
    """Folds answered pings. A new link starts the smoothed values anew; the window goes on."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._smoothed: float | None = None
        self._variation: float | None = None
        self._jitter: float | None = None
        self._count = 0
        self._window = WindowedHistogram(HISTORY_SECONDS)
        self._seconds: dict[int, float] = {}

    def add(self, at: float, rtt: float) -> None:
        """Take one round trip in seconds."""
        self._smooth(rtt)
        self._last = rtt
        self._count += 1
        self._window.add(at, rtt)
        second = int(at)
        self._seconds[second] = max(rtt, self._seconds.get(second, 0.0))
        if len(self._seconds) > 2 * HISTORY_SECONDS:
            self._seconds = {k: v for k, v in self._seconds.items() if k > second - HISTORY_SECONDS}

    def restart(self) -> None:
        """Forget what belonged to the link that ended."""
        self._last = self._smoothed = self._variation = self._jitter = None

    def view(self, now: float) -> RoundTripView:
        """What a screen shows of it, in milliseconds."""
        window = self._window.merged(now)
        first = int(now) - HISTORY_SECONDS
        return RoundTripView(
            last_ms=_milliseconds(self._last),
            smoothed_ms=_milliseconds(self._smoothed),
            p50_ms=_milliseconds(window.percentile(50)),
            p95_ms=_milliseconds(window.percentile(95)),
            p99_ms=_milliseconds(window.percentile(99)),
            jitter_ms=_milliseconds(self._jitter),
            count=self._count,
            count_window=len(window),
            samples_ms=tuple(
                _milliseconds(self._seconds.get(first + 1 + n)) for n in range(HISTORY_SECONDS)
            ),
        )

    def _smooth(self, rtt: float) -> None:
        """RFC 6298 §2 for mean and deviation; the filter of RFC 3550 §A.8 for the jitter."""
        if self._smoothed is None or self._variation is None:
            self._smoothed, self._variation = rtt, rtt / 2
        else:
            self._variation += (abs(self._smoothed - rtt) - self._variation) / 4
            self._smoothed += (rtt - self._smoothed) / 8
        if self._last is not None:
            jitter = self._jitter or 0.0
            self._jitter = jitter + (abs(rtt - self._last) - jitter) / 16


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
