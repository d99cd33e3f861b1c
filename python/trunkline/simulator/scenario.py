"""A scenario: the faults of a run, written down.

    {"faults": [
        {"when": {"utterance": 3, "ms": 1200}, "action": "rst"},
        {"when": {"reply": 5, "ms": 900}, "action": "close", "code": 1011, "reason": "internal"},
        {"when": {"appended_ms": 2000}, "connection": 2, "action": "stall", "seconds": 3},
        {"when": {"event": "session.update", "count": 2}, "action": "error", "message": "oh"},
        {"when": {"seconds": 10}, "action": "rst"}
    ]}

Every mistake is a ConfigError that names its place.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from trunkline.errors import ConfigError
from trunkline.simulator.faults import (
    Action,
    Appended,
    CloseLink,
    Elapsed,
    Events,
    Fault,
    InReply,
    InUtterance,
    Moment,
    ResetLink,
    SendError,
    Stall,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Scenario", "action_from_dict"]

_Fields = dict[str, tuple[type, ...]]
_NUMBER: tuple[type, ...] = (int, float)

_MOMENTS: dict[str, tuple[_Fields, Callable[[dict[str, Any]], Moment]]] = {
    "appended_ms": ({"appended_ms": _NUMBER}, lambda it: Appended(ms=it["appended_ms"])),
    "utterance": (
        {"utterance": (int,), "ms": _NUMBER},
        lambda it: InUtterance(turn=it["utterance"], ms=it.get("ms", 0)),
    ),
    "reply": (
        {"reply": (int,), "ms": _NUMBER},
        lambda it: InReply(turn=it["reply"], ms=it.get("ms", 0)),
    ),
    "event": (
        {"event": (str,), "count": (int,)},
        lambda it: Events(type=it["event"], count=it.get("count", 1)),
    ),
    "seconds": ({"seconds": _NUMBER}, lambda it: Elapsed(seconds=it["seconds"])),
}
"""By the key that tells them apart: the fields with their types, and what is made of them."""

_ACTIONS: dict[str, tuple[_Fields, type[Action]]] = {
    "rst": ({}, ResetLink),
    "close": ({"code": (int,), "reason": (str,)}, CloseLink),
    "stall": ({"seconds": _NUMBER}, Stall),
    "error": ({"message": (str,), "type": (str,), "code": (str, type(None))}, SendError),
}
_REQUIRED = {"stall": ("seconds",)}
_MOMENT_KEYS: dict[type, dict[str, str]] = {
    Appended: {"ms": "appended_ms"},
    InUtterance: {"turn": "utterance"},
    InReply: {"turn": "reply"},
    Events: {"type": "event"},
    Elapsed: {},
}
_PRIVATE_CODES = range(3000, 5000)
_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The faults of a run."""

    faults: tuple[Fault, ...] = ()

    @classmethod
    def from_dict(cls, document: Any) -> Scenario:
        """The scenario in a JSON document; raises ConfigError naming the path that is wrong."""
        fields = _fields(document, {"faults": (list,)}, "scenario")
        return cls(
            faults=tuple(
                _fault(entry, f"scenario.faults[{index}]")
                for index, entry in enumerate(fields.get("faults", []))
            )
        )

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of this scenario."""
        return {"faults": [_fault_json(fault) for fault in self.faults]}


def action_from_dict(entry: Any, path: str = "action") -> Action:
    """The deed in `{"action": "close", "code": 1011, …}`; raises ConfigError naming the path."""
    if not isinstance(entry, dict):
        raise ConfigError(path, "must be an object")
    name = entry.get("action")
    if name not in _ACTIONS:
        raise ConfigError(f"{path}.action", f"must be one of {', '.join(_ACTIONS)}, is {name!r}")
    allowed, make = _ACTIONS[name]
    fields = _fields(entry, allowed | {"action": (str,)}, path)
    del fields["action"]
    for key in _REQUIRED.get(name, ()):
        if key not in fields:
            raise ConfigError(f"{path}.{key}", "is missing")
    action = make(**fields)
    if isinstance(action, CloseLink):
        _check_close(action, path)
    return action


def _fault(entry: Any, path: str) -> Fault:
    if not isinstance(entry, dict):
        raise ConfigError(path, "must be an object")
    rest = dict(entry)
    when = _moment(rest.pop("when", None), f"{path}.when")
    connection = rest.pop("connection", None)
    if connection is not None and (type(connection) is not int or connection < 1):
        raise ConfigError(f"{path}.connection", "must be a whole number from 1")
    return Fault(when=when, action=action_from_dict(rest, path), connection=connection)


def _moment(entry: Any, path: str) -> Moment:
    if not isinstance(entry, dict):
        raise ConfigError(path, "must be an object")
    names = [name for name in _MOMENTS if name in entry]
    if len(names) != 1:
        raise ConfigError(path, f"needs exactly one of {', '.join(_MOMENTS)}")
    allowed, make = _MOMENTS[names[0]]
    return make(_fields(entry, allowed, path))


def _fields(entry: Any, allowed: _Fields, path: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise ConfigError(path, "must be an object")
    for key, value in entry.items():
        if key not in allowed:
            known = ", ".join(allowed) or "nothing"
            raise ConfigError(f"{path}.{key}", f"is not known here; {known} would be")
        if isinstance(value, bool) or not isinstance(value, allowed[key]):
            wanted = " or ".join(kind.__name__ for kind in allowed[key])
            raise ConfigError(f"{path}.{key}", f"must be {wanted}, is {value!r}")
        if isinstance(value, (int, float)) and value < 0:
            raise ConfigError(f"{path}.{key}", f"must not be negative, is {value!r}")
    return dict(entry)


def _check_close(action: CloseLink, path: str) -> None:
    if action.code not in _CLOSE_CODES and action.code not in _PRIVATE_CODES:
        raise ConfigError(f"{path}.code", f"{action.code} may not be sent in a close frame")
    if len(action.reason.encode()) > 123:
        raise ConfigError(f"{path}.reason", "is longer than a close frame's 123 bytes")


def _fault_json(fault: Fault) -> dict[str, Any]:
    names = _MOMENT_KEYS[type(fault.when)]
    when = {names.get(key, key): value for key, value in asdict(fault.when).items()}
    action = next(name for name, (_, kind) in _ACTIONS.items() if kind is type(fault.action))
    document: dict[str, Any] = {"when": when, "action": action} | asdict(fault.action)
    if fault.connection is not None:
        document["connection"] = fault.connection
    return document
