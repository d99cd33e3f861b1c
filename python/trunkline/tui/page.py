"""A screen of the console that draws what the context shows, when the clock of the application says so."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from trunkline.tui.ink import Tone
from trunkline.tui.standing import Standing
from trunkline.tui.widgets.headline import headline
from trunkline.tui.widgets.keybar import KeyBar, KeyWord
from trunkline.tui.widgets.panel import Panel
from trunkline.tui.widgets.playback import Position, paint_playback
from trunkline.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from trunkline.tui.context import Context
    from trunkline.tui.ink import Line
    from trunkline.tui.pace import Due

__all__ = ["HEIGHTS", "WIDTHS", "Page"]

WIDTHS = [(0, "-slim"), (60, "-narrow"), (100, "-wide")]
HEIGHTS = [(0, "-tiny"), (20, "-short"), (32, "-tall"), (50, "-huge")]
"""Columns and rows from which on a form of the layout holds: 80x24 is narrow and short, 120x36 wide and tall."""

_DISPLAYS = {"question_mark": "?", "ctrl+p": "^p", "slash": "/", "colon": ":", "enter": "⏎", "escape": "esc",
             "left_square_bracket": "[", "right_square_bracket": "]", "plus": "+", "minus": "-",
             "exclamation_mark": "!"}  # fmt: skip
_ACTING = frozenset({"R", "K"})
"""Keys of wishes (`tui/wishing.py`): where nothing may be wished they are on the page of `?` only."""


class Page(Screen[None]):
    """What all screens of the console have in common; help, menus and questions are none.

    A page draws in `draw` only, which the application's one clock calls while the page is on top, and in
    `redraw`, after a key. What it shows comes from the context. Between the first line and the last it has a
    `body` of its own.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"panel--{tone.value}" for tone in Tone),
        "panel--cursor",
    }
    """What tones look like, for all panels on the page."""
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    NAME: ClassVar[str] = ""
    """What the first line calls it."""
    FOOTER: ClassVar[tuple[tuple[str, str] | tuple[str, str, str], ...]] = ()
    """Keys that the last line names, each with a word and maybe how it is written; what does not fit is left out, and
    so is what can only refuse."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.ready = False
        """Whether its widgets are there, so that it can draw."""
        self.prompt = Prompt()
        self._headline = self._plain("headline", self._paint_headline)
        self._playback = self._plain("playback", paint_playback)
        self._keybar = KeyBar(ascii_only=context.ascii_only)

    def compose(self) -> ComposeResult:
        """The first line, the body, where a recording is, and the keys."""
        # Textual tells the size after the first layout; by then every form of a page would have been laid out.
        self.add_class(_form(WIDTHS, self.app.size.width), _form(HEIGHTS, self.app.size.height))
        yield self._headline
        yield from self.body()
        if self.context.desk.playback is not None:
            yield self._playback
        yield self.prompt
        yield self._keybar

    def on_mount(self) -> None:
        """From now on it can draw, and it does at once."""
        self.ready = True
        self.redraw()

    def body(self) -> ComposeResult:
        """What is between the first line and the last."""
        raise NotImplementedError

    def draw(self, due: Due) -> None:
        """Draw what is due."""
        if due.text:
            self.draw_edges()

    def redraw(self) -> None:
        """Draw everything now."""
        self.draw_edges()

    def draw_edges(self) -> None:
        """Draw the first line, the keys, and where the recording is."""
        self._headline.show(Standing.of(self.context, self.NAME))
        self._keybar.show(_key_words(self.FOOTER, acts=not self.context.refusal))
        playback = self.context.desk.playback
        if playback is not None and self._playback.is_attached:
            self._playback.show(Position.of(playback))

    def named(self) -> Line:
        """What the screen is of, for the first line."""
        return ()

    def aside(self) -> Line:
        """What the first line says before the time."""
        return ()

    @property
    def can_filter(self) -> bool:
        """Whether there is something to filter."""
        return type(self).apply_filter is not Page.apply_filter

    def filter_text(self) -> str:
        """What `/` begins with."""
        return ""

    def apply_filter(self, expression: str) -> None:
        """Show what matches; called while the operator types. ValueError or FilterError says what is wrong."""
        del expression

    def sort_by(self, column: str) -> None:
        """Sort what is listed. ValueError says why not."""
        del column
        raise ValueError(f"{self.NAME.lower()} is not sorted")

    def export_shown(self) -> None:
        """Write what is shown to a file. ValueError says why not."""
        raise ValueError(f"{self.NAME.lower()} has nothing to export")

    def copy_selected(self) -> None:
        """Put what is selected on the clipboard. ValueError says why not."""
        raise ValueError(f"{self.NAME.lower()} has nothing to copy")

    def line_key(self) -> str | None:
        """Key of the line that keys such as `R` and `e` are about."""
        return self.context.selected

    def _plain(self, name: str, painter: object) -> Panel[object]:
        return Panel(painter, name=name, framed=False, ascii_only=self.context.ascii_only)  # type: ignore[arg-type]

    def _paint_headline(self, standing: Standing, width: int, _: int) -> list[Line]:
        return headline(standing, self.named(), self.aside(), width)


def _form(steps: list[tuple[int, str]], size: int) -> str:
    return next(name for least, name in reversed(steps) if size >= least)


@cache
def _key_words(footer: tuple[tuple[str, ...], ...], *, acts: bool) -> tuple[KeyWord, ...]:
    return tuple(
        KeyWord(key, rest[0] if rest else _DISPLAYS.get(key, key), word)
        for key, word, *rest in footer
        if acts or key not in _ACTING
    )
