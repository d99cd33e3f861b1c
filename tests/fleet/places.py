"""Directories that are short enough for sockets, and gone after the test."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def runtime_directory() -> Iterator[Path]:
    """A safe directory with a short path: that of pytest can be longer than a socket's name may be."""
    path = Path(tempfile.mkdtemp(prefix="tl-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)
