"""Where exports go: a folder of this user, files that nobody else reads and that never replace another."""

from __future__ import annotations

import os
import re
from pathlib import Path
from time import gmtime, strftime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Folder", "Shelf", "file_name"]

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 60
# Whoever has a thousand exports of one second has another problem.
_MOST_TRIES = 1000


class Shelf(Protocol):
    """Where a console puts what it exports."""

    def put(self, name: str, content: bytes) -> str:
        """Keeps the content under this name or a free one like it; gives the whole path. OSError if it cannot."""


class Folder:
    """A folder on disk, made when the first file comes."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def put(self, name: str, content: bytes) -> str:
        """Writes a file with mode 0600; if there is one of this name, a number is added."""
        for path in self._paths(name):
            try:
                _write_new(path, content)
            except FileExistsError:
                continue
            return str(path)
        raise FileExistsError(name)

    def free(self, name: str) -> Path:
        """Where a file can be made that has this name, or one like it; whoever makes it must find it free still."""
        for path in self._paths(name):
            if not os.path.lexists(path):
                return path
        raise FileExistsError(name)

    def _paths(self, name: str) -> Iterator[Path]:
        folder = self._path or _usual()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stem, dot, ending = name.rpartition(".")
        yield folder / name
        for number in range(2, _MOST_TRIES):
            yield folder / f"{stem}-{number}{dot}{ending}"


def file_name(line: str, what: str, at_unix: float, ending: str) -> str:
    """`pstn-0107-events-20251124T143205Z.json`: which line, what of it, when, of signs that every system takes."""
    safe = _ODD.sub("_", line).strip("._-")[:_LONGEST_NAME] or "line"
    return f"{safe}-{what}-{strftime('%Y%m%dT%H%M%SZ', gmtime(at_unix))}.{ending}"


def _usual() -> Path:
    """Below the user's data, as the XDG directories say."""
    data = os.environ.get("XDG_DATA_HOME", "")
    base = Path(data) if data.startswith("/") else Path.home() / ".local" / "share"
    return base / "trunkline" / "exports"


def _write_new(path: Path, content: bytes) -> None:
    # O_EXCL also refuses a symbolic link that somebody laid there.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
