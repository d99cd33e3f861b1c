from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.widgets.braille import Canvas


@pytest.mark.parametrize(
    ("x", "y", "sign"),
    [(0, 0, "⠁"), (1, 0, "⠈"), (0, 1, "⠂"), (1, 1, "⠐"), (0, 2, "⠄"), (1, 2, "⠠"), (0, 3, "⡀"), (1, 3, "⢀")],
)  # fmt: skip
def test_each_dot_has_its_place(x, y, sign):
    canvas = Canvas(1, 1)
    canvas.dot(x, y)
    assert canvas.row(0) == sign


def test_dots_of_a_cell_add_up_and_outside_there_is_nothing():
    canvas = Canvas(2, 1)
    for x in range(-3, 9):
        for y in range(-3, 9):
            canvas.dot(x, y)
    assert canvas.row(0) == "⣿⣿"


def test_where_no_dot_is_there_is_a_blank():
    assert Canvas(3, 1).row(0) == "   "


@given(*(st.integers(0, n) for n in (19, 11, 19, 11)))
def test_a_line_joins_its_ends_without_a_gap(x0, y0, x1, y1):
    dots = []

    class Paper(Canvas):
        def dot(self, x, y):
            dots.append((x, y))

    Paper(10, 3).line(x0, y0, x1, y1)
    assert (dots[0], dots[-1]) == ((x0, y0), (x1, y1))
    steps = pairwise(dots)
    assert all(max(abs(a - c), abs(b - d)) == 1 for (a, b), (c, d) in steps)
