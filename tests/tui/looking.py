"""What a screen shows, as plain text, and the comparison with what it showed before."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from trunkline.telemetry.handover import Handover
from trunkline.tui.app import ConsoleApp

SNAPSHOTS = Path(__file__).parent / "snapshots"
REWRITE = "TRUNKLINE_REWRITE_SNAPSHOTS"


class Desk:
    """Controls that remember what was wished."""

    def __init__(self, *, can_break=True):
        self.can_break = can_break
        self.wishes = []

    def break_link(self):
        self.wishes.append("break")

    def close(self):
        self.wishes.append("close")


def strips(app):
    """The lines of the whole screen, as they would go to the terminal."""
    return app.screen._compositor.render_strips()


def screen_text(app):
    return "\n".join(strip.text.rstrip() for strip in strips(app)) + "\n"


def widget_text(widget):
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


def look(snapshot, script=None, *, size=(120, 36), finished=None, desk=None, **options):
    """Runs the console over one snapshot, with the clock turned by hand; gives what `script` gives."""
    feed = Handover()
    if snapshot is not None:
        feed.publish(snapshot)
    if finished is not None:
        feed.finish(finished)
    app = ConsoleApp(feed, desk or Desk(), **options)

    async def run():
        async with app.run_test(size=size, notifications=True) as pilot:
            app._clock.stop()
            await pilot.pause()
            app.tick()
            app._draw_all()
            await pilot.pause()
            found = await script(app, pilot, feed) if script else None
            if found is None and app.is_running:
                await pilot.pause()
                found = screen_text(app)
            return found

    return asyncio.run(run())


def assert_looks_as_before(name, text):
    """Compares with the stored text; set TRUNKLINE_REWRITE_SNAPSHOTS=1 to store this one instead."""
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get(REWRITE):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
