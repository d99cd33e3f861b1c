"""The first line: which line this is, and whether what is shown is of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.ink import Line, Span, Tone, fit, join, label, spread, text
from trunkline.tui.numbers import clock

if TYPE_CHECKING:
    from trunkline.tui.view import View

__all__ = ["SILENT_SECONDS", "paint_headline", "paint_status"]

SILENT_SECONDS = 2.0
"""From when on a missing snapshot is told: twenty ticks, far beyond any jitter of the hand-over."""


def paint_headline(view: View, width: int, _: int) -> list[Line]:
    """Title, name, model and server at the left; the time and its standing at the right."""
    title = text(f" {view.title} ", Tone.STRONG)
    snapshot = view.snapshot
    if snapshot is None:
        return [fit((*title, Span(" waiting for the first data", Tone.DIM)), width)]
    model = snapshot.model or "no session yet"
    where = f"{model} @ {snapshot.server}" if snapshot.server else model
    left = join([title, text(snapshot.name, Tone.ACCENT), text(where, Tone.DIM)], width, gap=2)
    now = label("at", f"{clock(snapshot.age_s)} ")
    return [spread(_trimmed(left), (*_stillness(view), *now), width)]


def paint_status(view: View, width: int, _: int) -> list[Line]:
    """How the run ended, once it did."""
    if view.message is None:
        return []
    return [fit((Span(f" finished: {view.message} · q to leave ", Tone.INVERSE),), width)]


def _stillness(view: View) -> Line:
    """Why the time at the right does not go on, if it does not."""
    if view.frozen:
        return (Span(" FROZEN · space goes on ", Tone.INVERSE), Span("  "))
    if view.message is None and view.silent_s >= SILENT_SECONDS:
        return (Span(f"▲ no data for {view.silent_s:.0f} s", Tone.WARNING), Span("  "))
    return ()


def _trimmed(line: Line) -> Line:
    """The line without the blanks at its end."""
    return line[:-1] if line and not line[-1].text.strip() else line
