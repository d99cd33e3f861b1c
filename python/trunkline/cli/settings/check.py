"""What a file says, held against the table: unknown names, wrong types, keys, and what is not its to say."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trunkline.cli.settings.table import (
    PROFILES,
    SETTINGS,
    THRESHOLDS,
    Kind,
    Setting,
    setting_of,
)
from trunkline.errors import ConfigError
from trunkline.text import clean, redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Checked", "Keys", "Problem", "checked"]

Keys = tuple[str, ...]
_TABLES = {each.table for each in SETTINGS if each.table}
_KEY_NAMES = {"key", "token", "secret", "password", "bearer", "apikey", "credential"}
_KEY_ADVICE = "a key does not belong in a file of settings, which is shown, copied and committed"
_INSTEAD = "name the file that holds it (api_key_file), or a command that prints it (api_key_cmd)"
_PROFILE_FORM = "a profile is a table: [profile.NAME]"
_ADDRESSES = ("base_url", "trusted_base_urls")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where."""

    keys: Keys
    words: str


@dataclass(slots=True, kw_only=True)
class Checked:
    """What a file says; a profile's name stands before what is in it, an empty one before the rest."""

    values: dict[tuple[str, str], Any] = field(default_factory=dict)
    """By profile and name."""
    keys: dict[tuple[str, str], Keys] = field(default_factory=dict)
    """Where each of them is written."""
    thresholds: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By profile."""
    profiles: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def checked(document: Mapping[str, Any], *, folder: Path, doubt: str) -> Checked:
    """What the document says and what is wrong with it; `doubt` is why it is no file of one's own.

    Paths in it are those of its folder, and `~` is the user's.
    """
    reader = _Reader(folder=folder, doubt=doubt, into=Checked())
    reader.read_all(document)
    return reader.into


@dataclass(slots=True)
class _Reader:
    folder: Path
    doubt: str
    into: Checked

    def read_all(self, document: Mapping[str, Any]) -> None:
        held = set(_held_keys(document))
        for keys in held:
            self._complain(keys, f"{_KEY_ADVICE}; {_INSTEAD}")
        document = _without(document, held)
        profiles = document.get(PROFILES, {})
        self._read({key: value for key, value in document.items() if key != PROFILES}, (), "")
        if not isinstance(profiles, dict):
            self._complain((PROFILES,), _PROFILE_FORM)
            return
        for name, table in profiles.items():
            if isinstance(table, dict):
                self.into.profiles.append(name)
                self._read(table, (PROFILES, name), name)
            else:
                self._complain((PROFILES, name), _PROFILE_FORM)

    def _read(self, table: Mapping[str, Any], above: Keys, profile: str) -> None:
        if "api_key_file" in table and "api_key_cmd" in table:
            self._complain((*above, "api_key_cmd"), "there is an api_key_file beside it; keep one")
        for key, value in table.items():
            keys = (*above, key)
            if key == THRESHOLDS:
                self._read_thresholds(value, keys, profile)
            elif key in _TABLES and isinstance(value, dict):
                for inner, inner_value in value.items():
                    self._take(f"{key}.{inner}", inner_value, (*keys, inner), profile)
            elif key in _TABLES and setting_of(key) is None:
                self._complain(keys, f"it is a table: [{'.'.join(keys)}]")
            else:
                self._take(key, value, keys, profile)

    def _take(self, name: str, value: Any, keys: Keys, profile: str) -> None:
        setting = setting_of(name)
        if setting is None:
            self._complain(keys, _unknown(name))
            return
        if self.doubt and setting.is_own:
            self._complain(keys, f"only your own file may say this, and {self.doubt}")
            return
        try:
            self.into.values[profile, name] = self._value(setting, value)
            self.into.keys[profile, name] = keys
        except ValueError as error:
            self._complain(keys, str(error))

    def _value(self, setting: Setting, value: Any) -> Any:
        if not _FITS[setting.kind](value):
            raise ValueError(f"it must be {setting.kind.value}, not {_what(value)}")
        if setting.choices and value not in setting.choices:
            raise ValueError(f"it must be {_either(setting.choices)}, not {value!r}")
        if setting.name in _ADDRESSES:
            _check_addresses([value] if isinstance(value, str) else value)
        if setting.kind is Kind.PATH:
            return self._path(value)
        if setting.kind is Kind.COMMAND:
            return _command(value)
        return value

    def _path(self, value: str) -> str:
        try:
            path = self.folder / Path(value).expanduser()
        except RuntimeError:
            raise ValueError("nobody is called so here; write the path in full") from None
        if self.doubt and not path.resolve().is_relative_to(self.folder.resolve()):
            raise ValueError(f"it leads out of the folder of this file, and {self.doubt}")
        return str(path)

    def _read_thresholds(self, table: Any, keys: Keys, profile: str) -> None:
        from trunkline.telemetry.thresholds import overridden

        if not isinstance(table, dict):
            self._complain(keys, "a threshold is a table: [thresholds.METRIC]")
            return
        self.into.thresholds[profile] = table
        for metric, change in table.items():
            try:
                overridden({metric: change})
            except ConfigError as error:
                rest = error.setting.split(".")[2:]
                self._complain((*keys, metric, *rest), error.reason)

    def _complain(self, keys: Keys, words: str) -> None:
        self.into.problems.append(Problem(keys, clean(words)))


def _held_keys(value: Any, above: Keys = ()) -> Iterator[Keys]:
    """Where a key stands, by its name or by its look."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if _is_key_name(key, above) and isinstance(inner, str):
                yield (*above, key)
            else:
                yield from _held_keys(inner, (*above, key))
    elif isinstance(value, list):
        if any(isinstance(each, str) and redact(each) != each for each in value):
            yield above
    elif isinstance(value, str) and redact(value) != value:
        yield above


def _is_key_name(key: str, above: Keys) -> bool:
    if above == (PROFILES,):
        return False
    name = key.lower().replace("-", "_")
    return name.rpartition("_")[2] in _KEY_NAMES or name in ("api_key", "openai_key")


def _without(document: Mapping[str, Any], held: set[Keys], above: Keys = ()) -> dict[str, Any]:
    """The rest, so that each mistake is told once."""
    rest: dict[str, Any] = {}
    for key, value in document.items():
        if (*above, key) in held:
            continue
        left = _without(value, held, (*above, key)) if isinstance(value, dict) else value
        if left != {} or value == {}:
            rest[key] = left
    return rest


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    names = [each.name for each in SETTINGS]
    last = name.rpartition(".")[2]
    same = [each for each in names if each.rpartition(".")[2] == last]
    near = same or get_close_matches(name, [*names, THRESHOLDS, PROFILES], n=2)
    hint = f"did you mean {_either(near)}?" if near else "`trunkline config show` lists them"
    return f"there is no such setting; {hint}"


def _either(names: list[str] | tuple[str, ...]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


# A bool is an int to Python, so it is asked for first.
_KINDS = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (dict, "a table"),
)


def _what(value: Any) -> str:
    """What was found, without repeating it."""
    if isinstance(value, str):
        return (
            "one with a NUL in it"
            if "\0" in value
            else "an empty one"
            if not value.strip()
            else "a string"
        )
    if isinstance(value, float) and not math.isfinite(value):
        return "nan or infinity"
    if isinstance(value, list):
        return "an array of something else" if value else "an empty array"
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "a date")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


_FITS: dict[Kind, Callable[[Any], bool]] = {
    Kind.STRING: _is_text,
    Kind.PATH: _is_text,
    Kind.INTEGER: _is_integer,
    Kind.NUMBER: _is_number,
    Kind.BOOLEAN: lambda value: isinstance(value, bool),
    Kind.STRINGS: lambda value: value == [] or _are_texts(value),
    Kind.COMMAND: lambda value: _is_text(value) or _are_texts(value),
}


def _check_addresses(urls: list[str]) -> None:
    for url in urls:
        try:
            parts = urlsplit(url)
        except ValueError:
            raise ValueError("it is no address; it must look like https://host/v1") from None
        if parts.scheme not in ("https", "wss", "http", "ws") or not parts.hostname:
            raise ValueError("it must look like https://host/v1")
        if parts.username or parts.password:
            raise ValueError(f"it holds a credential; {_KEY_ADVICE}")


def _command(value: str | list[str]) -> tuple[str, ...]:
    """The words of a command. Raises ValueError for a program that depends on where somebody stands."""
    try:
        words = tuple(shlex.split(value) if isinstance(value, str) else value)
    except ValueError as error:
        raise ValueError(f"it is no command: {error}") from None
    try:
        program = Path(words[0]).expanduser()
    except RuntimeError:
        raise ValueError("nobody is called so here; write the path in full") from None
    if any(mark in words[0] for mark in "/\\") and not program.is_absolute():
        raise ValueError("a program is a name that PATH finds, or a whole path: /… or ~/…")
    return (str(program), *words[1:])
