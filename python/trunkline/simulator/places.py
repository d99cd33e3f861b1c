"""Where in a TOML text each value stands, so that a mistake in its meaning can be told by its line.

The standard library's parser knows the lines of syntax errors only, and no maintained library gives
those of values (tomlkit keeps the text but not its position). This scanner is no second parser: it
runs after `tomllib` has accepted the text, so it may take for granted that every bracket closes.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

__all__ = ["lines_of"]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_GAP = re.compile(r"[ \t]*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.DOTALL
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]+")


def lines_of(text: str, root: str) -> dict[str, int]:
    """The line, from 1, of every key and array element of a valid TOML text.

    Paths are written as in our messages: `root.faults[0].when.ms`. The root itself is on line 1.
    """
    return _Scanner(text, root).scan()


class _Scanner:
    """Walks over the text once."""

    def __init__(self, text: str, root: str) -> None:
        self._text = text
        self._breaks = [at for at, sign in enumerate(text) if sign == "\n"]
        self._at = 0
        self._root = root
        self._lines = {root: 1}
        self._tables: dict[str, int] = {}
        """How many elements each array of tables has so far."""

    def scan(self) -> dict[str, int]:
        base = self._root
        while self._skip(_BLANK) < len(self._text):
            if self._sign() == "[":
                base = self._header()
            else:
                self._pair(base)
        return self._lines

    def _header(self) -> str:
        start = self._at
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        names = self._keys("]")
        self._at += 1 if is_array else 0
        *parents, last = names
        base = self._root
        for name in parents:
            base = self._latest(f"{base}.{name}")
        path = f"{base}.{last}"
        if is_array:
            index = self._tables.get(path, 0)
            self._tables[path] = index + 1
            self._note(path, start)
            path = f"{path}[{index}]"
        else:
            path = self._latest(path)
        self._note(path, start)
        return path

    def _latest(self, path: str) -> str:
        """The path itself, or its last element if it is an array of tables."""
        count = self._tables.get(path)
        return path if count is None else f"{path}[{count - 1}]"

    def _pair(self, base: str) -> None:
        start = self._at
        path = base
        for name in self._keys("="):
            path = f"{path}.{name}"
            self._note(path, start)
        self._value(path)

    def _keys(self, end: str) -> list[str]:
        """The names of a dotted key; leaves the scanner behind `end`."""
        names = []
        while True:
            self._skip(_GAP)
            names.append(self._key())
            self._skip(_GAP)
            sign = self._sign()
            self._at += 1
            if sign == end:
                return names

    def _key(self) -> str:
        quoted = _STRING.match(self._text, self._at)
        if quoted is not None:
            self._at = quoted.end()
            return str(next(iter(tomllib.loads(f"{quoted.group()} = 0"))))
        bare = _BARE_KEY.match(self._text, self._at)
        assert bare is not None, "the parser has accepted this"
        self._at = bare.end()
        return bare.group()

    def _value(self, path: str) -> None:
        self._skip(_BLANK)
        if self._sign() == "[":
            self._sequence(path, "]")
        elif self._sign() == "{":
            self._sequence(path, "}")
        elif _STRING.match(self._text, self._at):
            self._skip(_STRING)
        else:
            self._skip(_SCALAR)

    def _sequence(self, path: str, end: str) -> None:
        """An array or an inline table."""
        self._at += 1
        index = 0
        while self._skip(_BLANK) >= 0 and self._sign() != end:
            if self._sign() == ",":
                self._at += 1
                continue
            if end == "}":
                self._pair(path)
            else:
                self._note(f"{path}[{index}]", self._at)
                self._value(f"{path}[{index}]")
                index += 1
        self._at += 1

    def _note(self, path: str, at: int) -> None:
        self._lines.setdefault(path, bisect_right(self._breaks, at - 1) + 1)

    def _sign(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at
