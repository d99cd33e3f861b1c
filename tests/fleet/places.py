"""Directories that are short enough for sockets, and gone after the test."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from trunkline.fleet import runtime


@contextlib.contextmanager
def only_place(monkeypatch) -> Iterator[Path]:
    """Where processes meet, for this process and for those that it starts: nobody else is there."""
    with runtime_directory() as path:
        (path / "trunkline").mkdir(mode=0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(path))
        monkeypatch.setenv("TMPDIR", str(path))
        monkeypatch.setattr(
            runtime, "tempfile", SimpleNamespace(gettempdir=lambda: os.environ["TMPDIR"])
        )
        yield path / "trunkline"


@contextlib.contextmanager
def runtime_directory() -> Iterator[Path]:
    """A safe directory with a short path: that of pytest can be longer than a socket's name may be."""
    path = Path(tempfile.mkdtemp(prefix="tl-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)
