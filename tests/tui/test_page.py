from __future__ import annotations

import pytest

from trunkline.tui.context import Context
from trunkline.tui.pace import Due
from trunkline.tui.page import HEIGHTS, WIDTHS, Page
from tui.desks import SyntheticDesk, Wishes


def _page():
    context = Context(desk=SyntheticDesk(), controls=Wishes())
    context.select("web-81aa")
    return Page(context)


def test_a_page_must_draw():
    page = _page()
    with pytest.raises(NotImplementedError):
        page.draw(Due(meters=True, text=True))
    with pytest.raises(NotImplementedError):
        page.redraw()


def test_a_page_is_about_the_selected_line_and_filters_nothing():
    page = _page()
    assert page.line_key() == "web-81aa"
    assert page.filter_text() == ""
    assert page.apply_filter("score<60") is None


def test_the_two_drawn_sizes_have_different_forms():
    def form(steps, size):
        return [name for least, name in steps if size >= least][-1]

    assert (form(WIDTHS, 80), form(WIDTHS, 120)) == ("-narrow", "-wide")
    assert (form(HEIGHTS, 24), form(HEIGHTS, 36)) == ("-short", "-tall")
