"""What holds: of all that an option, a variable, a file and the table say of a setting, the first."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.cli.settings.file import SettingsFile, read_file
from trunkline.cli.settings.places import Rank, places
from trunkline.cli.settings.table import SETTINGS, Setting, setting_of
from trunkline.cli.settings.trust import is_trusted
from trunkline.errors import ConfigError
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["PROFILE", "Origin", "Settings", "Value"]

PROFILE = "TRUNKLINE_PROFILE"
"""Names the profile where `--profile` does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a value is from."""

    kind: str
    """`flag`, `env`, `named`, `project`, `user` or `default`."""
    where: str = ""
    """The option, the variable, or the file and line."""
    profile: str = ""
    file: SettingsFile | None = None

    def __str__(self) -> str:
        profile = f" [profile.{self.profile}]" if self.profile else ""
        return clean(f"{self.kind} {self.where}{profile}".strip())


@dataclass(frozen=True, slots=True)
class Value:
    """A setting's value and where it is from."""

    setting: Setting
    value: Any
    origin: Origin

    @property
    def name(self) -> str:
        """As in the file, with the profile's table before it."""
        profile = self.origin.profile
        return f"profile.{profile}.{self.setting.name}" if profile else self.setting.name


_DEFAULT = Origin(kind="default")
_KEYS = ("api_key_cmd", "api_key_file")


class Settings:
    """The files that are heard and the profile that was chosen."""

    def __init__(self, files: Sequence[SettingsFile], profile: str = "") -> None:
        """Raises ConfigError for a profile that no file has."""
        self.files = tuple(files)
        """The first that says something is heard."""
        self.profile = profile
        known = self.profiles()
        if profile and profile not in known:
            raise ConfigError("--profile", _no_profile(profile, known))

    @classmethod
    def read(cls, *, profile: str | None = None, named: str | None = None) -> Settings:
        """What the files of this moment say. Raises ConfigError for one that is wrong anywhere."""
        files = [file for place in places(named) if (file := read_file(place)) is not None]
        for file in files:
            file.refuse()
        chosen = profile if profile is not None else os.environ.get(PROFILE, "")
        return cls(files, chosen.strip())

    def profiles(self) -> list[str]:
        """The profiles of all files."""
        return list(dict.fromkeys(name for file in self.files for name in file.checked.profiles))

    def kept(self, name: str) -> Value | None:
        """What the files say of a setting: in each the profile before the rest."""
        setting = setting_of(name)
        assert setting is not None
        for file, profile in self._layers():
            if (profile, name) in file.checked.values:
                value = file.checked.values[profile, name]
                return Value(setting, value, self._origin(file, profile, name))
        return None

    def key(self, address: Value | None) -> Value | None:
        """Where the files say the key for an address is. One that stands beside another address is for that alone."""
        for file, profile in self._layers():
            said = file.checked.values
            name = next((each for each in _KEYS if (profile, each) in said), None)
            if name is None or self._is_elsewhere(file, profile, address):
                continue
            setting = setting_of(name)
            assert setting is not None
            return Value(setting, said[profile, name], self._origin(file, profile, name))
        return None

    def _is_elsewhere(self, file: SettingsFile, profile: str, address: Value | None) -> bool:
        if (profile, "base_url") not in file.checked.values:
            return False
        return address is None or (address.origin.file, address.origin.profile) != (file, profile)

    def is_beside(self, key: Value, address: Value) -> bool:
        """Whether both stand in one table of a file."""
        ours, its = key.origin, address.origin
        return ours.file is not None and (ours.file, ours.profile) == (its.file, its.profile)

    def value(self, name: str) -> Value:
        """What holds where no option says otherwise."""
        setting = setting_of(name)
        assert setting is not None
        told = os.environ.get(setting.env, "").strip() if setting.env else ""
        if told:
            return Value(setting, told, Origin(kind="env", where=setting.env))
        return self.kept(name) or Value(setting, setting.default, _DEFAULT)

    def values(self) -> list[Value]:
        """Of every setting."""
        return [self.value(each.name) for each in SETTINGS]

    def thresholds(self) -> dict[str, dict[str, Any]]:
        """By metric and value, each from the first that names it."""
        merged: dict[str, dict[str, Any]] = {}
        for file, profile in reversed(list(self._layers())):
            changes: Mapping[str, Any] = file.checked.thresholds.get(profile, {})
            for metric, change in changes.items():
                merged[metric] = merged.get(metric, {}) | dict(change)
        return merged

    def untrusted_address(self, address: Value) -> str:
        """Why an address must not be dialed with the user's key; empty if it may be."""
        file = address.origin.file
        if file is None or not file.doubt:
            return ""
        listed = self.kept("trusted_base_urls")
        if listed is not None and is_trusted(address.value, listed.value):
            return ""
        own = next((each.path for each in places() if each.rank is Rank.USER), "your own file")
        return (
            f"{clean(address.value, limit_chars=200)} would be shown your key, and {file.doubt}; if you trust it, set "
            f"OPENAI_BASE_URL, or add it to trusted_base_urls in {own}"
        )

    def _layers(self) -> Iterator[tuple[SettingsFile, str]]:
        for file in self.files:
            if self.profile:
                yield file, self.profile
            yield file, ""

    def _origin(self, file: SettingsFile, profile: str, name: str) -> Origin:
        return Origin(
            kind=file.place.rank.value,
            where=file.where(file.checked.keys[profile, name]),
            profile=profile,
            file=file,
        )


def _no_profile(profile: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(profile, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
    return f"no file has [profile.{clean(profile, limit_chars=40)}]; {hint}"
