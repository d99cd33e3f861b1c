from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.levels import Level
from trunkline.tui import ink
from trunkline.tui.ink import ASCII, Span, Tone, fit, join, label, line_width, signed, spread, text

_LINE = st.lists(
    st.builds(Span, st.text(st.sampled_from("ab 東👩\u200d\n"), max_size=10)), max_size=5
).map(tuple)


@given(_LINE, st.integers(0, 30))
def test_a_fitted_line_has_exactly_its_width(line, width):
    assert line_width(fit(line, width)) == width


def test_items_that_do_not_fit_are_left_out_whole():
    items = [label("a", "1"), label("b", "2"), label("c", "3")]
    assert "".join(span.text for span in join(items, 12)).rstrip() == "a 1   b 2"


def test_the_first_item_is_cut_rather_than_left_out():
    assert "".join(span.text for span in join([text("abcdef")], 4)) == "abc…"


def test_the_right_side_wins_where_both_meet():
    line = spread(text("a long title"), text("00:42"), 12)
    assert "".join(span.text for span in line) == "a lon… 00:42"


@pytest.mark.parametrize(
    ("level", "sign"),
    [(Level.OK, ""), (Level.WARNING, " ▲"), (Level.BAD, " ✖"), (Level.UNKNOWN, "")],
)
def test_a_colour_that_warns_comes_with_a_sign(level, sign):
    assert signed(level, "rtt", "5")[1].text == f"5{sign}"


def test_signs_have_a_plain_form_of_one_cell():
    assert all(isinstance(plain, str) and len(plain) == 1 for plain in ASCII.values())
    assert "● ▁█ ✂".translate(ASCII) == "* _# %"


def test_every_tone_is_styled():
    sheet = Path(ink.__file__).parent / "console.tcss"
    styles = sheet.read_text(encoding="utf-8")
    assert all(f".panel--{tone.value} " in styles for tone in Tone)
