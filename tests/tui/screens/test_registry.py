from __future__ import annotations

import pytest

from trunkline.tui.context import Context
from trunkline.tui.page import Page
from trunkline.tui.screens import registry
from trunkline.tui.screens.registry import PAGES, make_page
from tui.desks import SyntheticDesk, Wishes


def test_a_page_is_made_by_its_name_and_gets_the_context(monkeypatch):
    monkeypatch.setitem(PAGES, "plain", ("trunkline.tui.page", "Page"))
    context = Context(desk=SyntheticDesk(), controls=Wishes())
    page = make_page("plain", context)
    assert isinstance(page, Page)
    assert page.context is context


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError):
        make_page("nonsense", Context(desk=SyntheticDesk(), controls=Wishes()))
    assert registry.__all__ == ["PAGES", "make_page"]
