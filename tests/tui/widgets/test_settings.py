from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import END, snapshot_at
from trunkline.text import Clean
from trunkline.tui.ink import Tone
from trunkline.tui.widgets.settings import paint_limits, paint_settings
from tui.widgets.painting import EMPTY, SIZES, drawn_line, painted, tones

LINE = drawn_line()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("painter", [paint_settings, paint_limits])
def test_it_fits_any_size_with_and_without_data(painter, size):
    for snapshot in (EMPTY, LINE, snapshot_at(END)):
        painted(painter, snapshot, *size)


def test_settings_are_json_with_names_set_off():
    lines = paint_settings(LINE, 60, 20)
    assert painted(paint_settings, LINE, 60, 20).splitlines()[1] == '  "type": "realtime",'
    assert tones(lines, '"type"') == {Tone.ACCENT}
    assert tones(lines, '"realtime"') == {Tone.PLAIN}


def test_a_quote_in_a_name_ends_nothing():
    odd = replace(LINE, settings=Clean('  "a\\"b": 1'))
    assert tones(paint_settings(odd, 60, 20), 'a\\"b') == {Tone.ACCENT}


def test_before_the_first_settings_it_says_so():
    assert "confirmed no settings yet" in painted(paint_settings, EMPTY, 60, 20)


def test_limits_and_counts():
    shown = painted(paint_limits, LINE, 60, 30)
    assert "in 14210  cached 9800  out 2904" in shown
    assert "38102 of 40000 left, whole in 2.8 s" in shown
    assert "errors       rate_limit 1" in shown
    assert "reconnecting 00:05  0.5 %" in shown
    assert "books        balanced" in shown
    assert "   55095 input_audio_buffer.append" in shown


def test_a_limit_that_is_nearly_used_up_is_told():
    used = replace(LINE, usage=replace(LINE.usage, limits=((Clean("tokens"), 1000, 10, 2.0),)))
    assert Tone.BAD in {span.tone for span in paint_limits(used, 60, 30)[2]}


def test_books_that_do_not_balance_are_told():
    off = replace(LINE, books=replace(LINE.books, imbalance_ms=20.0))
    assert "off by 20 ms" in painted(paint_limits, off, 60, 30)
    assert "has not told its own count" in painted(paint_limits, EMPTY, 60, 30)
