"""What a terminal or a log may be shown.

Strings from a server, a model, a file name or a foreign exception can carry control sequences: a
transcript can set the window title, write the clipboard (OSC 52) or reverse the reading order. The
terminal toolkit passes them through, so they are removed here, once, at the boundary. The work is
done per character and without state, so a sequence split over two deltas is as harmless as a whole one.
"""

from __future__ import annotations

import re
from typing import NewType

__all__ = ["Clean", "clean", "redact"]

Clean = NewType("Clean", str)
"""A string that holds no control character but newline and tab, no bidi override, no key."""

_REPLACEMENT = "\ufffd"
_ESCAPE_SYMBOL = "\u241b"

# C0 but tab and newline, DEL, C1; then the bidi controls (Unicode TR9), line and paragraph
# separators, the byte order mark, and lone surrogates, which no encoder would take.
_FORBIDDEN = [
    *(code for code in range(0x20) if code not in (0x09, 0x0A)),
    0x7F,
    *range(0x80, 0xA0),
    0x061C,
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
    0xFEFF,
    *range(0xD800, 0xE000),
]
_TABLE = dict.fromkeys(_FORBIDDEN, _REPLACEMENT) | {0x1B: _ESCAPE_SYMBOL}

# Combining marks pile up on one cell, over the lines above and below; no script has more than four on a letter.
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE = re.compile(f"({_MARK}{{4}}){_MARK}+")

# The shapes keys have in the Authorization header, the subprotocol form and Azure's query form.
_KEY = re.compile(
    r"\b(?:sk|ek)[-_][\w-]{4,}|(?i:bearer)\s+\S+|(?i:insecure-api-key\.)[^\s,]+"
    r"|(?i:(?:api[-_]?key|token|secret)=)[^\s&]+"
)


def clean(text: object, *, limit_chars: int = 4096) -> Clean:
    """The text with everything removed that a terminal would obey or a key would leak by.

    Anything but a string is turned into one first. Longer text is cut at `limit_chars` and says so
    by an ellipsis. Cost: about 0.2 µs for a transcript delta.
    """
    raw = text if isinstance(text, str) else str(text)
    if len(raw) > limit_chars:
        raw = raw[: limit_chars - 1] + "…"
    if not raw.isascii():
        raw = _PILE.sub(r"\1", raw)
    return Clean(redact(raw.translate(_TABLE)))


def redact(text: str) -> str:
    """The text with anything that looks like a key replaced by a mask."""
    return _KEY.sub("[redacted]", text)
