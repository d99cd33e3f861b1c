from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.ink import Tone, line_width
from trunkline.tui.widgets.frame import bottom_edge, top_edge

_WORDS = st.text(st.sampled_from("ab 東…"), max_size=40)


def _top(title, hint, width):
    return "".join(span.text for span in top_edge(title, hint, width, Tone.FRAME))


@given(_WORDS, _WORDS, st.integers(0, 60))
def test_an_edge_has_its_width(title, hint, width):
    assert line_width(top_edge(title, hint, width, Tone.FRAME)) == width
    assert line_width(bottom_edge(title, width, Tone.FRAME)) == width


@pytest.mark.parametrize(
    ("title", "hint", "edge"),
    [
        ("Link", "", "┌─ Link ───────────┐"),
        ("Link", "tab", "┌─ Link ───── tab ─┐"),
        ("", "", "┌──────────────────┐"),
        ("A rather long title", "tab", "┌─ A rather long … ┐"),
    ],
)
def test_words_stand_in_the_edge(title, hint, edge):
    assert _top(title, hint, 20) == edge


def test_the_lower_edge_has_its_words_at_the_right():
    edge = bottom_edge("3 more below", 24, Tone.FRAME)
    assert "".join(span.text for span in edge) == "└─────── 3 more below ─┘"
