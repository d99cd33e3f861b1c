from __future__ import annotations

import pytest
from textual.binding import Binding

from trunkline.tui.app import ConsoleApp
from trunkline.tui.glyphs import Glyphs
from trunkline.tui.screens.fleet import FleetScreen
from trunkline.tui.screens.help import HelpScreen, key_name, key_rows
from trunkline.tui.screens.session import SessionScreen
from tui.looking import SIZES, assert_looks_as_before, look


def _rows(*keys):
    async def script(app, pilot):
        return key_rows(app.screen.active_bindings)

    return look(script, keys=keys)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_of_keys(size):
    assert_looks_as_before(f"help_{size[0]}x{size[1]}", look(size=size, keys=("question_mark",)))


def test_the_page_without_any_sign_beyond_ascii():
    assert look(keys=("question_mark",), glyphs=Glyphs.ASCII).isascii()


@pytest.mark.parametrize(("page", "keys"), [(FleetScreen, ()), (SessionScreen, ("enter",))])
def test_every_key_that_is_bound_is_listed(page, keys):
    listed = {key for keys, _ in _rows(*keys) for key in keys.split(" ")}
    bound = {
        key_name(key)
        for binding in (*ConsoleApp.BINDINGS, *page.BINDINGS)
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
        if binding.action.partition("(")[0] not in ("seek_by", "change_speed")
    }
    assert bound <= listed


def test_every_key_says_what_it_does():
    assert all(len(words) > 1 for _, words in _rows())
    assert ("ctrl+p", "Open the command palette") in _rows()


def test_keys_of_one_action_stand_together():
    assert ("j ↓", "Down") in _rows()


@pytest.mark.parametrize("key", ["escape", "question_mark", "q"])
def test_there_is_a_way_back(key):
    async def script(app, pilot):
        return isinstance(app.screen, HelpScreen), app.is_running

    assert look(script, keys=("question_mark", key)) == (False, True)


def test_a_long_page_scrolls():
    first = look(size=(80, 24), keys=("question_mark",))
    assert look(size=(80, 24), keys=("question_mark", "j", "down")) != first
    assert look(size=(80, 24), keys=("question_mark", "j", "k", "up")) == first
