"""Arguments for a function, made up from its JSON schema.

A model would take them from the conversation; here they only have to fit: what is required is
there, and everything there is of its type and in its range. The same schema gives the same
arguments. Known: `type` (a list too), `enum`, `const`, `default`, `properties`, `required`,
`minProperties`, `items`, `prefixItems`, `minItems`, `uniqueItems`, the bounds of numbers and
strings, `multipleOf`, `format`, `$ref` into the same document, `anyOf`, `oneOf` and `allOf`. Not
known: `pattern`, `not`, `if`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["arguments_for"]

_DEPTH = 16
"""References followed into each other; a schema that demands more can have no finite value."""
_MOST = 10_000
"""Elements of an array and characters of a string, whatever a schema demands."""
_FORMATS = {
    "date": "2026-01-02",
    "time": "03:04:05Z",
    "date-time": "2026-01-02T03:04:05Z",
    "duration": "PT1M",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_TYPES_BY_KEYWORD = {
    "properties": "object",
    "required": "object",
    "additionalProperties": "object",
    "items": "array",
    "prefixItems": "array",
    "minItems": "array",
    "minimum": "number",
    "maximum": "number",
    "exclusiveMinimum": "number",
    "exclusiveMaximum": "number",
    "multipleOf": "number",
}


def arguments_for(parameters: Any) -> dict[str, Any]:
    """An object that fits `parameters`; empty where that does not describe an object.

    Raises ValueError for what cannot be read as a schema.
    """
    if not isinstance(parameters, dict):
        return {}
    try:
        made = _Maker(parameters).value(parameters, "value", 0)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a JSON schema: {error}") from error
    return made if isinstance(made, dict) else {}


class _Maker:
    """Makes values for the parts of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def value(self, schema: Any, name: str, depth: int, nth: int = 0) -> Any:
        """A value for a schema; `nth` asks for another one where values must differ."""
        if not isinstance(schema, dict) or depth > _DEPTH:
            return _numbered(name, nth)
        schema = self._flat(schema, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][nth % len(schema["enum"])]
        if "default" in schema and nth == 0:
            return schema["default"]
        return self._of_type(_type_of(schema), schema, name, depth, nth)

    def _flat(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """The schema with references, alternatives and conjunctions worked in."""
        flat = dict(schema)
        for _ in range(_DEPTH):
            parts: list[Any] = []
            if "$ref" in flat:
                parts.append(self._resolve(flat.pop("$ref")))
            parts += flat.pop("allOf", [])
            for keyword in ("anyOf", "oneOf"):
                if flat.get(keyword):
                    parts.append(_easiest(flat.pop(keyword), depth))
            if not parts:
                return flat
            for part in parts:
                flat = _both(flat, part) if isinstance(part, dict) else flat
        return flat

    def _resolve(self, reference: Any) -> Any:
        """What `#/$defs/name` points to; nothing for what is not in this document."""
        found: Any = self._document
        for step in str(reference).removeprefix("#").split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def _of_type(self, kind: str, schema: dict[str, Any], name: str, depth: int, nth: int) -> Any:
        if kind == "object":
            return self._object(schema, name, depth, nth)
        if kind == "array":
            return self._array(schema, name, depth, nth)
        if kind in {"integer", "number"}:
            return _number(schema, nth, is_whole=kind == "integer")
        if kind == "boolean":
            return nth % 2 == 0
        return None if kind == "null" else _string(schema, name, nth)

    def _object(self, schema: dict[str, Any], name: str, depth: int, nth: int) -> dict[str, Any]:
        known = schema.get("properties", {})
        wanted = [key for key in schema.get("required", []) if isinstance(key, str)]
        spare = [key for key in known if key not in wanted]
        # One that is told apart from its like has to have something to differ in.
        least = max(schema.get("minProperties", 0), min(nth, 1))
        wanted += spare[: max(0, least - len(wanted))]
        free = schema.get("additionalProperties", True)
        made = {key: self.value(known.get(key, free), key, depth + 1, nth) for key in wanted}
        while len(made) < min(least, _MOST) and free is not False:
            made[f"{name}{len(made)}"] = self.value(free, name, depth + 1, nth)
        return made

    def _array(self, schema: dict[str, Any], name: str, depth: int, nth: int) -> list[Any]:
        first = schema.get("prefixItems", [])
        rest = schema.get("items", True)
        least = max(schema.get("minItems", len(first)), min(nth, 1))
        differ = schema.get("uniqueItems", False)
        return [
            self.value(
                first[index] if index < len(first) else rest,
                name,
                depth + 1,
                nth + (index if differ else 0),
            )
            for index in range(min(least, _MOST))
        ]


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What must hold if both must; of two bounds the tighter one is taken."""
    merged = {**other, **one}
    for keyword in one.keys() & other.keys():
        merged[keyword] = _tighter(keyword, one[keyword], other[keyword])
    return merged


def _tighter(keyword: str, one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {**other, **one}
    if isinstance(one, list) and isinstance(other, list):
        if keyword in {"enum", "type"}:
            return [value for value in one if value in other]
        return list(dict.fromkeys([*one, *other])) if keyword == "required" else [*one, *other]
    if keyword.lower().startswith(("min", "exclusivemin")):
        return max(one, other)
    return min(one, other) if keyword.lower().startswith(("max", "exclusivemax")) else one


def _easiest(choices: list[Any], depth: int) -> Any:
    """The first alternative that says something; deep inside, the first without a reference."""
    real = [one for one in choices if isinstance(one, dict) and one.get("type") != "null"]
    if depth > _DEPTH // 4:
        plain = [one for one in choices if isinstance(one, dict) and "$ref" not in one]
        real = plain or real
    return (real or choices)[0]


def _type_of(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind
    hints = (hint for key, hint in _TYPES_BY_KEYWORD.items() if key in schema)
    return next(hints, "string")


def _number(schema: dict[str, Any], nth: int, *, is_whole: bool) -> float:
    """The lowest number of the range, or the highest where it has no lower end; then the next."""
    low, high = _bounds(schema)
    step = schema.get("multipleOf", 1 if is_whole else 0)
    if step:
        number = step * _count(low, high, step, nth)
        return int(number) if is_whole else number
    if math.isinf(low.at):
        return -nth if math.isinf(high.at) else high.at - nth - high.is_open
    # Inside, since an end may be excluded; never at it, and each time at another place.
    return low.at + min(1.0, high.at - low.at) / (2 + nth) if low.is_open or nth else low.at


class _Bound(NamedTuple):
    """One end of a range."""

    at: float
    is_open: bool


def _bounds(schema: dict[str, Any]) -> tuple[_Bound, _Bound]:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    return (
        _Bound(above, is_open=True)
        if _is_number(above) and above >= low
        else _Bound(low, is_open=False),
        _Bound(below, is_open=True)
        if _is_number(below) and below <= high
        else _Bound(high, is_open=False),
    )


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(low: _Bound, high: _Bound, step: float, nth: int) -> int:
    """How many steps make the number."""
    if math.isinf(low.at):
        top = 0 if math.isinf(high.at) else min(0, math.floor(high.at / step))
        return top - (high.is_open and top * step == high.at) - nth
    bottom = math.ceil(low.at / step)
    return bottom + (low.is_open and bottom * step == low.at) + nth


def _string(schema: dict[str, Any], name: str, nth: int) -> str:
    text = _FORMATS.get(schema.get("format", ""))
    if text is None:
        text = _numbered(name, nth)
    text = text.ljust(min(schema.get("minLength", 0), _MOST), "x")
    limit = schema.get("maxLength")
    return text if limit is None or len(text) <= limit else text[len(text) - limit :]


def _numbered(name: str, nth: int) -> str:
    return f"{name}{nth}" if nth else name
