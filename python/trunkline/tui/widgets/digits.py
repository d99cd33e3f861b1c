"""A number in figures of three rows, to be read from across the room."""

from __future__ import annotations

__all__ = ["big_number"]

# Three columns by six rows of dots, of which a cell has two.
_DOTS = {
    "0": ("###", "# #", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "# #", "###"),
    "7": ("###", "  #", "  #", " # ", " # ", " # "),
    "8": ("###", "# #", "###", "# #", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "  #", "###"),
    "-": ("   ", "   ", "###", "   ", "   ", "   "),
}
_CELLS = {("#", "#"): "█", ("#", " "): "▀", (" ", "#"): "▄", (" ", " "): " "}


def big_number(words: str) -> tuple[str, str, str]:
    """The rows, each of four cells a character; only digits and the dash are known."""
    rows = []
    for top in (0, 2, 4):
        cells = [
            "".join(_CELLS[_DOTS[sign][top][x], _DOTS[sign][top + 1][x]] for x in range(3))
            for sign in words
        ]
        rows.append(" ".join(cells))
    return rows[0], rows[1], rows[2]
