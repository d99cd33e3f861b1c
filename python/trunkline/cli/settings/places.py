"""Where settings are looked for: a file that is named or the folder's, and the user's own."""

from __future__ import annotations

import enum
import os
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CONFIG", "PROJECT_NAME", "Place", "Rank", "places", "user_folder"]

CONFIG = "TRUNKLINE_CONFIG"
"""Names a file that is read instead of the folder's."""
PROJECT_NAME = "trunkline.toml"


class Rank(enum.Enum):
    """Whose file it is; the first that says something is heard."""

    NAMED = "named"
    """By `--config` or TRUNKLINE_CONFIG, so by the user."""
    PROJECT = "project"
    """Found where the command was started: it may have come with somebody else's files."""
    USER = "user"


@dataclass(frozen=True, slots=True)
class Place:
    """One place."""

    rank: Rank
    path: Path


def user_folder() -> Path | None:
    """Where this user's programs keep settings; None if nobody says who this user is.

    XDG_CONFIG_HOME everywhere, and without it `~/.config`, on macOS `~/Library/Application Support`, on Windows
    %LOCALAPPDATA%: where platformdirs 4 looks, which would cost 31 ms.
    """
    given = os.environ.get("XDG_CONFIG_HOME", "")
    # A relative one is to be passed over (XDG base directory specification 0.8).
    if given and Path(given).is_absolute():
        return Path(given)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return Path(local) if local else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / ("Library/Application Support" if sys.platform == "darwin" else ".config")


def places(named: str | None = None) -> list[Place]:
    """The files that are read, in the order in which they are heard, whether they are there or not."""
    named = named or os.environ.get(CONFIG, "").strip() or None
    first = Place(Rank.PROJECT, Path(PROJECT_NAME)) if named is None else _named(named)
    folder = user_folder()
    own = [] if folder is None else [Place(Rank.USER, folder / "trunkline" / "config.toml")]
    return [first, *own]


def _named(path: str) -> Place:
    try:
        return Place(Rank.NAMED, Path(path).expanduser())
    except RuntimeError:
        # Nobody is called so; then it is a file's name, and that it is not there will be told.
        return Place(Rank.NAMED, Path(path))
