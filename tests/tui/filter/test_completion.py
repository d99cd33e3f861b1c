from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.filter.completion import Completion, complete
from trunkline.tui.filter.entries import ENTRIES
from trunkline.tui.filter.grammar import parse
from trunkline.tui.filter.rows import ROWS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ty", ("type:",)),
        ("turn:31 -ty", ("type:",)),
        ("S", ("size>",)),
        ("er", ("err",)),
        ("dir:", ("up", "down", "local", "any")),
        ("dir:up,d", ("down",)),
        ("dir!=lo", ("local",)),
        ("lat>", ()),
        ("nonsense:", ()),
        ("", ()),
        ("turn:31 ", ()),
        ("err", ()),
        ('"ty', ()),
        ("/ty", ()),
        ("type:resp", ("response.done", "response.created")),
    ],
)
def test_what_may_come_next(text, words):
    found = complete(
        text, ENTRIES, lambda name: {"type": ["response.done", "response.created"]}[name]
    )
    assert found.words == words
    assert all(word.lower().startswith(text[found.start :].lower()) for word in words)


def test_values_that_need_quotes_get_them():
    assert complete("note:", ENTRIES, lambda _: ["a b", ""]) == Completion(5, ('"a b"',))


def test_without_values_there_are_none_to_offer():
    assert complete("type:r", ENTRIES).words == ()


@given(st.sampled_from([ENTRIES, ROWS]), st.data())
def test_a_completed_name_is_understood(vocabulary, data):
    known = data.draw(st.sampled_from(vocabulary.fields))
    begun = known.name[: data.draw(st.integers(1, len(known.name)))]
    found = complete(begun, vocabulary)
    for word in found.words:
        ended = word + {":": "any", ">": "1"}.get(word[-1], "")
        assert parse(ended, vocabulary).terms
