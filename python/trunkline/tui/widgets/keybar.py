"""The last line: the keys that matter here, each with a word; a click presses one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.message import Message

from trunkline.tui.cells import cell_width
from trunkline.tui.ink import Line, Span, Tone, fit
from trunkline.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click

__all__ = ["KeyBar", "KeyWord"]


class KeyWord(NamedTuple):
    """A key and what it does, in a word."""

    key: str
    """As Textual names it."""
    display: str
    word: str


class KeyBar(Panel["Sequence[KeyWord]"]):
    """Shows keys from the left; those that do not fit are left out, but never `?` and `q`."""

    class Pressed(Message):
        """A key was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__(self._paint_keys, name="keys", framed=False, ascii_only=ascii_only)
        self._places: list[tuple[int, int, str]] = []

    def on_click(self, event: Click) -> None:
        """Press the key that was clicked."""
        for left, right, key in self._places:
            if left <= event.x < right:
                self.post_message(self.Pressed(key))

    def _paint_keys(self, words: Sequence[KeyWord], width: int, _: int) -> list[Line]:
        self._places, spans, x = [], [Span(" ")], 1
        gap = 2 if _cells(words, 2) < width else 1
        for word in _fitting(words, width - 1, gap):
            used = cell_width(word.display) + 1 + cell_width(word.word)
            self._places.append((x, x + used, word.key))
            spans += [Span(word.display, Tone.ACCENT), Span(f" {word.word}{' ' * gap}")]
            x += used + gap
        return [fit(tuple(spans), width)]


def _fitting(words: Sequence[KeyWord], width: int, gap: int) -> list[KeyWord]:
    kept = list(words)
    while kept and _cells(kept, gap) > width:
        spare = [word for word in kept if word.key not in ("question_mark", "q")]
        kept.remove((spare or kept)[-1])
    return kept


def _cells(words: Sequence[KeyWord], gap: int) -> int:
    used = sum(cell_width(word.display) + 1 + cell_width(word.word) + gap for word in words)
    return used - gap if words else 0
