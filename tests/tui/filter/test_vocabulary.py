from __future__ import annotations

from trunkline.tui.filter.entries import ENTRIES
from trunkline.tui.filter.vocabulary import Chosen, Flag, Number, Text


def test_a_field_is_found_by_its_name_or_another_word_for_it():
    assert ENTRIES.find("LAT") is ENTRIES.find("latency")
    assert ENTRIES.find("nonsense") is None


def test_only_a_flag_is_a_flag():
    assert isinstance(ENTRIES.flag("err"), Flag)
    assert ENTRIES.flag("turn") is None


def test_it_says_what_was_meant_and_what_is_known():
    assert ENTRIES.near("tipe") == (
        "did you mean type? known are dir, type, turn, item, resp, size, audio, lat, count, rms, peak, clipped, "
        "note, detail"
    )
    assert ENTRIES.near("xyzzy").startswith("known are dir")


def test_every_kind_says_what_it_is():
    kinds = {type(known) for known in ENTRIES.fields}
    assert kinds == {Text, Chosen, Number, Flag}
    assert all(known.about for known in ENTRIES.fields)
