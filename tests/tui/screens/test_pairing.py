from __future__ import annotations

from trunkline.tui.screens.compare import CompareScreen
from tui.looking import look


def test_equals_marks_a_line_and_compares_it_with_another():
    async def script(app, pilot):
        await pilot.press("equals_sign", "j", "equals_sign")
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        return isinstance(app.screen, CompareScreen), "\n".join(strip.text for strip in strips)

    on_top, shown = look(script)
    assert on_top
    assert "Compare  kiosk-12 and web-90c3" in shown
    assert "send lateness p95" in shown


def test_equals_on_the_marked_line_takes_the_mark_away():
    async def script(app, pilot):
        await pilot.press("equals_sign")
        marked = app.page.paired
        await pilot.press("equals_sign")
        return marked, app.page.paired

    assert look(script) == ("kiosk-12", None)


def test_it_says_what_to_do_next():
    assert "kiosk-12 is marked, = on another" in look(keys=("equals_sign",))


def test_a_line_that_went_is_no_longer_marked():
    async def script(app, pilot):
        app.page.paired = "gone"
        await pilot.press("equals_sign")
        return app.page.paired

    assert look(script) == "kiosk-12"


def test_without_lines_nothing_happens():
    async def script(app, pilot):
        app.context.fleet = None
        app.page.action_compare()
        return app.page.paired is None

    assert look(script)
