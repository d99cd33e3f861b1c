"""Who follows a page: a folder of their own, the command on their path, nobody else's lines in sight."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def reader(folder: Path, **more: str) -> tuple[Path, dict[str, str]]:
    """The folder, and the variables of its shells."""
    run = folder / "run"
    run.mkdir(mode=0o700)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    variables = {"PATH": path, "HOME": str(folder), "XDG_RUNTIME_DIR": str(run), "LANG": "C.UTF-8"}
    if "PYTHONPATH" in os.environ:
        variables["PYTHONPATH"] = os.environ["PYTHONPATH"]
    # A page may reach this machine and no other: there is no such proxy.
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1,localhost"}
    return folder, variables | nowhere | more
