"""The keys that compare two turns, of one line or of two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from trunkline.tui.inspector.comparison import compare_turns
from trunkline.tui.screens.compare import CompareScreen
from trunkline.tui.screens.inspector import InspectorPage

if TYPE_CHECKING:
    from textual.binding import BindingType

    from trunkline.telemetry.entry import Entry
    from trunkline.telemetry.snapshot import Turn
    from trunkline.tui.context import Context

__all__ = ["ComparingKeys", "MarkedTurn"]


@dataclass(frozen=True, slots=True)
class MarkedTurn:
    """A turn that waits to be compared: what was known of it when it was marked, since a ring forgets."""

    key: str
    line: str
    number: int
    entry: int
    """Number of the row that was marked."""
    entries: tuple[Entry, ...]
    turn: Turn | None


class ComparingKeys(InspectorPage):
    """A turn is marked, another is looked at, and both stand side by side."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "equals_sign", "compare", "compare", tooltip="Mark the turn; on another, compare both"
        ),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.marked: MarkedTurn | None = None

    def action_compare(self) -> None:
        """Mark the turn, take the mark away, or compare the marked turn with this one."""
        turn, key = self.turn_or_complaint(), self.context.selected
        if turn is None or key is None:
            return
        if self.marked is None:
            self._mark(key, turn)
        elif self._is_marked(turn):
            self.marked = None
        else:
            self._compare(self.marked, turn)
        self.redraw()

    def _mark(self, key: str, turn: int) -> None:
        entry = self.entry
        assert entry is not None
        kept = tuple(one for one in self.stream.entries if one.turn == turn)
        self.marked = MarkedTurn(key, self.line_name, turn, entry.number, kept, self._known(turn))

    def _compare(self, marked: MarkedTurn, turn: int) -> None:
        elsewhere = marked.key != self.context.selected
        comparison = compare_turns(
            (marked.number, turn),
            (marked.entries, self.stream.entries),
            (marked.turn, self._known(turn)),
            lines=(marked.line, self.line_name) if elsewhere else ("", ""),
        )
        self.app.push_screen(CompareScreen(comparison, ascii_only=self.context.ascii_only))

    def _is_marked(self, turn: int) -> bool:
        marked = self.marked
        return marked is not None and (marked.key, marked.number) == (self.context.selected, turn)

    def _known(self, number: int) -> Turn | None:
        """The figures of a turn, if the line still has them."""
        line = self.context.line
        turns = () if line is None else line.turns
        return next((turn for turn in turns if turn.number == number), None)
