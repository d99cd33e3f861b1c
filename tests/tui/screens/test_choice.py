from __future__ import annotations

import pytest

from trunkline.tui.screens.choice import ChoiceScreen, SubsetScreen
from tui.looking import look, settle


def _chosen(screen, *keys):
    async def script(app, pilot):
        answers = []
        app.push_screen(screen, answers.append)
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        return answers

    return look(script)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("enter",), "one"), (("j", "enter"), "two"), (("j", "k", "enter"), "one"), (("3",), "three"),
        (("escape",), None), (("q",), None),
    ],
)  # fmt: skip
def test_one_of_several(keys, answer):
    assert _chosen(ChoiceScreen("which", ("one", "two", "three")), *keys) == [answer]


def test_a_number_that_is_none_chooses_nothing():
    assert _chosen(ChoiceScreen("which", ("one",)), "7", "0", "x") == []


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("enter",), ("a",)), (("space", "enter"), ()), (("j", "space", "enter"), ("a", "b")),
        (("j", "k", "space", "enter"), ()), (("escape",), None), (("w",), None),
    ],
)  # fmt: skip
def test_some_of_several(keys, answer):
    choices = (("a", "A"), ("b", "B"))
    assert _chosen(SubsetScreen("which", choices, ("a",)), *keys) == [answer]


def test_markup_in_a_choice_is_shown_as_it_is():
    async def script(app, pilot):
        app.push_screen(ChoiceScreen("[b]which", ("[red]one",)))
        await settle(pilot)

    shown = look(script)
    assert "[b]which" in shown
    assert "[red]one" in shown
