from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from rich.cells import cell_len

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.text import clean
from trunkline.tui.glyphs import Glyphs
from trunkline.tui.screens.events import SAVED, EventsScreen
from tui.desks import SyntheticDesk, entries_of
from tui.inspecting import inspect
from tui.inspector.streams import audio, entry
from tui.looking import assert_looks_as_before, picture

SIZES = [(120, 36), (80, 24)]
# On the audio of the last turn, seven rows above the newest.
AUDIO = ["k"] * 7


@pytest.mark.parametrize("size", SIZES)
def test_the_screen_of_a_turn(size):
    shown = inspect("f2", *AUDIO[:4], size=size)
    assert_looks_as_before(f"events_turn_{size[0]}x{size[1]}", shown)


@pytest.mark.parametrize("size", SIZES)
def test_the_screen_that_follows_everything(size):
    assert_looks_as_before(f"events_follow_{size[0]}x{size[1]}", inspect(size=size))


@pytest.mark.parametrize("size", SIZES)
def test_the_flow_of_a_turn_has_the_keys(size):
    assert_looks_as_before(
        f"events_flow_{size[0]}x{size[1]}", inspect(*AUDIO, "tab", "tab", "j", size=size)
    )


@pytest.mark.parametrize("size", SIZES)
def test_the_screen_before_anything_happened(size):
    desk = SyntheticDesk(nothing=True, stream=())
    assert_looks_as_before(f"events_nothing_{size[0]}x{size[1]}", inspect(size=size, desk=desk))


def test_a_picture_of_a_turns_events():
    async def script(bench):
        return picture(bench.app)

    shown = inspect("f2", *AUDIO[:4], script=script)
    assert_looks_as_before("events_turn_120x36", shown, "svg")


def test_the_screen_without_any_sign_beyond_ascii():
    shown = inspect(*AUDIO, glyphs=Glyphs.ASCII)
    assert shown.isascii()
    assert_looks_as_before("events_ascii_120x36", shown)


@pytest.mark.parametrize("size", [*SIZES, (100, 30), (200, 60), (60, 20), (40, 10), (20, 5)])
def test_no_line_is_longer_or_shorter_than_the_terminal(size):
    async def script(bench):
        return {cell_len(strip.text) for strip in bench.app.screen._compositor.render_strips()}

    assert inspect(script=script, size=size) == {size[0]}


def test_the_newest_event_is_followed_until_one_goes_up():
    async def script(bench):
        cursor, found = bench.page.panel.cursor, []
        newer = [*entries_of(), entry(90, at=1120.0)]
        await bench.feed(newer)
        found.append(cursor.entry.number)
        await bench.press("k")
        await bench.feed([*newer, entry(91, at=1121.0)])
        found.append(cursor.entry.number)
        await bench.press("G")
        found.append(cursor.entry.number)
        return found

    assert inspect(script=script) == [90, 36, 91]


def test_every_way_to_move_in_the_stream():
    ways = [
        ("g", 1), ("j", 2), ("down", 3), ("k", 2), ("up", 1), ("pagedown", 19), ("pageup", 1), ("end", 36), ("home", 1),
        ("G", 36),
    ]  # fmt: skip

    async def script(bench):
        found = []
        for key, _ in ways:
            await bench.press(key)
            found.append(bench.page.entry.number)
        return found

    assert inspect(script=script) == [number for _, number in ways]


def test_f_holds_the_event_and_follows_again():
    async def script(bench):
        cursor = bench.page.panel.cursor
        found = [cursor.follows]
        for _ in range(2):
            await bench.press("f")
            found.append(cursor.follows)
        return found

    assert inspect(script=script) == [True, False, True]


def test_space_freezes_the_stream_while_events_go_on():
    async def script(bench):
        await bench.press("space")
        await bench.feed([*entries_of(), entry(90, at=1120.0)])
        frozen, shown = bench.numbers()[-1], bench.text()
        await bench.press("space")
        return frozen, shown, bench.numbers()[-1]

    frozen, shown, after = inspect(script=script)
    assert (frozen, after) == (36, 90)
    assert "FROZEN" in shown


def test_n_goes_through_errors_and_warnings():
    async def script(bench):
        found = []
        for key in ("N", "N", "N", "n", "n", "n"):
            await bench.press(key)
            found.append(bench.page.entry.number)
        await bench.settle()
        return found, bench.text()

    found, shown = inspect(script=script)
    assert found == [34, 33, 22, 33, 34, 34]
    assert "no error or warning after this one" in shown


def test_n_goes_through_matches_while_all_is_shown():
    async def script(bench):
        bench.page.apply_filter("type:ping")
        await bench.press("v", "N", "N")
        found = bench.page.entry.number, len(bench.numbers())
        await bench.press("N", "N")
        await bench.settle()
        return found, bench.text()

    found, shown = inspect(script=script)
    assert found == (23, 36)
    assert "no match before this one" in shown
    assert "matches lit (v)" in shown


def test_exclamation_mark_shows_errors_only():
    async def script(bench):
        await bench.press("exclamation_mark")
        only, shown = bench.numbers(), bench.text()
        await bench.press("exclamation_mark")
        return only, shown, len(bench.numbers())

    only, shown, after = inspect(script=script)
    assert (only, after) == ([9, 21, 33], 36)
    assert "! errors only" in shown


def test_slash_filters_while_it_is_typed_and_enter_keeps_it():
    async def script(bench):
        await bench.press("slash", *"ping")
        typed = bench.numbers()
        await bench.press("enter")
        return typed, bench.page.choosing.text, bench.page.prompt.is_open

    assert inspect(script=script) == ([11, 23, 35], "ping", False)


def test_escape_takes_the_filter_back():
    async def script(bench):
        await bench.press("slash", *"err", "enter", "slash", *" ping")
        typed = bench.numbers()
        await bench.press("escape")
        return typed, bench.numbers(), bench.page.choosing.text

    assert inspect(script=script) == ([], [9, 21, 33], "err")


def test_a_wrong_filter_says_where_and_leaves_the_stream_and_what_is_typed():
    async def script(bench):
        await bench.press("slash", *"err", "enter", "slash", *" stat", "colon", *"1")
        await bench.settle()
        wrong = bench.numbers(), bench.text()
        await bench.press("escape")
        return *wrong, bench.text()

    numbers, shown, after = inspect(script=script, size=(80, 24))
    # Of what was typed, `err stat` was the last filter that could be understood.
    assert numbers == []
    assert shown.split("\n")[1].startswith(" column 5: no field stat: known are dir, type")
    assert " / err stat:1 " in shown.split("\n")[-2]
    assert " filter: err" in after


def test_tab_completes_a_filter():
    async def script(bench):
        await bench.press("slash", *"ty")
        await bench.settle()
        await bench.press("tab", *"input_audio_buffer.sp")
        await bench.settle()
        await bench.press("tab", "enter")
        return bench.page.choosing.text

    assert inspect(script=script).startswith("type:input_audio_buffer.speech_")


@pytest.mark.parametrize(("key", "text"), [("f1", "err"), ("f2", "turn:31"), ("f3", "lat>800ms")])
def test_saved_filters_are_a_key_away_and_again_gone(key, text):
    async def script(bench):
        await bench.press(key)
        shown = bench.page.choosing.text, bench.text()
        await bench.press(key)
        return *shown, bench.page.choosing.text

    now, shown, after = inspect(script=script)
    assert (now, after) == (text, "")
    assert f"filter: {text}" in shown
    assert key in dict(SAVED)


def test_f2_on_an_event_of_no_turn_says_so():
    assert "belongs to no turn" in inspect("k", "f2")


def test_c_shows_runs_of_audio_as_one_row_or_each_by_itself():
    stream = [audio(n, at=100.0 + n) for n in range(1, 6)]

    async def script(bench):
        before = bench.numbers(), bench.text()
        await bench.press("c")
        return *before, bench.numbers(), bench.text()

    collapsed, shown, each, expanded = inspect(script=script, stream=stream)
    assert (collapsed, each) == ([1], [1, 2, 3, 4, 5])
    assert "audio collapsed" in shown
    assert "×5  500 ms" in shown
    assert "audio expanded" in expanded


def test_o_shows_one_turn_and_what_happened_here_meanwhile():
    async def script(bench):
        await bench.press("g", "o")
        only, shown = bench.numbers(), bench.text()
        await bench.press("o")
        return only, shown, len(bench.numbers())

    only, shown, after = inspect(script=script)
    assert only == list(range(1, 13))
    assert "turn 29 only (o)" in shown
    assert after == 36


def test_o_on_an_event_of_no_turn_says_so():
    assert "belongs to no turn" in inspect("k", "o")


def test_capital_t_hides_what_was_said():
    shown = inspect(*AUDIO, "j", "T")
    assert "Thursday" not in shown
    assert "transcripts hidden" in shown
    assert "Thursday" in inspect(*AUDIO)


def test_tab_goes_through_the_panes_and_back():
    async def script(bench):
        names = []
        for key in ("tab", "tab", "tab", "shift+tab", "shift+tab"):
            await bench.press(key)
            names.append(bench.app.screen.focused.id)
        return names

    assert inspect(script=script) == ["detail", "ladder", "stream", "ladder", "detail"]
    assert inspect(script=script, size=(80, 24)) == [
        "detail",
        "ladder",
        "stream",
        "ladder",
        "detail",
    ]


def test_enter_opens_the_detail_and_escape_leads_back():
    async def script(bench):
        await bench.press("enter")
        opened = bench.app.screen.focused.id
        await bench.press("escape")
        back = bench.app.screen.focused.id
        await bench.press("escape")
        return opened, back, isinstance(bench.app.screen, EventsScreen)

    assert inspect(script=script) == ("detail", "stream", False)


def test_enter_on_a_rung_jumps_to_its_event():
    async def script(bench):
        await bench.press("tab", "tab", "g", "j", "j", "enter")
        return bench.page.entry.type, bench.app.screen.focused.id

    assert inspect(script=script) == ("response.created", "stream")


def test_the_ladder_points_at_the_event_that_is_looked_at():
    async def script(bench):
        await bench.press(*AUDIO)
        return bench.page.flow.rung.entry.type

    assert inspect(script=script) == "response.output_audio.delta"


def test_a_rung_that_the_filter_hides_is_told():
    assert "the filter hides that event" in inspect("exclamation_mark", "tab", "tab", "g", "enter")


def test_a_long_detail_scrolls():
    long = entry(1, detail=clean("\n".join(f"line {n}" for n in range(60))))

    async def script(bench):
        await bench.press("tab", "j", "pagedown")
        return bench.text()

    shown = inspect(script=script, stream=[long])
    assert "line 0 " not in shown
    assert "line 11" in shown


def test_a_click_on_a_rung_jumps():
    async def script(bench):
        await bench.press(*AUDIO)
        await bench.pilot.click("#ladder", offset=(5, 3))
        await bench.pilot.click("#ladder", offset=(5, 3))
        await bench.settle()
        return bench.page.entry.type

    assert inspect(script=script) == "response.created"


def test_another_line_is_followed_anew():
    async def script(bench):
        await bench.press("g")
        bench.app.context.select("web-81aa")
        await bench.tick()
        return bench.page.panel.cursor.follows, "web-81aa" in bench.text()

    assert inspect(script=script) == (True, True)


# What a server, a model or a user might put into any text: every C0 and C1 control, sequences that move, clear, title,
# paste or ask, both string terminators, bidi overrides, joiners, markup of the toolkit, and very wide or no cells.
_SEQUENCES = [
    *(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))),
    "\x1b[2J", "\x1b[H", "\x1b[31m", "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "\x1b]8;;http://x\x1b\\",
    "\x1bP1$r\x1b\\", "\x1b_Gf=24\x1b\\", "\x1b[6n", "\x1b[?1049h", "\x9b2J", "\x9d0;x\x9c", "\x1b(0", "\x1bc",
    "\x1b[200~", "\u202e", "\u2066", "\u200f", "\u2028", "\ufeff", "\ud800", "[red]", "[/]", "[bold red]x[/]",
    "[@click=app.quit]x[/]", "👩\u200d👧", "e\u0301", "東京", "\u200b", "\U000e0041", "a\r\nb", "a\tb",
    "sk-proj-abcdefghijkl", "Bearer abc.def",
]  # fmt: skip


def _hostile():
    """An entry for each sequence, in all of its texts, as the boundary cleans them."""
    for number, text in enumerate(_SEQUENCES, 1):
        said = clean(f"<{text}>")
        yield entry(
            number, said, note=said, item_id=said, response_id=said, turn=1, way=Way.DOWN, level=Level.WARNING,
            detail=clean(f'{{\n  "text": "{text}"\n}}'),
        )  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_no_control_sequence_of_any_entry_reaches_the_screen(size):
    async def script(bench):
        segments = []
        for index in range(len(_SEQUENCES)):
            bench.page.panel.cursor.go(index)
            bench.page.redraw()
            for strip in bench.app.screen._compositor.render_strips():
                segments += strip
        return segments

    segments = inspect(script=script, size=size, stream=tuple(_hostile()))
    bad = {
        character
        for segment in segments
        for character in segment.text
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character)
        in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI")
    }
    assert bad == set()
    assert not any(segment.control for segment in segments)
    assert not any("@click" in str(segment.style and segment.style.meta) for segment in segments)
    text = "".join(segment.text for segment in segments)
    assert "abcdefghijkl" not in text
    assert "abc.def" not in text


def test_markup_is_shown_as_it_is():
    marked = replace(
        entry(1),
        note=clean("[bold red]x[/]"),
        type=clean("[red]type"),
        detail=clean("[@click=app.quit]"),
    )
    shown = inspect(stream=(marked,))
    assert re.search(r"\[red\]type", shown)
    assert "[bold red]x[/]" in shown
    assert "[@click=app.quit]" in shown
