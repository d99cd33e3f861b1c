"""All that was raised and cleared lately; enter opens the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from trunkline.tui.ink import text
from trunkline.tui.numbers import utc
from trunkline.tui.screens.exporting import ExportingPage
from trunkline.tui.widgets.alerts import paint_alerts
from trunkline.tui.widgets.listing import Listing

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trunkline.telemetry.fleet_snapshot import FleetSnapshot
    from trunkline.telemetry.snapshot import Alert
    from trunkline.tui.context import Context
    from trunkline.tui.ink import Line
    from trunkline.tui.pace import Due

__all__ = ["AlertsScreen"]


class AlertsScreen(ExportingPage):
    """A list with a cursor, newest first."""

    NAME = "ALERTS"
    FOOTER = (
        ("escape", "back"),
        ("enter", "open session"),
        ("m", "mark"),
        ("x", "export"),
        ("y", "copy"),
        ("question_mark", "help"),
        ("q", "quit"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="Open the session of the alert"),
        *Listing.MOVES,
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.listing: Listing[FleetSnapshot] = Listing(
            paint_alerts, name="alerts", title="Alerts", ascii_only=self.context.ascii_only
        )

    def body(self) -> ComposeResult:
        """The list."""
        yield self.listing

    def draw(self, due: Due) -> None:
        """Numbers only."""
        super().draw(due)
        if due.text:
            self._show()

    def redraw(self) -> None:
        """Everything."""
        super().redraw()
        self._show()

    def named(self) -> Line:
        """How many are raised."""
        rows = () if self.context.fleet is None else self.context.fleet.rows
        return text(f"{sum(row.alerts for row in rows)} raised")

    def line_key(self) -> str | None:
        """Of the alert under the cursor."""
        return None if (alert := self._alert()) is None else alert.line

    def copied(self) -> str | None:
        """The alert under the cursor in words."""
        alert = self._alert()
        return (
            None
            if alert is None
            else f"{utc(alert.at)}Z {alert.level.sign} {alert.name} {alert.text}"
        )

    def _alert(self) -> Alert | None:
        alerts = () if self.context.fleet is None else self.context.fleet.alerts
        index = self.listing.cursor_line
        return alerts[index] if index is not None and index < len(alerts) else None

    def action_open(self) -> None:
        """Open the session of the line."""
        if (key := self.line_key()) is not None:
            self.app.open_key(key)  # type: ignore[attr-defined]

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self.listing.move(lines)

    def on_listing_opened(self, event: Listing.Opened) -> None:
        """A second click is enter."""
        event.stop()
        self.action_open()

    def _show(self) -> None:
        if self.context.fleet is not None:
            self.listing.show(self.context.fleet)
