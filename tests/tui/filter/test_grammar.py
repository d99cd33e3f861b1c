from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.tui.filter.entries import ENTRIES
from trunkline.tui.filter.grammar import LONGEST_FILTER, MOST_TERMS, parse
from trunkline.tui.filter.quantity import Quantity
from trunkline.tui.filter.refusal import FilterError
from trunkline.tui.filter.rows import ROWS
from trunkline.tui.filter.term import (
    Comparison,
    Expression,
    Literal,
    Raised,
    Standing,
    Term,
    Wildcard,
    Word,
)
from tui.filter.things import ENTRY, entry, filters


@settings(max_examples=300)
@given(filters())
def test_what_is_printed_reads_as_the_same_filter(one):
    assert parse(str(one), ENTRIES) == one


@given(filters(ROWS))
def test_filters_of_rows_read_the_same_too(one):
    assert parse(str(one), ROWS) == one


_PIECES = st.sampled_from(
    [
        "turn",
        "type",
        "err",
        ":",
        "=",
        "!=",
        "<",
        "!",
        "-",
        '"',
        "/",
        "\\",
        ",",
        " ",
        "31",
        "ms",
        "*",
        "(",
        "any",
    ]
)


@settings(max_examples=300)
@given(st.lists(_PIECES | st.characters(), max_size=40).map("".join), ENTRY)
def test_nothing_is_raised_but_the_documented_error(text, thing):
    try:
        found = parse(text, ENTRIES)
    except FilterError as error:
        assert 1 <= error.column <= len(text) + 1
        return
    found.predicate()(thing)
    assert parse(str(found), ENTRIES) == found


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("   ", ()),
        ("done", (Term(Word(Literal("done"))),)),
        ("!done", (Term(Word(Literal("done")), negated=True),)),
        ("-done", (Term(Word(Literal("done")), negated=True),)),
        ("err", (Term(Raised("err")),)),
        ('"err"', (Term(Word(Literal("err"))),)),
        ("re*done", (Term(Word(Wildcard("re*done"))),)),
        ("/a b/", (Term(Word(Expression("a b"))),)),
        ("turn:31", (Term(Comparison("turn", ":", (Quantity(31.0),))),)),
        ("turn=31", (Term(Comparison("turn", ":", (Quantity(31.0),))),)),
        ("turn!=31", (Term(Comparison("turn", ":", (Quantity(31.0),)), negated=True),)),
        ("!turn!=31", (Term(Comparison("turn", ":", (Quantity(31.0),))),)),
        ("lat>0.5s", (Term(Comparison("lat", ">", (Quantity(0.5, "s"),))),)),
        ("latency>=1", (Term(Comparison("lat", ">=", (Quantity(1.0),))),)),
        ("dir:any", (Term(Comparison("dir", ":", (Standing.ANY,))),)),
        ("dir:in,↑", (Term(Comparison("dir", ":", (Literal("down"), Literal("up")))),)),
        ('type="a b",c*,/d/', (
            Term(Comparison("type", "=", (Literal("a b"), Wildcard("c*"), Expression("d")))),
        )),
    ],
)  # fmt: skip
def test_what_is_understood(text, terms):
    assert parse(text, ENTRIES).terms == terms


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("a stat:1", 3, "no field stat: known are dir"),
        ("tipe:a", 1, "did you mean type?"),
        ("dir:sideways", 5, "dir is up, down, local, any or none"),
        ("lat>5kg", 5, "known are us, ms, s, m, min, h"),
        ("turn:", 6, "a value is missing: turn is a number"),
        ("type:a,", 8, "a value is missing: type is a text"),
        ("type>3", 5, "type is no number"),
        ("lat>1,2", 6, "more and less have one value"),
        ("err:1", 1, "err stands alone"),
        ("a,b", 2, "commas stand between"),
        ('x "y', 3, "the quote is not closed"),
        ("x /y", 3, "the expression is not closed"),
        ("//", 2, "nothing between the slashes"),
        ("x /a(b/", 5, "a ( without its )"),
        ("!!a", 2, "follows ! or - at once"),
        ("- a", 2, "follows ! or - at once"),
        ("!", 2, "follows ! or - at once"),
        ('"a"b', 4, "a blank is missing"),
        ('a"b"', 2, "a blank is missing"),
        ("x" * (LONGEST_FILTER + 1), LONGEST_FILTER + 1, "may have 500 characters"),
        ("a " * (MOST_TERMS + 1), 2 * MOST_TERMS + 1, "may have 32 terms"),
    ],
)
def test_what_is_refused_and_where(text, column, words):
    with pytest.raises(FilterError, match="column") as caught:
        parse(text, ENTRIES)
    assert (caught.value.column, words in caught.value.message) == (column, True), caught.value


def test_the_example_of_the_inspector():
    found = parse(
        "turn:31 -type:conversation.* dir:any size>0 lat>500 err /re/", ENTRIES
    ).predicate()
    assert not found(entry(turn=31, size_bytes=9, latency_ms=700.0))
    assert str(parse("turn:31  -type:conversation.*", ENTRIES)) == "turn:31 !type:conversation.*"
