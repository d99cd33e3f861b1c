"""Whatever is said by others, labels are few, short and clean."""

from __future__ import annotations

import pytest

from trunkline.telemetry.labels import LIMITS, OTHER, LabelBook


def test_a_value_keeps_its_name_and_what_comes_beyond_the_bound_is_other():
    book = LabelBook()
    first = [book.value("type", f"response.{n}") for n in range(LIMITS["type"])]
    assert first == [f"response.{n}" for n in range(LIMITS["type"])]
    assert book.value("type", "one.more") == OTHER
    assert book.value("type", "response.5") == "response.5"
    assert book.value("model", "one.more") == "one.more"


def test_a_label_without_a_bound_of_its_own_has_one():
    book = LabelBook()
    assert len({book.value("anything", str(n)) for n in range(500)}) == 17


@pytest.mark.parametrize("raw", ["a b", 'x"} 1\nevil 2', "é", "x" * 81, "\x1b[2J"])
def test_a_type_that_is_no_word_is_other_and_takes_no_room(raw):
    book = LabelBook()
    assert book.value("type", raw) == OTHER
    assert book.value("code", raw) == OTHER
    assert sum(book.value("type", f"t{n}") != OTHER for n in range(500)) == LIMITS["type"]


def test_text_is_clean_short_and_one_line():
    value = LabelBook().value("line", "kiosk\n 12\x1b]0;x\x07 sk-secret-123456 " + "x" * 500)
    assert "\n" not in value
    assert "\x1b" not in value
    assert "sk-secret" not in value
    assert len(value) <= 100
