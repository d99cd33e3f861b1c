from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.tui.widgets.books import paint_books
from tui.widgets.painting import EMPTY, SIZES, painted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_books])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, snapshot_at(START + 10.7), snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_the_law_is_shown_as_an_equation():
    shown = painted(paint_books, snapshot_at(), 120, 1)
    assert "● accepted 17.90 s = consumed 9900 ms + retained 8000 ms + gap 0 ms" in shown


def test_a_narrow_line_has_everything_that_matters():
    shown = painted(paint_books, snapshot_at(), 80, 1)
    assert "accepted 17.90 = consumed 9.90 + retained 8.00 + gap 0 ms  replayed 1500 ms" in shown


def test_books_that_do_not_balance_get_a_cross():
    books = replace(snapshot_at(END).books, imbalance_ms=-20.0)
    shown = painted(paint_books, replace(snapshot_at(START + 1), books=books), 120, 1)
    assert shown.startswith(" ✖")
    assert "off by -20 ms" in shown


def test_books_nobody_checked_are_unknown():
    assert painted(paint_books, EMPTY, 80, 1).startswith(" ○")
