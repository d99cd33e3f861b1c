"""A line to type in, in place of the keys: for a filter, a command or a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

__all__ = ["Prompt"]


class Prompt(Horizontal):
    """Opens with a sign, tells what is typed, and closes by enter or escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", tooltip="Give up what is typed"),
    ]

    class Typed(Message):
        """The text changed."""

        def __init__(self, sign: str, text: str) -> None:
            super().__init__()
            self.sign = sign
            self.text = text

    class Given(Typed):
        """Enter was pressed."""

    class Left(Typed):
        """Escape was pressed; the text is what the line began with."""

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self._sign = ""
        self._before = ""

    @property
    def is_open(self) -> bool:
        """Whether it is typed in."""
        return bool(self._sign)

    def compose(self) -> ComposeResult:
        """The sign, the line, and what is wrong with it."""
        yield Static("", id="prompt-sign", markup=False)
        yield Input(id="prompt-input", compact=True, select_on_focus=False)
        yield Static("", id="prompt-complaint", markup=False)

    def open(self, sign: str, text: str = "", *, words: Sequence[str] = (), hint: str = "") -> None:
        """Begin with a text; `words` are suggested while they match."""
        self._sign, self._before = sign, text
        line = self._line
        line.suggester = SuggestFromList(words) if words else None
        line.placeholder = hint
        line.value = text
        line.cursor_position = len(text)
        self.query_one("#prompt-sign", Static).update(Content(f" {sign}"))
        self.complain("")
        self.screen.add_class("-typing")
        line.focus()

    def complain(self, words: str) -> None:
        """Say what is wrong with the text, beside it; nothing if it is well."""
        self.query_one("#prompt-complaint", Static).update(Content(f"{words} " if words else ""))

    def close(self) -> None:
        """Give the keys back."""
        self._sign = ""
        self.screen.remove_class("-typing")
        self.screen.set_focus(None)

    def action_leave(self) -> None:
        """Close, and tell how it began."""
        sign, before = self._sign, self._before
        self.close()
        self.post_message(self.Left(sign, before))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell every change."""
        event.stop()
        if self._sign:
            self.post_message(self.Typed(self._sign, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close, and tell the text."""
        event.stop()
        sign = self._sign
        self.close()
        self.post_message(self.Given(sign, event.value))

    @property
    def _line(self) -> Input:
        return self.query_one("#prompt-input", Input)
