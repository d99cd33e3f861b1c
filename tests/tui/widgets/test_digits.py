from __future__ import annotations

from trunkline.tui.widgets.digits import big_number


def test_figures_have_three_rows_of_four_cells():
    assert big_number("61") == ("█▀▀ ▄█ ", "█▀█  █ ", "█▄█ ▄█▄")
    assert {len(row) for row in big_number("100")} == {11}


def test_all_figures_differ():
    assert len({big_number(sign) for sign in "0123456789-"}) == 11
