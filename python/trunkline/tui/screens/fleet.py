"""All lines: how many, how good, and a table of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal

from trunkline.telemetry.document import fleet_document, sample_documents
from trunkline.tui.columns import COLUMNS, chosen
from trunkline.tui.filter.grammar import parse
from trunkline.tui.filter.rows import ROWS
from trunkline.tui.ink import Span, Tone, fit, spread, text
from trunkline.tui.screens.choice import SubsetScreen
from trunkline.tui.screens.exporting import ExportingPage, json_of, ndjson_of
from trunkline.tui.screens.pairing import PairingKeys
from trunkline.tui.standing import Standing
from trunkline.tui.widgets.alerts import paint_alerts, paint_few_alerts
from trunkline.tui.widgets.headline import finish_line, window_name
from trunkline.tui.widgets.listing import Listing
from trunkline.tui.widgets.overview import (
    paint_census,
    paint_flow,
    paint_link,
    paint_summary,
    paint_turn_times,
)
from trunkline.tui.widgets.panel import Panel
from trunkline.tui.widgets.shares import paint_shares
from trunkline.tui.widgets.table import FleetTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trunkline.telemetry.fleet_snapshot import FleetSnapshot
    from trunkline.tui.context import Context
    from trunkline.tui.ink import Line, Painter
    from trunkline.tui.pace import Due

__all__ = ["FleetScreen"]


class FleetScreen(PairingKeys, ExportingPage):
    """Panels of figures above, the table between, alerts and shares below."""

    NAME = "FLEET"
    FOOTER = (
        ("question_mark", "help"), ("ctrl+p", "palette"), ("slash", "filter"), ("colon", "command"),
        ("enter", "open"), ("space", "freeze"), ("e", "events"), ("a", "alerts"), ("r", "rec"), ("x", "export"),
        ("t", "theme"), ("q", "quit"),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="Open the session"),
        *Listing.MOVES,
        Binding("n", "seek(1)", "next", tooltip="The next session that needs attention"),
        Binding("N", "seek(-1)", "previous", tooltip="The session before that needs attention"),
        Binding(
            "exclamation_mark", "problems", "problems", tooltip="Only sessions that need attention"
        ),
        Binding("s", "sort_next", "sort", tooltip="Sort by the next column"),
        Binding("S", "reverse", "reverse", tooltip="Sort the other way around"),
        Binding("w", "columns", "columns", tooltip="Choose the columns"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        ascii_only = context.ascii_only
        panel = partial(_fleet_panel, ascii_only=ascii_only)
        self.table = FleetTable(ascii_only=ascii_only)
        self._figures = [
            panel(paint_census, "census", "Sessions"),
            panel(paint_link, "fleet-link", "Link  p50 / p95 / p99"),
            panel(paint_turn_times, "fleet-turns", "Turns  p50 / p95"),
            panel(paint_flow, "fleet-flow", "Flow"),
        ]
        self._summary = panel(paint_summary, "summary", "")
        self._alerts = panel(paint_alerts, "fleet-alerts", "Alerts")
        self._few_alerts = panel(paint_few_alerts, "few-alerts", "", framed=False)
        self._shares = Panel(
            paint_shares, name="shares", title=_shares_title, ascii_only=ascii_only
        )
        self._status = self._plain("fleet-status", self._paint_status)

    def body(self) -> ComposeResult:
        """All panels; the style sheet says which are seen at what size."""
        with Horizontal(id="figures"):
            yield from self._figures
        yield self._summary
        yield self.table
        with Horizontal(id="happened"):
            yield self._alerts
            yield self._shares
        yield self._few_alerts
        yield self._status

    def on_mount(self) -> None:
        """The table has the keys."""
        self.set_focus(self.table)

    def draw(self, due: Due) -> None:
        """Rows and figures twice a second, the edges with the text."""
        super().draw(due)
        if due.rows:
            self._show_all()
        elif due.text:
            self._status.show(self._standing())

    def redraw(self) -> None:
        """Everything, as the context now is."""
        super().redraw()
        self._show_all()

    def named(self) -> Line:
        """What the console was called."""
        return text(self.context.title, Tone.PLAIN)

    def line_key(self) -> str | None:
        """Of the line under the cursor."""
        return self.table.cursor_key if self.table.rows else None

    def filter_text(self) -> str:
        """The filter that stands."""
        return self.context.filter_text

    def apply_filter(self, expression: str) -> None:
        """Show lines that match."""
        self.table.accepts = parse(expression, ROWS).predicate()
        self.table.filter_text = self.context.filter_text = expression.strip()
        self._changed()

    def sort_by(self, column: str) -> None:
        """Sort the table."""
        names = [one.name for one in COLUMNS]
        if column not in names:
            raise ValueError(f"no column {column!r}; there are {', '.join(names)}")
        self.table.resort(column)
        self._changed()

    def documents(self) -> dict[str, tuple[str, Callable[[], bytes]]]:
        """All lines, and those that are listed."""
        fleet = self.context.fleet
        if fleet is None:
            return {}
        shown = replace(fleet, rows=tuple(self.table.rows))
        return {
            "JSON of the fleet": ("json", lambda: json_of(fleet_document(fleet))),
            f"JSON of the {len(shown.rows)} shown": (
                "json",
                lambda: json_of(fleet_document(shown)),
            ),
            f"NDJSON of the {len(shown.rows)} shown": (
                "ndjson",
                lambda: ndjson_of(sample_documents(shown)),
            ),
        }

    def copied(self) -> str | None:
        """The line under the cursor as JSON."""
        fleet, key = self.context.fleet, self.line_key()
        if fleet is None or key is None:
            return None
        rows = tuple(row for row in fleet.rows if row.key == key)
        return ndjson_of(sample_documents(replace(fleet, rows=rows))).decode().strip()

    def action_open(self) -> None:
        """Open the session under the cursor."""
        if (key := self.line_key()) is not None:
            self._open(key)

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.table.move(rows)

    def action_seek(self, step: int) -> None:
        """Go to a line that needs attention."""
        if not self.table.seek(step):
            self.app.notify("no session needs attention", timeout=3, markup=False)

    def action_problems(self) -> None:
        """List those that need attention, or all."""
        self.table.problems_only = not self.table.problems_only
        self._changed()

    def action_sort_next(self) -> None:
        """Sort by the next column."""
        self.table.sort_next()
        self._changed()

    def action_reverse(self) -> None:
        """Turn the order around."""
        self.table.reverse()
        self._changed()

    def action_columns(self) -> None:
        """Let the operator choose the columns."""
        choices = [(one.name, f"{one.title:<12} {one.name}") for one in COLUMNS if one.rank]
        ticked = [one.name for one in chosen(self.table.column_names)]

        def picked(names: tuple[str, ...] | None) -> None:
            if names is not None:
                self.table.column_names = names
                self.table.repaint()

        self.app.push_screen(
            SubsetScreen("Columns", choices, ticked, ascii_only=self.context.ascii_only), picked
        )

    def on_fleet_table_opened(self, event: FleetTable.Opened) -> None:
        """A second click is enter."""
        event.stop()
        self._open(event.key)

    def _open(self, key: str) -> None:
        self.app.open_key(key)  # type: ignore[attr-defined]

    def _show_all(self) -> None:
        fleet = self.context.fleet
        if fleet is not None:
            wide = self.size.width >= 100
            for panel in self._figures if wide else (self._summary,):
                panel.show(fleet)
            for panel in (self._alerts, self._shares) if wide else (self._few_alerts,):
                panel.show(fleet)
            self.table.show(fleet)
            self.context.order = self.table.keys
        self._status.show(self._standing())

    def _changed(self) -> None:
        self.table.repaint()
        self.context.order = self.table.keys

    def _standing(self) -> Standing:
        return Standing.of(self.context, self.NAME)

    def _paint_status(self, standing: Standing, width: int, _: int) -> list[Line]:
        """How the run ended, or how many need attention; at the right what the console costs."""
        if standing.message is not None:
            return [finish_line(standing, width)]
        count = 0 if self.context.fleet is None else self.context.fleet.attention
        verb = "session needs" if count == 1 else "sessions need"
        words = f" {count} {verb} attention (n: next)" if count else " no session needs attention"
        cost = (Span(f"{self.context.footprint()} ", Tone.DIM),)
        left = text(words, Tone.WARNING if count else Tone.DIM)
        return [spread(left, cost, width)] if width >= 60 else [fit(left, width)]


def _fleet_panel(
    painter: Painter[FleetSnapshot], name: str, title: str, *, ascii_only: bool, framed: bool = True
) -> Panel[FleetSnapshot]:
    return Panel(painter, name=name, title=title, ascii_only=ascii_only, framed=framed)


def _shares_title(fleet: FleetSnapshot) -> str:
    return f"Time in state  {window_name(fleet.window_s)}"
