"""Text measured in the cells of a terminal, where a character takes none, one or two."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, chop_cells, set_cell_size

__all__ = ["cell_width", "clip", "flat", "pad", "wrap"]

# What terminals do not agree on the width of: joiners, variation selectors, skin tones, tags and the
# soft hyphen. Without them each emoji stands for itself, two cells wide everywhere.
_DISPUTED = (
    0x00AD,
    *range(0x200B, 0x200E),
    0x2060,
    *range(0xFE00, 0xFE10),
    *range(0x1F3FB, 0x1F400),
    *range(0xE0000, 0xE0080),
)
_FLAT: dict[int, str | None] = {
    **dict.fromkeys(_DISPUTED),
    **dict.fromkeys((ord(sign) for sign in "\n\t\r\v\f"), " "),
}


def cell_width(text: str) -> int:
    """How many cells the text takes."""
    return cell_len(flat(text))


def flat(text: str) -> str:
    """The text on one line, of a width every terminal agrees on.

    Line breaks and tabs, which `clean` leaves, become blanks.
    """
    return text if text.isascii() and text.isprintable() else text.translate(_FLAT)


def clip(text: str, width: int) -> str:
    """The text at exactly `width` cells if it is longer, its last cell an ellipsis."""
    if width <= 0:
        return ""
    text = flat(text)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1) + "…"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text at exactly `width` cells, at the left edge or at the right one."""
    clipped = clip(text, width)
    blanks = " " * (width - cell_len(clipped))
    return blanks + clipped if right else clipped + blanks


@lru_cache(maxsize=2048)
def wrap(text: str, width: int) -> tuple[str, ...]:
    """The text in lines of at most `width` cells, broken at blanks where there are any.

    At least one line. The cache holds what the screen shows: a transcript's lines change one at a
    time.
    """
    if width < 2:
        return (clip(text, width),)
    lines: list[str] = []
    current = ""
    for word in flat(text).split(" "):
        longer = f"{current} {word}" if current else word
        if cell_len(longer) <= width:
            current = longer
            continue
        if current:
            lines.append(current)
        *whole, current = chop_cells(word, width) or [""]
        lines.extend(whole)
    return (*lines, current) if current or not lines else tuple(lines)
