from __future__ import annotations

import pytest

from trunkline.telemetry.levels import Level
from trunkline.text import Clean
from trunkline.tui.ink import Tone
from trunkline.tui.widgets.detail import DetailLook, detail_title, paint_detail
from tui.inspector.streams import audio, entry
from tui.widgets.painting import SIZES, painted

JSON = Clean(
    '{\n  "type": "response.output_audio.delta",\n  "output_index": 0,\n  "delta": <base64 6 400 B → 4 800 B>\n}'
)
FULL = audio(
    7,
    count=43,
    detail=JSON,
    turn=31,
    latency_ms=1420.0,
    item_id=Clean("item_9Q"),
    note=Clean("first audio"),
)


def look(one):
    return DetailLook(one, 1_763_993_725.0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "one", [None, FULL, entry(1), entry(2, detail=Clean('{"a": "' + "東京 b" * 90 + '"}'))]
)
def test_it_fits_any_size(size, one):
    painted(paint_detail, look(one), *size)


def test_contents_sound_and_figures_in_this_order_where_there_is_room():
    lines = painted(paint_detail, look(FULL), 62, 9).split("\n")
    assert lines[1] == '  "type": "response.output_audio.delta",'
    assert lines[5].startswith("▕")
    assert "rms" in lines[5]
    assert "latency 1420 ms" in "\n".join(lines[6:])
    assert "item item_9Q" in "\n".join(lines[6:])


def test_figures_and_sound_first_in_a_few_lines():
    lines = painted(paint_detail, look(FULL), 76, 5).split("\n")
    assert lines[0].startswith("at ")
    assert "{" in lines
    assert lines.index("{") > 1


def test_names_and_values_have_their_tones():
    tones = {span.text: span.tone for line in paint_detail(look(FULL), 62, 9) for span in line}
    assert tones['"output_index"'] is Tone.ACCENT
    assert tones["0,"] is Tone.PLAIN
    assert tones["<base64 6 400 B → 4 800 B>"] is Tone.DIM


def test_a_long_value_goes_on_below_itself():
    long = entry(
        1, detail=Clean('{\n  "text": "one two three four five six seven eight nine ten"\n}')
    )
    shown = painted(paint_detail, look(long), 30, 9).split("\n")
    assert shown[1] == '  "text": "one two three four'
    assert shown[2] == "          five six seven eight"
    assert " ".join(" ".join(shown[1:4]).split()).endswith('nine ten"')


def test_contents_that_are_not_kept_are_told():
    assert "its contents are not kept" in painted(paint_detail, look(audio(1)), 60, 9)
    assert "it happened here" in painted(paint_detail, look(entry(1)), 60, 9)
    assert "nothing is selected" in painted(paint_detail, look(None), 60, 9)


def test_a_note_has_the_tone_of_its_level():
    wrong = entry(1, "error", level=Level.BAD, note=Clean("rate_limit"))
    assert any(
        span == ("rate_limit", Tone.BAD)
        for line in paint_detail(look(wrong), 62, 9)
        for span in line
    )


@pytest.mark.parametrize(
    ("one", "title"),
    [
        (None, "Detail"),
        (entry(1, "ping"), "Detail  ping"),
        (FULL, "Detail  response.output_audio.delta ×43  (first)"),
    ],
)
def test_the_title_says_which_event_it_is(one, title):
    assert detail_title(DetailLook(one)) == title
