from __future__ import annotations

import pytest

from tui.desks import SyntheticDesk
from tui.looking import SIZES, assert_looks_as_before, look, screen_text, settle


def _key():
    async def script(app, pilot):
        return app.screen.line_key()

    return script


@pytest.mark.parametrize("size", SIZES)
def test_the_list_of_alerts(size):
    assert_looks_as_before(f"alerts_{size[0]}x{size[1]}", look(size=size, keys=("a",)))


def test_the_cursor_says_which_line_is_meant():
    assert look(_key(), keys=("a",)) == "kiosk-12"
    assert look(_key(), keys=("a", "j", "down", "k")) == "web-90c3"
    assert look(_key(), keys=("a", "G")) == "pstn-0093"
    assert look(_key(), keys=("a", "end", "home")) == "kiosk-12"
    assert look(_key(), keys=("a", "pagedown", "pageup", "g")) == "kiosk-12"


def test_enter_opens_the_session_and_escape_comes_back():
    async def script(app, pilot):
        opened = app.screen.NAME, app.context.selected
        await pilot.press("escape")
        await settle(pilot)
        return (*opened, app.screen.NAME)

    assert look(script, keys=("a", "j", "enter")) == ("SESSION", "web-90c3", "ALERTS")


def test_a_second_click_opens_it_too():
    async def script(app, pilot):
        await pilot.click("#alerts", offset=(5, 3))
        await pilot.click("#alerts", offset=(5, 3))
        await settle(pilot)
        return app.screen.NAME, app.context.selected

    assert look(script, keys=("a",)) == ("SESSION", "web-90c3")


def test_without_alerts_it_says_so_and_opens_nothing():
    async def script(app, pilot):
        return screen_text(app), app.screen.NAME

    shown, name = look(script, keys=("a", "enter"), desk=SyntheticDesk(lines=0))
    assert "nothing to tell" in shown
    assert name == "ALERTS"
