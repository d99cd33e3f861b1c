from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.levels import Level
from trunkline.tui.inspector.cursor import Cursor, Window
from trunkline.tui.inspector.stream import Stream
from tui.inspector.streams import entry, histories


def looking_at(count=10):
    stream = Stream()
    stream.feed(tuple(entry(n) for n in range(1, count + 1)))
    return stream, Cursor(stream)


def numbers(window):
    return [row.number for row in window.rows]


def test_it_follows_the_newest_row_from_the_start():
    stream, cursor = looking_at()
    assert cursor.entry.number == 10
    stream.feed((*stream.entries, entry(11)))
    assert cursor.entry.number == 11
    assert numbers(cursor.window(3)) == [9, 10, 11]


def test_going_up_stays_on_that_row_while_rows_come_and_go():
    stream, cursor = looking_at()
    cursor.move(-4)
    assert (cursor.follows, cursor.entry.number) == (False, 6)
    before = cursor.window(4)
    stream.feed((*stream.entries[2:], entry(11)))
    assert cursor.entry.number == 6
    assert numbers(cursor.window(4)) == numbers(before)


def test_a_row_that_is_gone_leaves_the_nearest():
    stream, cursor = looking_at()
    cursor.go(1)
    stream.feed(stream.entries[5:])
    assert cursor.entry.number == 6


def test_going_down_from_the_last_row_follows_again():
    _, cursor = looking_at()
    cursor.move(-1)
    cursor.move(1)
    assert not cursor.follows
    cursor.move(1)
    assert cursor.follows


@pytest.mark.parametrize(("index", "number"), [(-5, 1), (0, 1), (3, 4), (99, 10)])
def test_it_goes_to_the_nearest_row_there_is(index, number):
    _, cursor = looking_at()
    cursor.go(index)
    assert cursor.entry.number == number


def test_holding_stays_where_it_is():
    stream, cursor = looking_at()
    cursor.hold()
    stream.feed((*stream.entries, entry(11)))
    assert cursor.entry.number == 10
    cursor.follow()
    assert cursor.entry.number == 11


def test_the_window_moves_no_further_than_it_must():
    _, cursor = looking_at()
    cursor.go(5)
    assert numbers(cursor.window(4)) == [3, 4, 5, 6]
    cursor.go(3)
    assert numbers(cursor.window(4)) == [3, 4, 5, 6]
    cursor.go(0)
    assert cursor.window(4) == Window(tuple(cursor._stream.rows[:4]), None, 0, 6)
    cursor.go(4)
    assert (numbers(cursor.window(4)), cursor.window(4).before.number) == ([2, 3, 4, 5], 1)


def test_it_finds_what_is_wanted_in_both_directions():
    stream, cursor = looking_at()
    stream.feed((*stream.entries[:-1], entry(10, "error", level=Level.BAD)))
    cursor.go(4)

    def even(one):
        return one.number % 2 == 0

    assert cursor.find(1, even)
    assert cursor.entry.number == 6
    assert cursor.find(-1, even)
    assert cursor.entry.number == 4
    assert cursor.find(1, lambda one: one.level is Level.BAD)
    assert cursor.entry.number == 10
    assert not cursor.find(1, even)
    assert cursor.entry.number == 10


def test_without_rows_nothing_happens():
    cursor = Cursor(Stream())
    for act in (lambda: cursor.move(1), lambda: cursor.go(3), cursor.hold, cursor.follow):
        act()
    assert (cursor.entry, cursor.index, cursor.find(1, bool)) == (None, None, False)
    assert cursor.window(5) == Window()


@given(histories(), st.lists(st.integers(-9, 9), max_size=8), st.integers(1, 8))
def test_the_cursor_is_always_in_sight_and_the_window_full(moments, moves, height):
    stream = Stream()
    cursor = Cursor(stream)
    for entries in moments:
        stream.feed(entries)
        for step in moves:
            cursor.move(step)
            window = cursor.window(height)
            assert len(window.rows) == min(height, len(stream.rows))
            if stream.rows:
                assert window.rows[window.cursor] is cursor.entry
