"""The tabs of the session: which panels each has, and when they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Container, Horizontal

from trunkline.tui.ink import Span, Tone, fit, join, trimmed
from trunkline.tui.widgets.connection import paint_connection, paint_past_row
from trunkline.tui.widgets.flow import (
    paint_downlink,
    paint_downlink_row,
    paint_uplink,
    paint_uplink_row,
)
from trunkline.tui.widgets.journal import paint_journal
from trunkline.tui.widgets.panel import Panel
from trunkline.tui.widgets.quality import paint_quality, reasons
from trunkline.tui.widgets.reconnects import paint_reconnects
from trunkline.tui.widgets.roundtrip import (
    paint_round_trip_row,
    round_trip_painter,
    round_trip_title,
)
from trunkline.tui.widgets.scroll import ScrollPanel
from trunkline.tui.widgets.settings import paint_limits, paint_settings
from trunkline.tui.widgets.timeline import paint_state_row, paint_timeline
from trunkline.tui.widgets.transcript import paint_last_words, paint_transcript
from trunkline.tui.widgets.turns import paint_turns_head, paint_turns_row, turns_title

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.tui.context import Context
    from trunkline.tui.ink import Line, Painter
    from trunkline.tui.widgets.panel import Caption

__all__ = ["TABS", "Tab", "TabName", "make_tab"]


@dataclass(frozen=True, slots=True)
class TabName:
    """A tab, for its bar and its key."""

    name: str
    words: str


TABS = (
    TabName("overview", "quality, link, flow, turns, words"),
    TabName("turns", "every turn with its times"),
    TabName("timeline", "ten minutes, outages, log"),
    TabName("transcript", "every word"),
    TabName("config", "settings, limits, counts"),
)


class Tab(Container):
    """Panels of one line; those of `METERS` are drawn ten times a second, the others with the text."""

    METERS: ClassVar[tuple[str, ...]] = ()
    MAIN: ClassVar[str] = ""
    """The panel that keys scroll if none has the focus."""

    def __init__(self, context: Context) -> None:
        super().__init__(id=f"tab-{type(self).__name__.lower()}")
        self._shared = context
        self.panels: dict[str, Panel[LineSnapshot]] = {}

    def show(self, line: LineSnapshot, *, meters: bool, text: bool) -> None:
        """Draw what is due, of the panels that are seen."""
        for name, panel in self.panels.items():
            if (meters if name in self.METERS else text) and panel.display:
                panel.show(line)

    def turn_over(self) -> bool:
        """Show something else in the lower panel; whether there is one that has several sides."""
        return False

    def toggle_follow(self) -> None:
        """Follow the newest of the main panel, or hold it."""
        panel = self.panels.get(self.MAIN)
        if isinstance(panel, ScrollPanel):
            panel.toggle_follow()

    def scroll_lines(self, lines: int, focused: Widget | None) -> None:
        """Scroll the panel with the focus, or the main one."""
        panel = focused if isinstance(focused, ScrollPanel) else self.panels.get(self.MAIN)
        if isinstance(panel, ScrollPanel):
            panel.move(lines)

    def _panel(
        self,
        painter: Painter[LineSnapshot],
        name: str,
        title: Caption[LineSnapshot] = "",
        **options: Any,
    ) -> Panel[LineSnapshot]:
        panel = Panel(
            painter, name=name, title=title, ascii_only=self._shared.ascii_only, **options
        )
        self.panels[name] = panel
        return panel

    def _scroll(
        self,
        painter: Painter[LineSnapshot],
        name: str,
        title: Caption[LineSnapshot],
        **options: Any,
    ) -> ScrollPanel[LineSnapshot]:
        panel = ScrollPanel(
            painter, name=name, title=title, ascii_only=self._shared.ascii_only, **options
        )
        self.panels[name] = panel
        return panel


class Overview(Tab):
    """Everything at a glance; on a small screen in rows, with a lower panel of three sides."""

    METERS = ("uplink", "downlink", "up-row", "down-row")
    MAIN = "transcript"
    _SIDES = ("turns", "transcript", "journal")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._side = 0

    def compose(self) -> ComposeResult:
        """The drawn rows from top to bottom; the style sheet says which are seen at what size."""
        with Horizontal(id="link"):
            yield self._panel(paint_quality, "quality", "Quality")
            yield self._panel(
                round_trip_painter(self._shared.glyphs), "round-trips", round_trip_title
            )
            yield self._panel(paint_connection, "connection", "Connection")
        yield self._panel(_paint_link_rows, "link-rows", "Link")
        with Horizontal(id="flow"):
            yield self._panel(paint_uplink, "uplink", "Uplink (mic → model)")
            yield self._panel(paint_downlink, "downlink", "Downlink (model → speaker)")
        yield self._panel(paint_uplink_row, "up-row", "Up")
        yield self._panel(paint_downlink_row, "down-row", "Down")
        with Horizontal(id="past"):
            yield self._scroll(paint_turns_head, "turns", self._turns_title, hint=self._side_hint)
            yield self._panel(paint_timeline, "timeline", "Timeline  10 min")
        yield self._scroll(
            paint_transcript, "transcript", "Transcript", follows=True, hint=self._side_hint
        )
        yield self._scroll(paint_journal, "journal", "Log", follows=True, hint=self._side_hint)
        yield self._panel(paint_state_row, "state-row", framed=False)
        yield self._panel(paint_last_words, "last-words", framed=False)

    def on_mount(self) -> None:
        """The first side is up."""
        self._turn_to(0)

    def turn_over(self) -> bool:
        """The next side of the lower panel, on a small screen."""
        if self.size.width >= 100:
            return False
        self._turn_to((self._side + 1) % len(self._SIDES))
        return True

    def _turn_to(self, side: int) -> None:
        self._side = side
        for number, name in enumerate(self._SIDES):
            self.set_class(number == side, f"-side-{name}")
        line = self._shared.line
        if line is not None:
            self.call_after_refresh(self.show, line, meters=True, text=True)

    def _turns_title(self, line: LineSnapshot) -> str:
        return turns_title(line)

    def _side_hint(self, _: LineSnapshot) -> str:
        if self.size.width >= 100:
            return ""
        return f"tab: {self._SIDES[(self._side + 1) % len(self._SIDES)]}"


class Turns(Tab):
    """Every turn in a list, their spreads above."""

    MAIN = "all-turns"

    def compose(self) -> ComposeResult:
        """Spreads, then the list."""
        yield self._panel(paint_turns_row, "turn-times", framed=False)
        yield self._scroll(paint_turns_head, "all-turns", turns_title)


class Timeline(Tab):
    """Ten minutes on one axis, then outages and log."""

    MAIN = "whole-journal"

    def compose(self) -> ComposeResult:
        """The strips, the outages, the log."""
        yield self._panel(paint_timeline, "long-timeline", "Timeline  10 min")
        yield self._scroll(paint_reconnects, "reconnects", "Outages")
        yield self._scroll(paint_journal, "whole-journal", "Log", follows=True)


class Transcript(Tab):
    """Every word that is kept."""

    MAIN = "whole-transcript"

    def compose(self) -> ComposeResult:
        """The words."""
        yield self._scroll(paint_transcript, "whole-transcript", "Transcript", follows=True)


class Config(Tab):
    """Settings, limits and counts."""

    MAIN = "settings"

    def compose(self) -> ComposeResult:
        """JSON beside numbers."""
        with Horizontal():
            yield self._scroll(paint_settings, "settings", "Settings, as the server confirmed them")
            yield self._scroll(paint_limits, "limits", "Limits and counts")


_KINDS: tuple[type[Tab], ...] = (Overview, Turns, Timeline, Transcript, Config)


def make_tab(number: int, context: Context) -> Tab:
    """The tab of a number, from 1."""
    return _KINDS[number - 1](context)


def _paint_link_rows(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """Round trips, then the past with what was taken off the score."""
    why = [(Span(f"{name} ", Tone.DIM), Span(points)) for name, points in reasons(snapshot.quality)]
    past = paint_past_row(snapshot, width)
    taken = join([(Span("why: ", Tone.DIM), *why[0]), *why[1:]], width, gap=2) if why else ()
    return [*paint_round_trip_row(snapshot, width, 1), fit(_beside(past, taken, width), width)][
        :height
    ]


def _beside(left: Line, right: Line, width: int) -> Line:
    return join([trimmed(left), trimmed(right)], width, gap=2)
