from __future__ import annotations

import pytest

from trunkline.tui.widgets.selection import SelectionLook, paint_selection
from tui.inspector.streams import audio, entry
from tui.widgets.painting import SIZES, painted


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_any_size(size):
    painted(paint_selection, SelectionLook(audio(1), hides_words=True, marked="turn 30"), *size)


@pytest.mark.parametrize(
    ("look", "told"),
    [
        (
            SelectionLook(None, hides_words=False),
            " nothing selected · redaction on (api keys, transcripts shown)",
        ),
        (
            SelectionLook(entry(1), hides_words=True),
            " selected 1 event · redaction on (api keys, transcripts hidden)",
        ),
        (
            SelectionLook(
                audio(1, count=43, size_bytes=267_000), hides_words=False, marked="turn 30"
            ),
            " selected 43 events · 267 kB · redaction on (api keys, transcripts shown) · turn 30 marked, = compares",
        ),
    ],
)
def test_what_is_selected_and_what_stays_here(look, told):
    assert painted(paint_selection, look, 120, 1) == told
