from __future__ import annotations

import pytest

from trunkline.tui.widgets.filterline import FilterLook, paint_filter
from tui.widgets.painting import SIZES, painted

SAVED = (("f1", "errors"), ("f2", "turn"), ("f3", "slow"))


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_any_size(size):
    painted(paint_filter, FilterLook("turn:31 " * 20, errors_only=True, saved=SAVED), *size)


def test_what_can_be_asked_for_is_told_while_nothing_is():
    shown = painted(paint_filter, FilterLook("", saved=SAVED), 120, 1)
    assert shown.startswith(" filter: none")
    assert shown.endswith("(dir turn item lat err /re/)   saved: f1 errors  f2 turn  f3 slow")


def test_everything_that_hides_something_is_told():
    look = FilterLook("size>0", errors_only=True, shows_all=True, turn=31, saved=SAVED)
    shown = painted(paint_filter, look, 120, 1)
    assert shown.startswith(" filter: size>0 · ! errors only · turn 31 only (o) · matches lit (v)")
    assert "dir turn item" not in shown


def test_a_narrow_line_has_the_filter_only():
    assert painted(paint_filter, FilterLook("err", saved=SAVED), 80, 1) == " filter: err"


def test_what_is_wrong_takes_the_place_of_the_filter():
    look = FilterLook("err", complaint="column 1: no field stat", saved=SAVED)
    assert painted(paint_filter, look, 120, 1) == " column 1: no field stat"
