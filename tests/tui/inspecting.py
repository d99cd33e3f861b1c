"""The inspector on the screen, over a desk without lines and a clock turned by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from unittest.mock import patch

from trunkline.text import Clean
from trunkline.tui.app import ConsoleApp
from trunkline.tui.context import Context
from trunkline.tui.glyphs import Glyphs
from trunkline.tui.screens.registry import make_page
from tui.desks import SyntheticDesk, Wishes, entries_of
from tui.looking import _quiet, settle


@dataclass
class Basket:
    """A shelf that remembers what was put on it; a file that is refused says why."""

    files: dict[str, bytes] = field(default_factory=dict)
    refuses: OSError | None = None

    def put(self, name: str, content: bytes) -> str:
        if self.refuses is not None:
            raise self.refuses
        self.files[name] = content
        return f"/exports/{name}"


@dataclass
class Bench:
    """What a script of a test has in its hands."""

    app: ConsoleApp
    pilot: object
    desk: SyntheticDesk
    shelf: Basket

    @property
    def page(self):
        return [screen for screen in self.app.screen_stack if hasattr(screen, "stream")][-1]

    async def press(self, *keys):
        # Each is done before the next: a focus that is still on its way would take none.
        for key in keys:
            await self.pilot.press(key)
            await settle(self.pilot)

    async def settle(self):
        """Until what was asked for is mounted, laid out and drawn."""
        await settle(self.pilot)

    async def tick(self):
        self.app.tick()
        self.page.redraw()
        await self.pilot.pause()

    async def feed(self, entries):
        self.desk.stream = tuple(entries)
        await self.tick()

    def text(self):
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips) + "\n"

    def numbers(self):
        """Of the rows that are shown."""
        return [row.number for row in self.page.stream.rows]


def inspect(
    *keys,
    script=None,
    size=(120, 36),
    stream=None,
    line="pstn-0107",
    glyphs=Glyphs.BRAILLE,
    desk=None,
):
    """Opens the inspector of a line, presses keys, and gives what `script` gives, or the screen's text."""
    desk = desk or SyntheticDesk(stream=entries_of() if stream is None else tuple(stream))
    context = Context(
        desk=desk, controls=Wishes(), title=Clean("trunkline"), glyphs=glyphs, clock=lambda: 0.0
    )
    app = ConsoleApp(context)

    async def run():
        with (
            patch("textual.app.wait_for_idle", _quiet),
            patch("textual.pilot.wait_for_idle", _quiet),
        ):
            return await looked_at()

    async def looked_at():
        async with app.run_test(size=size, notifications=True) as pilot:
            app._clock.stop()
            await pilot.pause()
            app.tick()
            await pilot.pause()
            context.select(line)
            app.push_screen(make_page("events", context))
            await pilot.pause()
            bench = Bench(app, pilot, desk, Basket())
            bench.page.shelf = bench.shelf
            app.tick()
            await pilot.pause()
            await bench.press(*keys)
            found = await script(bench) if script else None
            if found is None:
                await bench.settle()
                found = bench.text()
            return found

    return asyncio.run(run())
