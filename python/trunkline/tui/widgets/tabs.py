"""The tabs of a screen in one line; a click changes to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from trunkline.tui.ink import Line, Span, Tone, fit
from trunkline.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click

__all__ = ["Tabs"]


class Tabs(Panel[int]):
    """Shows names with their numbers, the current one set off."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, names: Sequence[str], *, ascii_only: bool = False) -> None:
        super().__init__(self._paint_names, name="tabs", framed=False, ascii_only=ascii_only)
        self._names = tuple(names)

    def on_click(self, event: Click) -> None:
        """Change to the tab that was clicked."""
        x = 1
        for number, name in enumerate(self._names, 1):
            if x <= event.x < x + len(name) + 4:
                self.post_message(self.Chosen(number))
            x += len(name) + 5

    def _paint_names(self, current: int, width: int, _: int) -> list[Line]:
        spans: Line = (Span(" "),)
        for number, name in enumerate(self._names, 1):
            chosen = number == current
            spans = (
                *spans,
                Span(f" {number} {name} ", Tone.INVERSE if chosen else Tone.DIM),
                Span(" "),
            )
        return [fit(spans, width)]
