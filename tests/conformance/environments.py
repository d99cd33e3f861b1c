"""The environments of foreign clients: what each one's requirements pin, and nothing of ours."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"


def requirements_of(name: str) -> Path:
    """What is pinned for the environment of that name."""
    return REQUIREMENTS / f"{name}.txt"


def python_of(name: str, environments: Path) -> Path:
    """The interpreter of an environment; it is made first, if it is not there or pinned otherwise."""
    wanted = requirements_of(name)
    home = environments / name
    installed = home / ".installed"
    python = home / "bin" / "python"
    if not installed.exists() or installed.read_bytes() != wanted.read_bytes():
        venv.create(home, with_pip=True, clear=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
        subprocess.run([python, *install, wanted], check=True, capture_output=True, text=True)
        installed.write_bytes(wanted.read_bytes())
    return python
