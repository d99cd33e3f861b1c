from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.text import clean, redact

SEQUENCES = [
    "\x1b]0;title\x07",
    "\x1b]52;c;aGVsbG8=\x1b\\",
    "\x1b[31mred",
    "\x9b31m",
    "\x90q\x9c",
    "a\u202eb\u2066c\u2069",
    "\u200e\u200f\u061c",
    "line\u2028paragraph\u2029",
    "\ufeffmark",
    "\ud800lone",
    "bell\x07 back\x08 null\x00 del\x7f",
    "return\roverwrites",
]
FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def harmless(text: str) -> bool:
    return not any(
        sign in BIDI or (unicodedata.category(sign) in FORBIDDEN and sign not in "\n\t")
        for sign in text
    )


@pytest.mark.parametrize("text", SEQUENCES, ids=ascii)
def test_nothing_a_terminal_would_obey_is_left(text: str):
    assert harmless(clean(text))


@given(st.text(st.characters(), max_size=60))
def test_any_text_is_harmless_and_can_be_written_once_clean(text: str):
    cleaned = clean(text)
    assert harmless(cleaned)
    cleaned.encode("utf-8")


@given(st.text(st.characters(), max_size=60))
def test_cleaning_twice_is_cleaning_once(text: str):
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize("text", SEQUENCES, ids=ascii)
def test_a_sequence_split_over_two_deltas_is_as_harmless(text: str):
    for cut in range(len(text)):
        assert harmless(clean(text[:cut]) + clean(text[cut:]))


def test_ordinary_text_is_left_alone():
    text = "¿Qué tal?\n\tA-B 漢字 👍🏽 שלום"
    assert clean(text) == text


def test_anything_can_be_cleaned():
    assert clean(5) == "5"
    assert clean(ValueError("\x1bx")) == "\u241bx"


def test_long_text_is_cut_and_says_so():
    assert clean("abcdef", limit_chars=4) == "abc…"
    assert clean("abcd", limit_chars=4) == "abcd"


@pytest.mark.parametrize(
    "text",
    [
        "sk-CANARY1234",
        "ek_CANARY1234",
        "Authorization: Bearer CANARY1234",
        "realtime, openai-insecure-api-key.CANARY1234",
        "wss://host/v1?api-key=CANARY1234&model=m",
        "?token=CANARY1234",
        "client_secret=CANARY1234",
    ],
)
def test_what_looks_like_a_key_is_masked(text: str):
    assert "CANARY" not in redact(text)
    assert "CANARY" not in clean(text)
    assert "[redacted]" in clean(text)


def test_the_rest_of_a_line_with_a_key_stays_readable():
    assert redact("GET /v1?api-key=abc&model=m") == "GET /v1?[redacted]&model=m"


def test_a_key_cut_by_the_limit_is_still_masked():
    assert "CANARY" not in clean("x" * 10 + " sk-CANARY1234", limit_chars=20)


def test_marks_do_not_pile_up():
    assert clean("z" + "\u0301" * 500 + "algo") == "z" + "\u0301" * 4 + "algo"
    vietnamese = "e\u0302\u0323\u0301 Tie\u0302\u0301ng"
    assert clean(vietnamese) == vietnamese
