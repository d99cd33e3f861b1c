"""The tutorial in a clean environment: a wheel and what it depends on, no source tree, nothing of this interpreter.

    PYTHONPATH=tests python tests/docs/clean_environment.py dist/trunkline-….whl

The page itself makes the environment and installs with `[all]`; dependencies come from the index of pip. That
what was installed is this wheel, and no package of its name from elsewhere, is looked at in the end.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
import time
import zipfile
from pathlib import Path

from docs.following import Follower

PAGE = "docs/tutorial.md"
SECONDS = 900
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def variables(folder: Path, wheel: Path) -> dict[str, str]:
    """Of shells in which only the system's own Python is there, until the page makes another."""
    run = folder / "run"
    run.mkdir(mode=0o700)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("PIP_") or name.upper() in PROXIES
    }
    links = [str(wheel.resolve().parent), kept.get("PIP_FIND_LINKS", "")]
    # In terminals beyond the first the reader activates the environment as the words say, which is this.
    programs = [folder / ".venv/bin", Path(sysconfig.get_config_var("BINDIR")), "/usr/local/bin"]
    return kept | {
        "PATH": ":".join(map(str, [*programs, "/usr/bin", "/bin"])),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "XDG_RUNTIME_DIR": str(run),
        "PIP_FIND_LINKS": " ".join(links).strip(),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def check(folder: Path, wheel: Path) -> None:
    """Every file of the wheel is there as it is in it."""
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        files = [row for row in archive.read(record).decode().splitlines() if "sha256=" in row]
    (installed,) = (folder / ".venv").rglob(record)
    missing = set(files) - set(installed.read_text(encoding="utf-8").splitlines())
    assert not missing, f"what was installed is not {wheel.name}: {sorted(missing)[:3]}"


def main() -> None:
    (wheel,) = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began_at = time.monotonic()
        follower = Follower(PAGE, folder, variables(folder, wheel), seconds=SECONDS)
        follower.follow()
        check(folder, wheel)
        took = time.monotonic() - began_at
        print(f"{wheel.name}: {len(follower.typed)} commands of {PAGE} typed in {took:.0f} s")


if __name__ == "__main__":
    main()
