"""A panel of lines with a cursor on one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.binding import Binding
from textual.message import Message

from trunkline.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.events import Click, MouseScrollDown, MouseScrollUp

    from trunkline.tui.ink import Painter
    from trunkline.tui.widgets.panel import Caption

__all__ = ["END_LINES", "Listing"]

T = TypeVar("T")

END_LINES = 1_000_000
"""More than any list has: to its end."""
_WHEEL_LINES = 3


class Listing(Panel[T]):
    """The painter gives one line for each thing; the cursor is kept in sight."""

    can_focus = True
    MOVES: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", tooltip="Down"),
        Binding("k,up", "move(-1)", "up", tooltip="Up"),
        Binding("pagedown", "move(10)", "page down", tooltip="Ten down"),
        Binding("pageup", "move(-10)", "page up", tooltip="Ten up"),
        Binding("g,home", f"move(-{END_LINES})", "top", tooltip="To the top"),
        Binding("G,end", f"move({END_LINES})", "end", tooltip="To the end"),
    ]
    """For the page that has the list as its main thing."""

    class Opened(Message):
        """The line under the cursor was clicked once more."""

    def __init__(
        self,
        painter: Painter[T],
        *,
        name: str,
        title: Caption[T] = "",
        hint: Caption[T] = "",
        ascii_only: bool = False,
    ) -> None:
        super().__init__(painter, name=name, title=title, hint=hint, ascii_only=ascii_only)
        self._cursor = 0
        self._top = 0

    @property
    def first_line(self) -> int:
        """Which line is at the top."""
        return self._top

    @property
    def cursor_line(self) -> int | None:
        """Where the cursor is; None in an empty list."""
        return self._cursor if self._lines else None

    def move(self, lines: int) -> None:
        """Move the cursor down by so many lines, or up if negative; stops at the ends."""
        self._cursor = min(max(self._cursor + lines, 0), max(len(self._lines) - 1, 0))
        self._keep_in_sight()
        self.refresh()

    def on_click(self, event: Click) -> None:
        """Put the cursor there; on the line under it, open it."""
        line = event.y - 1 + self._top
        if not 0 <= line < len(self._lines):
            return
        if line == self._cursor:
            self.post_message(self.Opened())
        self.move(line - self._cursor)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The wheel goes up."""
        event.stop()
        self.move(-_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The wheel goes down."""
        event.stop()
        self.move(_WHEEL_LINES)

    def _painted(self) -> None:
        self._cursor = min(self._cursor, max(len(self._lines) - 1, 0))
        self._keep_in_sight()
        below = len(self._lines) - self._top - self.inner.height
        self.note = f"{below} more below" if below > 0 else ""

    def _keep_in_sight(self) -> None:
        room = max(self.inner.height, 1)
        self._top = min(
            max(min(self._top, self._cursor), self._cursor - room + 1),
            max(len(self._lines) - room, 0),
        )
