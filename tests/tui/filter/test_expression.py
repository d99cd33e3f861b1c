from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.filter.expression import (
    ANYTHING,
    LONGEST_EXPRESSION,
    Anchor,
    Characters,
    Choice,
    Repeat,
    Sequence,
    literal,
    parse_expression,
)
from trunkline.tui.filter.refusal import FilterError

A, B = (literal(sign) for sign in "ab")


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("", Sequence(())),
        ("a", A),
        ("A", A),
        ("ab", Sequence((A, B))),
        ("a|b", Choice((A, B))),
        ("a|", Choice((A, Sequence(())))),
        ("(a|b)", Choice((A, B))),
        ("(?:a)", A),
        ("a*", Repeat(A, 0, None)),
        ("a+?", Repeat(A, 1, None)),
        ("a?", Repeat(A, 0, 1)),
        ("a{2}", Repeat(A, 2, 2)),
        ("a{2,}", Repeat(A, 2, None)),
        ("a{2,3}", Repeat(A, 2, 3)),
        (".", ANYTHING),
        ("^$", Sequence((Anchor(end=False), Anchor(end=True)))),
        (r"\.", literal(".")),
        (r"\t", literal("\t")),
        (r"\d", Characters(classes="d")),
        ("[ab]", Characters((("a", "a"), ("b", "b")))),
        ("[a-c_]", Characters((("a", "c"), ("_", "_")))),
        ("[^a]", Characters((("a", "a"),), negated=True)),
        ("[]]", Characters((("]", "]"),))),
        ("[a-]", Characters((("a", "a"), ("-", "-")))),
        (r"[\w.]", Characters(((".", "."),), "w")),
        (r"[\]]", Characters((("]", "]"),))),
    ],
)
def test_what_is_understood(source, tree):
    assert parse_expression(source) == tree


@pytest.mark.parametrize(
    ("source", "column", "words"),
    [
        ("a)", 2, "a ) without its ("),
        ("a(b", 2, "a ( without its )"),
        ("[a", 1, "a [ without its ]"),
        ("[a-", 1, "a [ without its ]"),
        ("*a", 1, "nothing before it"),
        ("a**", 3, "repeated twice"),
        ("a*+", 3, "repeated twice"),
        ("^*", 1, "an anchor cannot"),
        ("a{3,2}", 2, "the smaller one first"),
        ("a{101}", 2, "from 0 to 100"),
        ("[z-a]", 3, "from the smaller character"),
        (r"[a-\d]", 3, "from the smaller character"),
        ("a\\", 2, "a backslash at the end"),
        (r"\b", 1, "is not known; known are"),
        (r"(a)\1", 4, "is not known"),
        ("(?=a)", 3, "only (?: is known"),
        ("(" * 30, 22, "groups may be 20 deep"),
        ("a" * (LONGEST_EXPRESSION + 1), 1, "may have 200 characters"),
    ],
)
def test_what_is_refused_and_where(source, column, words):
    with pytest.raises(FilterError, match="column") as caught:
        parse_expression(source)
    assert caught.value.column == column
    assert words in caught.value.message


@given(st.text(st.sampled_from("ab()[]{}|*+?^$.\\-,19dwb"), max_size=30) | st.text(max_size=30))
def test_nothing_else_is_ever_raised(source):
    try:
        parse_expression(source)
    except FilterError as error:
        assert 1 <= error.column <= len(source) + 1
