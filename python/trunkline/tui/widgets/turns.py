"""The turns of the caller, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import grade
from trunkline.tui.cells import pad
from trunkline.tui.ink import Line, Span, Tone, fit, level_tone, text
from trunkline.tui.numbers import milliseconds, seconds

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot, Turn

__all__ = ["paint_turns"]

_NARROW = 42


def paint_turns(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """Number, length of speech, time to first audio, length of the response and how it ended."""
    if not snapshot.turns:
        return [fit(text("nobody spoke yet", Tone.DIM), width)]
    head = (
        " #  USER  1st AUDIO  STATUS"
        if width < _NARROW
        else " #  USER    1st AUDIO     DUR  STATUS"
    )
    rows = [_row(turn, width) for turn in reversed(snapshot.turns)]
    return [fit(text(head, Tone.DIM), width), *rows] if height > 2 else rows


def _row(turn: Turn, width: int) -> Line:
    level = grade("first_audio_ms", turn.first_audio_ms)
    first = f"{milliseconds(turn.first_audio_ms)} {level.sign}"
    narrow = width < _NARROW
    return fit(
        (
            Span(pad(str(turn.number), 2, right=True), Tone.STRONG),
            Span(pad(seconds(turn.user_s), 7 if narrow else 8, right=True)),
            Span(pad(first, 10 if narrow else 12, right=True), level_tone(level)),
            *(() if narrow else (Span(pad(seconds(turn.response_s), 9, right=True)),)),
            Span("  "),
            Span(_status(turn), _tone(turn)),
        ),
        width,
    )


def _status(turn: Turn) -> str:
    taken_up = f" ×{turn.restarts + 1}" if turn.restarts else ""
    return f"{'cut: ' if turn.interrupted else ''}{turn.status}{taken_up}"


def _tone(turn: Turn) -> Tone:
    if turn.answered:
        return Tone.OK
    return Tone.BAD if turn.status in ("failed", "incomplete") else Tone.WARNING
