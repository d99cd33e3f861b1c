"""A menu that stands before everything else: one of several, or some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, SelectionList, Static
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

__all__ = ["ChoiceScreen", "SubsetScreen"]

_MOVES: list[BindingType] = [
    Binding("j", "move('cursor_down')", "down", show=False),
    Binding("k", "move('cursor_up')", "up", show=False),
]


class ChoiceScreen(ModalScreen[str | None]):
    """Gives what was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back", tooltip="Choose nothing"),
        *_MOVES,
    ]

    def __init__(self, title: str, choices: Sequence[str], *, ascii_only: bool = False) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        """The title, then the choices; a digit takes one at once."""
        options = [
            Option(Content(f"{n}  {choice}"), id=str(n))
            for n, choice in enumerate(self._choices, 1)
        ]
        yield Vertical(
            Static(Content(self._title), markup=False),
            OptionList(*options, compact=True),
            classes="box -ascii" if self._ascii_only else "box",
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give it."""
        self.dismiss(self._choices[event.option_index])

    def key_digit(self, digit: int) -> None:
        """Give the choice of this number, if there is one."""
        if 1 <= digit <= len(self._choices):
            self.dismiss(self._choices[digit - 1])

    def on_key(self, event: object) -> None:
        """A digit."""
        character = getattr(event, "character", None)
        if character and character.isdigit():
            self.key_digit(int(character))

    def action_move(self, way: str) -> None:
        """Up or down."""
        getattr(self.query_one(OptionList), f"action_{way}")()

    def action_leave(self) -> None:
        """Give nothing."""
        self.dismiss(None)


class SubsetScreen(ModalScreen[tuple[str, ...] | None]):
    """Gives the names that are ticked, or None if nothing was changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take", priority=True, tooltip="Take what is ticked"),
        Binding("escape,q,w", "leave", "back", tooltip="Change nothing"),
        *_MOVES,
    ]

    def __init__(
        self,
        title: str,
        choices: Iterable[tuple[str, str]],
        ticked: Iterable[str],
        *,
        ascii_only: bool = False,
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._ticked = frozenset(ticked)
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        """The title, then what can be ticked."""
        selections = [
            Selection(Content(words), name, name in self._ticked) for name, words in self._choices
        ]
        yield Vertical(
            Static(Content(f"{self._title}   space ticks, enter takes"), markup=False),
            SelectionList[str](*selections, compact=True),
            classes="box -ascii" if self._ascii_only else "box",
        )

    def action_take(self) -> None:
        """Give what is ticked."""
        ticked = set(self.query_one(SelectionList).selected)
        self.dismiss(tuple(name for name, _ in self._choices if name in ticked))

    def action_move(self, way: str) -> None:
        """Up or down."""
        getattr(self.query_one(SelectionList), f"action_{way}")()

    def action_leave(self) -> None:
        """Give nothing."""
        self.dismiss(None)
