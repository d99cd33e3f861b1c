from __future__ import annotations

import pytest

from trunkline.simulator import schema
from trunkline.simulator.refusals import Refusal

POINT = schema.record({"x": schema.integer(0, 9), "y": schema.number(0, 1)}, required=("x",))


@pytest.mark.parametrize(
    ("check", "value", "code", "param"),
    [
        (schema.flag, 1, "invalid_type", "p"),
        (schema.text(), None, "invalid_type", "p"),
        (schema.text(limit=2), "abc", "string_above_max_length", "p"),
        (schema.integer(1), True, "invalid_type", "p"),
        (schema.integer(1), 0, "integer_below_min_value", "p"),
        (schema.integer(1, 2), 3, "integer_above_max_value", "p"),
        (schema.number(0, 1), "1", "invalid_type", "p"),
        (schema.number(0, 1), 1.5, "decimal_above_max_value", "p"),
        (schema.choice("a", "b"), "c", "invalid_value", "p"),
        (schema.choice("a"), 1, "invalid_type", "p"),
        (schema.nullable(schema.flag), "no", "invalid_type", "p"),
        (schema.by_type({str: schema.anything}, "a string"), 1, "invalid_type", "p"),
        (schema.list_of(schema.flag), {}, "invalid_type", "p"),
        (schema.list_of(schema.flag), [True, 1], "invalid_type", "p[1]"),
        (schema.list_of(schema.flag, least=1), [], "invalid_value", "p"),
        (schema.list_of(schema.flag, most=1), [True, True], "invalid_value", "p"),
        (schema.mapping(schema.text(), most=1, key_limit=2), [], "invalid_type", "p"),
        (
            schema.mapping(schema.text(), most=1, key_limit=2),
            {"a": "", "b": ""},
            "object_above_max_properties",
            "p",
        ),
        (
            schema.mapping(schema.text(), most=1, key_limit=2),
            {"abc": ""},
            "string_above_max_length",
            "p",
        ),
        (schema.mapping(schema.text(), most=1, key_limit=2), {"ab": 1}, "invalid_type", "p.ab"),
        (POINT, [], "invalid_type", "p"),
        (POINT, {"x": 1, "z": 1}, "unknown_parameter", "p.z"),
        (POINT, {"y": 0.5}, "missing_required_parameter", "p.x"),
        (POINT, {"x": 10}, "integer_above_max_value", "p.x"),
        (schema.tagged({"a": schema.anything}), None, "invalid_type", "p"),
        (schema.tagged({"a": schema.anything}), {}, "missing_required_parameter", "p.type"),
        (schema.tagged({"a": schema.anything}), {"type": []}, "invalid_value", "p.type"),
        (schema.unbuilt("it"), 1, "invalid_value", "p"),
    ],
)
def test_a_wrong_value_is_refused_with_its_code_and_place(check, value, code, param):
    with pytest.raises(Refusal) as refused:
        check(value, "p")
    assert (refused.value.code, refused.value.param) == (code, param)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (schema.anything, object()),
        (schema.flag, False),
        (schema.text(limit=3), "abc"),
        (schema.integer(0), 10**9),
        (schema.number(0, 1), 1),
        (schema.choice("a"), "a"),
        (schema.nullable(schema.flag), None),
        (schema.by_type({str: schema.choice("a")}, "a string"), "a"),
        (schema.list_of(schema.flag), [True, False]),
        (schema.mapping(schema.text(), most=1, key_limit=2), {"ab": "c"}),
        (POINT, {"x": 1}),
        (schema.tagged({"a": schema.anything}), {"type": "a", "more": 1}),
    ],
)
def test_a_right_value_passes(check, value):
    assert check(value, "p") is None


def test_at_the_top_the_path_is_the_field_alone():
    with pytest.raises(Refusal) as refused:
        POINT({"z": 1}, "")
    assert refused.value.param == "z"
