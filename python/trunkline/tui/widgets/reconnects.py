"""What broke, why, for how long, and what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.ink import Line, Span, Tone, fit, join, label, level_tone, text
from trunkline.tui.moments import utc_of
from trunkline.tui.numbers import UNKNOWN, audio, seconds

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot, Outage

__all__ = ["paint_reconnects"]

# Room for the words below the numbers; in less, each outage is one line.
_ROOMY_WIDTH = 56
_ROOMY_HEIGHT = 4
_INDENT = 8


def paint_reconnects(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """The outages, newest first."""
    if not snapshot.outages:
        return [fit(text("none so far", Tone.DIM), width)]
    roomy = width >= _ROOMY_WIDTH and height >= _ROOMY_HEIGHT
    paint = _two_lines if roomy else _one_line
    return [
        line for outage in reversed(snapshot.outages) for line in paint(snapshot, outage, width)
    ]


def _level(outage: Outage) -> Level:
    if outage.seconds is None:
        return Level.BAD
    return Level.WARNING if outage.lost_ms or outage.verified is False else Level.OK


def _head(snapshot: LineSnapshot, outage: Outage) -> Line:
    """Sign, time, epochs, code, length."""
    level = _level(outage)
    after = UNKNOWN if outage.restored_epoch is None else str(outage.restored_epoch)
    lasted = snapshot.at - outage.at if outage.seconds is None else outage.seconds
    code = UNKNOWN if outage.code is None else str(outage.code)
    return (
        Span(f"{level.sign} ", level_tone(level)),
        Span(f"{utc_of(snapshot, outage.at)} ", Tone.DIM),
        Span(f"{outage.epoch}→{after} "),
        Span(f"{code} ", Tone.STRONG),
        Span(seconds(lasted), level_tone(level)),
    )


def _outcome(outage: Outage) -> list[Line]:
    """What was restored, or what is being done."""
    if outage.final:
        return [text("given up", Tone.BAD)]
    if outage.items is None:
        return [text(f"attempt {outage.attempts}", Tone.WARNING)] if outage.seconds is None else []
    lost = Tone.BAD if outage.lost_ms else Tone.STRONG
    return [
        text(f"{outage.items} items"),
        label("replayed", audio(outage.replayed_ms)),
        label("lost", audio(outage.lost_ms), lost),
        *([text("echoes differ", Tone.WARNING)] if outage.verified is False else []),
    ]


def _two_lines(snapshot: LineSnapshot, outage: Outage, width: int) -> list[Line]:
    advice = f"; {outage.advice}" if outage.final else ""
    words = Span(f"{' ' * _INDENT}{outage.cause}{advice}")
    detail = Span(f"  {outage.reason}", Tone.DIM)
    return [
        join([_head(snapshot, outage), *_outcome(outage)], width, gap=2),
        fit((words, detail), width),
    ]


def _one_line(snapshot: LineSnapshot, outage: Outage, width: int) -> list[Line]:
    restored = Span(f" {outage.items} it") if outage.items is not None else Span("")
    return [fit((*_head(snapshot, outage), restored, Span(f" {outage.cause}", Tone.DIM)), width)]
