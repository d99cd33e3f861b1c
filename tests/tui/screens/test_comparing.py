from __future__ import annotations

from trunkline.tui.screens.compare import CompareScreen
from tui.inspecting import inspect


def test_equals_marks_the_turn_and_again_takes_the_mark_away():
    async def script(bench):
        await bench.press("equals_sign")
        marked = bench.text()
        await bench.press("equals_sign")
        return marked, bench.text(), bench.page.marked

    marked, after, mark = inspect(script=script)
    assert "turn 31 marked, = compares" in marked
    assert "◆" in marked
    assert "marked" not in after
    assert mark is None


def test_an_event_of_no_turn_cannot_be_compared():
    assert "belongs to no turn" in inspect("k", "equals_sign")


def test_equals_compares_the_marked_turn_with_this_one():
    async def script(bench):
        await bench.press("equals_sign", *["k"] * 12, "equals_sign")
        await bench.settle()
        on_top = isinstance(bench.app.screen, CompareScreen)
        shown = bench.text()
        await bench.press("escape")
        return on_top, shown, isinstance(bench.app.screen, CompareScreen)

    on_top, shown, still = inspect(script=script)
    assert (on_top, still) == (True, False)
    assert "Compare  turn 31 and turn 30" in shown
    assert "first audio" in shown
    assert "1180 ms" in shown


def test_a_turn_of_another_line_is_named_by_its_line():
    async def script(bench):
        await bench.press("equals_sign")
        bench.app.context.select("web-81aa")
        await bench.tick()
        gone = bench.text()
        await bench.press("equals_sign")
        await bench.settle()
        return gone, bench.text()

    gone, shown = inspect(script=script)
    assert "◆" not in gone
    assert "turn 31 marked" in gone
    assert "pstn-0107 turn 31" in shown
    assert "web-81aa turn 31" in shown


def test_a_mark_survives_what_the_ring_forgets():
    async def script(bench):
        await bench.press("equals_sign")
        await bench.feed([])
        return len(bench.page.marked.entries)

    assert inspect(script=script) > 5
