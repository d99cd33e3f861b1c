from __future__ import annotations

import fnmatch
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.tui.filter import automaton as module
from trunkline.tui.filter.automaton import Automaton, wildcards, words_of
from trunkline.tui.filter.expression import literal
from trunkline.tui.filter.refusal import FilterError

_ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "A",
        ".",
        r"\d",
        r"\w",
        r"\S",
        r"\.",
        "[ab]",
        "[^a]",
        "[a-c1]",
        "^",
        "$",
        "é",
        "(?:)",
    ]
)


def _compound(inner):
    return (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "*?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        )
    )


SOURCES = st.recursive(_ATOMS, _compound, max_leaves=7)


@settings(max_examples=400)
@given(SOURCES, st.lists(st.text(st.sampled_from("abAB1. é"), max_size=12), min_size=1, max_size=6))
def test_it_finds_what_a_backtracking_engine_finds(source, texts):
    # The texts are short, so that the oracle's backtracking ends.
    machine = Automaton(module.parse_expression(source))
    oracle = re.compile(source, re.IGNORECASE)
    for text in texts:
        assert machine.search(text) == (oracle.search(text) is not None), (source, text)


@given(
    st.text(st.sampled_from("ab*?.["), max_size=8),
    st.lists(st.text(st.sampled_from("ab.["), max_size=8), max_size=5),
)
def test_wildcards_are_of_the_whole_text(pattern, texts):
    escaped = pattern.replace("[", "[[]")
    for text in texts:
        assert wildcards(pattern).search(text) == fnmatch.fnmatchcase(text, escaped)


@pytest.mark.parametrize(
    "source", ["(a+)+$", "(a|a)*$", "(a*)*b", "(.*a){20}", "a?" * 60 + "a" * 60]
)
def test_what_hangs_a_backtracking_engine_takes_one_pass(source, monkeypatch):
    machine = Automaton(module.parse_expression(source))
    seen = []
    step = Automaton._step
    monkeypatch.setattr(Automaton, "_step", lambda *args: seen.append(1) or step(*args))
    text = "a" * 3_000 + "!"
    machine.search(text)
    # Each character is one look into the table, and at most one new row of it.
    assert len(seen) <= len(text)


def test_a_full_table_begins_anew_and_finds_the_same(monkeypatch):
    monkeypatch.setattr(module, "_MOST_STEPS", 3)
    machine = Automaton(module.parse_expression("a.c|x[yz]+$"))
    found = [machine.search(text) for text in ("..abc", "acb", "xyzzy", "xyzzy.", "")]
    assert found == [True, False, True, False, False]
    assert len(machine._rows) <= 5


def test_case_does_not_matter():
    assert Automaton(literal("TimeOut")).search("a TIMEOUT here")
    assert Automaton(module.parse_expression("[A-C]")).search("b")
    assert Automaton(module.parse_expression("[a-c]")).search("B")


def test_an_expression_that_grows_too_large_is_refused_where_it_begins():
    with pytest.raises(FilterError, match="column 5: the expression repeats too much"):
        words_of("((a{99}){99}){99}", 5)


def test_errors_are_told_by_the_column_in_the_whole_filter():
    with pytest.raises(FilterError, match="column 8"):
        words_of("ab)", 6)


def test_ten_thousand_entries_are_looked_through_in_a_blink():
    texts = [
        f"response.output_audio.delta item_{n:04} first audio of the answer" for n in range(10_000)
    ]
    machine = words_of("time.?out|refus")
    machine.search(texts[0])
    began = time.process_time()
    assert not any(machine.search(text) for text in texts)
    # About 50 ms here; the limit says "not seconds" on any machine.
    assert time.process_time() - began < 1.0
