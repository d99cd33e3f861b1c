"""Where a recording is, how fast it plays, and the keys that move it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.tui.ink import Line, Span, Tone, fit, line_width
from trunkline.tui.numbers import utc

if TYPE_CHECKING:
    from trunkline.telemetry.desk import Playback

__all__ = ["SPEEDS", "Position", "next_speed", "paint_playback"]

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 120.0)
_KEYS = "  < > 10 s  , . speed  space pause "


@dataclass(frozen=True, slots=True)
class Position:
    """What is drawn of a playback."""

    begins_at: float
    ends_at: float
    at: float
    speed: float

    @classmethod
    def of(cls, playback: Playback) -> Position:
        """As it is now."""
        return cls(playback.begins_at, playback.ends_at, playback.position, playback.speed)


def next_speed(speed: float, step: int) -> float:
    """The next faster one of `SPEEDS`, or the next slower; stops at the ends."""
    index = min(range(len(SPEEDS)), key=lambda n: abs(SPEEDS[n] - speed))
    return SPEEDS[min(max(index + step, 0), len(SPEEDS) - 1)]


def paint_playback(position: Position, width: int, _: int) -> list[Line]:
    """Speed, begin, a bar with the position, end, keys."""
    sign = "▶" if position.speed else "‖"
    speed = f"{position.speed:g}x" if position.speed else "paused"
    head = (
        Span(f" {sign} {speed:<7}", Tone.ACCENT),
        Span(f"{utc(position.at)}  ", Tone.STRONG),
        Span(f"{utc(position.begins_at)} ", Tone.DIM),
    )
    tail: Line = (Span(f" {utc(position.ends_at)}", Tone.DIM), Span(_KEYS, Tone.DIM))
    cells = width - line_width(head) - line_width(tail)
    if cells < 10:
        tail = tail[:1]
        cells = max(width - line_width(head) - line_width(tail) - 1, 1)
    length = position.ends_at - position.begins_at
    share = (position.at - position.begins_at) / length if length > 0 else 0.0
    done = min(max(int(share * cells), 0), cells - 1)
    track = (
        Span("━" * done, Tone.ACCENT),
        Span("●", Tone.STRONG),
        Span("─" * (cells - done - 1), Tone.DIM),
    )
    return [fit((*head, *track, *tail), width)]
