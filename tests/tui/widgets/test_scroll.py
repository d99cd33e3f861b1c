from __future__ import annotations

import asyncio

import pytest
from textual.app import App
from textual.events import MouseScrollDown, MouseScrollUp

from trunkline.tui.ink import text
from trunkline.tui.widgets.scroll import ScrollPanel


def _paint(count, *_):
    return [text(f"line {n}") for n in range(count)]


def _in_app(panel, script):
    class Bench(App):
        CSS = "ScrollPanel { width: 20; height: 5; }"

        def compose(self):
            yield panel

    async def run():
        app = Bench()
        async with app.run_test(size=(30, 10)) as pilot:
            await pilot.pause()
            return await script(pilot)

    return asyncio.run(run())


@pytest.fixture
def follower():
    return ScrollPanel(_paint, name="p", framed=False, follows=True)


def test_a_follower_stays_at_the_newest_line(follower):
    async def script(pilot):
        follower.show(8)
        before = follower.first_line
        follower.show(12)
        return before, follower.first_line, follower.render_line(4).text.strip()

    assert _in_app(follower, script) == (3, 7, "line 11")


def test_going_up_holds_and_coming_back_follows(follower):
    async def script(pilot):
        follower.show(12)
        follower.move(-2)
        held = follower.follows
        follower.show(20)
        place = follower.first_line
        follower.move_to_end()
        return held, place, follower.follows, follower.first_line

    assert _in_app(follower, script) == (False, 5, True, 15)


def test_a_list_stays_where_it_is_and_stops_at_its_ends():
    panel = ScrollPanel(_paint, name="p", framed=False)

    async def script(pilot):
        panel.show(8)
        tops = [panel.first_line]
        for lines in (2, 99, -1, -99):
            panel.move(lines)
            tops.append(panel.first_line)
        return tops, panel.follows

    assert _in_app(panel, script) == ([0, 2, 3, 2, 0], False)


def test_the_edge_says_what_is_out_of_sight(follower):
    async def script(pilot):
        follower.show(12)
        notes = [follower.note]
        follower.move_to_start()
        notes.append(follower.note)
        return notes

    assert _in_app(follower, script) == ["", "7 more below  hold, f follows"]


def test_following_can_be_switched(follower):
    async def script(pilot):
        follower.show(12)
        follower.toggle_follow()
        held = follower.follows
        follower.toggle_follow()
        return held, follower.follows

    assert _in_app(follower, script) == (False, True)


def test_the_wheel_scrolls(follower):
    def wheel(kind):
        return kind(follower, 0, 0, 0, 0, 0, False, False, False)

    async def script(pilot):
        follower.show(20)
        follower.on_mouse_scroll_up(wheel(MouseScrollUp))
        up = follower.first_line
        follower.on_mouse_scroll_down(wheel(MouseScrollDown))
        return up, follower.first_line

    assert _in_app(follower, script) == (12, 15)
