from __future__ import annotations

from trunkline.tui.ink import line_width
from trunkline.tui.widgets.keybar import KeyBar, KeyWord

WORDS = (
    KeyWord("question_mark", "?", "help"), KeyWord("slash", "/", "filter"), KeyWord("space", "space", "freeze"),
    KeyWord("q", "q", "quit"),
)  # fmt: skip


def _bar(width):
    (line,) = KeyBar()._paint_keys(WORDS, width, 1)
    assert line_width(line) == width
    return "".join(span.text for span in line).rstrip()


def test_keys_and_words_from_the_left():
    assert _bar(60) == " ? help  / filter  space freeze  q quit"


def test_in_less_room_they_stand_closer_and_then_some_go():
    assert _bar(37) == " ? help / filter space freeze q quit"
    assert _bar(30) == " ? help / filter q quit"
    assert _bar(16) == " ? help q quit"


def test_a_word_knows_where_it_stands():
    bar = KeyBar()
    bar._paint_keys(WORDS, 60, 1)
    assert bar._places[1] == (9, 17, "slash")
