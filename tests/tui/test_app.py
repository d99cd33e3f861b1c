from __future__ import annotations

import pytest

from trunkline.text import Clean
from trunkline.tui import app as module
from trunkline.tui.app import ConsoleApp, run_console
from trunkline.tui.glyphs import Glyphs
from trunkline.tui.screens.help import HelpScreen
from tui.desks import SyntheticDesk, Wishes
from tui.looking import look, screen_text, settle, strips, tick


def _typing(line):
    """The keys of a command."""
    names = {
        " ": "space",
        ":": "colon",
        "<": "less_than_sign",
        "+": "plus",
        "-": "minus",
        "!": "exclamation_mark",
    }
    return ("colon", *(names.get(sign, sign) for sign in line), "enter")


async def _left(app, pilot):
    return app.is_running


async def _page(app, pilot):
    return app.screen.NAME, app.context.selected


def test_q_tells_the_owner_and_leaves():
    wishes = Wishes()
    assert look(_left, keys=("q",), controls=wishes) is False
    assert wishes.heard == [("close",)]


def test_question_mark_lists_the_keys_and_goes_back():
    async def script(app, pilot):
        shown, on_top = screen_text(app), isinstance(app.screen, HelpScreen)
        await pilot.press("question_mark")
        await settle(pilot)
        return shown, on_top, isinstance(app.screen, HelpScreen)

    shown, opened, still_open = look(script, keys=("question_mark",))
    assert "Hold the display" in shown
    assert (opened, still_open) == (True, False)


def test_enter_goes_in_and_escape_comes_back():
    async def script(app, pilot):
        names = [app.screen.NAME]
        for key in ("enter", "e", "escape", "escape", "escape"):
            await pilot.press(key)
            await settle(pilot)
            names.append(app.screen.NAME)
        return names

    assert look(script) == ["FLEET", "SESSION", "EVENTS", "SESSION", "FLEET", "FLEET"]


def test_e_on_the_fleet_inspects_the_line_under_the_cursor():
    assert look(_page, keys=("j", "e")) == ("EVENTS", "web-90c3")


def test_a_lists_the_alerts():
    assert look(_page, keys=("a",))[0] == "ALERTS"
    assert look(_page, keys=("a", "a"))[0] == "ALERTS"


def test_space_holds_the_display_while_data_goes_on():
    async def script(app, pilot):
        app.context.desk.advance(20)
        await tick(app, pilot)
        frozen = screen_text(app)
        await pilot.press("space")
        await settle(pilot)
        return frozen, screen_text(app)

    frozen, going = look(script, keys=("space",))
    assert "FROZEN" in frozen
    assert "14:32:05Z" in frozen
    assert "FROZEN" not in going
    assert "14:32:15Z" in going


def test_space_before_the_first_data_holds_nothing():
    assert "FROZEN" not in look(keys=("space",), desk=SyntheticDesk(nothing=True))


def test_plus_and_minus_step_through_the_windows():
    desk = SyntheticDesk()
    assert "window 15m" in look(keys=("plus",), desk=desk)
    assert desk.seconds == 900
    assert "window 1m" in look(keys=("minus",), desk=SyntheticDesk())


def test_t_goes_through_the_themes():
    async def script(app, pilot):
        before = app.theme
        await pilot.press("t")
        return before, app.theme, app.theme in app.available_themes

    before, after, known = look(script)
    assert before != after
    assert known


def test_a_theme_can_be_asked_for_and_an_unknown_one_is_the_usual():
    async def script(app, pilot):
        return app.theme

    assert look(script, theme="nord") == "nord"
    assert look(script, theme="nonsense") == "textual-dark"


def test_m_marks_the_moment_with_a_note():
    desk = SyntheticDesk()
    assert "marked kiosk-12" in look(keys=("m", *"loud", "enter"), desk=desk)
    assert desk.marks == [("kiosk-12", "loud")]


def test_m_and_escape_mark_nothing():
    desk = SyntheticDesk()
    look(keys=("m", *"loud", "escape"), desk=desk)
    assert desk.marks == []


def test_m_without_a_line_asks_nothing():
    async def script(app, pilot):
        return app.screen.prompt.is_open

    assert look(script, keys=("m",), desk=SyntheticDesk(lines=0)) is False


def test_slash_says_where_there_is_nothing_to_filter():
    assert "alerts cannot be filtered" in look(keys=("a", "slash"))
    assert "session cannot be filtered" in look(keys=("enter", "slash"))


def test_the_palette_finds_commands_and_sessions():
    async def script(app, pilot):
        await pilot.press(*"web-90")
        # The palette searches in a worker of its own.
        for _ in range(20):
            await pilot.pause(0.01)
            if "session web-90c3" in screen_text(app):
                break
        found = screen_text(app)
        await pilot.press("down", "enter")
        await settle(pilot)
        return found, app.screen.NAME, app.context.selected

    found, page, selected = look(script, keys=("ctrl+p",))
    assert "session web-90c3" in found
    assert (page, selected) == ("SESSION", "web-90c3")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("window 30s", "window 30s"),
        ("window 2h", "the windows are 30s, 1m, 5m, 15m, 1h"),
        ("sort age", "sort: age ↓"),
        ("sort nonsense", "no column 'nonsense'"),
        ("filter pstn", "2 of 7 shown"),
        ("theme nord", "theme nord"),
        ("theme nonsense", "no theme 'nonsense'"),
        ("open nobody", "no line is called nobody"),
        ("nonsense", "no command 'nonsense'"),
        ("record", "recording to /x/a.tlrec"),
        ("seek +30", "nothing plays"),
        ("speed 2", "nothing plays"),
        ("freeze", "FROZEN"),
        ("keys", "Hold the display"),
    ],
)
def test_what_is_typed_after_the_colon_is_done(line, shown):
    assert shown in look(keys=_typing(line))


def test_open_goes_to_a_session_by_a_part_of_its_name():
    assert look(_page, keys=_typing("open 0093")) == ("SESSION", "pstn-0093")
    assert look(_page, keys=("enter", *_typing("open 0093"))) == ("SESSION", "pstn-0093")


def test_pages_are_commands_too():
    assert look(_page, keys=_typing("alerts"))[0] == "ALERTS"
    assert look(_page, keys=_typing("events"))[0] == "EVENTS"
    assert look(_page, keys=("enter", "e", *_typing("fleet")))[0] == "FLEET"


def test_quit_is_a_command():
    assert look(_left, keys=_typing("quit")) is False


def test_escape_leaves_the_command_line_and_nothing_more():
    async def script(app, pilot):
        await pilot.press("colon", *"quit", "escape")
        await settle(pilot)
        return app.is_running, app.screen.prompt.is_open, app.screen.NAME

    assert look(script, keys=("enter",)) == (True, False, "SESSION")


def test_while_something_is_typed_keys_are_letters():
    async def script(app, pilot):
        await pilot.press("colon", "q", "t", "R")
        return app.is_running, app.screen.prompt.query_one("#prompt-input").value

    assert look(script) == (True, "qtR")


def test_a_click_on_a_key_presses_it():
    async def script(app, pilot):
        await pilot.click("#keys", offset=(2, 0))
        await settle(pilot)
        return isinstance(app.screen, HelpScreen)

    assert look(script) is True


def test_news_of_a_wish_are_told():
    assert "the link is up again" in look(controls=Wishes(news=["the link is up again"]))


def test_it_leaves_at_the_end_if_it_was_told_so():
    desk = SyntheticDesk(message=Clean("done"))
    assert look(_left, desk=desk, leave_when_finished=True) is False
    assert look(_left, desk=desk) is True


def test_data_that_stops_coming_is_told():
    async def script(app, pilot):
        app.context.clock = lambda: 5.0
        await tick(app, pilot)
        return screen_text(app)

    assert "▲ no data for 5 s" in look(script)


@pytest.mark.parametrize(
    "keys", [(), ("enter",), ("enter", "3"), ("a",), ("question_mark",), ("K",)]
)
def test_without_colour_nothing_is_lost(monkeypatch, keys):
    async def script(app, pilot):
        coloured = {
            str(colour)
            for strip in strips(app)
            for segment in strip
            if segment.style is not None
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour is not None and not colour.is_default
        }
        return screen_text(app), coloured

    shown, coloured = look(script, keys=keys)
    assert coloured
    monkeypatch.setenv("NO_COLOR", "1")
    plain, coloured = look(script, keys=keys)
    assert coloured == set()
    assert plain == shown
    assert keys or "▸" in plain


def test_every_key_of_the_last_line_is_bound():
    async def script(app, pilot):
        missing = []
        for keys in ((), ("enter",), ("e",), ("a",)):
            await pilot.press(*keys)
            await settle(pilot)
            bound = set(app.screen.active_bindings)
            missing += [(app.screen.NAME, key) for key, *_ in app.screen.FOOTER if key not in bound]
        return missing

    assert look(script) == []


def test_a_run_of_keys_over_all_screens_never_breaks_it():
    async def script(app, pilot):
        for size in ((40, 10), (10, 3), (200, 60), (1, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
        await tick(app, pilot)

    assert "Sessions" in look(script)
    assert "Turns" in look(script, keys=("enter",))


def test_running_the_console_is_running_the_app(monkeypatch):
    ran = []
    monkeypatch.setattr(
        ConsoleApp, "run", lambda self: ran.append((self.title, self.context.glyphs))
    )
    assert run_console(SyntheticDesk(), Wishes(), title="kiosk\x1b7", ascii_only=True) is None
    assert ran == [("kiosk␛7", Glyphs.ASCII)]
    assert module.__all__ == ["ConsoleApp", "run_console"]


def test_a_single_line_is_opened_even_where_it_was_there_before_the_first_page(monkeypatch):
    class Late(SyntheticDesk):
        is_there = False

        def fleet(self):
            return super().fleet() if self.is_there else None

    desk = Late(lines=1)

    async def script(app, pilot):
        desk.is_there = True
        with monkeypatch.context() as made:
            made.setattr(ConsoleApp, "page", None)
            app.tick()
        before = app.screen.NAME
        await tick(app, pilot)
        return before, app.screen.NAME

    assert look(script, desk=desk) == ("FLEET", "SESSION")
