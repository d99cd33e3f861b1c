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
        async with app.run_test(size=(40, 10)) as pilot:
            await pilot.pause()
            return await script(app, pilot)

    return asyncio.run(run())


def _bare(painter=_paint, **options):
    return Panel(painter, name="p", framed=False, **options)


def test_it_shows_what_is_painted_at_its_size():
    panel = _bare()

    async def script(app, pilot):
        empty = widget_text(panel).strip()
        panel.show(("a", "b"))
        await pilot.pause()
        return empty, widget_text(panel)

    assert _in_app(panel, script) == ("", "a 20x4\nb 20x4\n\n")


def test_a_frame_takes_its_room_and_has_words_in_it():
    panel = Panel(_paint, name="p", title=lambda value: f"T{len(value)}", hint="keys")
    panel.note = "below"

    async def script(app, pilot):
        panel.show(("a", "b"))
        await pilot.pause()
        return widget_text(panel)

    assert _in_app(panel, script).splitlines() == [
        "┌─ T2 ────── keys ─┐",
        "│a 18x2            │",
        "│b 18x2            │",
        "└────────── below ─┘",
    ]


def test_a_wide_panel_leaves_a_blank_beside_its_frame():
    panel = Panel(_paint, name="p")

    async def script(app, pilot):
        panel.styles.width = 30
        panel.show(("a",))
        await pilot.pause()
        return widget_text(panel).splitlines()[1]

    assert _in_app(panel, script) == f"│ {'a 26x2':<26} │"


def test_a_new_size_is_a_new_painting():
    panel = _bare()

    async def script(app, pilot):
        panel.show(("a",))
        panel.styles.width = 12
        await pilot.pause()
        return widget_text(panel).strip()

    assert _in_app(panel, script) == "a 12x4"


def test_only_the_lines_that_changed_are_drawn(monkeypatch):
    panel = _bare()
    drawn = []

    async def script(app, pilot):
        panel.show(("a", "b", "c"))
        monkeypatch.setattr(panel, "refresh", lambda *regions: drawn.extend(regions))
        panel.show(("a", "x", "c"))
        panel.show(["a", "x", "c"])
        return [region.y for region in drawn]

    assert _in_app(panel, script) == [1]


def test_in_a_frame_lines_are_one_lower_and_a_new_title_draws_the_edges(monkeypatch):
    panel = Panel(_paint, name="p", title=lambda value: value[0])
    drawn = []

    async def script(app, pilot):
        panel.show(("a", "b"))
        monkeypatch.setattr(panel, "refresh", lambda *regions: drawn.extend(regions))
        panel.show(("a", "x"))
        second = [region.y for region in drawn]
        drawn.clear()
        panel.show(("z", "x"))
        return second, [region.y for region in drawn]

    assert _in_app(panel, script) == ([2], [1, 0, 3])


def test_square_brackets_are_no_markup_and_wide_characters_are_cut():
    panel = _bare(lambda *_: [(Span("[b]東京東京東京東京東京", Tone.BAD),)])

    async def script(app, pilot):
        panel.show(1)
        strip = panel.render_line(0)
        return strip.text, strip.cell_length

    words, width = _in_app(panel, script)
    assert words.startswith("[b]東京")
    assert width == 20


def test_the_plain_form_has_no_sign():
    panel = _bare(lambda *_: [text("● ▲ █ 東")], ascii_only=True)

    async def script(app, pilot):
        panel.show(1)
        return widget_text(panel).strip()

    assert _in_app(panel, script) == "* ! # ??"


def test_the_plain_form_has_a_plain_frame():
    panel = Panel(_paint, name="p", title="T", ascii_only=True)

    async def script(app, pilot):
        panel.show(("a",))
        await pilot.pause()
        return widget_text(panel).splitlines()[0]

    assert _in_app(panel, script) == "+- T --------------+"
