"""Checks of JSON values that fail as the API fails: with its code, its words and the path at fault.

A check is a function of a value and its path. It returns nothing and raises a `Refusal`; composed
checks hand the path down. Nothing is coerced: a boolean is not an integer here, as it is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trunkline.simulator.refusals import (
    Refusal,
    above_maximum,
    below_minimum,
    invalid_type,
    invalid_value,
    missing_parameter,
    not_built,
    too_long,
    unknown_parameter,
)

__all__ = [
    "Check",
    "anything",
    "by_type",
    "choice",
    "flag",
    "integer",
    "list_of",
    "mapping",
    "nullable",
    "number",
    "record",
    "tagged",
    "text",
    "unbuilt",
]

Check = Callable[[Any, str], None]
"""Raises a Refusal naming the path if the value will not do."""


def anything(value: Any, path: str) -> None:
    """Accepts any JSON value."""


def flag(value: Any, path: str) -> None:
    """Accepts true and false."""
    if not isinstance(value, bool):
        raise invalid_type(path, "a boolean", value)


def text(*, limit: int | None = None) -> Check:
    """A string of at most `limit` characters."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise invalid_type(path, "a string", value)
        if limit is not None and len(value) > limit:
            raise too_long(path, limit, len(value))

    return check


def integer(low: int, high: int | None = None) -> Check:
    """A whole number in the closed range."""

    def check(value: Any, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid_type(path, "an integer", value)
        _in_range(value, path, low, high)

    return check


def number(low: float, high: float) -> Check:
    """Any number in the closed range."""

    def check(value: Any, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise invalid_type(path, "a decimal", value)
        _in_range(value, path, low, high)

    return check


def choice(*values: str) -> Check:
    """One of the strings."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise invalid_type(path, "a string", value)
        if value not in values:
            raise invalid_value(path, value, values)

    return check


def nullable(inner: Check) -> Check:
    """What `inner` accepts, or null."""

    def check(value: Any, path: str) -> None:
        if value is not None:
            inner(value, path)

    return check


def by_type(cases: Mapping[type, Check], expected: str) -> Check:
    """The check of the value's JSON type; `expected` names the types for the refusal."""

    def check(value: Any, path: str) -> None:
        case = cases.get(type(value))
        if case is None:
            raise invalid_type(path, expected, value)
        case(value, path)

    return check


def list_of(inner: Check, *, least: int = 0, most: int | None = None) -> Check:
    """An array, each element checked as `path[index]`."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise invalid_type(path, "an array", value)
        if len(value) < least or (most is not None and len(value) > most):
            raise Refusal(
                f"Invalid '{path}': array of an unsupported length {len(value)}.",
                code="invalid_value",
                param=path,
            )
        for index, element in enumerate(value):
            inner(element, f"{path}[{index}]")

    return check


def mapping(inner: Check, *, most: int, key_limit: int) -> Check:
    """An object of free keys: at most `most` of them, each at most `key_limit` characters."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise invalid_type(path, "an object", value)
        if len(value) > most:
            message = f"Invalid '{path}': too many properties. Expected at most {most}."
            raise Refusal(message, code="object_above_max_properties", param=path)
        for key, element in value.items():
            if len(key) > key_limit:
                raise too_long(path, key_limit, len(key))
            inner(element, f"{path}.{key}")

    return check


def record(fields: Mapping[str, Check], *, required: tuple[str, ...] = ()) -> Check:
    """An object of exactly these fields; those not `required` may be absent."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise invalid_type(path, "an object", value)
        stem = f"{path}." if path else ""
        for key in value:
            if key not in fields:
                raise unknown_parameter(stem + key)
        for key in required:
            if key not in value:
                raise missing_parameter(stem + key)
        for key, element in value.items():
            fields[key](element, stem + key)

    return check


def tagged(cases: Mapping[str, Check], *, tag: str = "type") -> Check:
    """An object whose `tag` says which check is meant."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise invalid_type(path, "an object", value)
        name = f"{path}.{tag}" if path else tag
        if tag not in value:
            raise missing_parameter(name)
        case = cases.get(value[tag]) if isinstance(value[tag], str) else None
        if case is None:
            raise invalid_value(name, value[tag], cases)
        case(value, path)

    return check


def unbuilt(what: str) -> Check:
    """Refuses everything: the API has it and this simulator has not."""

    def check(_value: Any, path: str) -> None:
        raise not_built(path, what)

    return check


def _in_range(value: float, path: str, low: float, high: float | None) -> None:
    if value < low:
        raise below_minimum(path, low, value)
    if high is not None and value > high:
        raise above_maximum(path, high, value)
