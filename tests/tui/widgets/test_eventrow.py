from __future__ import annotations

import pytest

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.text import Clean
from trunkline.tui.ink import Tone, line_width
from trunkline.tui.widgets.eventrow import StreamLook, heard_for, moment, paint_head, paint_row
from tui.inspector.streams import audio, entry

OFFSET = 1_763_993_725.0
LOOK = StreamLook(offset_s=OFFSET)
FULL = audio(
    7, at=1000.624, count=43, size_bytes=267_000, audio_ms=4180.0, latency_ms=1420.0, turn=31, note=Clean("first audio")
)  # fmt: skip


def words(line):
    return "".join(span.text for span in line)


@pytest.mark.parametrize("width", [116, 160, 76, 60, 40, 10, 1])
def test_rows_and_their_head_fit_and_stand_under_each_other(width):
    for one in (FULL, entry(1, at=0.0), entry(2, "x" * 200, note=Clean("東京" * 40), turn=123_456)):
        assert line_width(paint_row(one, None, LOOK, width)) == width
    assert line_width(paint_head(width)) == width


def test_everything_of_an_event_is_in_its_row():
    row = words(paint_row(FULL, entry(6, at=999.233), LOOK, 116))
    assert row.split() == [
        "14:32:05.624", "+1391", "↓", "response.output_audio.delta", "×43", "4.18", "s", "31", "267", "kB", "1420",
        "first", "audio",
    ]  # fmt: skip


def test_columns_are_where_the_head_says():
    head, row = words(paint_head(116)), words(paint_row(FULL, None, LOOK, 116))
    assert head.index("TYPE") == row.index("response")
    assert head.index("NOTE") == row.index("first audio")
    assert head.index("TURN") + 4 == row.index("31") + 2
    assert head.index("LAT") + 3 == row.index("1420") + 4
    narrow, short = words(paint_head(76)), words(paint_row(FULL, None, LOOK, 76))
    assert narrow.index("TYPE") == short.index("response")
    assert narrow.index("LAT") + 3 == short.index("1420") + 4


def test_what_is_not_there_is_a_dash_and_not_a_zero():
    assert words(paint_row(entry(1, "playout.underrun"), None, LOOK, 116)).split()[-3:] == [
        "—",
        "—",
        "—",
    ]


def test_in_a_narrow_row_the_note_follows_the_type():
    wrong = entry(1, "error", way=Way.DOWN, level=Level.BAD, note=Clean("rate_limit"), at=1000.0)
    row = words(paint_row(wrong, None, LOOK, 76))
    assert row.split()[:5] == ["✖", "32:05.000", "+0", "↓", "error"]
    assert "error rate_limit" in row


def test_what_is_wrong_has_a_sign_and_a_tone():
    for level, sign, tone in ((Level.BAD, "✖", Tone.BAD), (Level.WARNING, "▲", Tone.WARNING)):
        row = paint_row(entry(1, level=level), None, LOOK, 116)
        assert (row[0].text.strip(), row[0].tone) == (sign, tone)
    assert paint_row(entry(1), None, LOOK, 116)[0].text == "  "


def test_a_marked_row_has_a_sign_unless_it_is_wrong():
    look = StreamLook(marked=frozenset({1, 2}))
    assert paint_row(entry(1), None, look, 116)[0].text == "◆ "
    assert paint_row(entry(2, level=Level.BAD), None, look, 116)[0].text == "✖ "


def test_matches_are_lit_and_the_rest_is_dim():
    look = StreamLook(matches=lambda one: one.number == 1)
    tones = [
        {span.tone for span in paint_row(entry(n, "zzz"), None, look, 116) if "zzz" in span.text}
        for n in (1, 2)
    ]
    assert tones == [{Tone.STRONG}, {Tone.DIM}]


def test_words_are_hidden_if_asked_for():
    said = entry(1, "response.text.delta", note=Clean('"my number"'))
    assert "my number" in words(paint_row(said, None, LOOK, 116))
    hidden = words(paint_row(said, None, StreamLook(hides_words=True), 116))
    assert "my number" not in hidden
    assert "[hidden]" in hidden


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "+0"),
        (0.0004, "+0"),
        (2.103, "+2103"),
        (99.999, "+99999"),
        (124.0, "+2m04"),
        (-0.005, "-5"),
    ],
)
def test_the_time_since_the_row_before(seconds, told):
    row = words(paint_row(entry(2, at=10 + seconds), entry(1, at=10.0), LOOK, 116))
    assert row.split()[1] == told


@pytest.mark.parametrize(
    ("at", "offset", "short", "told"),
    [
        (1000.0006, OFFSET, False, "14:32:05.001"),
        (1000.9996, OFFSET, False, "14:32:06.000"),
        (1000.5, OFFSET, True, "32:05.500"),
        (12.5, None, False, "12.500"),
    ],
)
def test_a_moment_is_rounded_once(at, offset, short, told):
    assert moment(at, offset, short=short) == told


@pytest.mark.parametrize(("ms", "told"), [(80.0, "80 ms"), (1000.0, "1.00 s"), (4180.0, "4.18 s")])
def test_lengths_of_audio(ms, told):
    assert heard_for(ms) == told


def test_a_long_type_keeps_its_last_word():
    long = entry(1, "conversation.item.input_audio_transcription.delta", way=Way.DOWN, count=13)
    assert "conversation.item.input_audio_tr….delta ×13" in words(paint_row(long, None, LOOK, 116))
    assert ".delta ×13" in words(paint_row(long, None, LOOK, 76))
    assert "x" * 9 in words(paint_row(entry(1, "x" * 90), None, LOOK, 60))
    assert "…" in words(paint_row(entry(1, "a." + "x" * 90), None, LOOK, 60))
