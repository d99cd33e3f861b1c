from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.entries import Entries
from trunkline.telemetry.entry import Entry, Way
from trunkline.text import Clean


def _entry(number, count=1):
    return Entry(number=number, at=0.0, until=0.0, way=Way.UP, type=Clean("x"), count=count)


def test_a_run_that_grew_takes_the_place_of_what_it_was():
    entries = Entries()
    for entry in (_entry(1), _entry(2), _entry(1, 5)):
        entries.put(entry)
    assert [(entry.number, entry.count) for entry in entries.view()] == [(1, 5), (2, 1)]


def test_the_view_is_the_same_until_something_changes():
    entries = Entries()
    entries.put(_entry(1))
    assert entries.view() is entries.view()
    before = entries.view()
    entries.put(_entry(1, 2))
    assert entries.view() is not before
    assert before[0].count == 1


@given(st.lists(st.integers(1, 40), max_size=120), st.integers(1, 20))
def test_the_newest_are_kept_in_the_order_in_which_they_came(numbers, limit):
    entries, seen = Entries(limit=limit), {}
    for n, number in enumerate(numbers):
        entries.put(_entry(number, n + 1))
        if number in seen or not seen or number > max(seen):
            seen[number] = n + 1
    kept = entries.view()
    assert [entry.count for entry in kept] == [seen[number] for number in sorted(seen)][-limit:]
    assert [entry.number for entry in kept] == list(range(1, len(seen) + 1))[-limit:]


def test_what_a_console_adds_has_its_place_and_leaves_the_others_their_runs():
    entries = Entries()
    entries.put(_entry(1))
    entries.add(_entry(0, 7))
    entries.put(_entry(2))
    entries.put(_entry(1, 5))
    entries.put(_entry(2, 6))
    assert [(entry.number, entry.count) for entry in entries.view()] == [(1, 5), (2, 7), (3, 6)]


def test_what_nobody_looks_at_is_kept_in_short():
    entries = Entries()
    for n in range(50):
        entries.put(_entry(n + 1))
    entries.view()
    entries.shrink(5)
    assert [entry.number for entry in entries.view()] == [46, 47, 48, 49, 50]
