"""What a leaked key may look like, and the search for it.

A key's body is 32 random hexadecimal digits, so any ten of them in a row are the key and nothing else. Searching for
such pieces finds it whole, quoted, in a line that was broken, or split by ten.
"""

from __future__ import annotations

import base64
import re
import uuid
from dataclasses import dataclass

_PIECE = 10


@dataclass(frozen=True)
class Word:
    """A word that no other text holds by chance."""

    prefix: str
    body: str

    @property
    def whole(self) -> str:
        return self.prefix + self.body

    def __str__(self) -> str:
        return self.whole


def word(prefix: str) -> Word:
    return Word(prefix, uuid.uuid4().hex)


def split(key: str) -> Word:
    """A key that somebody else made: its kind and its body."""
    prefix, _, body = key.rpartition("_")
    return Word(f"{prefix}_", body)


def forms(secret: Word) -> dict[str, list[bytes]]:
    """All forms by name; each has pieces of which one is enough."""
    body = secret.body
    plain = _pieces(body)
    coded = {
        "plain": plain,
        "reversed": _pieces(body[::-1]),
        "hex": [_hex(piece) for piece in plain],
        "hex, capitals": [_hex(piece).upper() for piece in plain],
        "quoted": [_each(piece, "%{:02x}") for piece in plain],
        "quoted, capitals": [_each(piece, "%{:02X}") for piece in plain],
        "JSON": [_each(piece, "\\u{:04x}") for piece in plain],
        "JSON, capitals": [_each(piece, "\\u{:04X}") for piece in plain],
        "Python": [_each(piece, "\\x{:02x}") for piece in plain],
        "capitals": [piece.upper() for piece in plain if piece.upper() != piece],
        "UTF-16": [piece.decode().encode("utf-16-le") for piece in plain],
        "one by one": [b" ".join(_letters(piece)) for piece in plain],
    }
    for shift in range(3):
        coded[f"base64 at {shift}"] = [_inner(body, shift)]
    return coded


def _pieces(text: str) -> list[bytes]:
    return [text[at : at + _PIECE].encode() for at in range(0, len(text) - _PIECE + 1, _PIECE)]


def _letters(piece: bytes) -> list[bytes]:
    return [bytes([one]) for one in piece]


def _hex(piece: bytes) -> bytes:
    return piece.hex().encode()


def _each(piece: bytes, form: str) -> bytes:
    return "".join(form.format(one) for one in piece).encode()


def _inner(body: str, shift: int) -> bytes:
    """What base64 makes of the body wherever it stands at this alignment: without the ends, which neighbours colour."""
    coded = base64.b64encode(b"\0" * shift + body.encode())
    first = -(-shift * 8 // 6)
    last = (shift + len(body)) * 8 // 6
    return coded[first:last]


def found(haystack: bytes, secret: Word) -> list[str]:
    """The forms in which the word is there."""
    # What wraps a line, or joins strings, stands between two pieces only; a piece itself is in one.
    return [
        name for name, pieces in forms(secret).items() if any(one in haystack for one in pieces)
    ]


def shown(haystack: bytes, secret: Word) -> str:
    """Where: for whoever reads the failure."""
    for pieces in forms(secret).values():
        for piece in pieces:
            if (at := re.search(re.escape(piece), haystack)) is not None:
                return repr(haystack[max(0, at.start() - 200) : at.end() + 40])
    return ""
