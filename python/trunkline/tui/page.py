"""A screen of the console that draws what the context shows, when the clock of the application says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

if TYPE_CHECKING:
    from trunkline.tui.context import Context
    from trunkline.tui.pace import Due

__all__ = ["HEIGHTS", "WIDTHS", "Page"]

WIDTHS = [(0, "-slim"), (60, "-narrow"), (100, "-wide")]
HEIGHTS = [(0, "-tiny"), (20, "-short"), (32, "-tall"), (50, "-huge")]
"""Columns and rows from which on a form of the layout holds: 80x24 is narrow and short, 120x36 wide and tall."""


class Page(Screen[None]):
    """What all screens of the console have in common; help, menus and questions are none.

    A page draws in `draw` only, which the application's one clock calls while the page is on top, and in
    `redraw`, after a key. What it shows comes from the context.
    """

    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    FOOTER: ClassVar[tuple[str, ...]] = ()
    """The keys that the last line names, in its order, as in `BINDINGS`; what does not fit is left out."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def draw(self, due: Due) -> None:
        """Draw what is due."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw everything now."""
        raise NotImplementedError

    def filter_text(self) -> str:
        """What `/` begins with."""
        return ""

    def apply_filter(self, expression: str) -> None:
        """Show what matches; called while the operator types. ValueError says what is wrong with it."""
        del expression

    def line_key(self) -> str | None:
        """Key of the line that keys such as `R` and `e` are about."""
        return self.context.selected
