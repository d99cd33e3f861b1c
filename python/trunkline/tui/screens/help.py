"""Every key that is bound where one is, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from trunkline.tui.cells import pad
from trunkline.tui.commands import COMMANDS
from trunkline.tui.ink import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.app import ComposeResult
    from textual.binding import ActiveBinding, BindingType

__all__ = ["HelpScreen", "key_name", "key_rows"]

_NAMES = {"question_mark": "?", "slash": "/", "colon": ":", "left_square_bracket": "[", "right_square_bracket": "]",
          "plus": "+", "minus": "-", "exclamation_mark": "!", "less_than_sign": "<", "greater_than_sign": ">",
          "comma": ",", "full_stop": ".", "escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "down": "↓",
          "up": "↑", "left": "←", "right": "→", "equals_sign": "="}  # fmt: skip
_SIGNS = (
    "● good  ▲ doubtful  ✖ bad  ○ unknown   - not known   · no sample   ! no reply, or clipping"
)
_GRADES = "E excellent ≥80  G good ≥70  F fair ≥60  P poor  L lost"
_KEY_CELLS = 16
_OFF = "(off)"
# Keys of the toolkit that an operator has no use for here.
_FOREIGN = frozenset({"ctrl+c", "ctrl+i", "super+c"})


def key_name(key: str) -> str:
    """A key as it is printed on the key."""
    return _NAMES.get(key, key)


def key_rows(bindings: Mapping[str, ActiveBinding], refusal: str = "") -> list[tuple[str, str]]:
    """Keys and what they do, in the order in which they are bound; the keys of one action together.

    Where lines cannot be acted on, the last row says why, of all keys that would.
    """
    rows: dict[str, tuple[list[str], str]] = {}
    for key, (_, binding, _, tooltip) in bindings.items():
        words = tooltip or binding.description
        if words and key not in _FOREIGN:
            rows.setdefault(binding.action, ([], words))[0].append(key_name(key))
    found = [
        (" ".join(keys), f"{words} {_OFF}" if refusal and action.startswith("wish(") else words)
        for action, (keys, words) in rows.items()
    ]
    return [*found, (_OFF, refusal)] if refusal else found


class HelpScreen(ModalScreen[None]):
    """The keys, the commands and the signs; any way back leads to the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "back", tooltip="Back to the screen below"),
        Binding("j,down", "move('down')", "down", tooltip="Scroll"),
        Binding("k,up", "move('up')", "up", tooltip="Scroll"),
    ]

    def __init__(self, keys: Iterable[tuple[str, str]], *, ascii_only: bool = False) -> None:
        super().__init__()
        self._keys = tuple(keys)
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        """The table of keys, then the commands, then the signs."""
        rows = [f"{pad(keys, _KEY_CELLS)} {words}" for keys, words in self._keys]
        commands = [
            f":{pad(f'{one.name} {one.argument}', _KEY_CELLS + 12)} {one.words}" for one in COMMANDS
        ]
        body = "\n".join([*rows, "", *commands, "", _SIGNS, _GRADES])
        box = VerticalScroll(
            Static(Content(plain(body) if self._ascii_only else body), markup=False),
            classes="box -ascii" if self._ascii_only else "box",
        )
        box.border_title = "Keys"
        yield box

    def action_move(self, way: str) -> None:
        """Scroll by a line."""
        getattr(self.query_one(VerticalScroll), f"scroll_{way}")(animate=False)
