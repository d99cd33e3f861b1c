"""The stream of events: only the rows in sight are ever painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from trunkline.tui.ink import Line, Span, Tone, fit, text
from trunkline.tui.inspector.cursor import Cursor
from trunkline.tui.widgets.eventrow import StreamLook, paint_head, paint_row
from trunkline.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click, MouseScrollDown, MouseScrollUp

    from trunkline.tui.inspector.cursor import Window
    from trunkline.tui.inspector.stream import Stream

__all__ = ["StreamPanel"]

_WHEEL_ROWS = 3
_HEAD = 1
_WIDE = 100
# Frame and blank, at both sides.
_EDGES = 4


class StreamPanel(Panel[StreamLook]):
    """Asks the cursor for the rows in sight, and paints those."""

    can_focus = True

    class Chosen(Message):
        """A row was clicked; `again` if it had the cursor already."""

        def __init__(self, *, again: bool) -> None:
            super().__init__()
            self.again = again

    def __init__(self, stream: Stream, *, ascii_only: bool = False) -> None:
        super().__init__(
            self._paint,
            name="stream",
            title=self._counts,
            hint=self._keys_hint,
            ascii_only=ascii_only,
        )
        self.cursor = Cursor(stream)
        self._stream = stream
        self._in_sight: Window | None = None
        self._cells = 0

    @property
    def cursor_line(self) -> int | None:
        """Where the cursor is drawn, below the head."""
        window = self._in_sight
        return None if window is None or window.cursor is None else window.cursor + _HEAD

    def render_line(self, y: int) -> Strip:
        """A row as it was painted: it fits already, and all of them change ten times a second."""
        row = y - 1
        if not self._cells or not 0 <= row < len(self._lines):
            return super().render_line(y)
        edge = Span("│", Tone.FOCUS if self.has_focus else Tone.FRAME)
        lit = row == self.cursor_line
        inside = (Span("▸" if lit else " "), *self._lines[row], Span(" "))
        segments = [self._segment(*span) for span in inside]
        if lit:
            segments = list(Segment.apply_style(segments, post_style=self._style("cursor")))
        side = self._segment(*edge)
        return Strip([side, *segments, side], self._cells + _EDGES)

    @property
    def page_rows(self) -> int:
        """How many rows are seen at once."""
        return max(self.inner.height - _HEAD, 1)

    def on_click(self, event: Click) -> None:
        """Put the cursor on the row that was clicked."""
        window, row = self._in_sight, event.y - 1 - _HEAD
        if window is None or window.cursor is None or not 0 <= row < len(window.rows):
            return
        again = row == window.cursor
        self.cursor.hold()
        self.cursor.move(row - window.cursor)
        self.post_message(self.Chosen(again=again))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The wheel goes up."""
        event.stop()
        self.cursor.move(-_WHEEL_ROWS)
        self.post_message(self.Chosen(again=False))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The wheel goes down."""
        event.stop()
        self.cursor.move(_WHEEL_ROWS)
        self.post_message(self.Chosen(again=False))

    def _paint(self, look: StreamLook, width: int, height: int) -> list[Line]:
        window = self._in_sight = self.cursor.window(height - _HEAD)
        self._cells = width if self._padding and height > 0 else 0
        self.note = self._standing(look, window)
        if not window.rows:
            words = "nothing matches" if self._stream.entries else "nothing happened yet"
            return [paint_head(width), fit(text(words, Tone.DIM), width)]
        pairs = zip((window.before, *window.rows), window.rows, strict=False)
        return [
            paint_head(width),
            *(paint_row(entry, before, look, width) for before, entry in pairs),
        ]

    def _refresh_lines(self, before: Sequence[Line], *, edges_changed: bool) -> None:
        """If the rows moved, all of them are new: one region is cheaper than eighteen."""
        if before[_HEAD : _HEAD + 1] != self._lines[_HEAD : _HEAD + 1]:
            self.refresh()
        else:
            super()._refresh_lines(before, edges_changed=edges_changed)

    def _standing(self, look: StreamLook, window: Window) -> str:
        if look.frozen:
            return "FROZEN · space goes on"
        if self.cursor.follows:
            return (
                "▼ live" if self.size.width < _WIDE else "▼ live · Δ from the previous shown event"
            )
        return f"{window.below} more below · f follows" if window.below else "held · f follows"

    def _counts(self, look: StreamLook) -> str:
        shown, kept = len(self._stream.rows), len(self._stream.entries)
        if self.size.width < _WIDE:
            return f"Stream  {_grouped(shown)} of {_grouped(kept)}"
        return (
            f"Stream  {_grouped(shown)} shown · {_grouped(kept)} kept · {_grouped(look.seen)} seen"
        )

    def _keys_hint(self, _: StreamLook) -> str:
        return "n/N next  ! errors  g/G top/end" if self.size.width >= _WIDE else "n/N !"


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", " ")
