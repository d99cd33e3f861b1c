"""Whose word a file is: one's own may say where the key goes and what is run, any other may not.

Whoever clones a stranger's project and calls a command in it has not said that the project may have the key. So a
project's file names models and languages, and nothing that concerns the key, the sound card, or what others see. And
a file that others may write is no file of one's own, wherever it lies.
"""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trunkline.cli.settings.places import Rank
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trunkline.cli.settings.places import Place

__all__ = ["doubt_about", "is_trusted"]


def doubt_about(place: Place, descriptor: int) -> str:
    """Why the open file is not one's own; empty if it is. Its folder counts, too: who may write there may exchange it.

    Windows has no modes; what protects a file there is that it lies in the user's profile.
    """
    if place.rank is Rank.PROJECT:
        return "a project's file may be anybody's"
    if sys.platform == "win32":
        return ""
    found = os.fstat(descriptor)
    forbidden = stat.S_IWGRP | stat.S_IWOTH
    if not stat.S_ISREG(found.st_mode):
        # A pipe of the user's own shell: <(…).
        return _doubt(found, place.path, 0)
    folder = place.path.resolve().parent
    about_folder = folder.stat()
    # Of a folder such as /tmp only the owner of a file can exchange it.
    is_sticky = bool(about_folder.st_mode & stat.S_ISVTX)
    return _doubt(found, place.path, forbidden) or (
        "" if is_sticky else _doubt(about_folder, folder, stat.S_IWOTH)
    )


def _doubt(found: os.stat_result, path: Path, forbidden: int) -> str:
    # Root may write everything anyway.
    if found.st_uid not in (os.geteuid(), 0):
        return f"{clean(path)} belongs to another user"
    if found.st_mode & forbidden:
        letters = "go" if forbidden & stat.S_IWGRP else "o"
        return f"others may write {clean(path)} (chmod {letters}-w)"
    return ""


def is_trusted(base_url: str, trusted: Iterable[str]) -> bool:
    """Whether the user has listed this very address; case of the host and a slash at the end say nothing."""
    return _normal(base_url) in {_normal(each) for each in trusted}


def _normal(url: str) -> tuple[str, str, str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), parts.query
