from __future__ import annotations

import pytest
from hypothesis import given

from trunkline.tui.filter.entries import ENTRIES
from trunkline.tui.filter.grammar import parse
from trunkline.tui.filter.term import Comparison, Expression, Filter, Literal, Standing, Term, Word
from tui.filter.things import ENTRY, entry, filters


@given(filters(), ENTRY)
def test_a_negated_term_holds_exactly_where_the_plain_one_does_not(one, thing):
    for term in one.terms:
        plain = Filter(ENTRIES, (Term(term.test),)).predicate()
        negated = Filter(ENTRIES, (Term(term.test, negated=True),)).predicate()
        assert plain(thing) != negated(thing)


@given(filters(), ENTRY)
def test_all_terms_must_hold(one, thing):
    alone = [Filter(ENTRIES, (term,)).predicate()(thing) for term in one.terms]
    assert one.predicate()(thing) == all(alone)


def test_without_terms_everything_passes():
    assert Filter(ENTRIES).predicate()(entry())


def test_what_is_not_known_is_neither_more_nor_less_nor_equal():
    unknown = entry(latency_ms=None)
    for text in ("lat>0", "lat<=0", "lat:0", "lat:any"):
        assert not parse(text, ENTRIES).predicate()(unknown)
    assert parse("lat:none", ENTRIES).predicate()(unknown)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Literal("a"), "a"), (Literal(""), '""'), (Literal("a b"), '"a b"'), (Literal('a"\\'), '"a\\"\\\\"'),
        (Literal("any"), '"any"'), (Standing.ANY, "any"), (Literal("a*"), '"a*"'), (Literal("/a"), '"/a"'),
        (Expression("a/b"), r"/a\/b/"), (Expression(r"\\/"), r"/\\\//"),
    ],
)  # fmt: skip
def test_values_are_written_so_that_they_read_the_same(value, text):
    assert str(value) == text
    comparison = Comparison("type", "=", (value,))
    assert parse(f"type={text}", ENTRIES).terms == (Term(comparison),)


@pytest.mark.parametrize("text", ["err", "-x", "!x", "a:b", "14:31", "/x", "a,b", "ERR"])
def test_words_that_would_be_something_else_are_written_in_quotes(text):
    word = Filter(ENTRIES, (Term(Word(Literal(text))),))
    assert str(word) == f'"{text}"'
    assert parse(str(word), ENTRIES) == word
