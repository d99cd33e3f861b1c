from __future__ import annotations

import pytest

from trunkline.tui.context import Context
from trunkline.tui.screens.tabs import TABS, make_tab
from tui.desks import SyntheticDesk, Wishes
from tui.looking import look


def test_there_are_five_tabs_and_each_can_be_made():
    context = Context(desk=SyntheticDesk(), controls=Wishes())
    kinds = [type(make_tab(number, context)).__name__.lower() for number in range(1, 6)]
    assert kinds == [tab.name for tab in TABS]


@pytest.mark.parametrize(("size", "seen"), [((120, 36), "connection"), ((80, 24), "link-rows")])
def test_what_is_not_seen_is_not_drawn(size, seen):
    async def script(app, pilot):
        return {name for name, panel in app.screen.tab.panels.items() if panel._lines}

    drawn = look(script, size=size, keys=("enter",))
    assert seen in drawn
    assert not {"connection", "link-rows"} <= drawn


def test_a_tab_without_words_follows_nothing():
    async def script(app, pilot):
        app.screen.tab.toggle_follow()
        app.screen.tab.scroll_lines(3, None)
        return app.screen.tab.turn_over()

    assert look(script, keys=("enter", "2")) is False
