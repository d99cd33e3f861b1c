from __future__ import annotations

import pytest

from trunkline.protocol.drains import Drains
from trunkline.protocol.events import Speaker
from trunkline.protocol.narrator import Narrator
from trunkline.protocol.passages import Passages


class Page:
    def __init__(self) -> None:
        self.drains = Drains()
        self.side = Passages(Speaker.USER, "source", Narrator(self.drains))

    def told(self) -> list[tuple[str, str, bool]]:
        facts = list(self.drains.observations)
        self.drains.observations.clear()
        return [(fact.item_id, fact.text, fact.final) for fact in facts]


def test_a_sentence_ends_with_its_sign_and_is_told_whole():
    page = Page()
    for delta in (" Where", " to?", " Home"):
        page.side.add(delta, 200, 1.0)
    assert page.told() == [
        ("source_1", " Where", False),
        ("source_1", " to?", False),
        ("source_1", "Where to?", True),
        ("source_2", " Home", False),
    ]


@pytest.mark.parametrize("sign", [".", "!", "…", "。", "？", "؟", "।"])
def test_the_signs_of_other_writings_end_one_too(sign: str):
    page = Page()
    page.side.add(f"x{sign} ", 0, 1.0)
    assert page.told()[-1] == ("source_1", f"x{sign}", True)


def test_a_second_without_words_ends_what_was_begun():
    page = Page()
    page.side.add("well", 1000, 1.0)
    page.side.passed(1800, 1.2)
    assert len(page.told()) == 1
    page.side.passed(2000, 1.3)
    assert page.told() == [("source_1", "well", True)]
    page.side.add("then", 5000, 1.4)
    page.side.add("now", 6000, 1.5)
    assert [item for item, _, _ in page.told()] == ["source_2", "source_2", "source_3"]


def test_nothing_is_made_of_blanks_or_of_an_end_without_words():
    page = Page()
    page.side.add(" ", 0, 1.0)
    page.side.add("", 0, 1.0)
    page.side.end(1.0)
    assert page.told() == []
