"""A few lines at the bottom of a terminal's normal screen that are drawn in place, while others scroll away above them.

No alternate screen and no scroll region: what was said stays in the terminal's own scrollback, as if it were printed.
The footer is the last thing on the screen, with the cursor, hidden, at its end. What is written goes out in one piece.

After a change of size some terminals have reflowed what was drawn: the footer is looked for where it would stand then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trunkline.cli.cellwidth import cells

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HIDE_CURSOR", "SHOW_CURSOR", "Footer", "FooterLine"]

HIDE_CURSOR = "\x1b[?25l"
SHOW_CURSOR = "\x1b[?25h"
_CLEAR_LINE = "\x1b[K"
_CLEAR_BELOW = "\x1b[J"


class FooterLine(NamedTuple):
    """One line: what a terminal is sent, and what of it takes room."""

    sent: str
    width: int

    @classmethod
    def of(cls, text: str) -> FooterLine:
        """A line without colours."""
        return cls(text, cells(text))


class Footer:
    """What has to be sent to a terminal, from one picture to the next; sends nothing itself."""

    def __init__(self) -> None:
        self._lines: tuple[FooterLine, ...] = ()
        self._columns = 0

    def draw(
        self, lines: Sequence[FooterLine], *, columns: int, scrolled: Sequence[str] = ()
    ) -> str:
        """The lines in place of those that stand there, `scrolled` above them for good; nothing if all is there."""
        wanted = tuple(lines)
        is_same_size = columns == self._columns and len(wanted) == len(self._lines)
        if is_same_size and not scrolled and wanted == self._lines:
            return ""
        sent = self._back(columns)
        if scrolled or not is_same_size:
            sent += _CLEAR_BELOW + "".join(f"{line}\r\n" for line in scrolled)
        self._lines, self._columns = wanted, columns
        return sent + "\r\n".join(f"{line.sent}{_CLEAR_LINE}" for line in wanted)

    def erase(self, *, columns: int) -> str:
        """Takes the footer away; the cursor stands where its first line began."""
        sent = self._back(columns) + _CLEAR_BELOW if self._lines else ""
        self._lines = ()
        return sent

    def _back(self, columns: int) -> str:
        """To the beginning of the footer's first line."""
        rows = sum(max(1, -(-line.width // max(columns, 1))) for line in self._lines)
        return "\r" + (f"\x1b[{rows - 1}A" if rows > 1 else "")
