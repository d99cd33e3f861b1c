from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.columns import COLUMNS, chosen, fitting, state_word
from trunkline.tui.ink import line_width
from tui.desks import rows_at

ROW = rows_at()[2]


@given(st.sets(st.sampled_from([one.name for one in COLUMNS])), st.integers(0, 400))
def test_columns_never_take_more_than_there_is_beyond_what_is_always_there(names, width):
    layout = fitting(chosen(tuple(names)), width)
    least = sum(one.cells + 1 for one, _ in layout if one.rank == 0)
    assert sum(cells + 1 for _, cells in layout) - 1 <= max(width, least)
    assert {one.name for one in COLUMNS if one.rank == 0} <= {one.name for one, _ in layout}


@given(st.sampled_from(COLUMNS), st.sampled_from(rows_at(lines=40)))
def test_a_cell_is_never_wider_than_its_column(column, row):
    assert line_width(column.paint(row, column.cells)) <= column.cells
    if column.narrow_cells:
        assert line_width(column.paint(row, column.narrow_cells)) <= column.cells


def test_the_drawn_columns_fit_the_drawn_widths():
    assert sum(cells + 1 for _, cells in fitting(chosen(None), 116)) - 1 == 116
    assert [one.name for one, _ in fitting(chosen(None), 116)] == [
        one.name for one in COLUMNS if one.rank < 9
    ]
    narrow = {one.name for one, _ in fitting(chosen(None), 76)}
    assert {one.name for one in chosen(None)} - narrow == {"model", "lost", "levels"}


def test_a_wide_table_gives_what_is_left_to_names_and_history():
    cells = {one.name: width for one, width in fitting(chosen(None), 176)}
    assert cells["session"] > 11
    assert cells["pulse"] > 12


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "open"),
        ({"state": "waiting", "attempt": 3}, "RECONN 3"),
        ({"state": "waiting"}, "RECONN"),
        ({"state": "dialing"}, "CONNECT"),
        ({"state": "dialing", "reconnects": 1}, "RECONN"),
        ({"state": "failed"}, "FAILED"),
        ({"state": "gone"}, "GONE"),
        ({"state": "rotating"}, "rotate"),
    ],
)
def test_a_state_is_said_as_an_operator_says_it(changes, word):
    assert state_word(replace(ROW, **changes)).text == word


def test_what_is_unknown_is_a_dash_and_sorts_as_none():
    blank = replace(ROW, score=None, rtt_ms=None, first_audio_ms=None, grade="unknown")
    painted = {one.name: "".join(s.text for s in one.paint(blank, one.cells)) for one in COLUMNS}
    assert (painted["score"], painted["rtt"], painted["grade"]) == ("-", "-", "?")
    keys = {one.name: one.key(blank) for one in COLUMNS}
    assert (keys["score"], keys["rtt"], keys["first"]) == (None, None, None)


def test_clipping_has_a_sign():
    clips = replace(ROW, input_clips=True)
    levels = next(one for one in COLUMNS if one.name == "levels")
    assert "".join(span.text for span in levels.paint(clips, 11)) == " -17! -21 "
