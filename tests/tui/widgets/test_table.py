from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.ink import line_width
from trunkline.tui.widgets.table import FleetTable, Order
from tui.desks import fleet_at, rows_at
from tui.looking import look, tick

ROWS = rows_at(lines=30)


@given(st.sampled_from(["score", "rtt", "session", "age", "levels"]), st.booleans())
def test_every_row_is_there_once_and_in_order(column, falling):
    ordered = Order(column, falling).of(ROWS)
    assert sorted(row.key for row in ordered) == sorted(row.key for row in ROWS)
    if column == "age":
        ages = [row.age_s for row in ordered]
        assert ages == sorted(ages, reverse=falling)


def test_equal_rows_keep_the_order_in_which_they_came():
    same = [replace(row, score=50.0) for row in ROWS]
    assert [row.key for row in Order("score").of(same)] == [row.key for row in ROWS]
    assert [row.key for row in Order("score", falling=True).of(same)] == [row.key for row in ROWS]


@pytest.mark.parametrize(
    ("width", "height"), [(116, 20), (76, 10), (300, 40), (30, 5), (10, 3), (1, 1)]
)
def test_every_line_has_its_width(width, height):
    table = FleetTable()
    lines = table._paint_rows(fleet_at(lines=40), width, height)
    assert {line_width(line) for line in lines} == {width}


def test_only_the_rows_that_are_seen_are_painted(monkeypatch):
    table = FleetTable()
    painted = []
    monkeypatch.setattr(table, "_row", lambda row, width: painted.append(row.key) or ())
    table._paint_rows(fleet_at(lines=1000), 116, 22)
    assert len(painted) == 20


def test_the_cursor_s_row_is_in_sight_wherever_it_goes():
    async def script(app, pilot):
        table = app.screen.table
        seen = []
        for rows in (500, 400, -700, 5000):
            table.move(rows)
            index = table.keys.index(table.cursor_key)
            seen.append((index, 1 <= table.cursor_line <= table.page_rows))
        return seen

    from tui.desks import SyntheticDesk

    assert look(script, desk=SyntheticDesk(lines=1000)) == [
        (500, True), (900, True), (200, True), (999, True)
    ]  # fmt: skip


def test_a_line_that_went_leaves_the_cursor_on_the_first():
    async def script(app, pilot):
        app.screen.table.move_to("sim-0001")
        app.context.desk.lines = 3
        app.context.desk.advance()
        await tick(app, pilot)
        return app.screen.table.cursor_key

    assert look(script) == "kiosk-12"


def test_an_empty_table_has_no_cursor():
    table = FleetTable()
    table._paint_rows(fleet_at(lines=0), 116, 10)
    assert table.cursor_line is None
    assert table.seek(1) is False
    table.move(3)
    table.reverse()
    table.sort_next()
