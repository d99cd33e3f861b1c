from __future__ import annotations

import asyncio

from textual.app import App

from trunkline.tui.ink import Span, Tone, text
from trunkline.tui.widgets.panel import Panel
from tui.looking import widget_text


def _paint(value, width, height):
    return [text(f"{part} {width}x{height}") for part in value]


def _in_app(panel, script):
    class Bench(App):
        CSS = "Panel { width: 20; height: 4; }"

        def compose(self):
            yield panel

    async def run():
        app = Bench()
        async with app.run_test(size=(30, 10)) as pilot:
            await pilot.pause()
            return await script(app, pilot)

    return asyncio.run(run())


def test_it_shows_what_is_painted_at_its_size():
    panel = Panel(_paint, name="p")

    async def script(app, pilot):
        empty = widget_text(panel).strip()
        panel.show(("a", "b"))
        await pilot.pause()
        return empty, widget_text(panel)

    assert _in_app(panel, script) == ("", "a 20x4\nb 20x4\n\n")


def test_a_new_size_is_a_new_painting():
    panel = Panel(_paint, name="p")

    async def script(app, pilot):
        panel.show(("a",))
        panel.styles.width = 12
        await pilot.pause()
        return widget_text(panel).strip()

    assert _in_app(panel, script) == "a 12x4"


def test_only_the_lines_that_changed_are_drawn(monkeypatch):
    panel = Panel(_paint, name="p")
    drawn = []

    async def script(app, pilot):
        panel.show(("a", "b", "c"))
        monkeypatch.setattr(panel, "refresh", lambda *regions: drawn.extend(regions))
        panel.show(("a", "x", "c"))
        panel.show(["a", "x", "c"])
        return [region.y for region in drawn]

    assert _in_app(panel, script) == [1]


def test_square_brackets_are_no_markup_and_wide_characters_are_cut():
    panel = Panel(lambda *_: [(Span("[b]東京東京東京東京東京", Tone.BAD),)], name="p")

    async def script(app, pilot):
        panel.show(1)
        strip = panel.render_line(0)
        return strip.text, strip.cell_length

    words, width = _in_app(panel, script)
    assert words.startswith("[b]東京")
    assert width == 20


def test_the_plain_form_has_no_sign():
    panel = Panel(lambda *_: [text("● ▲ █")], name="p", ascii_only=True)

    async def script(app, pilot):
        panel.show(1)
        return widget_text(panel).strip()

    assert _in_app(panel, script) == "* ! #"
