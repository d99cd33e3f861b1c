"""Entries that tell the same audio one after the other, as one."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.entry import Entry

__all__ = ["WAVE_CELLS", "continues", "run_of"]

WAVE_CELLS = 32
"""Peaks of a run, as of an entry."""

_WORST = (Level.UNKNOWN, Level.OK, Level.WARNING, Level.BAD)


def continues(entry: Entry, before: Entry) -> bool:
    """Whether the entry goes on with the audio of the one before it."""
    return (
        entry.audio_ms is not None
        and before.audio_ms is not None
        and entry.type == before.type
        and entry.way is before.way
        and entry.turn == before.turn
        and entry.item_id == before.item_id
        and entry.response_id == before.response_id
    )


def run_of(entries: Sequence[Entry]) -> Entry:
    """All of them as one, which has the number, the contents and the latency of the first; not empty."""
    first = entries[0]
    if len(entries) == 1:
        return first
    return replace(
        first,
        until=max(entry.until for entry in entries),
        count=sum(entry.count for entry in entries),
        size_bytes=_sum([entry.size_bytes for entry in entries]),
        audio_ms=sum(entry.audio_ms or 0.0 for entry in entries),
        level=max((entry.level for entry in entries), key=_WORST.index),
        wave=_wave([peak for entry in entries for peak in entry.wave]),
        rms_dbfs=_rms(entries),
        peak_dbfs=max(
            (entry.peak_dbfs for entry in entries if entry.peak_dbfs is not None), default=None
        ),
        clipped=sum(entry.clipped for entry in entries),
    )


def _sum(sizes: list[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return sum(known) if known else None


def _wave(peaks: list[float]) -> tuple[float, ...]:
    """At most `WAVE_CELLS` peaks: the highest of each share of them."""
    if len(peaks) <= WAVE_CELLS:
        return tuple(peaks)
    edges = [round(cell * len(peaks) / WAVE_CELLS) for cell in range(WAVE_CELLS + 1)]
    return tuple(max(peaks[a:b]) for a, b in pairwise(edges))


def _rms(entries: Sequence[Entry]) -> float | None:
    """The level of the whole: energies add up, weighted by how long each lasted."""
    parts = [
        (entry.rms_dbfs, entry.audio_ms)
        for entry in entries
        if entry.rms_dbfs is not None and entry.audio_ms
    ]
    if not parts:
        return None
    energy = sum(10 ** (level / 10) * length for level, length in parts)
    return 10 * math.log10(energy / sum(length for _, length in parts))
