"""One line in detail, in five tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Container

from trunkline.telemetry.document import line_document
from trunkline.tui.exports.sound import NOT_KEPT
from trunkline.tui.ink import Span, Tone, fit, level_tone, text
from trunkline.tui.numbers import age
from trunkline.tui.screens.choice import ChoiceScreen
from trunkline.tui.screens.exporting import ExportingPage, json_of
from trunkline.tui.screens.sounding import SoundKeys
from trunkline.tui.screens.tabs import TABS, Tab, make_tab
from trunkline.tui.standing import Standing
from trunkline.tui.widgets.connection import short_id, state_level, state_name
from trunkline.tui.widgets.headline import finish_line
from trunkline.tui.widgets.listing import END_LINES
from trunkline.tui.widgets.quality import score_level, score_word
from trunkline.tui.widgets.tabs import Tabs
from trunkline.tui.widgets.transcript import words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.tui.context import Context
    from trunkline.tui.ink import Line
    from trunkline.tui.pace import Due

__all__ = ["SessionScreen"]


class SessionScreen(SoundKeys, ExportingPage):
    """Shows the context's line; a tab is made when it is first looked at."""

    NAME = "SESSION"
    FOOTER = (
        ("escape", "back"), ("1", "tabs", "1-5"), ("plus", "window", "+/-"), ("space", "freeze"), ("m", "mark"),
        ("R", "reconnect"), ("K", "close"), ("e", "events"), ("r", "rec"), ("x", "export"), ("question_mark", "help"),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"tab({number})", tab.name, tooltip=f"Tab {tab.name}: {tab.words}")
            for number, tab in enumerate(TABS, 1)
        ),
        Binding("f", "follow", "follow", tooltip="Follow the newest words, or hold them"),
        Binding(
            "tab",
            "turn_over",
            "other panel",
            tooltip="The next panel; on small screens turns, transcript or log",
        ),
        Binding("j,down", "scroll_by(1)", "down", tooltip="Down in what scrolls"),
        Binding("k,up", "scroll_by(-1)", "up", tooltip="Up in what scrolls"),
        Binding("pagedown", "scroll_by(10)", "page down", tooltip="Ten down"),
        Binding("pageup", "scroll_by(-10)", "page up", tooltip="Ten up"),
        Binding("g,home", f"scroll_by(-{END_LINES})", "top", tooltip="To the top"),
        Binding("G,end", f"scroll_by({END_LINES})", "end", tooltip="To the end"),
        Binding(
            "n", "neighbour_in_need(1)", "next", tooltip="The next session that needs attention"
        ),
        Binding(
            "N",
            "neighbour_in_need(-1)",
            "previous",
            tooltip="The session before that needs attention",
        ),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._bar = Tabs([tab.name for tab in TABS], ascii_only=context.ascii_only)
        self._waiting = self._plain("waiting", _paint_waiting)
        self._made: dict[int, Tab] = {1: make_tab(1, context)}
        self._current = 1
        self._finish = self._plain(
            "finish", lambda standing, width, _: [finish_line(standing, width)]
        )

    @property
    def tab(self) -> Tab:
        """The tab that is seen."""
        return self._made[self._current]

    def body(self) -> ComposeResult:
        """The bar of tabs, and the first tab."""
        yield self._bar
        yield Container(self.tab, id="deck")
        yield self._finish

    def draw(self, due: Due) -> None:
        """Meters ten times a second, the rest as the text is due."""
        super().draw(due)
        if self.context.line is not None:
            self.tab.show(self.context.line, meters=due.meters, text=due.text)
        if due.text:
            self._show_finish()

    def redraw(self) -> None:
        """Everything."""
        super().redraw()
        self._bar.show(self._current)
        self._show_finish()
        if self.context.line is not None:
            self.tab.show(self.context.line, meters=True, text=True)

    def on_mount(self) -> None:
        """The overview has no bar of tabs: there is no line for it."""
        self.set_class(self._current == 1, "-first")

    def named(self) -> Line:
        """Name, model and server, session, state."""
        line, row = self.context.line, self.context.row
        name = line.name if line is not None else row.name if row is not None else ""
        head = (Span(str(name), Tone.STRONG), Span("  "))
        return head if line is None else (*head, *_identity(line, wide=self.size.width >= 100))

    def aside(self) -> Line:
        """The score on narrow screens; on wide ones how to get to the neighbours."""
        if self.size.width >= 100:
            return text("[ ] prev/next", Tone.DIM)
        line = self.context.line
        if line is None:
            return ()
        quality = line.quality
        words = f"score {score_word(quality)} {quality.grade.upper()}"
        return text(words, level_tone(score_level(quality)))

    def documents(self) -> dict[str, tuple[str, Callable[[], bytes]]]:
        """The line with its turns, outages and alerts; its words; its settings."""
        line = self.context.line
        if line is None:
            return {}
        return {
            "JSON of the session": ("json", lambda: json_of(line_document(line))),
            "text of the transcript": ("txt", words_of(line).encode),
            "JSON of the settings": ("json", f"{line.settings}\n".encode),
        }

    def copied(self) -> str | None:
        """The session as JSON."""
        line = self.context.line
        return None if line is None else json_of(line_document(line)).decode().strip()

    def with_turn(self, deed: Callable[[int], None]) -> None:
        """With one of the turns of which there is sound, which the operator chooses."""
        turns = {f"turn {turn}": turn for turn in reversed(self.exporter.turns_heard)}
        if not turns:
            self.tell(NOT_KEPT, refused=True)
            return

        def chosen(name: str | None) -> None:
            if name is not None:
                deed(turns[name])

        menu = ChoiceScreen("Sound of", list(turns), ascii_only=self.context.ascii_only)
        self.app.push_screen(menu, chosen)

    def subject(self) -> str:
        """The name of the line."""
        line = self.context.line
        return str(line.name if line is not None else self.context.selected)

    async def action_tab(self, number: int) -> None:
        """Change to a tab."""
        if number == self._current:
            return
        self.tab.display = False
        if number not in self._made:
            self._made[number] = make_tab(number, self.context)
            await self.query_one("#deck").mount(self._made[number])
        self._current = number
        self.tab.display = True
        self.set_class(number == 1, "-first")
        self.redraw()

    async def on_tabs_chosen(self, event: Tabs.Chosen) -> None:
        """A click on a tab."""
        await self.action_tab(event.number)

    def action_follow(self) -> None:
        """Follow the newest words, or hold them."""
        self.tab.toggle_follow()

    def action_turn_over(self) -> None:
        """Show something else in the lower panel of a small screen; else go to the next panel."""
        if not self.tab.turn_over():
            self.focus_next()

    def action_scroll_by(self, lines: int) -> None:
        """Scroll the panel with the focus, or the tab's main one."""
        self.tab.scroll_lines(lines, self.focused)

    def action_neighbour_in_need(self, step: int) -> None:
        """Change to the next session that needs attention, in the order of the fleet's list."""
        fleet = self.context.fleet
        needy = {row.key for row in (() if fleet is None else fleet.rows) if row.needs_attention}
        keys = list(self.context.order)
        here = keys.index(self.context.selected) if self.context.selected in keys else 0
        later = (
            [*keys[here + 1 :], *keys[:here]]
            if step > 0
            else [*keys[:here][::-1], *keys[here + 1 :][::-1]]
        )
        found = next((key for key in later if key in needy), None)
        if found is None:
            self.app.notify("no other session needs attention", timeout=3, markup=False)
        else:
            self.app.open_key(found)  # type: ignore[attr-defined]

    def _show_finish(self) -> None:
        standing = Standing.of(self.context, self.NAME)
        self._finish.show(standing)
        self._finish.set_class(standing.message is not None, "-shown")


def _identity(line: LineSnapshot, *, wide: bool) -> Line:
    """What it is connected to, and how it is."""
    model = line.model or "no session yet"
    level = state_level(line.state)
    state = Span(f"{state_name(line.state)} {age(line.age_s)}", level_tone(level))
    if not wide:
        return (Span(f"{model}  ", Tone.DIM), state)
    where = f"{model} @ {line.server}" if line.server else str(model)
    session = "" if line.session_id is None else f"{short_id(line.session_id)}  "
    return (Span(f" {where}  ", Tone.DIM), Span(session, Tone.DIM), state)


def _paint_waiting(_: Any, width: int, __: int) -> list[Line]:
    return [fit(text(" waiting for the first data of this line", Tone.DIM), width)]
