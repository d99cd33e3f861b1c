from __future__ import annotations

import pytest

from trunkline.text import Clean
from trunkline.tui.glyphs import Glyphs
from trunkline.tui.inspector.stream import Stream
from trunkline.tui.widgets import stream as module
from trunkline.tui.widgets.eventrow import StreamLook
from trunkline.tui.widgets.stream import StreamPanel
from tui.desks import entries_of
from tui.inspecting import inspect
from tui.inspector.streams import entry
from tui.widgets.painting import SIZES, painted


def paintings(count):
    """The painter of a panel over so many events."""
    stream = Stream()
    stream.feed(tuple(entry(n) for n in range(1, count + 1)))
    return StreamPanel(stream)._paint


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [0, 1, 50])
def test_it_fits_any_size(size, count):
    painted(paintings(count), StreamLook(), *size)


def test_only_the_rows_in_sight_are_painted(monkeypatch):
    rows = []
    paint = module.paint_row
    monkeypatch.setattr(
        module, "paint_row", lambda *args: rows.append(args[0].number) or paint(*args)
    )
    painted(paintings(10_000), StreamLook(), 116, 17)
    assert rows == list(range(9_985, 10_001))


def test_without_rows_it_says_why():
    assert "nothing happened yet" in painted(paintings(0), StreamLook(), 60, 5)
    stream = Stream()
    stream.feed((entry(1),))
    stream.choose(lambda one: False)
    assert "nothing matches" in painted(StreamPanel(stream)._paint, StreamLook(), 60, 5)


def test_only_what_changed_is_painted(monkeypatch):
    async def script(bench):
        painted = []
        paint = module.paint_row
        monkeypatch.setattr(module, "paint_row", lambda *args: painted.append(1) or paint(*args))
        bench.app.tick()
        nothing_new = len(painted)
        bench.desk.stream = (*entries_of(), entry(90, at=1120.0))
        bench.app.tick()
        return nothing_new, len(painted)

    nothing_new, after = inspect(script=script)
    assert nothing_new == 0
    assert after <= 18


def test_the_edges_say_how_many_there_are_and_what_is_followed():
    shown = inspect(line="pstn-0107")
    assert "Stream  36 shown · 36 kept · 61 200 seen" in shown
    assert "n/N next  ! errors  g/G top/end" in shown
    assert "▼ live · Δ from the previous shown event" in shown
    assert "─ 1 more below · f follows ─" in inspect("pageup")
    assert "held · f follows" in inspect("f")
    narrow = inspect(size=(80, 24))
    assert "Stream  36 of 36" in narrow
    assert "▼ live ─" in narrow


def test_the_row_under_the_cursor_is_lit_from_edge_to_edge():
    async def script(bench):
        panel = bench.page.panel
        strip = panel.render_line(panel.cursor_line + 1)
        inside = [segment.style.bgcolor for segment in strip][1:-1]
        above = [segment.style.bgcolor for segment in panel.render_line(1)][1:-1]
        return strip.text, len(set(inside)), set(inside) == set(above)

    text, colours, same = inspect(script=script)
    assert text.startswith("│▸")
    assert (colours, same) == (1, False)


def test_a_narrow_panel_without_padding_is_drawn_too():
    assert "TIME" in inspect(size=(23, 20), glyphs=Glyphs.ASCII)


def test_a_change_in_a_row_draws_that_row_again():
    async def script(bench):
        await bench.press("f")
        entries = list(entries_of())
        entries[-2] = entry(35, "ping", at=entries[-2].at, note=Clean("another"))
        await bench.feed(entries)
        return bench.text()

    assert "another" in inspect(script=script)


def test_the_mouse_selects_opens_and_scrolls():
    async def script(bench):
        found = []
        await bench.pilot.click("#stream", offset=(10, 5))
        found.append(bench.page.entry.number)
        await bench.pilot.click("#stream", offset=(10, 5))
        found.append(bench.app.screen.focused.id)
        bench.page.panel.on_mouse_scroll_up(Wheel())
        await bench.settle()
        found.append(bench.page.entry.number)
        bench.page.panel.on_mouse_scroll_down(Wheel())
        await bench.settle()
        found.append(bench.page.entry.number)
        await bench.pilot.click("#stream", offset=(10, 1))
        found.append(bench.page.entry.number)
        return found

    assert inspect(script=script) == [22, "detail", 19, 22, 22]


class Wheel:
    def stop(self):
        pass
