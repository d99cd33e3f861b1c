from __future__ import annotations

from trunkline.soak.agenda import Agenda


def test_deeds_are_done_in_the_order_of_their_time_and_then_of_their_planning():
    agenda, done = Agenda(), []
    for name, at in (("c", 2.0), ("a", 1.0), ("b", 1.0), ("late", 9.0)):
        agenda.at(at, lambda name=name: done.append((name, agenda.now)))
    agenda.run_until(5.0)
    assert done == [("a", 1.0), ("b", 1.0), ("c", 2.0)]
    assert (agenda.now, len(agenda)) == (5.0, 1)


def test_a_deed_may_plan_another_and_one_for_the_past_is_done_next():
    agenda, done = Agenda(), []
    agenda.after(1.0, lambda: agenda.at(0.0, lambda: done.append(agenda.now)))
    agenda.run_until(1.0)
    assert done == [1.0]
