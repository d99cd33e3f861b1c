from __future__ import annotations

from trunkline.tui.controls import Action
from trunkline.tui.glyphs import Glyphs
from trunkline.tui.screens.confirm import CONSEQUENCES
from tui.looking import look


def test_every_action_has_a_consequence():
    assert set(CONSEQUENCES) == set(Action)
    assert all(words.endswith(".") for words in CONSEQUENCES.values())


def test_the_question_without_any_sign_beyond_ascii():
    shown = look(keys=("K",), glyphs=Glyphs.ASCII)
    assert shown.isascii()
    assert "close kiosk-12?" in shown
