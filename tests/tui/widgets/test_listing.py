from __future__ import annotations

import asyncio

import pytest
from textual.app import App
from textual.events import MouseScrollDown, MouseScrollUp

from trunkline.tui.ink import text
from trunkline.tui.widgets.listing import Listing


def _paint(count, *_):
    return [text(f"line {n}") for n in range(count)]


def _in_app(script):
    listing = Listing(_paint, name="p", title="P")

    class Bench(App):
        CSS = "Listing { width: 20; height: 7; }"

        def compose(self):
            yield listing

    async def run():
        app = Bench()
        async with app.run_test(size=(30, 10)) as pilot:
            await pilot.pause()
            return await script(listing, pilot)

    return asyncio.run(run())


def test_an_empty_list_has_no_cursor():
    async def script(listing, pilot):
        listing.show(0)
        listing.move(3)
        return listing.cursor_line

    assert _in_app(script) is None


@pytest.mark.parametrize(
    ("moves", "cursor", "top"),
    [
        ((), 0, 0),
        ((2,), 2, 0),
        ((7,), 7, 3),
        ((99,), 9, 5),
        ((99, -4), 5, 5),
        ((99, -5), 4, 4),
        ((-1,), 0, 0),
    ],
)
def test_the_cursor_stays_in_sight(moves, cursor, top):
    async def script(listing, pilot):
        listing.show(10)
        for lines in moves:
            listing.move(lines)
        return listing.cursor_line, listing.first_line

    assert _in_app(script) == (cursor, top)


def test_a_list_that_became_shorter_keeps_its_cursor_in_it():
    async def script(listing, pilot):
        listing.show(10)
        listing.move(9)
        listing.show(4)
        return listing.cursor_line, listing.first_line

    assert _in_app(script) == (3, 0)


def test_the_cursor_has_a_sign_and_the_edge_says_what_is_below():
    async def script(listing, pilot):
        listing.show(10)
        listing.move(1)
        await pilot.pause()
        return [listing.render_line(y).text for y in (1, 2, 6)]

    plain, marked, edge = _in_app(script)
    assert plain.startswith("│line 0")
    assert "line 1" in marked
    assert "5 more below" in edge


def test_the_wheel_moves_the_cursor():
    def wheel(kind, listing):
        return kind(listing, 0, 0, 0, 0, 0, False, False, False)

    async def script(listing, pilot):
        listing.show(10)
        listing.on_mouse_scroll_down(wheel(MouseScrollDown, listing))
        down = listing.cursor_line
        listing.on_mouse_scroll_up(wheel(MouseScrollUp, listing))
        return down, listing.cursor_line

    assert _in_app(script) == (3, 0)


def test_a_click_below_the_last_line_does_nothing():
    async def script(listing, pilot):
        listing.show(2)
        await pilot.click(listing, offset=(3, 4))
        return listing.cursor_line

    assert _in_app(script) == 0
