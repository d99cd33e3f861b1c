from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.ink import line_width
from trunkline.tui.widgets.bar import bar, filled


@pytest.mark.parametrize(
    ("value", "inside"),
    [(None, "    "), (0, "    "), (0.001, "▏   "), (50, "██  "), (56.25, "██▎ "), (100, "████"), (999, "████")],
)  # fmt: skip
def test_bars(value, inside):
    assert "".join(span.text for span in bar(value, 100, 6)) == f"▕{inside}▏"
    assert filled(value, 100, 4) == inside


@pytest.mark.parametrize(
    ("mark", "cells"), [(0, "┆█▌ "), (-5, "┆█▌ "), (50, "██┆ "), (100, "██▌┆"), (999, "██▌┆")]
)
def test_a_mark_stands_at_its_value(mark, cells):
    drawn = "".join(span.text for span in bar(62.5, 100, 6, mark=mark))
    assert drawn == f"▕{cells}▏"


@given(
    st.one_of(st.none(), st.floats(-10, 1e6)),
    st.floats(0, 1e4),
    st.integers(2, 40),
    st.one_of(st.none(), st.floats(-10, 1e6)),
)
def test_a_bar_has_its_width(value, full, width, mark):
    assert line_width(bar(value, full, width, mark=mark)) == width


def test_a_mark_beyond_all_bounds_stands_at_the_edge():
    smallest = 1.2e-308
    assert bar(None, smallest, 5, mark=2.0) == bar(None, 1.0, 5, mark=2.0)
