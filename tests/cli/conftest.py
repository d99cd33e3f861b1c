"""A user and a project of their own, for tests of what is kept in files."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from trunkline.cli.main import trunkline


@dataclass(frozen=True)
class Keeper:
    """Where the files are, and how a command is called there."""

    project_folder: Path
    user_folder: Path

    def project(self, text: str) -> Path:
        """Writes the project's file."""
        return write(self.project_folder / "trunkline.toml", text)

    def user(self, text: str) -> Path:
        """Writes the user's."""
        return write(self.user_folder / "config.toml", text)

    def call(self, *arguments: str, given: str | None = None, **variables: str) -> Result:
        """Calls the command in this process; what it raises is in the result."""
        return CliRunner().invoke(
            trunkline, list(arguments), env=variables, standalone_mode=False, input=given
        )


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    """A file that only we may write, unless it is said otherwise."""
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.fixture(autouse=True)
def nowhere() -> Iterator[None]:
    """Holds these tests to what they take for missing: who makes it is told, not who meets it."""
    yield
    assert not Path("/nowhere").exists(), "this test, or a command of it, has made /nowhere"


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """A command that is called in this process leaves the package's logger as it was."""
    logger = logging.getLogger("trunkline")
    handlers, level, propagates = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers, logger.propagate = handlers, propagates
    logger.setLevel(level)


@pytest.fixture
def keeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """An empty home and an empty project, which is where we are."""
    for name in list(os.environ):
        if name.startswith(("TRUNKLINE_", "OPENAI_", "AZURE_OPENAI_", "XAI_")):
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    made = Keeper(tmp_path / "project", tmp_path / "home" / "trunkline")
    for folder in (made.project_folder, made.user_folder):
        folder.mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(made.user_folder.parent))
    monkeypatch.chdir(made.project_folder)
    return made
