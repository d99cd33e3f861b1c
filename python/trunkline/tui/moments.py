"""Moments of a line as an operator reads them: UTC where the line told its clock, else since its beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.numbers import clock, utc

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot

__all__ = ["minute_of", "unix_of", "utc_of"]


def unix_of(snapshot: LineSnapshot, at: float) -> float | None:
    """Unix seconds of a moment of the line's monotonic clock; None if the line never told its offset."""
    return at + snapshot.wall_offset if snapshot.wall_offset else None


def utc_of(snapshot: LineSnapshot, at: float) -> str:
    """`14:32:05`, or the time since the line began."""
    moment = unix_of(snapshot, at)
    return clock(snapshot.clock(at)) if moment is None else utc(moment)


def minute_of(snapshot: LineSnapshot, at: float) -> str:
    """`14:32`, or the time since the line began."""
    moment = unix_of(snapshot, at)
    return clock(snapshot.clock(at)) if moment is None else utc(moment, "%H:%M")
