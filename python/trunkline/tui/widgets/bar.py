"""A level as a bar of eighths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.ink import Span, Tone

if TYPE_CHECKING:
    from trunkline.tui.ink import Line

__all__ = ["bar"]

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(value: float | None, full: float, width: int, tone: Tone = Tone.OK) -> Line:
    """A bar of `width` cells with its edges; over `full` it is full, unknown it is empty."""
    inside = max(width - 2, 0)
    share = 0.0 if value is None or full <= 0 else min(max(value / full, 0.0), 1.0)
    eighths = round(share * inside * 8)
    # What is there must be seen: half a per cent of a bar rounds to nothing.
    if inside and value is not None and value > 0:
        eighths = max(eighths, 1)
    whole, part = divmod(eighths, 8)
    filled = "█" * whole + (_EIGHTHS[part] if part else "")
    return (Span("▕", Tone.DIM), Span(f"{filled:<{inside}}", tone), Span("▏", Tone.DIM))
