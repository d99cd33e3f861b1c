from __future__ import annotations

import pytest
from rich.cells import cell_len

from trunkline.text import Clean
from trunkline.tui.glyphs import Glyphs
from trunkline.tui.screens.session import SessionScreen
from tui.desks import SyntheticDesk, Wishes
from tui.looking import (
    SIZES,
    assert_looks_as_before,
    look,
    picture,
    screen_text,
    settle,
    strips,
    tick,
)

NONE = SyntheticDesk(nothing=True)


def _name(what, size):
    return f"fleet_{what}_{size[0]}x{size[1]}"


def _cursor():
    async def script(app, pilot):
        return app.screen.table.cursor_key

    return script


def _order():
    async def script(app, pilot):
        return list(app.screen.table.keys)

    return script


@pytest.mark.parametrize("size", SIZES)
def test_the_fleet_as_it_is_drawn(size):
    assert_looks_as_before(_name("seven", size), look(size=size, recorded_s=760.0))


@pytest.mark.parametrize("size", SIZES)
def test_more_lines_than_rows(size):
    assert_looks_as_before(_name("many", size), look(size=size, desk=SyntheticDesk(lines=128)))


@pytest.mark.parametrize("size", SIZES)
def test_before_anything_is_known(size):
    assert_looks_as_before(
        _name("nothing", size), look(size=size, desk=SyntheticDesk(nothing=True))
    )


@pytest.mark.parametrize("size", SIZES)
def test_without_any_sign_beyond_ascii(size):
    shown = look(size=size, glyphs=Glyphs.ASCII)
    assert shown.isascii()
    assert_looks_as_before(_name("ascii", size), shown)


def test_a_picture_of_the_fleet():
    async def script(app, pilot):
        return picture(app)

    shown = look(script, desk=SyntheticDesk(lines=128), recorded_s=760.0)
    assert "http" not in shown.replace("http://www.w3.org/2000/svg", "")
    assert_looks_as_before("fleet_120x36", shown, "svg")


def test_a_bigger_terminal_shows_more_of_everything():
    shown = look(size=(180, 60), desk=SyntheticDesk(lines=128))
    assert_looks_as_before("fleet_many_180x60", shown)


@pytest.mark.parametrize("size", [*SIZES, (100, 30), (200, 60), (60, 20), (40, 10), (20, 5)])
def test_no_line_is_longer_or_shorter_than_the_terminal(size):
    async def script(app, pilot):
        return [cell_len(strip.text) for strip in strips(app)]

    assert set(look(script, size=size)) == {size[0]}


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        ((), "kiosk-12"),
        (("j",), "web-90c3"),
        (("down", "down", "k"), "web-90c3"),
        (("G",), "sim-0001"),
        (("end", "up"), "web-7f21"),
        (("G", "g"), "kiosk-12"),
        (("end", "home"), "kiosk-12"),
        (("pagedown",), "sim-0001"),
        (("G", "pageup"), "kiosk-12"),
    ],
)
def test_the_cursor_moves(keys, cursor):
    assert look(_cursor(), keys=keys) == cursor


def test_n_goes_to_what_needs_attention_and_around():
    assert look(_cursor(), keys=("n",)) == "web-90c3"
    assert look(_cursor(), keys=("n", "n")) == "kiosk-12"
    assert look(_cursor(), keys=("N",)) == "web-90c3"


def test_n_says_so_if_nothing_does():
    async def script(app, pilot):
        app.screen.apply_filter("name:sim")
        await pilot.press("n")
        await settle(pilot)
        return screen_text(app)

    assert "no session needs attention" in look(script)


def test_exclamation_mark_lists_problems_only_and_all_again():
    assert look(_order(), keys=("exclamation_mark",)) == ["kiosk-12", "web-90c3"]
    assert len(look(_order(), keys=("exclamation_mark", "exclamation_mark"))) == 7


def test_s_sorts_by_the_next_column_and_capital_s_turns_around():
    shown = look(keys=("s",))
    assert "sort: rtt ↓" in shown
    assert look(_order(), keys=("s",))[0] == "web-90c3"
    assert look(_order(), keys=("s", "S"))[0] == "sim-0001"


def test_what_is_unknown_comes_last_either_way():
    assert look(_order(), keys=("s",))[-1] == "kiosk-12"
    assert look(_order(), keys=("s", "S"))[-1] == "kiosk-12"


def test_a_click_on_a_head_sorts_by_it():
    async def script(app, pilot):
        await pilot.click("#table", offset=(3, 1))
        once = list(app.screen.table.keys)
        await pilot.click("#table", offset=(3, 1))
        return once, list(app.screen.table.keys)

    once, twice = look(script)
    assert once == sorted(once)
    assert twice == once[::-1]


def test_a_click_selects_and_a_second_one_opens():
    async def script(app, pilot):
        await pilot.click("#table", offset=(5, 4))
        key = app.screen.table.cursor_key
        await pilot.click("#table", offset=(5, 4))
        await settle(pilot)
        return key, isinstance(app.screen, SessionScreen), app.context.selected

    assert look(script) == ("pstn-0107", True, "pstn-0107")


def test_the_wheel_moves():
    async def script(app, pilot):
        table = app.screen.table
        before = table.cursor_key
        table.on_mouse_scroll_down(_wheel(table))
        down = table.cursor_key
        table.on_mouse_scroll_up(_wheel(table))
        return before, down, table.cursor_key

    assert look(script) == ("kiosk-12", "pstn-0093", "kiosk-12")


def _wheel(widget):
    from textual.events import MouseScrollDown

    return MouseScrollDown(widget, 0, 0, 0, 0, 0, False, False, False)


def test_the_cursor_stays_on_its_line_when_the_order_changes():
    assert look(_cursor(), keys=("j", "s", "S")) == "web-90c3"


def test_w_chooses_the_columns():
    async def script(app, pilot):
        await pilot.press("w")
        await settle(pilot)
        await pilot.press("space")
        await pilot.press("enter")
        await settle(pilot)
        await tick(app, pilot)
        return screen_text(app)

    shown = look(script)
    assert "MODEL" not in shown
    assert "TTFA" in shown


def test_w_and_escape_change_nothing():
    async def script(app, pilot):
        return app.screen.table.column_names or "the usual"

    assert look(script, keys=("w", "space", "escape")) == "the usual"


def test_a_column_that_was_asked_for_is_there():
    async def script(app, pilot):
        app.screen.table.column_names = ("server", "process")
        app.screen.table.repaint()
        await tick(app, pilot)
        return screen_text(app)

    shown = look(script)
    assert "SERVER" in shown
    assert "api.openai.com" in shown
    assert "agents 4711" in shown


def test_slash_filters_while_it_is_typed_and_enter_keeps_it():
    async def script(app, pilot):
        await pilot.press("slash", *"score", "less_than_sign", *"70")
        await settle(pilot)
        typed = list(app.screen.table.keys)
        await pilot.press("enter")
        await settle(pilot)
        return typed, list(app.screen.table.keys), app.context.filter_text

    typed, kept, text = look(script)
    assert typed == kept == ["kiosk-12", "web-90c3", "pstn-0107"]
    assert text == "score<70"


def test_escape_takes_a_filter_back():
    async def script(app, pilot):
        await pilot.press("slash", *"pstn", "escape")
        await settle(pilot)
        return list(app.screen.table.keys), app.context.filter_text

    keys, text = look(script)
    assert len(keys) == 7
    assert text == ""


def test_a_filter_that_means_nothing_says_so_and_can_be_given_up():
    async def script(app, pilot):
        await pilot.press("slash", *"score", "less_than_sign")
        await settle(pilot)
        complained = screen_text(app).splitlines()[-1]
        await pilot.press("escape")
        await settle(pilot)
        return complained, len(app.screen.table.keys)

    complained, count = look(script)
    assert "column 7: a value is missing" in complained
    assert count == 7


def test_a_filter_that_nothing_matches_says_so():
    async def script(app, pilot):
        app.screen.apply_filter("name:nobody")
        await tick(app, pilot)
        return screen_text(app)

    shown = look(script)
    assert "nothing matches" in shown
    assert "0 of 7 shown" in shown


def test_enter_on_an_empty_list_opens_nothing():
    async def script(app, pilot):
        app.screen.apply_filter("name:nobody")
        await pilot.press("enter")
        return type(app.screen).__name__, app.screen.line_key()

    assert look(script) == ("FleetScreen", None)


def test_sorting_by_an_unknown_column_names_those_there_are():
    async def script(app, pilot):
        with pytest.raises(ValueError, match="no column 'x'; there are session, model"):
            app.screen.sort_by("x")

    look(script)


def test_the_end_of_the_run_stands_in_the_status_line():
    shown = look(desk=SyntheticDesk(message=Clean("done")))
    assert "finished: done · q to leave" in shown


def test_it_says_when_nothing_needs_attention():
    shown = look(desk=SyntheticDesk(lines=0))
    assert "no session needs attention" in shown
    assert "no lines yet" in shown


def test_a_read_only_console_looks_the_same():
    assert look(controls=Wishes(read_only=True)) == look()
