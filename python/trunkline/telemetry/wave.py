"""The audio of a run of messages as a strip of peaks, and how loud it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.audio.level import Meter, peak_dbfs, rms_dbfs

__all__ = ["STRIP", "Wave"]

STRIP = 32
"""How many peaks a strip has at most."""

_FULL_SCALE = 32768
# Of a first message: a run that goes on is coarser.
_PIECES = 8


@dataclass(slots=True)
class Wave:
    """Adds up pieces of audio; constant in size however long a run grows.

    Samples that clip over the edge of two pieces are not seen as one run.
    """

    peaks: list[float] = field(default_factory=list)
    """0 to 1, oldest first, of stretches of the same length."""
    stretch: int = 0
    """Samples of one peak; 0 before the first piece."""
    energy: float = 0.0
    samples: int = 0
    peak: int = 0
    clipped: int = 0
    _meter: Meter = field(default_factory=Meter)
    _filled: int = 0
    """Samples of the last peak."""

    def add(self, pcm: bytes) -> None:
        """The next piece: whole samples of 16 bits."""
        count = len(pcm) // 2
        self._measure(pcm)
        if not self.stretch:
            self.stretch = max(count // _PIECES, 1)
        start = 0
        while start < count:
            if self._filled == self.stretch or not self.peaks:
                self._next()
            length = min(self.stretch - self._filled, count - start)
            self._meter.take(pcm[2 * start : 2 * (start + length)])
            self.peaks[-1] = max(self.peaks[-1], self._meter.read()[1] / _FULL_SCALE)
            self._filled += length
            start += length

    def rms_dbfs(self) -> float | None:
        """The level of all of it; None for no audio."""
        if not self.samples:
            return None
        return round(rms_dbfs((self.energy / self.samples) ** 0.5), 1)

    def peak_dbfs(self) -> float | None:
        """The highest peak of it; None for no audio."""
        return round(peak_dbfs(self.peak), 1) if self.samples else None

    def _next(self) -> None:
        """Begin another peak; where there is no room, two become one."""
        if len(self.peaks) == STRIP:
            self.peaks = [max(self.peaks[n : n + 2]) for n in range(0, STRIP, 2)]
            self.stretch *= 2
        self.peaks.append(0.0)
        self._filled = 0

    def _measure(self, pcm: bytes) -> None:
        self._meter.take(pcm)
        rms, peak, clipped, samples = self._meter.read()
        self.energy += rms * rms * samples
        self.samples += samples
        self.peak = max(self.peak, peak)
        self.clipped += clipped
