from __future__ import annotations

from tui.desks import SyntheticDesk
from tui.inspecting import inspect


def test_it_says_what_is_selected():
    async def script(bench):
        page = bench.page
        return page.entry.type, page.turn, page.line_name

    assert inspect(script=script) == ("response.done", 31, "pstn-0107")


def test_without_events_nothing_is():
    async def script(bench):
        page = bench.page
        return page.entry, page.turn

    assert inspect(script=script, stream=()) == (None, None)


def test_before_the_line_is_known_its_key_names_it():
    async def script(bench):
        return bench.page.line_name

    assert inspect(script=script, desk=SyntheticDesk(nothing=True)) == "pstn-0107"


def test_an_event_without_a_turn_is_told():
    async def script(bench):
        await bench.press("k")
        assert bench.page.turn_or_complaint() is None

    assert "the event belongs to no turn" in inspect(script=script)
