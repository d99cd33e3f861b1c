from __future__ import annotations

from trunkline.tui.ink import Tone
from trunkline.tui.widgets.tabs import Tabs
from tui.widgets.painting import painted, tones


def test_names_with_their_numbers_and_the_current_one_set_off():
    tabs = Tabs(("overview", "turns"))
    assert painted(tabs._paint_names, 2, 40, 1) == "  1 overview   2 turns"
    lines = tabs._paint_names(2, 40, 1)
    assert tones(lines, "turns") == {Tone.INVERSE}
    assert tones(lines, "overview") == {Tone.DIM}
