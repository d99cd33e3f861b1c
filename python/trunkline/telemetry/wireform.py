"""Frames as bytes and back: what goes over a socket between processes, and into a recording.

Problem: a console of another process, and one of a later day, must fold what a line told, and must never be harmed by
it. So each frame is one JSON document with its kind by name, an enum is its value, and what is read is built from a
closed table of types, field by field, each checked: nothing is evaluated and nothing unpickled. The forms are derived
from the dataclasses themselves, so a fact cannot have a field that the wire forgets.

A reader takes what it knows: fields that are unknown are passed over, fields that are missing have their default, and
a frame of an unknown kind, or with a word that no enum of ours has, is no frame (None). So both ends may be of
different ages, as long as `VERSION` is the same. Bytes are left out: the content of a message is shown by the process
that has it (`telemetry.inspector`). Numbers that are no numbers become null.
"""

from __future__ import annotations

import types
from dataclasses import MISSING, fields
from enum import Enum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Union, cast, get_args, get_origin, get_type_hints

import orjson

from trunkline.errors import StreamError
from trunkline.protocol import observations
from trunkline.protocol.closure import Closure, Verdict
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Observation
from trunkline.telemetry.entry import Entry
from trunkline.telemetry.frames import Beat, Began, Ended, Inspected, Marked, Told
from trunkline.telemetry.levels import Level
from trunkline.telemetry.views import Mark
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.telemetry.frames import Frame

__all__ = ["VERSION", "decode", "encode", "facts"]

VERSION = 1
"""Of the form. A frame of another version is refused: fields only ever come in addition within one."""

_KINDS: dict[str, type] = {
    "began": Began,
    "beat": Beat,
    "told": Told,
    "inspected": Inspected,
    "marked": Marked,
    "ended": Ended,
}
_KIND_OF = {kind: name for name, kind in _KINDS.items()}

# What stands in annotations and is imported for type checkers only where it stands.
_NAMES: dict[str, Any] = {
    "Closure": Closure,
    "Entry": Entry,
    "Level": Level,
    "Mark": Mark,
    "Observation": Observation,
    "State": State,
    "Verdict": Verdict,
}

# The detail of an entry is a whole message as text; what one message may hold is bounded where it is made.
_LIMIT_CHARS = 65_536

_OPTIONS = orjson.OPT_NON_STR_KEYS


class _UnknownWordError(Exception):
    """A word that a later version may have brought: the frame is passed over."""


@cache
def facts() -> dict[str, type[Observation]]:
    """The kinds of facts by their names on the wire, which are those of their classes."""
    named = ((name, getattr(observations, name)) for name in observations.__all__)
    return {
        name: kind
        for name, kind in named
        if isinstance(kind, type) and issubclass(kind, Observation) and kind is not Observation
    }


def encode(frame: Frame) -> bytes:
    """The frame as one JSON document without a newline. Cost: about 2 µs for a beat, 3 µs for a fact."""
    kind: Any = type(frame)
    document = {"v": VERSION, "kind": _KIND_OF[kind]}
    for name in _told_fields(kind):
        value = getattr(frame, name)
        document[name] = _fact_document(value) if isinstance(value, Observation) else value
    try:
        return orjson.dumps(document, option=_OPTIONS)
    except TypeError:
        # A foreign exception's words can hold halves of characters, which no encoder takes.
        return orjson.dumps(_scrubbed(document), default=_scrubbed_record, option=_SCRUB_OPTIONS)


def decode(document: bytes) -> Frame | None:
    """The frame that a document holds; None if its kind is not known here.

    Raises StreamError for anything that `encode` cannot have made, and nothing else.
    """
    try:
        found = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise StreamError(f"a frame is no JSON: {error}") from None
    if not isinstance(found, dict) or found.get("v") != VERSION:
        raise StreamError(f"a frame is not of version {VERSION}")
    kind = found.get("kind")
    if not isinstance(kind, str):
        raise StreamError("a frame has no kind")
    if kind not in _KINDS:
        return None
    try:
        return cast("Frame", _read_record(_KINDS[kind], found))
    except _UnknownWordError:
        return None


_SCRUB_OPTIONS = _OPTIONS | orjson.OPT_PASSTHROUGH_DATACLASS


@cache
def _told_fields(kind: Any) -> tuple[str, ...]:
    """What of a record goes over the wire: all but bytes."""
    hints = _hints(kind)
    return tuple(one.name for one in fields(kind) if hints[one.name] is not bytes)


def _fact_document(fact: Observation) -> dict[str, Any]:
    kind: Any = type(fact)
    told = {name: getattr(fact, name) for name in _told_fields(kind)}
    return {"is": kind.__name__, **told}


def _scrubbed(value: Any) -> Any:
    """The value with every string clean, and so fit for UTF-8."""
    if isinstance(value, str):
        return clean(value, limit_chars=_LIMIT_CHARS)
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_scrubbed(each) for each in value]
    return value


def _scrubbed_record(record: Any) -> Any:
    kind: Any = type(record)
    return {name: _scrubbed(getattr(record, name)) for name in _told_fields(kind)}


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, localns=_NAMES)


@cache
def _form(kind: Any) -> tuple[tuple[str, bool, Callable[[Any], Any]], ...]:
    """Name, whether it must be there, and reader of each field."""
    hints = _hints(kind)
    return tuple(
        (
            one.name,
            one.default is MISSING and one.default_factory is MISSING,
            _reader(hints[one.name]),
        )
        for one in fields(kind)
        if hints[one.name] is not bytes
    )


def _read_record(kind: Any, found: Any) -> Any:
    if not isinstance(found, dict):
        raise StreamError(f"{kind.__name__} is no object")
    values: dict[str, Any] = {}
    for name, required, read in _form(kind):
        if name in found:
            try:
                values[name] = read(found[name])
            except StreamError as error:
                raise StreamError(f"{kind.__name__}.{name}: {error.reason}") from None
        elif required:
            raise StreamError(f"{kind.__name__} has no {name}")
    return kind(**values)


def _reader(hint: Any) -> Callable[[Any], Any]:
    """What reads a value of an annotation; every annotation of a frame has one, which a test checks."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is dict:
        return partial(
            _read_map, _read_number_keys if inner[0] is int else _read_keys, _reader(inner[1])
        )
    if origin is tuple:
        return _tuple_reader(inner)
    if origin in (Union, types.UnionType):
        (some,) = (each for each in inner if each is not type(None))
        return partial(_read_optional, _reader(some))
    if issubclass(hint, Enum):
        return partial(_read_enum, {member.value: member for member in hint})
    return partial(_read_record, hint)


def _tuple_reader(inner: tuple[Any, ...]) -> Callable[[Any], Any]:
    if inner[-1] is Ellipsis:
        return partial(_read_series, _reader(inner[0]))
    return partial(_read_row, tuple(_reader(each) for each in inner))


def _read_fact(found: Any) -> Observation:
    if not isinstance(found, dict):
        raise StreamError("a fact is no object")
    kind = found.get("is")
    if not isinstance(kind, str):
        raise StreamError("a fact has no name")
    known = facts().get(kind)
    if known is None:
        raise _UnknownWordError
    return cast("Observation", _read_record(known, found))


def _read_bool(found: Any) -> bool:
    if not isinstance(found, bool):
        raise StreamError("neither true nor false")
    return found


def _read_int(found: Any) -> int:
    if not isinstance(found, int) or isinstance(found, bool):
        raise StreamError("no whole number")
    return found


def _read_float(found: Any) -> float:
    if isinstance(found, float):
        return found
    return float(_read_int(found))


def _read_str(found: Any) -> str:
    if not isinstance(found, str):
        raise StreamError("no string")
    return found


def _read_clean(found: Any) -> Clean:
    return clean(_read_str(found), limit_chars=_LIMIT_CHARS)


def _read_optional(read: Callable[[Any], Any], found: Any) -> Any:
    return None if found is None else read(found)


def _read_enum(members: dict[Any, Any], found: Any) -> Any:
    if not isinstance(found, str):
        raise StreamError("no word")
    if found not in members:
        raise _UnknownWordError
    return members[found]


def _read_series(read: Callable[[Any], Any], found: Any) -> tuple[Any, ...]:
    if not isinstance(found, list):
        raise StreamError("no list")
    return tuple(map(read, found))


def _read_row(reads: tuple[Callable[[Any], Any], ...], found: Any) -> tuple[Any, ...]:
    if not isinstance(found, list) or len(found) != len(reads):
        raise StreamError(f"no list of {len(reads)}")
    return tuple(read(each) for read, each in zip(reads, found, strict=True))


def _read_map(
    read_keys: Callable[[Any], Any], read: Callable[[Any], Any], found: Any
) -> dict[Any, Any]:
    """Maps are most of a beat: one look at the types of all values is a fifth of reading each."""
    if not isinstance(found, dict):
        raise StreamError("no object")
    values: Any = found.values()
    if set(map(type, values)) != _READ_AT_ONCE.get(read, _NO_TYPE):
        values = map(read, values)
    elif read_keys is _read_keys:
        return found
    return dict(zip(read_keys(found), values, strict=True))


def _read_keys(found: dict[str, Any]) -> Any:
    return found


def _read_number_keys(found: dict[str, Any]) -> Any:
    """JSON has no numbers as keys."""
    digits = "".join(found)
    if found and not (all(found) and digits.isascii() and digits.isdigit()):
        raise StreamError("a key is no count")
    if max(map(len, found), default=0) > _LONGEST_KEY:
        raise StreamError("a key is too large")
    return map(int, found)


_LONGEST_KEY = 9
_NO_TYPE: set[type] = {object}
_READ_AT_ONCE: dict[Any, set[type]] = {_read_float: {float}, _read_int: {int}}

_PLAIN: dict[Any, Callable[[Any], Any]] = {
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    str: _read_str,
    Clean: _read_clean,
    Observation: _read_fact,
}
