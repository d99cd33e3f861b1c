"""The console: a Textual application on the main thread that draws snapshots.

One clock of 10 Hz asks the feed for the newest snapshot and draws what is due; nothing is done per
event of the network. What the operator wishes goes out through `Controls`. The console knows
neither the line nor the simulator, so it runs from a recording as well.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding

from trunkline.text import clean
from trunkline.tui.pace import TICK_SECONDS, Pace
from trunkline.tui.screens.help import HelpScreen
from trunkline.tui.screens.session import SessionScreen
from trunkline.tui.view import View

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.notifications import SeverityLevel
    from textual.timer import Timer

    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.tui.controls import Controls
    from trunkline.tui.feed import Feed

__all__ = ["ConsoleApp", "run_console"]


class ConsoleApp(App[None]):
    """The operator's console of one line."""

    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("space", "freeze", "Freeze"),
        Binding("d", "break_link", "Break link"),
        Binding("f", "follow", "Follow log"),
    ]

    def __init__(
        self,
        feed: Feed,
        controls: Controls,
        *,
        title: str = "trunkline",
        leave_when_finished: bool = False,
        ascii_only: bool = False,
    ) -> None:
        super().__init__()
        self.title = clean(title, limit_chars=60)
        self._feed = feed
        self._controls = controls
        self._leave_when_finished = leave_when_finished
        self._session = SessionScreen(ascii_only=ascii_only)
        self._pace = Pace()
        self._took = 0.0
        self._newest: LineSnapshot | None = None
        self._frozen: LineSnapshot | None = None
        self._silent_ticks = 0
        self._clock: Timer | None = None

    def on_mount(self) -> None:
        """Show the session and start the clock."""
        self.push_screen(self._session)
        self._clock = self.set_interval(TICK_SECONDS, self.tick)

    def tick(self) -> None:
        """Read the newest snapshot and draw what is due; skipped while another screen is on top."""
        began = time.perf_counter()
        self._read()
        due = self._pace.next(took=self._took, watched=self.app_focus)
        if self.screen is self._session and (due.meters or due.text):
            self._session.show(self._view(), meters=due.meters, text=due.text)
        self._took = time.perf_counter() - began
        if self._leave_when_finished and self._feed.finished() is not None:
            self.exit()

    async def action_quit(self) -> None:
        """Tell the owner of the line, and leave."""
        self._controls.close()
        self.exit()

    def action_help(self) -> None:
        """Show the keys."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_freeze(self) -> None:
        """Hold the display at the newest snapshot, or let it go on."""
        self._frozen = None if self._frozen is not None else self._newest
        self._draw_all()

    def action_break_link(self) -> None:
        """Break the link, where that is allowed; else say why not."""
        if self._feed.finished() is not None:
            self._tell("the run is over: there is no link to break", refused=True)
        elif not self._controls.can_break:
            self._tell("only the simulator's link may be broken on purpose", refused=True)
        else:
            self._controls.break_link()
            self._tell("breaking the link")

    def action_follow(self) -> None:
        """Follow the end of the log, or hold it."""
        self._session.toggle_follow()

    def _read(self) -> None:
        newest = self._feed.latest()
        if newest is self._newest:
            self._silent_ticks += 1
        else:
            self._newest, self._silent_ticks = newest, 0

    def _view(self) -> View:
        return View(
            title=clean(self.title),
            snapshot=self._newest if self._frozen is None else self._frozen,
            frozen=self._frozen is not None,
            silent_s=self._silent_ticks * TICK_SECONDS,
            message=self._feed.finished(),
        )

    def _draw_all(self) -> None:
        if self.screen is self._session:
            self._session.show(self._view(), meters=True, text=True)

    def _tell(self, message: str, *, refused: bool = False) -> None:
        severity: SeverityLevel = "warning" if refused else "information"
        self.notify(message, severity=severity, timeout=3, markup=False)


def run_console(
    feed: Feed,
    controls: Controls,
    *,
    title: str = "trunkline",
    leave_when_finished: bool = False,
    ascii_only: bool = False,
) -> None:
    """Show the console until the operator leaves; call it on the main thread, where signals are.

    The network runs in another thread meanwhile. `controls.close` was called if the operator left
    by key.
    """
    ConsoleApp(
        feed,
        controls,
        title=title,
        leave_when_finished=leave_when_finished,
        ascii_only=ascii_only,
    ).run()
