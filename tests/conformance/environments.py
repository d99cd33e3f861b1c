"""The environments of foreign clients: what each one's requirements pin, and nothing of ours.

Run with a name and a folder it makes that environment there, and prints its interpreter.
"""

from __future__ import annotations

import subprocess
import sys
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


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{python_of(sys.argv[1], Path(sys.argv[2]).resolve())}\n")
    except subprocess.CalledProcessError as error:
        sys.exit(error.stderr.strip().splitlines()[-1])
