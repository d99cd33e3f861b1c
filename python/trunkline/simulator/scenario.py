"""A scenario: the faults of a run, written down as TOML, as JSON, or in Python.

    [[faults]]
    when = { utterance = 3, ms = 1200 }
    action = "rst"

    [[faults]]
    when = { event = "response.done", count = 2 }
    connection = 1
    action = "close"
    code = 1011
    reason = "internal error"

Every mistake is a ConfigError that names its place, a TOML file's with file and line, and what would
be right. `docs/simulator.md` lists the moments and the actions.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trunkline.errors import ConfigError
from trunkline.simulator.actions import Action, Edit
from trunkline.simulator.deeds import ACTION_NAMES, action_of, fields_of
from trunkline.simulator.faults import (
    Appended,
    Dialed,
    Elapsed,
    Events,
    Fault,
    InReply,
    InUtterance,
    Moment,
)
from trunkline.simulator.places import lines_of

__all__ = ["Scenario", "action_from_dict"]

_MOMENTS: dict[str, tuple[type[Moment], dict[str, str]]] = {
    "appended_ms": (Appended, {"appended_ms": "ms"}),
    "utterance": (InUtterance, {"utterance": "turn", "ms": "ms"}),
    "reply": (InReply, {"reply": "turn", "ms": "ms"}),
    "event": (Events, {"event": "type", "count": "count"}),
    "seconds": (Elapsed, {"seconds": "seconds"}),
    "dial": (Dialed, {"dial": "dial"}),
}
"""By the key that tells them apart: the type, and its fields by the names in a document."""
_ROOT = "scenario"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The faults of a run."""

    faults: tuple[Fault, ...] = ()

    @classmethod
    def from_dict(cls, document: Any) -> Scenario:
        """The scenario in a JSON document; raises ConfigError naming the path that is wrong."""
        if not isinstance(document, dict):
            raise ConfigError(_ROOT, "must be an object")
        for key in document.keys() - {"faults"}:
            raise ConfigError(f"{_ROOT}.{key}", "is not known here; faults would be")
        entries = document.get("faults", [])
        if not isinstance(entries, list):
            raise ConfigError(f"{_ROOT}.faults", f"must be a list, is {entries!r}")
        return cls(
            faults=tuple(
                _fault(entry, f"{_ROOT}.faults[{index}]") for index, entry in enumerate(entries)
            )
        )

    @classmethod
    def from_toml(cls, text: str, name: str = "scenario.toml") -> Scenario:
        """The scenario in a TOML text; a ConfigError names `name`, the line and the path."""
        try:
            return cls.from_dict(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(name, f"not a TOML document: {error}") from error
        except ConfigError as error:
            line = _line(error.setting, lines_of(text, _ROOT))
            raise ConfigError(f"{name}, line {line}: {error.setting}", error.reason) from None

    @classmethod
    def from_text(cls, text: str, name: str) -> Scenario:
        """The scenario in a file's text: JSON if it begins with a brace, else TOML."""
        if not text.lstrip().startswith("{"):
            return cls.from_toml(text, name)
        try:
            document = json.loads(text)
        except ValueError as error:
            raise ConfigError(name, f"not a JSON document: {error}") from error
        return cls.from_dict(document)

    @classmethod
    def load(cls, path: str | Path) -> Scenario:
        """The scenario in a TOML or JSON file."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(str(path), f"cannot be read: {error}") from error
        return cls.from_text(text, str(path))

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of this scenario."""
        return {"faults": [_fault_json(fault) for fault in self.faults]}


def action_from_dict(entry: Any, path: str = "action") -> Action:
    """The deed in `{"action": "close", "code": 1011, …}`; raises ConfigError naming the path."""
    return action_of(entry, path)


def _line(setting: str, lines: dict[str, int]) -> int:
    """The line of a path, or of the nearest one around it."""
    while setting not in lines:
        setting = setting[: max(setting.rfind("."), setting.rfind("["))]
    return lines[setting]


def _fault(entry: Any, path: str) -> Fault:
    if not isinstance(entry, dict):
        raise ConfigError(path, "must be an object")
    rest = dict(entry)
    when = _moment(rest.pop("when", None), f"{path}.when")
    connection = _ordinal(rest.pop("connection", None), f"{path}.connection")
    times = _ordinal(rest.pop("times", None), f"{path}.times") or 1
    action = action_of(rest, path)
    if times > 1 and not isinstance(action, Edit):
        names = ", ".join(name for name, kind in ACTION_NAMES.items() if issubclass(kind, Edit))
        raise ConfigError(f"{path}.times", f"is only for what changes a message: {names}")
    return Fault(when=when, action=action, connection=connection, times=times)


def _ordinal(value: Any, path: str) -> int | None:
    if value is not None and (type(value) is not int or value < 1):
        raise ConfigError(path, f"must be a whole number from 1, is {value!r}")
    return value


def _moment(entry: Any, path: str) -> Moment:
    if not isinstance(entry, dict):
        raise ConfigError(path, f"must be an object with one of {', '.join(_MOMENTS)}")
    names = [name for name in _MOMENTS if name in entry]
    if len(names) != 1:
        raise ConfigError(path, f"needs exactly one of {', '.join(_MOMENTS)}")
    kind, keys = _MOMENTS[names[0]]
    return kind(**fields_of(kind, entry, path, keys))


def _fault_json(fault: Fault) -> dict[str, Any]:
    keys = next(keys for kind, keys in _MOMENTS.values() if kind is type(fault.when))
    shown = {field: key for key, field in keys.items()}
    when = {shown[field]: value for field, value in asdict(fault.when).items()}
    action = next(name for name, kind in ACTION_NAMES.items() if kind is type(fault.action))
    given = {key: value for key, value in asdict(fault.action).items() if value is not None}
    document: dict[str, Any] = {"when": when, "action": action} | given
    if fault.connection is not None:
        document["connection"] = fault.connection
    if fault.times != 1:
        document["times"] = fault.times
    return document
