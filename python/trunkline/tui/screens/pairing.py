"""The key that compares two lines of a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from trunkline.tui.page import Page

if TYPE_CHECKING:
    from textual.binding import BindingType

    from trunkline.telemetry.fleet_snapshot import LineRow
    from trunkline.tui.context import Context

__all__ = ["PairingKeys"]


class PairingKeys(Page):
    """A line is marked, the cursor goes to another, and both stand side by side."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "equals_sign", "compare", "compare", tooltip="Mark the line; on another, compare both"
        ),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.paired: str | None = None
        """Key of the line that is marked."""

    def action_compare(self) -> None:
        """Mark the line, take the mark away, or compare the marked line with this one."""
        here, there = self._row(self.line_key()), self._row(self.paired)
        if here is None:
            return
        if there is None or there.key == here.key:
            self.paired = here.key if there is None else None
            words = f"{here.name} is marked, = on another line compares both"
            self.notify(words if there is None else "the mark is gone", timeout=3, markup=False)
            return
        # Not before it is asked for: most consoles never compare, and all of them start.
        from trunkline.tui.inspector.comparison import compare_lines  # noqa: PLC0415
        from trunkline.tui.screens.compare import CompareScreen  # noqa: PLC0415

        comparison = compare_lines(there, here)
        self.app.push_screen(CompareScreen(comparison, ascii_only=self.context.ascii_only))

    def _row(self, key: str | None) -> LineRow | None:
        rows = () if self.context.fleet is None else self.context.fleet.rows
        return next((row for row in rows if row.key == key), None)
