"""A file of settings: read once, with what is wrong in it told by its line."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trunkline.cli.settings.check import Checked, Keys, Problem, checked
from trunkline.cli.settings.places import Place, Rank
from trunkline.cli.settings.trust import doubt_about
from trunkline.errors import ConfigError
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SettingsFile", "read_file"]

# Settings are a page or two; a wrong path may lead to a film.
_MOST_BYTES = 65_536
_AT_LINE = re.compile(r" ?\(at line (\d+), column \d+\)")


@dataclass(frozen=True)
class SettingsFile:
    """What one file says."""

    place: Place
    text: str
    doubt: str
    """Why it is no file of one's own; empty if it is."""
    checked: Checked

    @cached_property
    def _lines(self) -> Mapping[Keys, int]:
        from trunkline.cli.settings.lines import lines_of

        return lines_of(self.text)

    def where(self, keys: Keys) -> str:
        """The file and the line of a key, or of the nearest table above it."""
        above = (keys[:length] for length in range(len(keys), 0, -1))
        line = next((self._lines[each] for each in above if each in self._lines), None)
        return clean(f"{self.place.path}" if line is None else f"{self.place.path}:{line}")

    def complaint(self, problem: Problem) -> ConfigError:
        """The error that tells it."""
        return ConfigError(f"{self.where(problem.keys)}: {'.'.join(problem.keys)}", problem.words)

    def refuse(self) -> None:
        """Raises ConfigError for the first thing that is wrong."""
        problems = self.checked.problems
        if not problems:
            return
        first = self.complaint(problems[0])
        if len(problems) > 1:
            more = f"and {len(problems) - 1} more, which `trunkline config check` lists"
            first = ConfigError(first.setting, f"{first.reason} ({more})")
        raise first


def read_file(place: Place) -> SettingsFile | None:
    """What the file says; None if there is none, unless the user named it.

    What it should not say is in `checked.problems`. Raises ConfigError for a file that cannot be read, or is no TOML.
    """
    try:
        raw, doubt = _bytes(place)
    except FileNotFoundError:
        if place.rank is Rank.NAMED:
            raise ConfigError(clean(place.path), "there is no such file of settings") from None
        return None
    except OSError as error:
        reason = error.strerror or "an error"
        raise ConfigError(clean(place.path), f"cannot be read: {reason}") from None
    if len(raw) > _MOST_BYTES:
        raise ConfigError(clean(place.path), f"is longer than {_MOST_BYTES} bytes; is it the file?")
    try:
        text = raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ConfigError(clean(place.path), "is no text in UTF-8") from None
    folder = place.path.absolute().parent
    found = checked(_document(place, text), folder=folder, doubt=doubt)
    return SettingsFile(place, text, doubt, found)


def _bytes(place: Place) -> tuple[bytes, str]:
    # A pipe that nobody writes to must not hold the command up, unless it was named.
    wait = 0 if place.rank is Rank.NAMED else getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(place.path, os.O_RDONLY | wait)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, which no Path opens
        return file.read(_MOST_BYTES + 1), doubt_about(place, descriptor)


def _document(place: Place, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        found = _AT_LINE.search(words)
        where = f"{place.path}:{found.group(1)}" if found else f"{place.path}"
        reason = _AT_LINE.sub("", words)
        raise ConfigError(clean(where), f"it is no TOML: {clean(reason)}") from None
    except RecursionError:
        raise ConfigError(clean(place.path), "it is nested too deeply") from None
