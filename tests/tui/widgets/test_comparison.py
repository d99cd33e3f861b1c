from __future__ import annotations

import pytest

from trunkline.text import Clean
from trunkline.tui.ink import Tone
from trunkline.tui.inspector.comparison import Comparison, Pair
from trunkline.tui.widgets.comparison import paint_comparison
from tui.widgets.painting import SIZES, painted

FOUND = Comparison(
    Clean("turn 30"),
    Clean("turn 31"),
    (
        Pair("first audio", "940 ms", "1420 ms", True, "+480 ms"),
        Pair("status", "completed", "completed", False),
    ),
)


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_any_size(size):
    painted(paint_comparison, FOUND, *size)


def test_both_sides_have_a_column_and_what_differs_a_sign():
    head, first, second = painted(paint_comparison, FOUND, 80, 9).split("\n")
    assert head.split() == ["turn", "30", "turn", "31", "DIFFERENCE"]
    assert first.split() == ["≠", "first", "audio", "940", "ms", "1420", "ms", "+480", "ms"]
    assert not second.startswith("≠")
    assert head.index("turn 30") == first.index("940") == second.index("completed")


def test_what_differs_is_lit():
    _, first, second = paint_comparison(FOUND, 80, 9)
    assert {span.tone for span in first if span.text.strip()} == {Tone.WARNING, Tone.DIM}
    assert Tone.WARNING not in {span.tone for span in second if span.text.strip()}


def test_nothing_known_is_told():
    assert "nothing is known of either" in painted(
        paint_comparison, Comparison(Clean("a"), Clean("b"), ()), 80, 9
    )
