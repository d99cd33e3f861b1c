"""How the screens look: the options of every command that has some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["look_options"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--theme", help="Name of a colour theme."),
    click.option("--ascii", "ascii_only", is_flag=True, help="Draw with ASCII characters only."),
)


def look_options(command: _Command) -> _Command:
    """The command with `--theme` and `--ascii`, which are its `theme` and `ascii_only`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
