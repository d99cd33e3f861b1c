"""What a live conversation looks like in a terminal: words and news scroll, a line of status stays below them.

Pictures only: what to send for what is to be seen; `cli.live_terminal` has the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.cli.cellwidth import cells, wrapped
from trunkline.cli.footer import Footer, FooterLine
from trunkline.cli.news import Tidings, Weight
from trunkline.cli.statusline import Piece, Tone, painted, status_line
from trunkline.cli.word_roll import LEAD_CELLS, WordRoll

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trunkline.cli.glance import Glance

__all__ = ["Look", "Screen", "key_hint"]

_SIGNS = {
    Weight.GOOD: ("●", Tone.GOOD),
    Weight.PLAIN: ("·", Tone.DIM),
    Weight.WARNING: ("▲", Tone.WARNING),
    Weight.BAD: ("✖", Tone.BAD),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What the terminal can and may show."""

    coloured: bool = True
    ascii_only: bool = False

    def paint(self, pieces: Sequence[Piece]) -> str:
        """The pieces as they are sent."""
        return painted(pieces, coloured=self.coloured, ascii_only=self.ascii_only)


def key_hint(keys: Iterable[tuple[str, str]], columns: int) -> tuple[Piece, ...]:
    """As many of the keys and their words as fit on a line."""
    found: list[Piece] = []
    room = columns - 1
    for key, words in keys:
        gap = "   " if found else ""
        used = cells(f"{gap}{key} {words}")
        if used > room:
            break
        room -= used
        found += [Piece(f"{gap}{key}", Tone.STRONG), Piece(f" {words}", Tone.DIM)]
    return tuple(found)


class Screen:
    """Gives what has to be sent, from one picture to the next."""

    def __init__(self, look: Look, keys: Sequence[tuple[str, str]]) -> None:
        self._look = look
        self._keys = keys
        self._footer = Footer()
        self._news: list[Tidings] = []
        self.words = WordRoll()
        """Takes what both sides say."""

    def tell(self, tidings: Tidings) -> None:
        """A line of its own, with the next picture."""
        self._news.append(tidings)

    def draw(self, glance: Glance, columns: int) -> str:
        """What is new above, and the status below; nothing if all of it is there."""
        above = [*self._said(columns), *self._told(columns)]
        lines = [self._growing(columns), self._line(status_line(glance, columns))]
        return self._footer.draw(lines, columns=columns, scrolled=above)

    def erase(self, columns: int) -> str:
        """Takes the status away, and leaves what was said."""
        left = [*self._said(columns), *self._told(columns)]
        return self._footer.erase(columns=columns) + "".join(f"{line}\r\n" for line in left)

    def _growing(self, columns: int) -> FooterLine:
        """What is being said, or the keys while nobody says anything."""
        growing = self.words.growing(columns, mark="~" if self._look.ascii_only else "…")
        if not growing:
            return self._line(key_hint(self._keys, columns))
        return FooterLine(self._spoken(growing), cells(growing))

    def _line(self, pieces: Sequence[Piece]) -> FooterLine:
        return FooterLine(self._look.paint(pieces), sum(cells(piece.text) for piece in pieces))

    def _said(self, columns: int) -> list[str]:
        return [self._spoken(line) for line in self.words.take(columns)]

    def _spoken(self, line: str) -> str:
        """Who speaks, dim, and the words: in their own script with --ascii, too, which is about what we draw."""
        pieces = (Piece(line[:LEAD_CELLS], Tone.DIM), Piece(line[LEAD_CELLS:]))
        return painted(pieces, coloured=self._look.coloured)

    def _told(self, columns: int) -> list[str]:
        news, self._news = self._news, []
        return [line for one in news for line in self._lines(one, columns)]

    def _lines(self, one: Tidings, columns: int) -> list[str]:
        sign, tone = _SIGNS[one.weight]
        text = " ".join(one.text.split())
        first, *rest = wrapped(f"{sign} {text}", max(columns - 1, 10), indent=2)
        return [self._look.paint((Piece(line, tone),)) for line in (first, *rest)]
