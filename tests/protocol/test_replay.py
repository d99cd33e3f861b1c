from __future__ import annotations

from trunkline.protocol.entry import Entry, EntryKind
from trunkline.protocol.replay import ReplayBudget


def entries(*weights: int) -> list[Entry]:
    return [
        Entry(id=str(number), kind=EntryKind.SPOKEN, text="x" * weight)
        for number, weight in enumerate(weights)
    ]


def test_the_newest_entries_that_fit_are_chosen():
    budget = ReplayBudget(items=3, characters=10)
    chosen, dropped = budget.choose(entries(1, 9, 5, 5))
    assert ([entry.id for entry in chosen], dropped) == (["2", "3"], 2)


def test_several_budgets_hold_more():
    budget = ReplayBudget(items=2, characters=10)
    assert budget.first_within(entries(1, 1, 1, 1, 1)) == 3
    assert budget.first_within(entries(1, 1, 1, 1, 1), 2) == 1
