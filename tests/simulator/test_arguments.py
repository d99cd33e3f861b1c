from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator.arguments import arguments_for

KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def fits(value: Any, schema: Any, document: Any) -> bool:
    """A checker of its own: whether the value is what the schema describes."""
    if schema in (True, {}):
        return True
    if "$ref" in schema:
        target = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = {**target, **{key: schema[key] for key in schema if key != "$ref"}}
    checks = [
        value in schema.get("enum", [value]),
        value == schema.get("const", value),
        all(fits(value, one, document) for one in schema.get("allOf", ())),
        any(fits(value, one, document) for one in schema.get("anyOf", [True])),
        _has_type(value, schema.get("type")),
    ]
    if isinstance(value, dict):
        checks.append(_object_fits(value, schema, document))
    elif isinstance(value, list):
        checks.append(_array_fits(value, schema, document))
    elif isinstance(value, str):
        checks.append(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**9))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        checks.append(_number_fits(value, schema))
    return all(checks)


def _has_type(value: Any, kind: Any) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    if kind is None:
        return True
    if isinstance(value, bool):
        return "boolean" in kinds
    return any(isinstance(value, KINDS[one]) for one in kinds)


def _object_fits(value: dict, schema: dict, document: Any) -> bool:
    known, free = schema.get("properties", {}), schema.get("additionalProperties", True)
    return (
        set(schema.get("required", ())) <= set(value)
        and len(value) >= schema.get("minProperties", 0)
        and (free is not False or set(value) <= set(known))
        and all(fits(one, known.get(key, free or {}), document) for key, one in value.items())
    )


def _array_fits(value: list, schema: dict, document: Any) -> bool:
    first, rest = schema.get("prefixItems", []), schema.get("items", True)
    sorts = [*first, *[rest] * len(value)]
    return (
        schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9)
        and all(fits(one, sort, document) for one, sort in zip(value, sorts, strict=False))
        and (not schema.get("uniqueItems") or len({repr(one) for one in value}) == len(value))
    )


def _number_fits(value: float, schema: dict) -> bool:
    return (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and schema.get("exclusiveMinimum", value - 1) < value
        and value < schema.get("exclusiveMaximum", value + 1)
        and not value % schema.get("multipleOf", value or 1)
    )


def holding(schema: Any, **definitions: Any) -> dict[str, Any]:
    document = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
    return document | ({"$defs": definitions} if definitions else {})


def made(schema: Any, **definitions: Any) -> Any:
    document = holding(schema, **definitions)
    arguments = arguments_for(document)
    assert fits(arguments, document, document), arguments
    return arguments["it"]


NODE = {
    "type": "object",
    "required": ["value", "next"],
    "properties": {
        "value": {"type": "integer"},
        "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
    },
}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "minLength": 5, "maxLength": 6},
        {"type": "string", "maxLength": 0},
        {"type": ["null", "integer"], "minimum": 3},
        {"type": "integer", "exclusiveMinimum": 3, "maximum": 4},
        {"type": "integer", "maximum": -3},
        {"type": "integer", "minimum": 7, "multipleOf": 5},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
        {"type": "number", "exclusiveMaximum": -2.5},
        {"type": "number", "minimum": 0.7, "multipleOf": 0.5},
        {"enum": ["x", "y"]},
        {"const": {"a": [1]}},
        {"type": "boolean"},
        {"type": "null"},
        {"type": "array", "items": {"type": "number"}, "minItems": 3},
        {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}]},
        {"type": "array", "minItems": 3, "uniqueItems": True,
         "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
        {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
        {"anyOf": [{"type": "null"}, {"type": "string", "minLength": 9}]},
        {"allOf": [{"type": "integer", "minimum": 2}, {"minimum": 4}]},
        {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
        {"minimum": 4},
        True,
    ],
)  # fmt: skip
def test_what_is_made_fits_the_schema(schema):
    made(schema)


def test_references_are_followed_into_the_document():
    assert made({"$ref": "#/$defs/city"}, city={"type": "string", "minLength": 20}) == "it".ljust(
        20, "x"
    )


def test_a_schema_that_refers_to_itself_comes_to_an_end():
    made({"$ref": "#/$defs/node"}, node=NODE)
    assert arguments_for({"$ref": "#"}) == {}


def test_only_what_is_required_is_there():
    schema = holding({"type": "string"})
    schema["properties"]["other"] = {"type": "string"}
    assert arguments_for(schema) == {"it": "it"}


def test_a_default_is_taken_and_a_format_kept():
    assert made({"type": "integer", "default": 12}) == 12
    assert made({"type": "string", "format": "date"}) == "2026-01-02"


@pytest.mark.parametrize("parameters", [None, {}, [], "no", {"type": "string"}, {"type": "object"}])
def test_without_parameters_there_are_no_arguments(parameters):
    assert arguments_for(parameters) == {}


@pytest.mark.parametrize(
    "schema", [{"type": "array", "minItems": "3"}, {"required": 5}, {"anyOf": 3}]
)
def test_what_is_no_schema_is_refused(schema):
    with pytest.raises(ValueError, match="not a JSON schema"):
        arguments_for(holding(schema))


def test_nothing_grows_without_bounds():
    assert len(arguments_for(holding({"type": "string", "minLength": 10**12}))["it"]) == 10_000
    assert len(arguments_for(holding({"type": "array", "minItems": 10**12}))["it"]) == 10_000


NUMBERS = st.one_of(st.integers(-50, 50), st.floats(-50, 50).map(lambda number: round(number, 2)))


@given(NUMBERS, st.floats(0.5, 40), st.booleans(), st.booleans())
def test_a_number_is_in_its_range(low, width, is_open, is_closed):
    high = low + width
    made({"type": "number", "exclusiveMinimum" if is_open else "minimum": low,
          "exclusiveMaximum" if is_closed else "maximum": high})  # fmt: skip


@given(st.integers(-50, 50), st.integers(2, 40), st.booleans(), st.booleans())
def test_so_is_an_integer(low, width, is_open, is_closed):
    made({"type": "integer", "exclusiveMinimum" if is_open else "minimum": low,
          "exclusiveMaximum" if is_closed else "maximum": low + width})  # fmt: skip
