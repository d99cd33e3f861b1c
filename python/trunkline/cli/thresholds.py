"""By which thresholds lines are judged: a file of tables as `telemetry.thresholds` has them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trunkline.cli.settings.use import kept_thresholds
from trunkline.errors import ConfigError
from trunkline.text import clean

if TYPE_CHECKING:
    from trunkline.telemetry.levels import Threshold

__all__ = ["VARIABLE", "read_thresholds", "threshold_option"]

VARIABLE = "TRUNKLINE_THRESHOLDS"
"""Names the file where the option does not."""
_TABLE = "thresholds"

_Command = TypeVar("_Command", bound=Callable[..., Any])


def threshold_option(command: _Command) -> _Command:
    """The command with `--thresholds FILE`, which is its `thresholds`: the file's path, or None."""
    option = click.option(
        "--thresholds",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar=VARIABLE,
        show_envvar=True,
        help="Judge by what this TOML file says, as [thresholds.rtt_ms] warning = 100, bad = 300.",
    )
    return option(command)


def read_thresholds(path: Path | None) -> dict[str, Threshold]:
    """The table with the changes of a file, and of the command's settings where it says nothing.

    Raises ConfigError that names the file and the place.
    """
    from trunkline.telemetry.thresholds import overridden

    kept = kept_thresholds()
    if path is None:
        return overridden(kept)
    try:
        changes = _changes(path)
        # By itself first: what is wrong in it is told as such.
        overridden(changes)
        return overridden(_over(kept, changes))
    except ConfigError as error:
        raise ConfigError(error.setting, f"{error.reason} (in {clean(path)})") from None


def _over(kept: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return dict(kept) | {
        name: dict(kept.get(name, {})) | change for name, change in changes.items()
    }


def _changes(path: Path) -> dict[str, object]:
    found = _document(path)
    strangers = [name for name in found if name != _TABLE]
    if strangers:
        # Passed over, a misspelt table would leave somebody with thresholds that are not theirs.
        raise ConfigError(clean(strangers[0]), "is not known; a table is [thresholds.METRIC]")
    changes = found.get(_TABLE)
    if not isinstance(changes, dict) or not changes:
        raise ConfigError(_TABLE, "there is no table [thresholds.METRIC]")
    return changes


def _document(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError("--thresholds", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError("--thresholds", "is no text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("--thresholds", f"is no TOML: {clean(error)}") from None
