"""The observations in words, newest at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.cells import wrap
from trunkline.tui.ink import Line, Span, Tone, fit, level_tone, text
from trunkline.tui.moments import utc_of

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot, LogLine

__all__ = ["paint_journal"]

# A line of the log is read at a glance: what needs more is in the panel it belongs to.
_MOST_LINES = 3


def paint_journal(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """Time, sign, words, and how often if more than once in a row."""
    if not snapshot.log:
        return [fit(text("nothing happened yet", Tone.DIM), width)]
    return [line for entry in snapshot.log for line in _entry(snapshot, entry, width)]


def _entry(snapshot: LineSnapshot, entry: LogLine, width: int) -> list[Line]:
    time = f"{utc_of(snapshot, entry.at)} "
    times = f" ×{entry.count}" if entry.count > 1 else ""
    indent = len(time) + 2
    first, *rest = wrap(f"{entry.text}{times}", max(width - indent, 1))[:_MOST_LINES]
    tone = Tone.PLAIN if entry.level in (Level.OK, Level.UNKNOWN) else level_tone(entry.level)
    sign = Span(f"{entry.level.sign} ", level_tone(entry.level))
    return [
        fit((Span(time, Tone.DIM), sign, Span(first, tone)), width),
        *(fit((Span(" " * indent), Span(part, tone)), width) for part in rest),
    ]
