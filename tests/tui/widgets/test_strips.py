from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.ink import Tone, line_width
from trunkline.tui.widgets.strips import resampled, strip

_VALUES = st.lists(st.floats(0, 10), max_size=130)


@given(_VALUES, st.integers(0, 200))
def test_it_has_its_width(values, cells):
    assert len(resampled(values, cells)) == cells
    assert line_width(strip(values, cells, Tone.OK, full=1.0)) == cells


@given(_VALUES.filter(bool), st.integers(1, 200))
def test_the_largest_is_never_lost(values, cells):
    assert max(resampled(values, cells)) == max(values)
    assert set(resampled(values, cells)) <= set(values)


@pytest.mark.parametrize(
    ("values", "signs"),
    [((0, 0, 1, 1), "▁▁██"), ((0, 1), "▁▁██"), ((0, 0, 0, 0, 0, 0, 1, 0), "▁▁▁█"), ((), "▁▁▁▁")],
)
def test_columns_from_nothing_to_full(values, signs):
    assert strip(values, 4, Tone.OK, full=1.0)[0].text == signs
