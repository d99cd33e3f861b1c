"""The pages that are followed word for word, each in a folder of its own; the tutorial is another test's."""

from __future__ import annotations

import pytest

from docs.blocks import blocks, pages
from docs.following import PROMPT, Follower
from docs.readers import reader

PAGES = ["docs/ephemeral-keys.md", "docs/fleet.md", "docs/moving.md", "docs/testing.md"]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_followed_word_for_word(page, tmp_path):
    Follower(page, *reader(tmp_path), seconds=180).follow()


def test_every_page_with_something_to_type_is_followed():
    def is_typed(page: str) -> bool:
        return any(
            block.language == "console" and block.text.startswith(PROMPT) for block in blocks(page)
        )

    assert [page for page in pages() if is_typed(page)] == sorted([*PAGES, "docs/tutorial.md"])
