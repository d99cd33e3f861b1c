from __future__ import annotations

import asyncio

import pytest

from trunkline.tui.filter.entries import ENTRIES
from trunkline.tui.widgets.suggester import FilterSuggester


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("turn:31 ty", "turn:31 type:"),
        ("type:resp", "type:response.done"),
        ("turn:31 ", None),
        ("", None),
    ],
)
def test_it_completes_the_term_at_the_end(typed, suggested):
    suggester = FilterSuggester(ENTRIES, lambda _: ["response.done"])
    assert asyncio.run(suggester.get_suggestion(typed)) == suggested
