"""One direction of a line: bytes, messages, chunks and seconds of audio per second."""

from __future__ import annotations

from trunkline.telemetry.rates import SecondRing
from trunkline.telemetry.views import FlowView

__all__ = ["Flow"]


class Flow:
    """Counts what passes in one direction."""

    def __init__(self, start: float, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._bytes = SecondRing(start)
        self._messages = SecondRing(start)
        self._chunks = SecondRing(start)
        self._samples = SecondRing(start)
        self._bytes_total = 0
        self._messages_total = 0
        self._samples_total = 0

    def message(self, at: float, size_bytes: int) -> None:
        """One message passed."""
        self._bytes.add(at, size_bytes)
        self._messages.add(at, 1)
        self._bytes_total += size_bytes
        self._messages_total += 1

    def audio(self, at: float, samples: int) -> None:
        """One message of them carried this much audio."""
        self._chunks.add(at, 1)
        self._samples.add(at, samples)
        self._samples_total += samples

    def view(self, now: float) -> FlowView:
        """What a screen shows of it."""
        samples_per_s = self._samples.rate(now)
        return FlowView(
            bytes_per_s=self._bytes.rate(now),
            messages_per_s=self._messages.rate(now),
            chunks_per_s=self._chunks.rate(now),
            audio_per_s=None if samples_per_s is None else samples_per_s / self._rate_hz,
            bytes_series=self._bytes.series(now),
            bytes_total=self._bytes_total,
            messages_total=self._messages_total,
            audio_ms=round(self._samples_total * 1000 / self._rate_hz, 3),
        )
