"""What `make wheel sdist` left, for the tests that look at it.

Where TRUNKLINE_DIST names no folder they are skipped, and say so; the same with TRUNKLINE_RELEASE_TOOLS and its tools.
"""

from __future__ import annotations

import os
import zipfile
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIST = os.environ.get("TRUNKLINE_DIST", "")
TOOLS = os.environ.get("TRUNKLINE_RELEASE_TOOLS", "")


def need_dist() -> None:
    """Skips the module that calls it, where nothing was built to look at."""
    if not DIST:
        reason = "NOT PROVEN: what is shipped, and that it works installed; make test WHEEL=1"
        pytest.skip(reason, allow_module_level=True)


NO_TOOLS = "NOT PROVEN: that it installs and builds as people do it; make shipped"
needs_tools = pytest.mark.skipif(not TOOLS, reason=NO_TOOLS)


def need_tools() -> None:
    """Skips the module that calls it, where no tools are installed for it."""
    if not TOOLS:
        pytest.skip(NO_TOOLS, allow_module_level=True)


def tool(name: str) -> str:
    """The path of a tool of the release's environment."""
    return str(Path(TOOLS) / name)


def one(pattern: str) -> Path:
    """The only file of that kind in the folder of what is shipped."""
    (found,) = Path(DIST).glob(pattern)
    return found


def wheel() -> zipfile.ZipFile:
    """The wheel, open."""
    return zipfile.ZipFile(one("*.whl"))


def in_dist_info(name: str) -> bytes:
    """A file of the wheel's metadata folder."""
    with wheel() as archive:
        (path,) = (each for each in archive.namelist() if each.endswith(f".dist-info/{name}"))
        return archive.read(path)


def metadata() -> Message:
    """The wheel's METADATA."""
    return BytesParser().parsebytes(in_dist_info("METADATA"))
