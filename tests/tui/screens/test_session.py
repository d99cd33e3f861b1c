from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from rich.cells import cell_len

from telemetry.recorded import HOSTILE, RATE_HZ, START
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.observations import Anomaly, LinkEnded, SessionReady, Speaker, Transcript
from trunkline.telemetry.fleet_snapshot import FleetSnapshot
from trunkline.telemetry.metrics import LineMetrics
from trunkline.text import Clean, clean
from trunkline.tui.glyphs import Glyphs
from tui.desks import SyntheticDesk, rows_at
from tui.lines import unknown_line
from tui.looking import (
    SIZES,
    assert_looks_as_before,
    look,
    picture,
    screen_text,
    settle,
    strips,
    tick,
)

DRAWN = ("down", "down", "enter")
"""The keys that open the drawn session, `pstn-0107`."""
_ODD = "\x1b]52;c;aGk=\x07\x9b2J\u202e[red]東京👩\u200d👧e\u0301\r\n\t\ud800" + HOSTILE


class OneLine(SyntheticDesk):
    """A desk of the one line that it is given."""

    def __init__(self, line, **options):
        super().__init__(**options)
        self.shown = line

    def fleet(self):
        row = replace(rows_at()[2], key=self.shown.key, name=self.shown.name)
        return FleetSnapshot(at=self.shown.at, rows=(row,))

    def line(self):
        return self.shown


def _tab():
    async def script(app, pilot):
        return app.screen._current

    return script


@pytest.mark.parametrize("size", SIZES)
def test_the_session_as_it_is_drawn(size):
    shown = look(size=size, keys=DRAWN)
    assert_looks_as_before(f"session_{size[0]}x{size[1]}", shown)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_the_tabs(number, size):
    shown = look(size=size, keys=(*DRAWN, str(number)))
    assert_looks_as_before(f"session_tab{number}_{size[0]}x{size[1]}", shown)


@pytest.mark.parametrize("size", SIZES)
def test_a_line_that_is_coming_back(size):
    shown = look(size=size, keys=("enter",))
    assert_looks_as_before(f"session_outage_{size[0]}x{size[1]}", shown)


@pytest.mark.parametrize("size", SIZES)
def test_a_line_of_which_nothing_is_known(size):
    shown = look(size=size, desk=OneLine(unknown_line()))
    assert_looks_as_before(f"session_nothing_{size[0]}x{size[1]}", shown)


@pytest.mark.parametrize("size", SIZES)
def test_without_any_sign_beyond_ascii(size):
    shown = look(size=size, keys=DRAWN, glyphs=Glyphs.ASCII)
    assert shown.isascii()
    assert_looks_as_before(f"session_ascii_{size[0]}x{size[1]}", shown)


def test_a_console_without_braille_has_columns():
    shown = look(keys=DRAWN, glyphs=Glyphs.BLOCKS)
    assert not any("\u2800" <= sign <= "\u28ff" for sign in shown)
    assert_looks_as_before("session_blocks_120x36", shown)


def test_a_bigger_terminal_shows_the_log_too():
    shown = look(size=(180, 60), keys=DRAWN)
    assert "Log" in shown
    assert_looks_as_before("session_180x60", shown)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_pictures_of_the_session(number):
    async def script(app, pilot):
        return picture(app)

    shown = look(script, keys=(*DRAWN, str(number)))
    assert_looks_as_before(f"session_tab{number}_120x36", shown, "svg")


def test_a_single_line_needs_no_list():
    async def script(app, pilot):
        alone = app.screen.NAME
        await pilot.press("escape")
        await settle(pilot)
        await tick(app, pilot)
        return alone, app.screen.NAME

    assert look(script, desk=SyntheticDesk(lines=1)) == ("SESSION", "FLEET")


@pytest.mark.parametrize("size", [*SIZES, (100, 30), (200, 60), (60, 20), (40, 10), (20, 5)])
def test_no_line_is_longer_or_shorter_than_the_terminal(size):
    async def script(app, pilot):
        return {cell_len(strip.text) for strip in strips(app)}

    assert look(script, size=size, keys=DRAWN) == {size[0]}


def test_the_figures_are_tabs():
    assert look(_tab(), keys=(*DRAWN, "5", "3")) == 3
    assert look(_tab(), keys=(*DRAWN, "3", "3")) == 3
    assert look(_tab(), keys=(*DRAWN, "2", "1")) == 1


def test_a_click_on_a_tab_changes_to_it():
    async def script(app, pilot):
        await pilot.press("2")
        await settle(pilot)
        await pilot.click("#tabs", offset=(30, 0))
        await settle(pilot)
        return app.screen._current

    assert look(script, keys=DRAWN) == 3


def test_brackets_go_to_the_neighbours_as_the_fleet_lists_them():
    async def script(app, pilot):
        seen = []
        for key in ("right_square_bracket", "left_square_bracket", "left_square_bracket"):
            await pilot.press(key)
            await settle(pilot)
            seen.append(app.context.selected)
        return seen

    assert look(script, keys=DRAWN) == ["pstn-0093", "pstn-0107", "web-90c3"]


def test_a_neighbour_s_tab_is_the_same():
    shown = look(keys=(*DRAWN, "4", "right_square_bracket"))
    assert "pstn-0093" in shown
    assert "4 transcript" in shown


def test_n_goes_to_the_next_session_in_need():
    async def script(app, pilot):
        await pilot.press("n")
        await settle(pilot)
        first = app.context.selected
        await pilot.press("N")
        await settle(pilot)
        return first, app.context.selected

    assert look(script, keys=DRAWN) == ("kiosk-12", "web-90c3")


def test_n_says_so_if_there_is_none():
    async def script(app, pilot):
        await pilot.press("n")
        await settle(pilot)
        return screen_text(app)

    assert "no other session needs attention" in look(script, desk=SyntheticDesk(lines=1))


def test_tab_shows_the_sides_of_the_lower_panel_on_a_small_screen():
    seen = []
    for times in range(4):
        shown = look(size=(80, 24), keys=(*DRAWN, *["tab"] * times))
        seen.append(next(n for n in ("Turns", "Transcript", "Log") if f"─ {n}" in shown))
    assert seen == ["Turns", "Transcript", "Log", "Turns"]


def test_tab_goes_through_the_panels_on_a_large_one():
    async def script(app, pilot):
        names = []
        for _ in range(2):
            await pilot.press("tab")
            names.append(app.screen.focused.id)
        return names

    assert look(script, keys=DRAWN) == ["transcript", "turns"]


def _long(**changes):
    """A session with more words than a screen has lines."""
    context = SyntheticDesk()
    context.watch("pstn-0107")
    line = context.line()
    said = tuple(
        replace(line.transcript[0], text=Clean(f"word {n}"), at=line.at - 99 + n) for n in range(99)
    )
    return OneLine(replace(line, transcript=said, **changes))


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ((), "end"), (("g",), 0), (("g", "j"), 1), (("home", "down", "down", "k"), 1), (("g", "pagedown"), 10),
        (("g", "pagedown", "pageup"), 0), (("g", "G"), "end"), (("home", "end"), "end"), (("home", "down", "up"), 0),
    ],
)  # fmt: skip
def test_the_words_scroll(keys, place):
    async def script(app, pilot):
        panel = app.screen.tab.panels["whole-transcript"]
        last = len(panel._lines) - panel.inner.height
        return "end" if panel.first_line == last else panel.first_line

    assert look(script, desk=_long(), keys=("4", *keys)) == place


def test_f_holds_the_words_and_follows_them_again():
    async def script(app, pilot):
        panel = app.screen.tab.panels["transcript"]
        await pilot.press("f")
        held = panel.follows
        await pilot.press("f")
        return held, panel.follows

    assert look(script, desk=_long()) == (False, True)


def test_the_end_of_the_run_stays_on_the_screen():
    shown = look(desk=SyntheticDesk(lines=1, message=Clean("5 of 5 turns answered")))
    assert "finished: 5 of 5 turns answered · q to leave" in shown


def test_meters_are_drawn_without_the_rest():
    async def script(app, pilot):
        before = screen_text(app)
        app.context.desk.advance(40)
        app.context.read()
        from trunkline.tui.pace import Due

        app.screen.draw(Due(meters=True, text=False))
        await settle(pilot)
        return [
            (old, new)
            for old, new in zip(before.splitlines(), screen_text(app).splitlines(), strict=True)
            if old != new
        ]

    changed = look(script, keys=DRAWN)
    assert changed
    assert all(re.search("level|rate|queue|late|vad|buffer|delta|under", old) for old, _ in changed)


def _odd_line():
    metrics = LineMetrics(_ODD, RATE_HZ, server=_ODD, started_at=START)
    closure = Closure(code=4999, reason=_ODD, detail=_ODD)
    for fact in (
        SessionReady(at=START, epoch=1, session_id=_ODD, model=_ODD, expires_at=None),
        Transcript(at=START, epoch=1, speaker=Speaker.USER, item_id="1", text=_ODD, final=False),
        Transcript(
            at=START, epoch=1, speaker=Speaker.ASSISTANT, item_id="2", text=_ODD, final=True
        ),
        Anomaly(at=START, epoch=1, kind=_ODD, sample=_ODD),
        LinkEnded(at=START, epoch=1, closure=closure, verdict=judge(closure), lived=1.0),
    ):
        metrics.observe(fact)
    return replace(metrics.snapshot(START + 1), key="odd", settings=clean(_ODD))


@pytest.mark.parametrize("size", [*SIZES, (40, 10)])
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_control_characters_never_reach_a_segment(size, number):
    async def script(app, pilot):
        return [segment for strip in strips(app) for segment in strip]

    desk = OneLine(_odd_line(), message=clean(_ODD))
    segments = look(script, desk=desk, size=size, title=clean(_ODD), keys=(str(number),))
    controls = {
        character
        for segment in segments
        for character in segment.text
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in ("RLO", "LRO", "RLE", "LRE", "PDF")
    }
    assert controls == set()
    assert not any(segment.control for segment in segments)


def test_markup_in_foreign_words_is_shown_as_it_is():
    shown = look(desk=OneLine(_odd_line()), size=(200, 60))
    assert "[red]" in shown
    assert re.search(r"\[bold red\]x\[/\]", shown)


def test_a_failed_line_says_what_to_do():
    closure = Closure(code=3000, reason="invalid_request_error.invalid_api_key")
    metrics = LineMetrics("demo", RATE_HZ, started_at=START)
    metrics.observe(
        LinkEnded(at=START + 1, epoch=1, closure=closure, verdict=judge(closure), lived=0.1)
    )
    line = replace(metrics.snapshot(START + 2), key="demo")
    shown = look(desk=OneLine(line), keys=("3",))
    assert "given up" in shown
    assert "the key was not accepted; check the API key" in shown
