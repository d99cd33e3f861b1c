"""The console: a Textual application on the main thread that draws snapshots.

One clock of 10 Hz reads the desk and lets the page on top draw what is due; nothing is done per event of the
network. What the operator wishes goes out through `Controls`. The console knows neither a line nor the simulator, so
it runs from a recording as well.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding

from trunkline.errors import TrunklineError
from trunkline.text import clean
from trunkline.tui import commands
from trunkline.tui.context import Context
from trunkline.tui.glyphs import Glyphs
from trunkline.tui.listening import Listening
from trunkline.tui.pace import TICK_SECONDS, Pace
from trunkline.tui.page import Page
from trunkline.tui.palette import CommandFinder, SessionFinder
from trunkline.tui.playing import PlayingKeys
from trunkline.tui.recording import NoRecording
from trunkline.tui.screens.help import HelpScreen, key_rows
from trunkline.tui.screens.registry import make_page
from trunkline.tui.wishing import WishingKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType
    from textual.notifications import SeverityLevel
    from textual.timer import Timer

    from trunkline.telemetry.desk import Desk
    from trunkline.tui.controls import Controls
    from trunkline.tui.listening import Play
    from trunkline.tui.recording import Recording
    from trunkline.tui.widgets.keybar import KeyBar
    from trunkline.tui.widgets.prompt import Prompt

__all__ = ["ConsoleApp", "run_console"]

_WINDOWS = {"30s": 30, "1m": 60, "5m": 300, "15m": 900, "1h": 3600}
_DEFAULT_THEME = "textual-dark"


class ConsoleApp(WishingKeys, PlayingKeys, App[None]):
    """The operator's console of all lines that a desk knows."""

    CSS_PATH = "console.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = App.COMMANDS | {lambda: CommandFinder, lambda: SessionFinder}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "question_mark", "keys", "help", tooltip="This list: every key of the screen below"
        ),
        Binding(
            "slash",
            "filter",
            "filter",
            tooltip="Filter what is listed; enter keeps it, esc takes it back",
        ),
        Binding("colon", "command", "command", tooltip="Type a command"),
        Binding("escape", "back", "back", tooltip="Back to the screen before"),
        Binding(
            "left_square_bracket",
            "neighbour(-1)",
            "previous",
            tooltip="The session before, as listed",
        ),
        Binding(
            "right_square_bracket", "neighbour(1)", "next", tooltip="The next session, as listed"
        ),
        Binding("e", "events", "events", tooltip="The event inspector of the line"),
        Binding("a", "alerts", "alerts", tooltip="What was raised and what cleared"),
        Binding(
            "space",
            "freeze",
            "freeze",
            tooltip="Hold the display, or let it go on; a recording: pause",
        ),
        Binding(
            "plus",
            "widen(1)",
            "window",
            tooltip="A longer time window: 30 s, 1 m, 5 m, 15 m, 1 h",
        ),
        Binding("minus", "widen(-1)", "window", tooltip="A shorter time window"),
        Binding("m", "mark", "mark", tooltip="Mark this moment of the line, with a note"),
        Binding(
            "r",
            "record",
            "rec",
            tooltip="Begin a recording of all that this console sees, or end it",
        ),
        Binding("x", "export", "export", tooltip="Write what is shown to a file"),
        Binding("y", "copy", "copy", tooltip="Put what is selected on the clipboard"),
        Binding("t", "next_theme", "theme", tooltip="The next theme"),
        *WishingKeys.KEYS,
        *PlayingKeys.KEYS,
        Binding("q", "quit", "quit", tooltip="Leave"),
    ]

    def __init__(
        self, context: Context, *, leave_when_finished: bool = False, theme: str | None = None
    ) -> None:
        # Without this, NO_COLOR is greys to Textual; with it, nothing but the terminal's own two colours.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.title = context.title or "trunkline"
        self.context = context
        self._leave_when_finished = leave_when_finished
        self._pace = Pace()
        self._took = 0.0
        self._opened_alone = False
        self._clock: Timer | None = None
        self.theme = theme if theme in self.available_themes else _DEFAULT_THEME

    def on_mount(self) -> None:
        """Show the fleet and start the clock."""
        self.push_screen(make_page("fleet", self.context))
        self._clock = self.set_interval(TICK_SECONDS, self.tick)

    def tick(self) -> None:
        """Read the newest, and draw what is due; nothing is drawn below a menu or a question."""
        began = time.perf_counter()
        self.context.read()
        self._open_alone()
        due = self._pace.next(took=self._took, watched=self.app_focus)
        if (page := self.page) is not None and (due.meters or due.text):
            page.draw(due)
        if (news := self.context.controls.answer() or self.context.recording.news()) is not None:
            self.tell(clean(news, limit_chars=300))
        self._took = time.perf_counter() - began
        if self._leave_when_finished and self.context.desk.finished() is not None:
            self.exit()

    @property
    def page(self) -> Page | None:
        """The page on top; None under a menu or a question, and while a page is being made."""
        screen = self.screen
        return screen if isinstance(screen, Page) and screen.ready else None

    def tell(self, words: str, *, refused: bool = False) -> None:
        """Say something for three seconds."""
        severity: SeverityLevel = "warning" if refused else "information"
        self.notify(words, severity=severity, timeout=3, markup=False)

    def attempt(self, deed: Callable[[], None]) -> None:
        """Do it, or say what is wrong with it."""
        try:
            deed()
        except (ValueError, TrunklineError) as error:
            self.tell(str(error), refused=True)

    async def action_quit(self) -> None:
        """Tell the owner of the lines, and leave."""
        self.context.controls.close()
        self.exit()

    def action_keys(self) -> None:
        """Show every key that is bound now."""
        rows = key_rows(self.screen.active_bindings, self.context.refusal)
        self.push_screen(HelpScreen(rows, ascii_only=self.context.ascii_only))

    def action_filter(self) -> None:
        """Open the line for a filter, where there is something to filter."""
        page = self.page
        if page is not None and not page.can_filter:
            self.tell(f"{page.NAME.lower()} cannot be filtered", refused=True)
        elif page is not None:
            page.prompt.open(
                "/", page.filter_text(), hint="name  state:open  score<60  !model:mini"
            )

    def action_command(self) -> None:
        """Open the line for a command."""
        self.type_command("")

    def type_command(self, text: str) -> None:
        """Open the line for a command that begins so."""
        if (page := self.page) is not None:
            names = [f"{one.name} " if one.argument else one.name for one in commands.COMMANDS]
            page.prompt.open(":", text, words=names, hint="a command; tab or → completes")

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """A filter works while it is typed."""
        if event.sign == "/" and (page := self.page) is not None:
            try:
                page.apply_filter(event.text)
                page.prompt.complain("")
            except (ValueError, TrunklineError) as error:
                page.prompt.complain(str(error))

    def on_prompt_left(self, event: Prompt.Left) -> None:
        """The filter is as it was."""
        if event.sign == "/":
            self.attempt(lambda: self.filter_by(event.text))

    def on_prompt_given(self, event: Prompt.Given) -> None:
        """A filter stands, a command is obeyed, a note is kept."""
        if event.sign == "/":
            self.attempt(lambda: self.filter_by(event.text))
        elif event.sign == ":":
            self.attempt(lambda: commands.obey(self, event.text))
        else:
            self.mark(event.text)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """A click on a key is the key."""
        await self.simulate_key_press(event.key)

    async def simulate_key_press(self, key: str) -> None:
        """As if it were pressed."""
        self.simulate_key(key)

    async def action_back(self) -> None:
        """Go back to the screen before; the fleet is the first."""
        if len(self.screen_stack) > 2:
            self.pop_screen()
            if (page := self.page) is not None:
                page.redraw()

    async def action_fleet(self) -> None:
        """Go back to the fleet."""
        while len(self.screen_stack) > 2:
            await self.action_back()

    def action_events(self) -> None:
        """Open the inspector of the line."""
        self._open_page("events")

    def action_alerts(self) -> None:
        """Open the list of alerts."""
        if self.page is not None and self.page.NAME != "ALERTS":
            self.push_screen(make_page("alerts", self.context))

    def open_key(self, key: str) -> None:
        """Open the session of a line; on a session, change to it."""
        self.context.select(key)
        page = self.page
        if page is None:
            return
        if page.NAME in ("FLEET", "ALERTS"):
            self.push_screen(make_page("session", self.context))
        else:
            page.redraw()

    def open_line(self, name: str) -> None:
        """Open the session of a line of this name, or of the first that has it in its name."""
        rows = () if self.context.fleet is None else self.context.fleet.rows
        found = [row for row in rows if row.name == name] or [
            row for row in rows if name in row.name
        ]
        if not found:
            raise ValueError(f"no line is called {name}")
        self.open_key(found[0].key)

    def action_neighbour(self, step: int) -> None:
        """Change to the session before or after, in the order of the fleet's list."""
        keys = self.context.order
        current = self.page.line_key() if self.page is not None else None
        if current in keys:
            self.open_key(keys[(keys.index(current) + step) % len(keys)])

    def action_freeze(self) -> None:
        """Hold the display at the newest snapshot, or let it go on; a recording pauses instead."""
        if not self.toggle_pause():
            self.context.freeze(frozen=not self.context.frozen and self.context.fleet is not None)
        self._redraw()

    def action_widen(self, step: int) -> None:
        """Another time window."""
        self.context.widen(step)
        self._redraw()

    def window_of(self, text: str) -> None:
        """A time window by its name."""
        if text not in _WINDOWS:
            raise ValueError(f"the windows are {', '.join(_WINDOWS)}")
        self.context.look_over(_WINDOWS[text])
        self._redraw()

    def filter_by(self, expression: str) -> None:
        """Show what matches."""
        if (page := self.page) is not None:
            page.apply_filter(expression)

    def sort_by(self, column: str) -> None:
        """Sort the page by a column."""
        if (page := self.page) is not None:
            page.sort_by(column)

    def action_record(self) -> None:
        """Begin a recording of all that is seen, or end it."""
        self.attempt(lambda: self.tell(self.context.recording.toggle(self.context.at)))
        self._redraw()

    def action_next_theme(self) -> None:
        """The next theme, by name."""
        names = sorted(self.available_themes)
        self.use_theme(names[(names.index(self.theme) + 1) % len(names)])

    def use_theme(self, name: str) -> None:
        """A theme by its name; the next one if there is none."""
        if not name:
            self.action_next_theme()
        elif name not in self.available_themes:
            raise ValueError(
                f"no theme {name!r}; there are {', '.join(sorted(self.available_themes))}"
            )
        else:
            self.theme = name
            self.tell(f"theme {name}")

    def action_export(self) -> None:
        """Let the page write what it shows."""
        self.attempt(lambda: self._of_page("export_shown"))

    def action_copy(self) -> None:
        """Let the page copy what is selected."""
        self.attempt(lambda: self._of_page("copy_selected"))

    def action_mark(self) -> None:
        """Ask for a note, and mark the moment at which the key was pressed."""
        if (page := self.page) is not None and page.line_key() is not None:
            page.prompt.open("mark", hint="a note, or nothing")

    def mark(self, note: str) -> None:
        """Mark this moment of the line."""
        key = None if self.page is None else self.page.line_key()
        if key is None:
            raise ValueError("there is no line to mark")
        self.context.desk.mark(key, clean(note, limit_chars=200))
        self.tell(f"marked {self.name_of(key)}")

    def name_of(self, key: str) -> str:
        """The name of a line, for people."""
        rows = () if self.context.fleet is None else self.context.fleet.rows
        return next((row.name for row in rows if row.key == key), clean(key, limit_chars=60))

    def _of_page(self, deed: str) -> None:
        if (page := self.page) is not None:
            getattr(page, deed)()

    def _open_page(self, name: str) -> None:
        page = self.page
        if page is None or name.upper() == page.NAME or (key := page.line_key()) is None:
            return
        self.context.select(key)
        self.push_screen(make_page(name, self.context))

    def _open_alone(self) -> None:
        """A single line needs no list: its session is opened with the first snapshot."""
        fleet = self.context.fleet
        if self._opened_alone or self.page is None or fleet is None or not fleet.rows:
            return
        self._opened_alone = True
        if len(fleet.rows) == 1:
            self.open_key(fleet.rows[0].key)

    def _redraw(self) -> None:
        if (page := self.page) is not None:
            page.redraw()


def run_console(
    desk: Desk,
    controls: Controls,
    *,
    title: str,
    ascii_only: bool = False,
    leave_when_finished: bool = False,
    theme: str | None = None,
    recording: Recording | None = None,
    play: Play | None = None,
) -> None:
    """Show the console until the operator leaves; call it on the main thread, where signals are.

    The network runs in another thread or process meanwhile. `controls.close` was called if the operator left by
    key. An unknown theme is the usual one.
    """
    glyphs = Glyphs.of(encoding=sys.stdout.encoding or "", term=os.environ.get("TERM", ""))
    context = Context(
        desk=desk,
        controls=controls,
        title=clean(title, limit_chars=60),
        glyphs=Glyphs.ASCII if ascii_only else glyphs,
        recording=NoRecording() if recording is None else recording,
        listening=Listening(play),
    )
    ConsoleApp(context, leave_when_finished=leave_when_finished, theme=theme).run()
    context.listening.end()
