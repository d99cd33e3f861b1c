"""Text measured in the cells of a terminal, without the console's libraries: a character takes none, one or two."""

from __future__ import annotations

import unicodedata

__all__ = ["cells", "cut", "tail", "wrapped"]


def cells(text: str) -> int:
    """How many cells the text takes, by Unicode's East Asian Width (TR11); marks that combine take none."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1


def cut(text: str, width: int) -> str:
    """The beginning of the text, at most `width` cells of it."""
    room = width
    for place, sign in enumerate(text):
        room -= _width(sign)
        if room < 0:
            return text[:place]
    return text


def tail(text: str, width: int) -> str:
    """The end of the text, at most `width` cells of it, from a whole word on where one fits."""
    if cells(text) <= width:
        return text
    room = width
    place = len(text)
    while place and room >= _width(text[place - 1]):
        place -= 1
        room -= _width(text[place])
    rest = text[place:]
    _, blank, whole_words = rest.partition(" ")
    return whole_words if blank and not text[place - 1 : place].isspace() else rest


def wrapped(text: str, width: int, *, indent: int = 0) -> list[str]:
    """The text in lines of at most `width` cells, those behind the first indented; words that are longer are broken."""
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        joined = f"{current} {word}" if current else word
        if cells(joined) <= width:
            current = joined
            continue
        if current.strip():
            lines.append(current)
        current = " " * indent + word
        while cells(current) > width:
            piece = cut(current, width)
            lines.append(piece)
            current = " " * indent + current[len(piece) :]
    return [*lines, current]
