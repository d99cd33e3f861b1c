from __future__ import annotations

import pytest

from trunkline.tui.context import Context
from trunkline.tui.page import HEIGHTS, WIDTHS, Page
from tui.desks import SyntheticDesk, Wishes


def _page():
    context = Context(desk=SyntheticDesk(), controls=Wishes())
    context.select("web-81aa")
    return Page(context)


def test_a_page_must_have_a_body():
    with pytest.raises(NotImplementedError):
        list(_page().body())


@pytest.mark.parametrize(
    ("deed", "complaint"),
    [("export_shown", "nothing to export"), ("copy_selected", "nothing to copy")],
)
def test_what_a_page_cannot_do_it_says(deed, complaint):
    with pytest.raises(ValueError, match=complaint):
        getattr(_page(), deed)()
    with pytest.raises(ValueError, match="is not sorted"):
        _page().sort_by("age")


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
