"""Runs the command as a user does: a process of its own, its output as text."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SPEECH = Path(__file__).parents[2] / "python/trunkline/speech"
COMMAND = [sys.executable, "-W", "error", "-m", "trunkline"]
KEY = "sk-test-canary-0123456789"

# Without settings of ours, but there: a command that opens a device has libpulse make its cookie below this folder, and
# root's command would make a name that is not there.
_SETTINGS = tempfile.mkdtemp(prefix="trunkline-settings-")
atexit.register(shutil.rmtree, _SETTINGS, ignore_errors=True)


def environment(**extra: str) -> dict[str, str]:
    """Ours, without what would point the command at a real server, or the settings of whoever runs the tests."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("OPENAI_")}
    return kept | {"XDG_CONFIG_HOME": _SETTINGS} | extra


def trunkline(
    *arguments: str,
    seconds: float = 50,
    cwd: Path | None = None,
    given: str | None = None,
    **variables: str,
):
    """The finished command: its exit code, stdout and stderr."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        env=environment(**variables),
        check=False,
        cwd=cwd,
        input=given,
    )


@contextlib.contextmanager
def simulator(*arguments: str) -> Iterator[str]:
    """A simulator in a process of its own; gives what its first line said."""
    process = subprocess.Popen(
        [*COMMAND, "simulate", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        _, complaints = process.communicate(timeout=10)
        assert "Traceback" not in complaints
