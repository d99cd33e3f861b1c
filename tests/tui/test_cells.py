from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from trunkline.tui.cells import cell_width, clip, flat, pad, wrap

_TEXT = st.text(st.sampled_from("ab é\n\t東京👩👧\u200d\ufe0f\u0301🏽🇪🇸ｱ"), max_size=40)


@given(_TEXT, st.integers(0, 30))
def test_clipped_text_fits(text, width):
    assert cell_len(clip(text, width)) <= width


@given(_TEXT, st.integers(1, 30), st.booleans())
def test_padded_text_has_exactly_its_width(text, width, right):
    assert cell_len(pad(text, width, right=right)) == width


@given(_TEXT, st.integers(2, 30))
def test_wrapped_lines_fit_and_keep_every_letter(text, width):
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == flat(text).replace(" ", "")


@pytest.mark.parametrize("text", ["👩\u200d👧", "❤\ufe0f", "👍🏽"])
def test_what_terminals_disagree_about_is_taken_apart(text):
    assert not {"\u200d", "\ufe0f", "🏽"} & set(flat(text))


def test_words_are_kept_whole_where_they_fit():
    assert wrap("to be or not to be", 6) == ("to be", "or not", "to be")
    assert wrap("", 6) == ("",)
    assert wrap("indivisible", 4) == ("indi", "visi", "ble")


def test_wide_characters_count_twice():
    assert cell_width("東京") == 4
    assert clip("東京都", 4) == "東 …" or cell_width(clip("東京都", 4)) == 4
