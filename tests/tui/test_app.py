from __future__ import annotations

from telemetry.recorded import END, START, snapshot_at
from trunkline.tui import app as module
from trunkline.tui.app import ConsoleApp, run_console
from trunkline.tui.screens.help import HelpScreen
from tui.looking import Desk, look, screen_text


def _pressing(*keys):
    async def script(app, pilot, feed):
        await pilot.press(*keys)
        # A toast is mounted one message later than it is asked for, and laid out one after that.
        for _ in range(4):
            await pilot.pause()
        return screen_text(app)

    return script


def test_q_tells_the_owner_and_leaves():
    desk = Desk()

    async def script(app, pilot, feed):
        await pilot.press("q")
        await pilot.pause()
        return app.is_running

    assert look(snapshot_at(), script, desk=desk) is False
    assert desk.wishes == ["close"]


def test_question_mark_lists_the_keys_and_goes_back():
    async def script(app, pilot, feed):
        await pilot.press("question_mark")
        await pilot.pause()
        shown, on_top = screen_text(app), isinstance(app.screen, HelpScreen)
        await pilot.press("question_mark")
        await pilot.pause()
        return shown, on_top, isinstance(app.screen, HelpScreen)

    shown, opened, still_open = look(snapshot_at(), script)
    assert "freeze the display" in shown
    assert (opened, still_open) == (True, False)


def test_space_holds_the_display_while_data_goes_on():
    async def script(app, pilot, feed):
        await pilot.press("space")
        feed.publish(snapshot_at(END))
        app.tick()
        await pilot.pause()
        frozen = screen_text(app)
        await pilot.press("space")
        await pilot.pause()
        return frozen, screen_text(app)

    frozen, going = look(snapshot_at(START + 8), script)
    assert "FROZEN" in frozen
    assert "at 00:08" in frozen
    assert "FROZEN" not in going
    assert "at 00:34" in going


def test_space_before_the_first_data_holds_nothing():
    assert "FROZEN" not in look(None, _pressing("space"))


def test_d_breaks_the_link_where_that_is_allowed():
    desk = Desk()
    assert "breaking the link" in look(snapshot_at(), _pressing("d"), desk=desk)
    assert desk.wishes == ["break"]


def test_d_says_why_it_does_nothing():
    desk = Desk(can_break=False)
    shown = look(snapshot_at(), _pressing("d"), desk=desk)
    assert "only the simulator's link" in shown
    assert desk.wishes == []


def test_d_after_the_end_says_so():
    desk = Desk()
    assert "the run is over" in look(snapshot_at(), _pressing("d"), desk=desk, finished="done")
    assert desk.wishes == []


def test_f_holds_the_log_and_follows_it_again():
    async def script(app, pilot, feed):
        journal = app.screen.query_one("#journal")
        before = journal.follows
        await pilot.press("f")
        held = journal.follows
        await pilot.press("f")
        return before, held, journal.follows

    assert look(snapshot_at(), script) == (True, False, True)


def test_the_log_scrolls_when_no_panel_has_the_focus():
    ways = [
        (("g",), 0), (("j",), 1), (("down",), 2), (("k",), 1), (("up",), 0), (("pagedown",), 10),
        (("pageup",), 0), (("end",), "last"), (("home",), 0), (("G",), "last"),
    ]  # fmt: skip

    async def script(app, pilot, feed):
        journal = app.screen.query_one("#journal")
        app.screen.set_focus(None)
        last, found = journal.first_line, []
        for keys, _ in ways:
            await pilot.press(*keys)
            found.append("last" if journal.first_line == last else journal.first_line)
        return found

    assert look(snapshot_at(), script) == [place for _, place in ways]


def test_tab_goes_through_the_panels_that_scroll():
    async def script(app, pilot, feed):
        app.screen.set_focus(None)
        names = []
        for _ in range(4):
            await pilot.press("tab")
            names.append(app.screen.focused.id)
        return names

    assert look(snapshot_at(), script) == ["reconnects", "turns", "transcript", "journal"]


def test_scrolling_moves_the_panel_with_the_focus():
    async def script(app, pilot, feed):
        transcript = app.screen.query_one("#transcript")
        transcript.focus()
        await pilot.press("k")
        return transcript.follows, app.screen.query_one("#journal").follows

    assert look(snapshot_at(), script, size=(80, 24)) == (False, True)


def test_the_palette_is_textual_s_own():
    async def script(app, pilot, feed):
        await pilot.press("ctrl+p")
        await pilot.pause()
        return type(app.screen).__name__

    assert look(snapshot_at(), script) == "CommandPalette"


def test_the_end_of_the_run_stays_on_the_screen():
    shown = look(snapshot_at(), finished="5 of 5 turns answered")
    assert "finished: 5 of 5 turns answered · q to leave" in shown


def test_it_leaves_at_the_end_if_it_was_told_so():
    async def script(app, pilot, feed):
        return app.is_running

    assert look(snapshot_at(), script, finished="done", leave_when_finished=True) is False


def test_data_that_stops_coming_is_told():
    async def script(app, pilot, feed):
        for _ in range(30):
            app.tick()
        await pilot.pause()
        return screen_text(app)

    assert "▲ no data for" in look(snapshot_at(), script)


def test_running_the_console_is_running_the_app(monkeypatch):
    ran = []
    monkeypatch.setattr(ConsoleApp, "run", lambda self: ran.append(self.title))
    assert run_console(object(), object(), title="kiosk\x1b7") is None
    assert ran == ["kiosk␛7"]
    assert module.__all__ == ["ConsoleApp", "run_console"]


def test_a_theme_may_be_changed_while_it_runs():
    async def script(app, pilot, feed):
        app.theme = "textual-light"
        await pilot.pause()

    assert "Connection" in look(snapshot_at(), script)


def test_resizing_never_breaks_it():
    async def script(app, pilot, feed):
        for size in ((40, 10), (10, 3), (200, 60), (1, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()

    assert "Reconnects" in look(snapshot_at(), script)
