"""Actions and moments as a document writes them: names, fields, and what is wrong with them.

The fields and their types are those of the dataclasses; nothing is listed twice.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from trunkline.errors import ConfigError
from trunkline.simulator import actions
from trunkline.simulator.actions import (
    Action,
    CloseLink,
    GarbleEvent,
    RefuseDials,
    SendEvent,
    SlowRead,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACTION_NAMES", "GARBLES", "action_of", "fields_of"]

ACTION_NAMES: dict[str, type[Action]] = {
    "rst": actions.ResetLink,
    "fin": actions.EndTcp,
    "close": actions.CloseLink,
    "missing_close": actions.MissingClose,
    "stall": actions.Stall,
    "half_open": actions.HalfOpen,
    "slow_read": actions.SlowRead,
    "error": actions.SendError,
    "send": actions.SendEvent,
    "unknown": actions.UnknownEvent,
    "say": actions.Say,
    "fail_response": actions.FailResponse,
    "fail_transcription": actions.FailTranscription,
    "drop": actions.DropEvent,
    "delay": actions.Delay,
    "late": actions.LateEvent,
    "reorder": actions.ReorderEvent,
    "duplicate": actions.DuplicateEvent,
    "garble": actions.GarbleEvent,
    "freeze": actions.Freeze,
    "refuse": actions.RefuseDials,
}
"""What a document calls them."""
GARBLES = ("cut", "noise", "binary", "frame")
_FORMS = ("seconds", "date")
_HTTP_ERRORS = range(400, 600)
_PRIVATE_CODES = range(3000, 5000)
_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})
"""Those a close frame may carry (RFC 6455, section 7.4; the IANA registry)."""
_CLOSE_REASON_BYTES = 123


def action_of(entry: Any, path: str) -> Action:
    """The action in `{"action": "close", "code": 1011, …}`; raises ConfigError naming the path."""
    if not isinstance(entry, dict):
        raise ConfigError(path, "must be an object")
    rest = dict(entry)
    name = rest.pop("action", None)
    kind = ACTION_NAMES.get(name) if isinstance(name, str) else None
    if kind is None:
        known = ", ".join(ACTION_NAMES)
        raise ConfigError(f"{path}.action", f"must be one of {known}, is {name!r}")
    action: Action = kind(**fields_of(kind, rest, path))
    _check(action, path)
    return action


def fields_of(
    kind: type, entry: Mapping[str, Any], path: str, names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The fields of a dataclass from a document, which may call them otherwise (`names`)."""
    hints = _hints(kind)
    names = names or {name: name for name in hints}
    for key, value in entry.items():
        if key not in names:
            known = ", ".join(names) or "nothing"
            raise ConfigError(f"{path}.{key}", f"is not known here; {known} would be")
        _check_type(value, hints[names[key]], f"{path}.{key}")
    for key, field in names.items():
        if key not in entry and field in _required(kind):
            raise ConfigError(f"{path}.{key}", "is missing")
    return {names[key]: value for key, value in entry.items()}


@cache
def _hints(kind: type) -> dict[str, tuple[type, ...]]:
    """The field names with the types a document may give them."""
    hints = get_type_hints(kind, localns=_mapping())
    return {field.name: _plain(hints[field.name]) for field in fields(kind)}


def _mapping() -> dict[str, Any]:
    # The dataclasses name it for the type checker only.
    from collections.abc import Mapping  # noqa: PLC0415

    return {"Mapping": Mapping}


def _plain(hint: Any) -> tuple[type, ...]:
    if isinstance(hint, UnionType):
        return tuple(kind for one in get_args(hint) for kind in _plain(one))
    if get_origin(hint) is not None:
        return (dict,)
    return (int, float) if hint is float else (hint,)


@cache
def _required(kind: type) -> frozenset[str]:
    bare = (one for one in fields(kind) if one.default is MISSING)
    return frozenset(one.name for one in bare if one.default_factory is MISSING)


def _check_type(value: Any, allowed: tuple[type, ...], path: str) -> None:
    if isinstance(value, bool) or not isinstance(value, allowed):
        words = {NoneType: "null", dict: "an object"}
        wanted = " or ".join(words.get(kind, kind.__name__) for kind in allowed)
        raise ConfigError(path, f"must be {wanted}, is {value!r}")
    if isinstance(value, (int, float)) and value < 0:
        raise ConfigError(path, f"must not be negative, is {value!r}")


def _check(action: Action, path: str) -> None:
    """What the types do not say."""
    if isinstance(action, CloseLink):
        _check_close(action.code, action.reason, path)
    elif isinstance(action, GarbleEvent):
        _check_choice(action.how, GARBLES, f"{path}.how")
    elif isinstance(action, SlowRead) and action.bytes_per_second == 0:
        raise ConfigError(f"{path}.bytes_per_second", 'must be above 0; "stall" reads nothing')
    elif isinstance(action, SendEvent) and not isinstance(action.event.get("type"), str):
        raise ConfigError(f"{path}.event.type", "is missing, or no text")
    elif isinstance(action, RefuseDials):
        _check_refusal(action, path)


def _check_refusal(action: RefuseDials, path: str) -> None:
    if (action.status is None) == (action.code is None):
        raise ConfigError(path, "needs either status (HTTP) or code (close), not both")
    if action.count < 1:
        raise ConfigError(f"{path}.count", "must be 1 or more")
    if action.code is not None:
        _check_close(action.code, action.reason, path)
    elif action.status not in _HTTP_ERRORS:
        raise ConfigError(f"{path}.status", f"must be from 400 to 599, is {action.status}")
    if action.retry_after is not None and action.status is None:
        raise ConfigError(f"{path}.retry_after", "needs a status: a close has no headers")
    _check_choice(action.retry_after_form, _FORMS, f"{path}.retry_after_form")


def _check_choice(value: str, allowed: tuple[str, ...], path: str) -> None:
    if value not in allowed:
        raise ConfigError(path, f"must be one of {', '.join(allowed)}, is {value!r}")


def _check_close(code: int, reason: str, path: str) -> None:
    if code not in _CLOSE_CODES and code not in _PRIVATE_CODES:
        listed = ", ".join(map(str, sorted(_CLOSE_CODES)))
        reason = f"{code} may not be sent in a close frame; {listed} and 3000 to 4999 may"
        raise ConfigError(f"{path}.code", reason)
    if len(reason.encode()) > _CLOSE_REASON_BYTES:
        raise ConfigError(f"{path}.reason", "is longer than a close frame's 123 bytes")
