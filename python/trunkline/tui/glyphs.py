"""Which signs a terminal can show."""

from __future__ import annotations

from enum import Enum

__all__ = ["Glyphs"]


class Glyphs(Enum):
    """From the finest to what every terminal has."""

    BRAILLE = "braille"
    """Eight dots a cell."""
    BLOCKS = "blocks"
    """Eighths of a cell: a console's font has these and seldom braille."""
    ASCII = "ascii"

    @classmethod
    def of(cls, *, encoding: str, term: str) -> Glyphs:
        """What a terminal of this name and encoding has."""
        if encoding.lower().replace("-", "") not in ("utf8", "utf16", "utf32"):
            return cls.ASCII
        return cls.BLOCKS if term in ("linux", "cons25", "vt100", "vt220") else cls.BRAILLE
