from __future__ import annotations

import asyncio

import pytest
from textual.app import App

from trunkline.text import Clean
from trunkline.tui.inspector.comparison import Comparison, Pair
from trunkline.tui.screens.compare import CompareScreen

PAIRS = tuple(Pair(f"figure {n}", "1 ms", f"{n} ms", n > 1, f"+{n} ms") for n in range(60))


class Plain(App[None]):
    pass


def shown(*keys, pairs=PAIRS, ascii_only=False):
    async def run():
        app = Plain()
        async with app.run_test(size=(100, 24)) as pilot:
            app.push_screen(
                CompareScreen(Comparison(Clean("a"), Clean("[b]b"), pairs), ascii_only=ascii_only)
            )
            await pilot.pause()
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            strips = app.screen._compositor.render_strips()
            return "\n".join(strip.text for strip in strips), isinstance(app.screen, CompareScreen)

    return asyncio.run(run())


def test_both_sides_and_how_many_differ():
    text, _ = shown()
    assert "Compare  a and [b]b" in text
    assert "58 differences" in text
    assert "≠ figure 2" in text
    assert "1 difference " in shown(pairs=PAIRS[2:3])[0]


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        ((), 0),
        (("j",), 1),
        (("pagedown", "k"), 9),
        (("pagedown", "pageup"), 0),
        (("down", "up"), 0),
    ],
)
def test_it_scrolls(keys, first):
    text, _ = shown(*keys)
    assert f"figure {first} " in text or first == 0
    assert (first == 0) == ("a   " in text and "DIFFERENCE" in text)


@pytest.mark.parametrize("key", ["escape", "q", "equals_sign"])
def test_any_way_back_leads_below(key):
    assert shown(key)[1] is False


def test_without_any_sign_beyond_ascii():
    assert shown(ascii_only=True)[0].isascii()
