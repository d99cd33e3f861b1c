"""Dataclasses as JSON and back, by their annotations: the form of frames on the wire, and of folds in a keyframe.

Problem: what comes from a socket or a file must never harm who reads it, and what is written must not forget a field.
So both are derived from the dataclass itself: an enum is its value, an array its bytes, and what is read is built
field by field, each checked against its annotation; nothing is evaluated and nothing unpickled. Fields that are
unknown are passed over, fields that are missing have their default. Fields that are made anew (`init=False`) and bytes,
which stay in their process, are neither written nor read; audio that is meant to leave it has its own type (`Pcm`).
"""

from __future__ import annotations

import sys
import types
from array import array
from binascii import a2b_base64, b2a_base64
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache, partial
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson

from trunkline.errors import StreamError
from trunkline.protocol import observations
from trunkline.protocol.closure import Closure, Verdict
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Observation
from trunkline.telemetry.alerts import Rule
from trunkline.telemetry.entry import Entry
from trunkline.telemetry.fleet_snapshot import LineRow
from trunkline.telemetry.frames import Pcm
from trunkline.telemetry.levels import Level
from trunkline.telemetry.snapshot import Alert, TranscriptLine, Turn
from trunkline.telemetry.views import Mark
from trunkline.text import Clean, clean

__all__ = ["LIMIT_CHARS", "UnknownWordError", "facts", "read", "told", "written"]

LIMIT_CHARS = 65_536
"""Longer strings are cut when they are read: the detail of an entry is a whole message."""

_Value = TypeVar("_Value")


class _Array(Generic[_Value]):
    """Stands for `array.array` in annotations: that one takes no brackets at run time before Python 3.12."""


# What stands in annotations and is imported for type checkers only where it stands.
_NAMES: dict[str, Any] = {
    "Alert": Alert,
    "Callable": Callable,
    "Closure": Closure,
    "Entry": Entry,
    "Level": Level,
    "LineRow": LineRow,
    "Mapping": Mapping,
    "Mark": Mark,
    "Observation": Observation,
    "Rule": Rule,
    "State": State,
    "TranscriptLine": TranscriptLine,
    "Turn": Turn,
    "Verdict": Verdict,
    "array": _Array,
}

_SCRUB_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS
# Far beyond any time, count or sum there is, and far from where arithmetic of floats ends.
_LARGEST = 1e18


class UnknownWordError(Exception):
    """A word that a later version may have brought: what holds it is passed over."""


@cache
def facts() -> dict[str, type[Observation]]:
    """The kinds of facts by their names on the wire, which are those of their classes."""
    named = ((name, getattr(observations, name)) for name in observations.__all__)
    return {
        name: kind
        for name, kind in named
        if isinstance(kind, type) and issubclass(kind, Observation) and kind is not Observation
    }


def written(document: Any) -> bytes:
    """A dictionary of plain values and dataclasses as one JSON document without a newline."""
    try:
        return orjson.dumps(document, default=_plain)
    except TypeError:
        # A foreign exception's words can hold halves of characters, which no encoder takes.
        return orjson.dumps(_scrubbed(document), default=_scrubbed_record, option=_SCRUB_OPTIONS)


def told(record: Any) -> dict[str, Any]:
    """The fields of a record that are written, as they are."""
    kind: Any = type(record)
    return {name: getattr(record, name) for name in _told_fields(kind)}


def read(kind: Any, found: Any) -> Any:
    """A record of a dataclass from what JSON gave.

    Raises StreamError for what cannot be one, and UnknownWordError for what this version does not know.
    """
    if not isinstance(found, dict):
        raise StreamError(f"{kind.__name__} is no object")
    values: dict[str, Any] = {}
    for name, required, read_field in _form(kind):
        if name in found:
            try:
                values[name] = read_field(found[name])
            except StreamError as error:
                raise StreamError(f"{kind.__name__}.{name}: {error.reason}") from None
        elif required:
            raise StreamError(f"{kind.__name__} has no {name}")
    return kind(**values)


def _plain(value: Any) -> Any:
    """What orjson does not know by itself."""
    if isinstance(value, Observation):
        return {"is": type(value).__name__, **told(value)}
    if isinstance(value, array):
        return _array_text(value)
    if isinstance(value, deque):
        return list(value)
    if isinstance(value, bytes):
        # Of a field that is `Pcm`: those that are bytes are not written.
        return b2a_base64(value, newline=False).decode()
    raise TypeError(f"no form for {type(value).__name__}")


def _array_text(numbers: array[Any]) -> str:
    """Type and base64: a third of the length of the numbers in digits, and what is unknown stays unknown."""
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return f"{numbers.typecode}:{b2a_base64(numbers.tobytes(), newline=False).decode()}"


def _scrubbed(value: Any) -> Any:
    """The value with every string clean, and so fit for UTF-8."""
    if isinstance(value, str):
        return clean(value, limit_chars=LIMIT_CHARS)
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(each) for key, each in value.items()}
    if isinstance(value, (tuple, list, deque)):
        return [_scrubbed(each) for each in value]
    return value


def _scrubbed_record(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, Observation):
        return _scrubbed(told(value))
    return _scrubbed(_plain(value))


@cache
def _told_fields(kind: Any) -> tuple[str, ...]:
    hints = _hints(kind)
    return tuple(one.name for one in fields(kind) if one.init and hints[one.name] is not bytes)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, localns=_NAMES)


@cache
def _form(kind: Any) -> tuple[tuple[str, bool, Callable[[Any], Any]], ...]:
    """Name, whether it must be there, and reader of each field."""
    hints, names = _hints(kind), _told_fields(kind)
    return tuple(
        (
            one.name,
            one.default is MISSING and one.default_factory is MISSING,
            _reader(hints[one.name]),
        )
        for one in fields(kind)
        if one.name in names
    )


def _reader(hint: Any) -> Callable[[Any], Any]:
    """What reads a value of an annotation; a test checks that every annotation has one."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is dict:
        return partial(_read_map, _KEYS[inner[0]], _reader(inner[1]))
    if origin in _MANY:
        return _MANY[origin](inner)
    if origin in (Union, types.UnionType):
        (some,) = (each for each in inner if each is not type(None))
        return partial(_read_optional, _reader(some))
    if issubclass(hint, Enum):
        return partial(_read_enum, {member.value: member for member in hint})
    return partial(read, hint)


def _tuple_reader(inner: tuple[Any, ...]) -> Callable[[Any], Any]:
    if inner[-1] is Ellipsis:
        return partial(_read_series, tuple, _reader(inner[0]))
    return partial(_read_row, tuple(_reader(each) for each in inner))


def _read_fact(found: Any) -> Any:
    if not isinstance(found, dict):
        raise StreamError("a fact is no object")
    kind = found.get("is")
    if not isinstance(kind, str):
        raise StreamError("a fact has no name")
    known = facts().get(kind)
    if known is None:
        raise UnknownWordError
    return read(known, found)


def _read_bool(found: Any) -> bool:
    if not isinstance(found, bool):
        raise StreamError("neither true nor false")
    return found


def _read_int(found: Any) -> int:
    if not isinstance(found, int) or isinstance(found, bool):
        raise StreamError("no whole number")
    return found


def _read_float(found: Any) -> float:
    value = found if isinstance(found, float) else float(_read_int(found))
    if not -_LARGEST < value < _LARGEST:
        raise StreamError("a number is too large")
    return value


def _read_str(found: Any) -> str:
    if not isinstance(found, str):
        raise StreamError("no string")
    return found


def _read_clean(found: Any) -> Clean:
    return clean(_read_str(found), limit_chars=LIMIT_CHARS)


def _read_pcm(found: Any) -> Pcm:
    try:
        return Pcm(a2b_base64(_read_str(found), strict_mode=True))
    except ValueError:
        raise StreamError("no base64") from None


def _read_optional(read_some: Callable[[Any], Any], found: Any) -> Any:
    return None if found is None else read_some(found)


def _read_enum(members: dict[Any, Any], found: Any) -> Any:
    if not isinstance(found, str):
        raise StreamError("no word")
    if found not in members:
        raise UnknownWordError
    return members[found]


def _read_series(make: Callable[[Any], Any], read_one: Callable[[Any], Any], found: Any) -> Any:
    if not isinstance(found, list):
        raise StreamError("no list")
    return make(found if found and _are_plain(read_one, found) else map(read_one, found))


def _read_row(reads: tuple[Callable[[Any], Any], ...], found: Any) -> tuple[Any, ...]:
    if not isinstance(found, list) or len(found) != len(reads):
        raise StreamError(f"no list of {len(reads)}")
    return tuple(read_one(each) for read_one, each in zip(reads, found, strict=True))


def _read_array(codes: str, found: Any) -> Any:
    """Numbers of one of the types that are meant, of any number: whoever has them knows how many there must be."""
    code, _, text = _read_str(found).partition(":")
    if len(code) != 1 or code not in codes:
        raise StreamError("no numbers of a known type")
    numbers = array(code)
    try:
        numbers.frombytes(a2b_base64(text, strict_mode=True))
    except ValueError:
        raise StreamError("no numbers") from None
    if sys.byteorder == "big":
        numbers.byteswap()
    if code in _FRACTIONS and any(abs(each) >= _LARGEST for each in numbers):
        raise StreamError("a number is too large")
    return numbers


def _read_map(
    read_keys: Callable[[Any], Any], read_one: Callable[[Any], Any], found: Any
) -> dict[Any, Any]:
    """Maps are most of a beat: one look at all values is a fifth of the price of reading each."""
    if not isinstance(found, dict):
        raise StreamError("no object")
    values: Any = found.values()
    if values and _are_plain(read_one, values):
        if read_keys is _read_words:
            # As JSON gave it, and nobody else has it.
            return found
    else:
        values = list(map(read_one, values))
    return dict(zip(read_keys(found), values, strict=True))


def _are_plain(read_one: Callable[[Any], Any], values: Any) -> bool:
    """Whether all are numbers of the kind that is wanted."""
    kinds = set(map(type, values))
    if read_one is _read_float and kinds <= {float, int}:
        return bool(min(values) > -_LARGEST and max(values) < _LARGEST)
    return read_one is _read_int and kinds == {int}


def _read_words(found: dict[str, Any]) -> Any:
    return found


def _read_clean_words(found: dict[str, Any]) -> Any:
    return map(_read_clean, found)


_FRACTIONS = "fd"
_WHOLE = "HI"
_PLAIN: dict[Any, Callable[[Any], Any]] = {
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    str: _read_str,
    Clean: _read_clean,
    Pcm: _read_pcm,
    Observation: _read_fact,
}
_KEYS: dict[Any, Callable[[Any], Any]] = {
    str: _read_words,
    Clean: _read_clean_words,
}
_MANY: dict[Any, Callable[[tuple[Any, ...]], Callable[[Any], Any]]] = {
    tuple: _tuple_reader,
    list: lambda inner: partial(_read_series, list, _reader(inner[0])),
    deque: lambda inner: partial(_read_series, deque, _reader(inner[0])),
    _Array: lambda inner: partial(_read_array, _FRACTIONS if inner[0] is float else _WHOLE),
}
