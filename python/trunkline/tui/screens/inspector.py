"""What all keys of the inspector work on: the rows, the cursor on one of them, and what is let through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.inspector.choosing import Choosing
from trunkline.tui.inspector.stream import Stream
from trunkline.tui.page import Page
from trunkline.tui.widgets.stream import StreamPanel

if TYPE_CHECKING:
    from trunkline.telemetry.entry import Entry
    from trunkline.tui.context import Context

__all__ = ["InspectorPage"]


class InspectorPage(Page):
    """Owns the rows and says what is selected; keys and drawing are its subclasses'."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stream = Stream()
        self.choosing = Choosing()
        self.panel = StreamPanel(self.stream, ascii_only=context.ascii_only)
        self.hides_words = False
        """Whether what was said is hidden: here, in copies and in exports."""

    @property
    def entry(self) -> Entry | None:
        """The row under the cursor."""
        return self.panel.cursor.entry

    @property
    def turn(self) -> int | None:
        """The turn that it belongs to."""
        return None if self.entry is None else self.entry.turn

    @property
    def line_name(self) -> str:
        """Of the line, for people."""
        line = self.context.line
        return line.name if line is not None else self.context.selected or ""

    def tell(self, words: str, *, refused: bool = False) -> None:
        """Say something for a few seconds."""
        self.notify(
            words, severity="warning" if refused else "information", timeout=4, markup=False
        )

    def turn_or_complaint(self) -> int | None:
        """The turn, or None after saying that there is none."""
        if self.turn is None:
            self.tell("the event belongs to no turn", refused=True)
        return self.turn
