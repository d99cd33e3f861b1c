"""Text measured in cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.cli.cellwidth import cells, cut, tail, wrapped


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("niños", 5), ("日本", 4), ("e\u0301", 1), ("a\u200db", 2)],
)
def test_a_character_takes_none_one_or_two(text: str, width: int):
    assert cells(text) == width


def test_what_is_cut_never_takes_more_than_there_is():
    assert cut("abc", 2) == "ab"
    assert cut("日本", 3) == "日"
    assert cut("ab", 5) == "ab"


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("one two three", 20, "one two three"),
        ("one two three", 9, "two three"),
        ("one two three", 8, "three"),
        ("onetwothree", 5, "three"),
        ("one two", 0, ""),
    ],
)
def test_the_end_of_a_text_begins_with_a_whole_word_where_one_fits(text, width, shown):
    assert tail(text, width) == shown


def test_lines_are_broken_at_blanks_and_indented_behind_the_first():
    assert wrapped("one two three four", 9, indent=2) == ["one two", "  three", "  four"]


def test_a_word_that_is_longer_than_a_line_is_broken():
    assert wrapped("go abcdefghij", 6, indent=1) == ["go", " abcde", " fghij"]


@given(st.text(alphabet="ab 日é", max_size=60), st.integers(8, 20))
def test_no_line_is_too_wide_and_no_letter_gets_lost(text: str, width: int):
    lines = wrapped(text, width, indent=2)
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert cells(tail(text, width)) <= width
    assert text.endswith(tail(text, width))
