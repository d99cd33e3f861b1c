from __future__ import annotations

from trunkline.text import Clean
from trunkline.tui.view import View


def test_a_view_of_nothing_is_not_frozen_and_not_over():
    view = View(title=Clean("trunkline"))
    assert view.snapshot is view.message is None
    assert not view.frozen
