"""Two things side by side, a line for each thing they have; what differs is lit and has a sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.cells import pad
from trunkline.tui.ink import Line, Span, Tone, fit, text

if TYPE_CHECKING:
    from trunkline.tui.inspector.comparison import Comparison, Pair

__all__ = ["paint_comparison"]


def paint_comparison(comparison: Comparison, width: int, _: int) -> list[Line]:
    """A head with both names, then the pairs."""
    cells = _columns(width)
    head = f"  {pad('', cells[0])} {pad(comparison.left, cells[1])} {pad(comparison.right, cells[1])} DIFFERENCE"
    if not comparison.pairs:
        return [
            fit(text(head, Tone.STRONG), width),
            fit(text("nothing is known of either", Tone.DIM), width),
        ]
    return [
        fit(text(head, Tone.STRONG), width),
        *(_pair(pair, cells, width) for pair in comparison.pairs),
    ]


def _columns(width: int) -> tuple[int, int]:
    """Cells of the name and of each side."""
    name = min(max(width // 4, 8), 34)
    return name, max((width - name - 16) // 2, 6)


def _pair(pair: Pair, cells: tuple[int, int], width: int) -> Line:
    tone = Tone.WARNING if pair.differs else Tone.PLAIN
    return fit(
        (
            Span("≠ " if pair.differs else "  ", Tone.WARNING),
            Span(f"{pad(pair.name, cells[0])} ", Tone.DIM),
            Span(f"{pad(pair.left, cells[1])} ", tone),
            Span(f"{pad(pair.right, cells[1])} ", tone),
            Span(pair.difference, tone),
        ),
        width,
    )
