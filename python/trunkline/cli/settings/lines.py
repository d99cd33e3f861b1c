"""On which line of a TOML file a key stands, which tomllib does not tell.

A beginning of the file that can be read ends where a statement ends. So the file is read up to each of its lines, and a
key that is there for the first time was written in the lines since the last beginning that could be read.
"""

from __future__ import annotations

import tomllib
from typing import Any

__all__ = ["lines_of"]

# Reading is done once for each line: 1000 take a third of a second, which only a complaint and `config show` wait for.
_MOST_LINES = 1000

Keys = tuple[str, ...]


def lines_of(text: str) -> dict[Keys, int]:
    """The line, from 1, of each key by its path; what stands behind line 1000, or behind a mistake, is left out."""
    found: dict[Keys, int] = {}
    lines = text.split("\n")[:_MOST_LINES]
    readable = 0
    for end in range(1, len(lines) + 1):
        try:
            document = tomllib.loads("\n".join(lines[:end]) + "\n")
        except tomllib.TOMLDecodeError:
            continue
        for keys in _paths(document):
            found.setdefault(keys, readable + 1)
        readable = end
    return found


def _paths(table: dict[str, Any], above: Keys = ()) -> list[Keys]:
    paths: list[Keys] = []
    for key, value in table.items():
        path = (*above, key)
        paths.append(path)
        if isinstance(value, dict):
            paths += _paths(value, path)
    return paths
