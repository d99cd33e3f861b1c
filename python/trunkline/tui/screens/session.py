"""One line in detail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer

from trunkline.tui.widgets.books import paint_books
from trunkline.tui.widgets.connection import paint_connection
from trunkline.tui.widgets.flow import paint_downlink, paint_uplink
from trunkline.tui.widgets.headline import paint_headline, paint_status
from trunkline.tui.widgets.journal import paint_journal
from trunkline.tui.widgets.panel import Panel
from trunkline.tui.widgets.reconnects import paint_reconnects
from trunkline.tui.widgets.roundtrip import paint_round_trips
from trunkline.tui.widgets.scroll import ScrollPanel
from trunkline.tui.widgets.transcript import paint_transcript
from trunkline.tui.widgets.turns import paint_turns

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.tui.view import View

__all__ = ["SessionScreen"]

_METERS = ("uplink", "downlink")
_NUMBERS = ("connection", "round_trips", "reconnects", "turns", "books")
_WORDS = ("transcript", "journal")

# Columns and rows from which on a form of the layout holds: 80x24 is short and narrow, 120x36
# tall and wide. The forms themselves are in the style sheet.
_WIDTHS = [(0, "-slim"), (60, "-narrow"), (100, "-wide")]
_HEIGHTS = [(0, "-tiny"), (20, "-short"), (32, "-tall"), (50, "-huge")]


class SessionScreen(Screen[None]):
    """Draws views as they are given; what is due is decided by its caller."""

    CSS_PATH = "session.tcss"
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_by(1)", "Scroll down", show=False),
        Binding("k,up", "scroll_by(-1)", "Scroll up", show=False),
        Binding("pagedown", "scroll_by(10)", "Page down", show=False),
        Binding("pageup", "scroll_by(-10)", "Page up", show=False),
        Binding("g,home", "scroll_to('start')", "First line", show=False),
        Binding("G,end", "scroll_to('end')", "Last line", show=False),
    ]

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._ascii_only = ascii_only
        self._panels: dict[str, Panel[Any]] = {}
        self._shown: dict[str, object] = {}

    def compose(self) -> ComposeResult:
        """The panels, from the state at the top to the words at the bottom."""
        yield self._panel(Panel(paint_headline, name="headline"))
        with Horizontal(id="link"):
            yield self._panel(self._boxed(paint_connection, "connection", "Connection"))
            yield self._panel(self._boxed(paint_round_trips, "round_trips", "Round trip ms"))
        with Horizontal(id="flow"):
            yield self._panel(self._boxed(paint_uplink, "uplink", "Uplink"))
            yield self._panel(self._boxed(paint_downlink, "downlink", "Downlink"))
        with Horizontal(id="past"):
            yield self._panel(self._list(paint_reconnects, "reconnects", "Reconnects"))
            yield self._panel(self._list(paint_turns, "turns", "Turns"))
        yield self._panel(self._boxed(paint_books, "books", ""))
        with Horizontal(id="words"):
            yield self._panel(
                self._list(paint_transcript, "transcript", "Transcript", follows=True)
            )
            yield self._panel(self._list(paint_journal, "journal", "Log", follows=True))
        yield self._panel(self._boxed(paint_status, "status", ""))
        yield Footer()

    def show(self, view: View, *, meters: bool, text: bool) -> None:
        """Draw what is due of a view."""
        if text:
            self._show("headline", view)
            self._show("status", view)
            self._panels["status"].set_class(view.message is not None, "-shown")
        if view.snapshot is not None:
            self._show_snapshot(view.snapshot, meters=meters, text=text)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll the focused panel, or the log."""
        self._scrolled().move(lines)

    def action_scroll_to(self, end: str) -> None:
        """Go to the start or the end of the focused panel, or of the log."""
        panel = self._scrolled()
        (panel.move_to_start if end == "start" else panel.move_to_end)()

    def toggle_follow(self) -> None:
        """Follow the log's end, or hold it."""
        journal = self._panels["journal"]
        assert isinstance(journal, ScrollPanel)
        journal.toggle_follow()

    def _show_snapshot(self, snapshot: LineSnapshot, *, meters: bool, text: bool) -> None:
        for name in (*(_METERS if meters else ()), *(_NUMBERS if text else ())):
            self._show(name, snapshot)
        # Wrapping is the dearest work here, and most snapshots bring no new word.
        sources = (snapshot.transcript, snapshot.log)
        for name, source in zip(_WORDS, sources, strict=True):
            if text and self._shown.get(name) is not source:
                self._shown[name] = source
                self._show(name, snapshot)

    def _show(self, name: str, value: object) -> None:
        self._panels[name].show(value)

    def _scrolled(self) -> ScrollPanel[Any]:
        focused = self.focused
        panel = focused if isinstance(focused, ScrollPanel) else self._panels["journal"]
        assert isinstance(panel, ScrollPanel)
        return panel

    def _panel(self, panel: Panel[Any]) -> Panel[Any]:
        assert panel.id is not None
        self._panels[panel.id] = panel
        panel.set_class(self._ascii_only, "-ascii")
        return panel

    def _boxed(self, painter: Any, name: str, title: str) -> Panel[Any]:
        return Panel(painter, name=name, title=title, ascii_only=self._ascii_only)

    def _list(
        self, painter: Any, name: str, title: str, *, follows: bool = False
    ) -> ScrollPanel[Any]:
        return ScrollPanel(
            painter, name=name, title=title, ascii_only=self._ascii_only, follows=follows
        )
