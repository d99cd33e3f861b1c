"""What a screen shows, as plain text, and the comparison with what it showed before."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from unittest.mock import patch

from trunkline.text import Clean
from trunkline.tui.app import ConsoleApp
from trunkline.tui.context import Context
from trunkline.tui.glyphs import Glyphs
from tui.desks import SyntheticDesk, Tapes, Wishes

SNAPSHOTS = Path(__file__).parent / "snapshots"
REWRITE = "TRUNKLINE_REWRITE_SNAPSHOTS"
SIZES = [(120, 36), (80, 24)]


def strips(app):
    """The lines of the whole screen, as they would go to the terminal."""
    return app.screen._compositor.render_strips()


def screen_text(app):
    return "\n".join(strip.text.rstrip() for strip in strips(app)) + "\n"


def widget_text(widget):
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


def picture(app):
    """The screen as SVG, without what changes from run to run and without addresses of others."""
    svg = app.export_screenshot(title="trunkline")
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    return re.sub(r"terminal-\d+", "terminal", svg)


async def _quiet(*_):
    """Until no callback is left: Textual's own wait looks at the processor's load, which other tests share."""
    loop = asyncio.get_running_loop()
    for _ in range(10_000):
        await asyncio.sleep(0)
        if not loop._ready:
            return


async def settle(pilot):
    """Waits for what was asked for: screens and toasts are mounted some messages later, and laid out after."""
    for _ in range(200):
        await pilot.pause()
        if not pilot.app.is_running or _is_still(pilot.app):
            break
    await pilot.pause()


def _is_still(app):
    screen = app.screen
    widgets = list(screen.walk_children())
    told = sum(not note.has_expired for note in app._notifications)
    toasts = sum(type(widget).__name__ == "Toast" for widget in widgets)
    mounted = screen.is_mounted and all(widget.is_mounted for widget in widgets)
    return mounted and getattr(screen, "ready", True) and (screen.is_modal or toasts == told)


def look(script=None, *, keys=(), size=(120, 36), desk=None, controls=None, glyphs=Glyphs.BRAILLE,
         title="prod-eu", recorded_s=None, recording=None, **options):  # fmt: skip
    """Runs the console over a synthetic desk, with its clocks turned by hand; gives what `script` gives, or the screen.

    `keys` are pressed before the script or the look.
    """
    desk = SyntheticDesk() if desk is None else desk
    context = Context(
        desk=desk,
        controls=Wishes() if controls is None else controls,
        title=Clean(title),
        glyphs=glyphs,
        clock=lambda: 0.0,
        footprint=lambda: "CPU 6 %  RSS 58 MB",
        recording=Tapes(seconds=recorded_s) if recording is None else recording,
    )

    async def run():
        app = ConsoleApp(context, **options)
        with (
            patch("textual.app.wait_for_idle", _quiet),
            patch("textual.pilot.wait_for_idle", _quiet),
        ):
            return await _shown(app)

    async def _shown(app):
        async with app.run_test(size=size, notifications=True) as pilot:
            app._clock.stop()
            await settle(pilot)
            await tick(app, pilot)
            for key in keys:
                await pilot.press(key)
                await settle(pilot)
            found = await script(app, pilot) if script else None
            if found is None and app.is_running:
                await tick(app, pilot)
                found = screen_text(app)
            return found

    return asyncio.run(run())


async def tick(app, pilot, times=1):
    """Reads the desk and draws everything, as the clock would over half a second."""
    for _ in range(times):
        app.tick()
        await settle(pilot)
        if app.page is not None:
            app.page.redraw()
        await settle(pilot)


def assert_looks_as_before(name, text, suffix="txt"):
    """Compares with the stored text; set TRUNKLINE_REWRITE_SNAPSHOTS=1 to store this one instead."""
    path = SNAPSHOTS / f"{name}.{suffix}"
    if os.environ.get(REWRITE):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
