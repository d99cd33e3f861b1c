"""One entry of the event inspector while it grows: a message, a run of messages of one kind, or a happening."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.telemetry.entry import Entry
from trunkline.telemetry.levels import Level
from trunkline.telemetry.wave import Wave
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from trunkline.telemetry.entry import Way

__all__ = ["Run"]

_NOTE_CHARS = 160
_WORDS_CHARS = 80


@dataclass(slots=True)
class Run:
    """Gathers what an entry shows; `entry` is it as it is now."""

    number: int
    at: float
    way: Way
    type: str
    turn: int | None = None
    until: float = 0.0
    count: int = 1
    size_bytes: int | None = None
    samples: int = 0
    rate_hz: int = 24_000
    latency_s: float | None = None
    level: Level = Level.OK
    note: str = ""
    item_id: str = ""
    response_id: str = ""
    detail: Clean = Clean("")  # noqa: RUF009 - it marks a string and does nothing else
    words: str = ""
    """Of a run of words: as many as fit into a line."""
    lates: list[float] = field(default_factory=list)
    """How late each chunk of it was."""
    wave: Wave | None = None

    def heard(self, pcm: bytes) -> None:
        """Audio that is in it."""
        if pcm:
            self.wave = self.wave or Wave()
            self.wave.add(pcm)

    def said(self, text: str) -> None:
        """Words that are in it."""
        if len(self.words) < _WORDS_CHARS:
            self.words += text

    def entry(self) -> Entry:
        """The entry as it is now."""
        wave = self.wave
        return Entry(
            number=self.number,
            at=self.at,
            until=max(self.until, self.at),
            way=self.way,
            type=clean(self.type, limit_chars=80),
            count=self.count,
            size_bytes=self.size_bytes,
            audio_ms=self.samples * 1000 / self.rate_hz if self.samples else None,
            turn=self.turn,
            latency_ms=self._latency_ms(),
            level=self.level,
            note=clean(self._note(), limit_chars=_NOTE_CHARS),
            item_id=clean(self.item_id, limit_chars=80),
            response_id=clean(self.response_id, limit_chars=80),
            detail=self.detail,
            wave=() if wave is None else tuple(round(peak, 4) for peak in wave.peaks),
            rms_dbfs=None if wave is None else wave.rms_dbfs(),
            peak_dbfs=None if wave is None else wave.peak_dbfs(),
            clipped=0 if wave is None else wave.clipped,
        )

    def _latency_ms(self) -> float | None:
        if self.lates:
            return round(sorted(self.lates)[len(self.lates) // 2] * 1000, 3)
        return None if self.latency_s is None else round(self.latency_s * 1000, 3)

    def _note(self) -> str:
        if self.words:
            more = "…" if len(self.words) >= _WORDS_CHARS else ""
            return f'"{self.words[:_WORDS_CHARS]}{more}"'
        if self.lates and not self.note:
            ordered = sorted(self.lates)
            p95 = ordered[max(-(-len(ordered) * 95 // 100), 1) - 1]
            return f"late p95 {p95 * 1000:.1f} ms"
        return self.note
