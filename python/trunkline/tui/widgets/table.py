"""The table of all lines: sorted, filtered, and drawn for the rows that are seen only.

Textual's own table renders every visible cell when one changes: 44 % of a core for a thousand lines at 10 Hz, and
this one 6 %. The cursor is on a line, not on a row: it goes where its line goes when the order changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from trunkline.tui.cells import pad
from trunkline.tui.columns import COLUMNS, chosen, fitting
from trunkline.tui.ink import Line, Span, Tone, fit, line_width, text
from trunkline.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.events import Click, MouseScrollDown, MouseScrollUp

    from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow
    from trunkline.tui.columns import Column

__all__ = ["FleetTable", "Order"]

_WHEEL_ROWS = 3
_HEAD = 1
_FOOT = 1


@dataclass(frozen=True, slots=True)
class Order:
    """What the rows are sorted by; unknown values come last either way."""

    column: str = "score"
    falling: bool = False

    def of(self, rows: Sequence[LineRow]) -> list[LineRow]:
        """The rows in this order; equal ones in the order in which they came."""
        key = next(column.key for column in COLUMNS if column.name == self.column)
        known = [row for row in rows if key(row) is not None]
        known.sort(
            key=lambda row: key(row) or (0 if not isinstance(key(row), str) else ""),
            reverse=self.falling,
        )
        return known + [row for row in rows if key(row) is None]

    @property
    def sign(self) -> str:
        """The way up or down."""
        return "↓" if self.falling else "↑"


class FleetTable(Panel["FleetSnapshot"]):
    """Owns the order, the columns, the filter and the cursor; shows the fleet's rows."""

    can_focus = True

    class Opened(Message):
        """A line is to be looked at."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__(
            self._paint_rows,
            name="table",
            title=self._heading,
            hint=self._keys_hint,
            ascii_only=ascii_only,
        )
        self.order = Order()
        self.column_names: tuple[str, ...] | None = None
        """Those that were picked; None for the usual ones."""
        self.accepts: Callable[[LineRow], bool] = lambda _: True
        self.filter_text = ""
        self.problems_only = False
        self.cursor_key: str | None = None
        self.rows: list[LineRow] = []
        """Those that are listed, in their order."""
        self._top = 0
        self._layout: list[tuple[Column, int]] = []

    @property
    def keys(self) -> tuple[str, ...]:
        """Of the lines that are listed, in their order."""
        return tuple(row.key for row in self.rows)

    @property
    def cursor_line(self) -> int | None:
        """Where the cursor's line is drawn, below the head."""
        index = self._index()
        return None if index is None else index - self._top + _HEAD

    def resort(self, column: str) -> None:
        """Sort by a column, its worst first; by the same again, the other way around."""
        if column == self.order.column:
            self.order = Order(column, not self.order.falling)
        else:
            worst_high = next(one.worst_high for one in COLUMNS if one.name == column)
            self.order = Order(column, falling=worst_high)
        self.repaint()

    def sort_next(self) -> None:
        """Sort by the next column that is seen."""
        names = [column.name for column, _ in self._layout if column.name != "grade"]
        if names:
            index = names.index(self.order.column) if self.order.column in names else -1
            self.resort(names[(index + 1) % len(names)])

    def reverse(self) -> None:
        """The other way around."""
        self.resort(self.order.column)

    def repaint(self) -> None:
        """Order, columns or filter changed."""
        if self._value is not None:
            self._repaint()
            self.refresh()

    def move(self, rows: int) -> None:
        """Move the cursor down by so many rows, or up if negative; stops at the ends."""
        index = self._index()
        if index is not None:
            self.cursor_key = self.rows[min(max(index + rows, 0), len(self.rows) - 1)].key
            self.repaint()

    def move_to(self, key: str) -> None:
        """Put the cursor on a line, if it is listed."""
        self.cursor_key = key
        self.repaint()

    def seek(self, step: int) -> bool:
        """Go to the next line that needs attention, or the one before; whether there is one."""
        wanted = [n for n, row in enumerate(self.rows) if row.needs_attention]
        index = self._index()
        if not wanted or index is None:
            return False
        later = [n for n in wanted if n > index] if step > 0 else [n for n in wanted if n < index]
        self.move_to(self.rows[(later or wanted)[0 if step > 0 else -1]].key)
        return True

    def on_click(self, event: Click) -> None:
        """A click on the head sorts, one on a row moves the cursor there, a second one opens it."""
        y = event.y - int(self._framed)
        if y == 0:
            self._click_head(event.x - int(self._framed) - self._padding)
        elif (
            0 <= (index := self._top + y - _HEAD) < len(self.rows) and y < self.inner.height - _FOOT
        ):
            key = self.rows[index].key
            if key == self.cursor_key:
                self.post_message(self.Opened(key))
            self.move_to(key)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The wheel goes up."""
        event.stop()
        self.move(-_WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The wheel goes down."""
        event.stop()
        self.move(_WHEEL_ROWS)

    @property
    def page_rows(self) -> int:
        """How many rows are seen at once."""
        return max(self.inner.height - _HEAD - _FOOT, 1)

    def _index(self) -> int | None:
        if not self.rows:
            return None
        return next((n for n, row in enumerate(self.rows) if row.key == self.cursor_key), 0)

    def _click_head(self, x: int) -> None:
        for column, cells in self._layout:
            if x < cells + 1:
                self.resort(column.name)
                return
            x -= cells + 1

    def _paint_rows(self, fleet: FleetSnapshot, width: int, height: int) -> list[Line]:
        """The head, the rows that are seen, and what is not seen."""
        self._arrange(fleet)
        self._layout = fitting(chosen(self.column_names), width)
        room = max(height - _HEAD - _FOOT, 1)
        index = self._index() or 0
        self._top = min(max(min(self._top, index), index - room + 1), max(len(self.rows) - room, 0))
        seen = self.rows[self._top : self._top + room]
        lines = [self._head(width), *(self._row(row, width) for row in seen)]
        if not seen:
            lines.append(fit(text(self._nothing(fleet), Tone.DIM), width))
        blank = [fit((), width)] * (height - len(lines) - _FOOT)
        return [*lines, *blank, self._foot(width, room)]

    def _arrange(self, fleet: FleetSnapshot) -> None:
        rows = [row for row in fleet.rows if self._listed(row)]
        self.rows = self.order.of(rows)
        if self.rows and (self.cursor_key is None or self._gone(self.cursor_key)):
            self.cursor_key = self.rows[0].key

    def _listed(self, row: LineRow) -> bool:
        return self.accepts(row) and (row.needs_attention or not self.problems_only)

    def _gone(self, key: str) -> bool:
        return not any(row.key == key for row in self.rows)

    def _head(self, width: int) -> Line:
        spans: list[Span] = []
        for column, cells in self._layout:
            sorts = column.name == self.order.column
            words = (
                f"{column.title}{self.order.sign}"
                if sorts and len(column.title) < cells
                else column.title
            )
            tone = Tone.ACCENT if sorts else Tone.DIM
            spans += [Span(pad(words, cells, right=column.right), tone), Span(" ")]
        return fit(tuple(spans[:-1]), width)

    def _row(self, row: LineRow, width: int) -> Line:
        spans: list[Span] = []
        for column, cells in self._layout:
            painted = column.paint(row, cells)
            blank = Span(" " * max(cells - line_width(painted), 0))
            spans += (blank, *painted) if column.right else (*painted, blank)
            spans.append(Span(" "))
        return fit(tuple(spans[:-1]), width)

    def _foot(self, width: int, room: int) -> Line:
        below = len(self.rows) - self._top - room
        above = self._top
        parts = [
            f"▼ {below} more" if below > 0 else "",
            f"{above} above" if above else "",
            f"sort: {self.order.column} {self.order.sign}",
            f"filter: {self.filter_text}" if self.filter_text else "",
            "problems only (! shows all)" if self.problems_only else "",
        ]
        return fit(text("   ".join(part for part in parts if part), Tone.DIM), width)

    def _nothing(self, fleet: FleetSnapshot) -> str:
        if not fleet.rows:
            return "no lines yet"
        return (
            "no line needs attention"
            if self.problems_only and not self.filter_text
            else "nothing matches"
        )

    def _heading(self, fleet: FleetSnapshot) -> str:
        shown, total = len(self.rows), len(fleet.rows)
        narrow = self.size.width < 100
        if narrow and shown == total:
            return "Sessions"
        return f"Sessions  {shown} of {total} {'' if narrow else 'shown'}".rstrip()

    def _keys_hint(self, _: FleetSnapshot) -> str:
        return "/ filter  s sort  w columns" if self.size.width >= 100 else "/ s w"
