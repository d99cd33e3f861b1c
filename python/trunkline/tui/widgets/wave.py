"""The outline of some audio as a strip of bars, with its level."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from trunkline.tui.ink import Line, Span, Tone
from trunkline.tui.numbers import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.entry import Entry

__all__ = ["strip_of", "wave_line"]

_STEPS = " ▁▂▃▄▅▆▇█"
# Below a twentieth of full scale a strip shows how quiet it is, not its noise.
_LEAST_FULL = 0.05


def strip_of(peaks: Sequence[float], width: int) -> str:
    """One bar for each share of the peaks, the highest of them; full is the loudest of all."""
    if not peaks or width < 1:
        return ""
    cells = min(width, len(peaks))
    edges = [cell * len(peaks) // cells for cell in range(cells + 1)]
    highest = [max(peaks[a:b]) for a, b in pairwise(edges)]
    full = max([*highest, _LEAST_FULL])
    return "".join(_STEPS[_step(peak / full)] for peak in highest)


def wave_line(entry: Entry, width: int) -> Line:
    """The strip between its edges, then level, peak and clipping; nothing where no audio was measured."""
    if not entry.wave and entry.rms_dbfs is None:
        return ()
    levels = f"  {_level(entry.rms_dbfs)} rms  {_level(entry.peak_dbfs)} pk"
    clipped = f"  {entry.clipped} clipped"
    strip = strip_of(entry.wave, max(width - len(levels) - len(clipped) - 2, 4))
    return (
        Span("▕", Tone.DIM),
        Span(strip, Tone.ACCENT),
        Span("▏", Tone.DIM),
        Span(levels),
        Span(clipped, Tone.BAD if entry.clipped else Tone.DIM),
    )


def _step(share: float) -> int:
    """What is there must be seen; silence must not look like something."""
    return max(min(round(share * 8), 8), 1 if share > 0 else 0)


def _level(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return "-inf" if value <= -96 else f"{value:.1f}"
