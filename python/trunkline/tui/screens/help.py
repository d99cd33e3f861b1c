"""Every key, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

__all__ = ["KEYS", "HelpScreen"]

KEYS: tuple[tuple[str, str], ...] = (
    ("q", "quit; the line is closed"),
    ("?", "this page; again, or esc, goes back"),
    ("space", "freeze the display and go on; data is collected meanwhile"),
    ("d", "break the link now (simulator only)"),
    ("f", "follow the end of the log, or hold it"),
    ("tab", "next panel; shift+tab the one before"),
    ("j k ↓ ↑", "scroll the focused panel, or the log"),
    ("pgdn pgup", "scroll by ten lines"),
    ("g G home end", "first and last line"),
    ("ctrl+p", "command palette: themes and more"),
    ("ctrl+q", "quit, from anywhere"),
)
"""Keys and what they do, in the order of the page."""

_SIGNS = "● good  ▲ doubtful  ✖ bad  ○ unknown   - not known   · no sample"
_GRADES = "E excellent ≥80  G good ≥70  F fair ≥60  P poor  L lost"


class HelpScreen(ModalScreen[None]):
    """The keys and the signs; any way back leads to the screen below."""

    CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        border: round $accent; padding: 0 1; background: $surface; overflow-y: auto;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark", "dismiss", "Back"),
    ]

    def compose(self) -> ComposeResult:
        """One text: the table of keys, then the signs."""
        rows = [f"{key:<13} {words}" for key, words in KEYS]
        body = "\n".join([*rows, "", _SIGNS, _GRADES])
        box = Vertical(Static(Content(body), markup=False))
        box.border_title = "Keys"
        yield box
