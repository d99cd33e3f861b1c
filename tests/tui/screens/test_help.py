from __future__ import annotations

import pytest

from trunkline.tui.app import ConsoleApp
from trunkline.tui.screens.help import KEYS, HelpScreen
from trunkline.tui.screens.session import SessionScreen
from tui.looking import assert_looks_as_before, look, screen_text


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
def test_the_page_of_keys(size):
    async def script(app, pilot, feed):
        await pilot.press("question_mark")
        await pilot.pause()
        return screen_text(app)

    assert_looks_as_before(f"help_{size[0]}x{size[1]}", look(None, script, size=size))


def test_every_key_of_our_own_is_listed():
    names = {"question_mark": "?", "pagedown": "pgdn", "pageup": "pgup", "down": "↓", "up": "↑"}
    listed = {key for keys, _ in KEYS for key in keys.split(" ")}
    bound = {
        key
        for binding in (*ConsoleApp.BINDINGS, *SessionScreen.BINDINGS)
        for key in binding.key.split(",")
    }
    assert {names.get(key, key) for key in bound} <= listed


@pytest.mark.parametrize("key", ["escape", "question_mark"])
def test_there_is_a_way_back(key):
    async def script(app, pilot, feed):
        await pilot.press("question_mark", key)
        await pilot.pause()
        return isinstance(app.screen, HelpScreen)

    assert look(None, script) is False
