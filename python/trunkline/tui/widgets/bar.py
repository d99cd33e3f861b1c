"""A level as a bar of eighths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.ink import Span, Tone

if TYPE_CHECKING:
    from trunkline.tui.ink import Line

__all__ = ["bar", "filled"]

_EIGHTHS = " ▏▎▍▌▋▊▉"


def filled(value: float | None, full: float, cells: int) -> str:
    """So much of the cells; over `full` all of them, unknown none."""
    share = 0.0 if value is None or full <= 0 else min(max(value / full, 0.0), 1.0)
    eighths = round(share * cells * 8)
    # What is there must be seen: half a per cent of a bar rounds to nothing.
    if cells > 0 and value is not None and value > 0:
        eighths = max(eighths, 1)
    whole, part = divmod(eighths, 8)
    return f"{'█' * whole + (_EIGHTHS[part] if part else ''):<{max(cells, 0)}}"


def bar(
    value: float | None,
    full: float,
    width: int,
    tone: Tone = Tone.OK,
    *,
    mark: float | None = None,
    sign: str = "┆",
) -> Line:
    """A bar of `width` cells with its edges; `mark` is a value that a sign stands at: a target, a peak."""
    inside = max(width - 2, 0)
    cells = filled(value, full, inside)
    edges = (Span("▕", Tone.DIM), Span("▏", Tone.DIM))
    if mark is None or full <= 0 or not inside:
        return (edges[0], Span(cells, tone), edges[1])
    # A value beyond all bounds stands at the edge, as one beyond the bar does.
    at = int(min(max(mark / full, 0.0), 1.0) * inside)
    at = min(at, inside - 1)
    return (
        edges[0],
        Span(cells[:at], tone),
        Span(sign, Tone.STRONG),
        Span(cells[at + 1 :], tone),
        edges[1],
    )
