"""A question that stands before everything else: yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from trunkline.tui.controls import Action
from trunkline.tui.ink import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

__all__ = ["CONSEQUENCES", "ConfirmScreen"]

CONSEQUENCES: dict[Action, str] = {
    Action.RECONNECT: "The link is left and dialed again at once. The conversation is restored; audio that was "
    "captured meanwhile is sent after it.",
    Action.ROTATE: "A second session is opened beside this one and told the conversation; the line changes over "
    "without a break.",
    Action.CLOSE: "The line says goodbye and ends. It does not come back.",
    Action.DRAIN: "The answer that is being given is heard to its end, then the line closes. It does not come back.",
    Action.MUTE: "Silence is sent in place of what the microphone gives, until it is unmuted.",
    Action.UNMUTE: "What the microphone gives is sent again.",
}
"""What will happen, for a person who decides."""


class ConfirmScreen(ModalScreen[bool]):
    """Names the line and what will happen; `y` does it, anything else that leads back does not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes", tooltip="Do it"),
        Binding("n,escape,q", "answer(False)", "no", tooltip="Do nothing"),
    ]

    def __init__(self, question: str, consequence: str, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._question = question
        self._consequence = consequence
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        """Question, consequence, keys."""
        words = f"{self._question}\n\n{self._consequence}\n\ny  yes      n  esc  no"
        yield Vertical(
            Static(Content(plain(words) if self._ascii_only else words), markup=False),
            classes="box -ascii" if self._ascii_only else "box",
        )

    def action_answer(self, yes: bool) -> None:
        """Tell it, and go back."""
        self.dismiss(yes)
