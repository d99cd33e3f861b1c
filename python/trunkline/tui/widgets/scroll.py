"""A panel that shows a part of a longer painting."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from trunkline.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from textual.events import MouseScrollDown, MouseScrollUp

    from trunkline.tui.ink import Painter
    from trunkline.tui.widgets.panel import Caption

__all__ = ["ScrollPanel"]

T = TypeVar("T")

_WHEEL_LINES = 3


class ScrollPanel(Panel[T]):
    """Scrolls by lines; one that follows stays at the newest line, which is the last.

    Going up stops following; coming back to the end, or asking, starts it again.
    """

    can_focus = True

    def __init__(
        self,
        painter: Painter[T],
        *,
        name: str,
        title: Caption[T] = "",
        hint: Caption[T] = "",
        ascii_only: bool = False,
        framed: bool = True,
        follows: bool = False,
    ) -> None:
        super().__init__(
            painter, name=name, title=title, hint=hint, ascii_only=ascii_only, framed=framed
        )
        self._can_follow = follows
        self.follows = follows
        self._top = 0
        self._note()

    @property
    def first_line(self) -> int:
        """Which line of the painting is at the top."""
        return self._top

    def move(self, lines: int) -> None:
        """Scroll down by so many lines, or up if negative; stops at the ends."""
        last = max(len(self._lines) - self.inner.height, 0)
        top = min(max(self._top + lines, 0), last)
        self.follows = self._can_follow and top == last
        moved, self._top = top != self._top, top
        self._note()
        if moved:
            self.refresh()

    def move_to_start(self) -> None:
        """Show the first line."""
        self.move(-len(self._lines))

    def move_to_end(self) -> None:
        """Show the last line."""
        self.move(len(self._lines))

    def toggle_follow(self) -> None:
        """Follow the newest line from now on, or hold still."""
        if self.follows:
            self.follows = False
            self._note()
        else:
            self.move_to_end()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The wheel goes up."""
        event.stop()
        self.move(-_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The wheel goes down."""
        event.stop()
        self.move(_WHEEL_LINES)

    def _painted(self) -> None:
        last = max(len(self._lines) - self.inner.height, 0)
        self._top = last if self.follows else min(self._top, last)
        self._note()

    def _note(self) -> None:
        """Say at the lower edge how much is out of sight, and whether the end is followed."""
        below = max(len(self._lines) - self.inner.height - self._top, 0)
        hold = "hold, f follows" if self._can_follow and not self.follows else ""
        note = "  ".join(part for part in (f"{below} more below" if below else "", hold) if part)
        if note != self.note:
            self.note = note
            self._repaint_edges()
